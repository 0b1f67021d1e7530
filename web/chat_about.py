"""What visitors and the page around them tell of the visitor; shown to agents, proven by nobody."""

from channels.webchat import visitors
from channels.webchat.names import clean_email, clean_fact, clean_name
from channels.webchat.visitors import Visitor
from kernel.errors import InvalidInputError
from web.chat_endpoint import ChatCall
from web.chat_shapes import Details, Facts, VisitorView
from web.shapes import Done


async def post_details(call: ChatCall) -> VisitorView:
    """Say who you are. Nobody is believed: this is shown as told, and finds no one's history."""
    visitor = await call.visitor()
    call.room.pace.take(("details", visitor.id), per_second=0.1, burst=10.0)
    body: Details = await call.body(Details)
    email = clean_email(body.email)
    if body.email.strip() and not email:
        raise InvalidInputError("this is not an e-mail address", field="email")
    house = call.room.house
    async with house.database.transaction() as session:
        changed = await visitors.introduce(
            session, visitor, name=clean_name(body.name), email=email, now=house.clock.now()
        )
    call.room.changed(changed)
    return visitor_view(changed)


async def post_attributes(call: ChatCall) -> Done:
    """Facts that the page knows: they go with the visitor's next words to the agents."""
    visitor = await call.visitor()
    call.room.pace.take(("attributes", visitor.id), per_second=0.2, burst=20.0)
    body: Facts = await call.body(Facts)
    house = call.room.house
    facts = {name: clean_fact(value) for name, value in body.attributes.items()}
    async with house.database.transaction() as session:
        changed = await visitors.describe(session, visitor, facts, house.clock.now())
    call.room.changed(changed)
    return Done()


def visitor_view(visitor: Visitor) -> VisitorView:
    return VisitorView(
        id=visitor.id, name=visitor.name, email=visitor.email, verified=visitor.verified
    )
