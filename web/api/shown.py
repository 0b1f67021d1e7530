"""What an action on a contact answers: the contact as it is afterwards."""

from uuid import UUID

from routing import service as routing
from web import views
from web.routes import Call
from web.shapes import ContactView


async def contact_shown(call: Call, contact_id: UUID) -> ContactView:
    """Read the contact anew, as whoever acted may see it."""
    async with call.house.database.reading(quick=True) as session:
        contact = await routing.find_contact(session, contact_id)
        return (await views.contact_views(session, [contact], reader=call.actor))[0]
