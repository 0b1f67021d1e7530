"""What follows when somebody in a call answers or hangs up; how it ends, with its contact."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from channels.tables import AccountRow
from channels.voice import calls
from channels.voice.tables import CallLegRow, CallRow
from desk.telephone.queueing import come_to_queue
from routing import service as routing
from tickets import service as tickets


async def leg_moved(session: AsyncSession, call: CallRow, leg: CallLegRow, now: datetime) -> None:
    """Draw the consequences of a leg's new state, and tell of it."""
    if leg.role == "client" and leg.state == "ended":
        await client_left(session, call, leg.why, now)
    if leg.role == "client" and leg.state == "joined" and call.ended_at is None:
        call.state, call.answered_at = "talking", call.answered_at or now
    await calls.note_change(session, call, now)


async def client_left(session: AsyncSession, call: CallRow, why: str, now: datetime) -> None:
    """The client hung up, or was never reached."""
    if call.ended_at is not None:
        return
    if call.astray and call.answered_at is None and not call.outcome:
        await _missed(session, call, now)
        return
    if call.outcome:
        outcome = call.outcome
    elif call.answered_at is not None:
        outcome = "answered"
    elif call.direction == "outbound":
        outcome = why if why in {"busy", "no_answer", "failed"} else "no_answer"
    else:
        outcome = "abandoned"
    await end_call(session, call, outcome, now)


async def _missed(session: AsyncSession, call: CallRow, now: datetime) -> None:
    """They waited while the center was away, wherever the provider sent them then: somebody shall
    call them back, at the place they had."""
    if call.contact_id is None:
        names = [leg.name for leg in await calls.legs(session, call) if leg.role == "client"]
        began = call.waiting_since or call.started_at
        account = await session.get_one(AccountRow, call.account_id)
        queue_id, name = call.queue_id or account.queue_id, next(iter(names), "")
        await come_to_queue(
            session, call, queue_id=queue_id, name=name, now=now, virtual_arrival=began
        )
    await end_call(session, call, "abandoned", now, keeps_place=True)


async def end_call(
    session: AsyncSession, call: CallRow, outcome: str, now: datetime, *, keeps_place: bool = False
) -> None:
    """End the call; legs that are still there are hung up as soon as this is stored.

    Its contact: spoken with, the agent wraps up; not yet, the client has left it. One that waits to
    be called back goes on waiting, and so does a message that was left
    and whoever `keeps_place`.
    """
    if call.ended_at is not None:
        return
    call.state, call.outcome, call.ended_at = "ended", outcome, now
    call.recording = "off"
    for leg in await calls.legs(session, call):
        # Whom the provider itself connected the client with has no name of its own for us.
        connected = outcome == "transferred" and leg.role == "third" and leg.sid is None
        if leg.role == "client" or connected:
            calls.move_leg(leg, "ended", now)
    if call.direction == "inbound" and outcome == "answered":
        await _note_answer(session, call)
    if outcome not in {"callback", "voicemail"} and not keeps_place:
        await _end_contact(session, call, now)
    await calls.note_change(session, call, now)


async def _end_contact(session: AsyncSession, call: CallRow, now: datetime) -> None:
    if call.contact_id is None:
        return
    contact = await routing.find_contact(session, call.contact_id)
    await session.refresh(contact, with_for_update=True)
    if contact.state in routing.WAITING_STATES and contact.callback:
        return
    spoken = call.answered_at is not None or call.direction == "outbound"
    if contact.state == "active" and contact.agent_id is not None and spoken:
        await routing.conclude(session, contact, by=contact.agent_id, now=now)
        return
    if contact.state in routing.TALKING_STATES:
        await routing.end_contact(session, contact, state="abandoned", now=now)


async def _note_answer(session: AsyncSession, call: CallRow) -> None:
    """Who was spoken with waits for no answer any more: noted before their contact is changed, as
    everybody locks the two."""
    if call.ticket_id is not None:
        ticket = await tickets.find_for_house(session, call.ticket_id, lock=True)
        ticket.awaiting_answer = False
        if ticket.first_answer_at is None:
            ticket.first_answer_at = call.answered_at
        ticket.version += 1
