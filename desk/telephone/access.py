"""Who may see a call, and who may do something with it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels.voice import calls
from channels.voice.tables import CallLegRow, CallRow
from kernel.actor import Actor
from kernel.errors import ConflictError, ForbiddenError, NotFoundError
from tickets.service import find_ticket

SUPERVISE = "queue.supervise"
HEAR_RECORDINGS = "recording.listen"


async def find_seen(
    session: AsyncSession, call_id: UUID, *, by: Actor, lock: bool = False
) -> tuple[CallRow, list[CallLegRow]]:
    """The one gate to a call: whoever sees its ticket, is or was on the line, or sees the floor.

    For everybody else it does not exist: NotFoundError.
    """
    call = await calls.find_call(session, call_id, lock=lock)
    legs = await calls.legs(session, call)
    if by.may(SUPERVISE) or any(leg.agent_id == by.agent_id for leg in legs):
        return call, legs
    if call.ticket_id is None:
        raise NotFoundError
    await find_ticket(session, call.ticket_id, seen_by=by)
    return call, legs


def own_leg(legs: Sequence[CallLegRow], actor: Actor) -> CallLegRow:
    """Return the actor's own line in the call; ForbiddenError for who does not speak in it."""
    found = [
        leg
        for leg in legs
        if leg.agent_id == actor.agent_id and leg.role in calls.SPEAKERS and leg.state == "joined"
    ]
    if not found:
        raise ForbiddenError("you are not in this call", reason="phone.not_in_it")
    return found[-1]


def client_leg(legs: Sequence[CallLegRow]) -> CallLegRow:
    found = [leg for leg in legs if leg.role == "client" and leg.state != "ended"]
    if not found or not found[-1].sid:
        raise ConflictError("the client is not on the line", reason="phone.client_gone")
    return found[-1]


def find_leg(legs: Sequence[CallLegRow], leg_id: UUID) -> CallLegRow:
    """Return somebody who is in the call now."""
    for leg in legs:
        if leg.id == leg_id:
            if leg.state == "ended":
                raise ConflictError("they are not on the line any more", reason="phone.gone")
            return leg
    raise NotFoundError


def refuse_over(call: CallRow) -> None:
    if call.ended_at is not None:
        raise ConflictError("this call is over", reason="phone.over")


def refuse_unless_talking(call: CallRow) -> None:
    refuse_over(call)
    if call.state != "talking":
        raise ConflictError("nobody speaks with the client yet", reason="phone.not_talking")
