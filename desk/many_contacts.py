"""The same hand laid on many contacts: each as if alone, and each says what became of it."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from msgspec import Struct

from desk.dispatch import Dispatcher
from kernel.actor import Actor
from kernel.database import Database
from kernel.errors import CenterError, InvalidInputError
from routing import service as routing
from routing.tables import ContactRow
from tickets.service import find_ticket


class Wish(Struct, frozen=True, kw_only=True):
    """What shall become of them: wait in a queue, go to an agent, or wait again where they are."""

    do: Literal["move", "assign", "requeue"]
    queue_id: UUID | None = None
    agent_id: UUID | None = None


class Steered(Struct, frozen=True, kw_only=True):
    id: UUID
    refused: CenterError | None = None


async def steer_many(
    database: Database,
    dispatcher: Dispatcher,
    contact_ids: Sequence[UUID],
    wish: Wish,
    *,
    actor: Actor,
) -> list[Steered]:
    """Do it one after the other: one that is over, or not the actor's to see, holds up no other."""
    _check(wish)
    return [await _steer(database, dispatcher, one, wish, actor) for one in contact_ids]


def _check(wish: Wish) -> None:
    if wish.do == "move" and wish.queue_id is None:
        raise InvalidInputError("say which queue", field="queue_id")
    if wish.do == "assign" and wish.agent_id is None:
        raise InvalidInputError("say which agent", field="agent_id")


async def _steer(
    database: Database, dispatcher: Dispatcher, contact_id: UUID, wish: Wish, actor: Actor
) -> Steered:
    try:
        async with database.reading() as session:
            contact = await routing.find_contact(session, contact_id)
            await find_ticket(session, contact.ticket_id, seen_by=actor)
        routing.require_open(contact)
        await _lay_hand_on(dispatcher, contact, wish, actor)
    except CenterError as refused:
        return Steered(id=contact_id, refused=refused)
    return Steered(id=contact_id)


async def _lay_hand_on(
    dispatcher: Dispatcher, contact: ContactRow, wish: Wish, actor: Actor
) -> None:
    if wish.agent_id is not None and wish.do == "assign":
        await dispatcher.assign(contact.id, wish.agent_id, by=actor.agent_id)
    elif wish.queue_id is not None and wish.do == "move":
        await dispatcher.move(contact.id, wish.queue_id)
    else:
        await dispatcher.move(contact.id, contact.queue_id)
