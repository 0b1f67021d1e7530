"""Lost and found on the floor: whom nobody can serve, why, and since when."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from desk.lost_and_found import find_lost
from supervision import service as supervision
from supervision.thresholds import Kind
from web import views
from web.floor_shapes import LostAndFoundView, LostView
from web.routes import Call, get


async def get_lost(call: Call) -> LostAndFoundView:
    """Contacts that nobody can serve where they wait, and what stops every agent"""
    found = await find_lost(call.house.database, call.house.dispatcher.why)
    rows = [one.contact for one in found.lost]
    async with call.house.database.reading() as session:
        shown = await views.contact_views(session, rows, reader=call.actor)
        noticed = await _noticed(session) if rows else {}
    return LostAndFoundView(
        items=[
            LostView(
                contact=view,
                since=one.contact.entered_queue_at or one.contact.entered_at,
                noticed=noticed.get(view.id),
                why=views.sentences({"sentences": one.why}),
            )
            for one, view in zip(found.lost, shown, strict=True)
        ],
        looked_at=found.looked_at,
        more=found.more,
    )


async def _noticed(session: AsyncSession) -> dict[UUID, datetime]:
    """Return since when an alert that lasts names each contact."""
    return {
        UUID(str(one)): alert.since
        for alert in await supervision.open_alerts(session)
        if alert.kind == Kind.LOST
        for one in alert.facts.get("contacts", [])
    }


ROUTES = [get("/floor/lost", get_lost, "queue.supervise")]
