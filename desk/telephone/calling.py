"""An agent calls a client: refused before anything is stored when the number must not be called."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from channels.voice.destinations import REASONS, Refusal
from channels.voice.tables import CallRow
from clients import reach
from desk.lines import Line
from desk.quiet_hours import quiet_for
from desk.telephone.errands import Errands
from desk.telephone.outgoing import Wanted, check_number, place_call
from desk.ways import LEFT_ALONE
from kernel.errors import InvalidInputError
from staff.queries import AgentCard
from tickets.tables import TicketRow

TOO_MANY = (
    "the account has made as many calls today as it may; an administrator can raise the limit"
)


class Asked(Struct, frozen=True, kw_only=True):
    """Whom an agent wants to call, and from which of our numbers."""

    line: Line
    client_id: UUID
    client_name: str
    number: str
    ticket: TicketRow | None = None
    anyway: bool = False
    """Although the client is to be left alone, or it is quiet hours where they are."""


async def begin_call(
    session: AsyncSession, errands: Errands, asked: Asked, *, by: AgentCard, now: datetime
) -> CallRow:
    """Begin the call; raises InvalidInputError with the cure for a number that is not called."""
    number = check_number(asked.number)
    why = await errands.why_not(session, asked.line, number, own=False)
    if why is not None:
        words = TOO_MANY if why == "too_many" else REASONS[Refusal(why)]
        raise InvalidInputError(words, field="number", reason=f"phone.{why}")
    if not asked.anyway:
        await _warn(session, asked.client_id, number, now)
    wanted = Wanted(
        client_id=asked.client_id,
        client_name=asked.client_name,
        number=number,
        ticket=asked.ticket,
    )
    return await place_call(session, asked.line, wanted, by=by, now=now)


async def _warn(session: AsyncSession, client_id: UUID, number: str, now: datetime) -> None:
    """Refuse, for the field `anyway`, what an agent may insist on."""
    if await reach.left_alone(session, client_id):
        raise InvalidInputError(LEFT_ALONE, field="anyway")
    until = await quiet_for(session, client_id, number, now)
    if until is not None:
        raise InvalidInputError(
            f"it is quiet hours where this client is, until {until:%H:%M} UTC", field="anyway"
        )
