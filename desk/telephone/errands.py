"""Does what a call needs: claimed before it is asked for, so that nothing is done twice."""

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels import spending
from channels.errors import MessageRejectedError, OutcomeUnknownError, ProviderUnavailableError
from channels.voice import calls, kept
from channels.voice.destinations import is_number, is_phone_of_ours, refused
from channels.voice.legs import Dialling, What
from channels.voice.steps import HangUp, Join, Say, Step
from channels.voice.tables import CallLegRow, CallRow
from channels.voice.words import phrase
from clients import queries as clients
from desk.dispatch import Dispatcher
from desk.lines import Line
from desk.telephone import ending
from desk.telephone.deciding import Need, Todo
from desk.telephone.own_phone import address_of
from desk.telephone.reception import Reception
from kernel.clock import Clock
from kernel.crash import crash_here
from kernel.database import Database
from kernel.errors import CenterError
from kernel.limits import VOICE_DIAL_SECONDS, VOICE_DIAL_TRIES, VOICE_SETTLED
from routing import callbacks
from routing import service as routing
from staff import presence
from staff import queries as staff

logger = logging.getLogger(__name__)

_DAY: Final = timedelta(days=1)
MISSED: Final = "missed_offer"
NO_PHONE: Final = "telephone_failed"


class Errands:
    def __init__(
        self, database: Database, clock: Clock, dispatcher: Dispatcher, reception: Reception
    ) -> None:
        self._database = database
        self._clock = clock
        self._dispatcher = dispatcher
        self._reception = reception

    async def run(self, line: Line, call_id: UUID, todo: Todo) -> None:
        """Do one thing for a call; what its provider refuses for good is noted, not raised."""
        doing: dict[Need, Callable[[Line, UUID, Todo], Awaitable[None]]] = {
            Need.DIAL_AGENT: self._dial_agent,
            Need.DIAL_CLIENT: self._dial_client,
            Need.JOIN_CLIENT: self._join_client,
            Need.WAIT_AGAIN: self._wait_again,
            Need.MISSED: self._missed,
            Need.NOT_REACHED: self._not_reached,
            Need.OVER: self._over,
            Need.TURN_AWAY: self._turn_away,
            Need.DROP: self._drop,
        }
        await doing[todo.need](line, call_id, todo)

    async def _dial_agent(self, line: Line, call_id: UUID, todo: Todo) -> None:
        if todo.agent_id is None:
            return
        async with self._database.transaction() as session:
            call = await calls.find_call(session, call_id, lock=True)
            if call.ended_at is not None or await _rings(session, call, todo.agent_id):
                return
            card = await staff.find_agent(session, todo.agent_id)
            leg = await self.new_leg(
                session,
                line,
                call,
                role="agent",
                agent_id=card.id,
                name=card.name,
                to=address_of(card),
            )
            if call.state == "waiting":
                call.state = "connecting" if call.direction == "outbound" else "waiting"
            await calls.note_change(session, call, self._clock.now())
        await self.dial(line, call, leg, ends_it=True)

    async def _dial_client(self, line: Line, call_id: UUID, todo: Todo) -> None:
        async with self._database.transaction() as session:
            call = await calls.find_call(session, call_id, lock=True)
            known = await calls.legs(session, call)
            if call.ended_at is not None or any(leg.role == "client" for leg in known):
                return
            leg = await self.new_leg(
                session, line, call, role="client", name=await _client_name(session, call),
                to=call.number,
            )  # fmt: skip
            await calls.note_change(session, call, self._clock.now())
        await self.dial(line, call, leg, ends_it=True)

    async def new_leg(
        self,
        session: AsyncSession,
        line: Line,
        call: CallRow,
        *,
        role: str,
        to: str,
        name: str,
        agent_id: UUID | None = None,
        mode: str = "",
    ) -> CallLegRow:
        """Claim a leg before anybody is dialled; one that may not be called has ended at once."""
        now = self._clock.now()
        why = await self.why_not(session, line, to, own=agent_id is not None)
        leg = calls.add_leg(
            session, call, now, role=role, number=to, name=name, agent_id=agent_id, mode=mode
        )
        await session.flush()
        if why is not None:
            calls.move_leg(leg, "ended", now, why="refused")
        return leg

    async def why_not(self, session: AsyncSession, line: Line, to: str, *, own: bool) -> str | None:
        """Say why somebody is not called: nowhere, too dear, not that country, too many today."""
        provider: Any = line.connector
        settings = provider.settings
        if own and not is_phone_of_ours(to):
            return "no_number"
        if is_number(to) or not own:
            found = refused(to, settings.callable)
            if found is not None:
                return found.value
        now = self._clock.now()
        made = await calls.made_since(session, line.account.id, now - _DAY)
        spoken = await calls.minutes_since(session, line.account.id, now - _DAY, now)
        for spent, most in ((made, settings.calls_a_day), (spoken, settings.minutes_a_day)):
            await spending.warn(session, line.account.id, spent, most=max(most, 1), now=now)
            if spent >= most:
                return "too_many"
        return None

    async def dial(
        self,
        line: Line,
        call: CallRow,
        leg: CallLegRow,
        *,
        ends_it: bool,
        muted: bool = False,
        coaching: str = "",
    ) -> None:
        """Call a claimed leg into the room of its call. What may have been dialled is told by the
        provider itself, or found among those in the room."""
        if leg.state == "ended":
            return
        provider: Any = line.connector
        wanted = Dialling(
            room=str(call.id),
            label=str(leg.id),
            to=leg.number,
            shown=provider.number,
            seconds=provider.settings.ring_seconds,
            muted=muted,
            coaching=coaching,
            ends_it=ends_it,
            call_id=call.id,
            leg_id=leg.id,
        )
        crash_here("telephone.after_claim_before_dialling")
        try:
            sid = await self._dialled(provider, wanted)
            crash_here("telephone.after_dialling_before_noting")
        except OutcomeUnknownError as error:
            logger.warning("whether somebody was called is not known", extra={"why": error.message})
            return
        except CenterError as error:
            logger.warning("a call was not made", extra={"why": error.message})
            await self._note_leg(leg.id, "ended", why="failed")
            return
        await self._note_leg(leg.id, "", sid=sid)

    async def _dialled(self, provider: Any, wanted: Dialling) -> str:
        """Dial, and once more a moment later when the provider asks for a pause."""
        for _ in range(VOICE_DIAL_TRIES - 1):
            try:
                sid: str = await provider.dial(wanted)
            except ProviderUnavailableError as error:
                logger.warning("a call is made a moment later: %s", error.message)
                await self._clock.sleep(VOICE_DIAL_SECONDS)
            else:
                return sid
        return str(await provider.dial(wanted))

    async def _note_leg(self, leg_id: UUID, state: str, *, sid: str = "", why: str = "") -> None:
        async with self._database.transaction() as session:
            leg = await calls.find_leg(session, leg_id)
            if leg is None:
                return
            call = await calls.find_call(session, leg.call_id, lock=True)
            leg.sid = leg.sid or sid or None
            if leg.role == "client" and call.sid is None:
                call.sid = leg.sid
            if state and calls.move_leg(leg, state, self._clock.now(), why=why):
                await ending.leg_moved(session, call, leg, self._clock.now())

    async def _join_client(self, line: Line, call_id: UUID, todo: Todo) -> None:
        provider: Any = line.connector
        async with self._database.transaction() as session:
            call = await calls.find_call(session, call_id, lock=True)
            client = await _client_leg(session, call)
            if call.ended_at is not None or client is None or client.sid is None:
                return
            if call.state == "talking":
                return
            tried, call.state = call.state == "connecting", "connecting"
            call.turn += 1
            join = self.join_step(line, call, client)
        # Moved again, they would leave the room, which ends with them.
        if not tried or not await _is_there(provider, call_id, client.sid):
            try:
                await provider.move(client.sid, [join])
            except MessageRejectedError:
                return  # they hung up this moment, which we are about to be told
        crash_here("telephone.after_joining_before_noting")
        async with self._database.transaction() as session:
            now = self._clock.now()
            call = await calls.find_call(session, call_id, lock=True)
            if call.ended_at is not None:
                return
            contact = (
                await routing.find_contact(session, call.contact_id) if call.contact_id else None
            )
            call.state, call.answered_at = "talking", call.answered_at or now
            call.agent_id = contact.agent_id if contact else call.agent_id
            leg = await calls.find_leg(session, client.id)
            if leg is not None:
                calls.move_leg(leg, "joined", now)
                leg.on_hold = False
            await calls.note_change(session, call, now)
        await self._record_if_asked(line, call, client)

    async def _record_if_asked(self, line: Line, call: CallRow, client: CallLegRow) -> None:
        """Where every conversation is recorded, which the client was told in the queue."""
        provider: Any = line.connector
        if not provider.settings.records or call.recording != "off":
            return
        try:
            sid = await provider.record(client.sid, call.id)
        except CenterError as error:
            logger.warning("a call is not recorded: %s", error.message)
            return
        async with self._database.transaction() as session:
            row = await calls.find_call(session, call.id, lock=True)
            kept.begin(session, row, sid, by=None, now=self._clock.now())
            if row.ended_at is None:
                row.recording = "on"
            await calls.note_change(session, row, self._clock.now())

    def join_step(self, line: Line, call: CallRow, leg: CallLegRow) -> Join:
        provider: Any = line.connector
        return Join(
            room=str(call.id),
            label=str(leg.id),
            then=provider.address(What.DIALLED, call.id, call.turn),
            ends_it=True,
            told=provider.address(What.ROOM, call.id),
        )

    async def _wait_again(self, line: Line, call_id: UUID, todo: Todo) -> None:
        provider: Any = line.connector
        async with self._database.transaction() as session:
            call = await calls.find_call(session, call_id, lock=True)
            client = await _client_leg(session, call)
            if call.ended_at is not None or client is None or client.sid is None:
                return
            if call.state == "waiting":
                return
            steps = self._reception.wait_steps(line, call)
        try:
            await provider.move(client.sid, steps)
        except MessageRejectedError:
            return
        async with self._database.transaction() as session:
            call = await calls.find_call(session, call_id, lock=True)
            if call.ended_at is not None:
                return
            call.state = "waiting"
            for leg in await calls.legs(session, call):
                leg.settled = leg.settled or leg.role in calls.SPEAKERS
                leg.on_hold = leg.muted = False
            await calls.note_change(session, call, self._clock.now())

    async def _missed(self, line: Line, call_id: UUID, todo: Todo) -> None:
        """Put the contact back to its place, as an offer that was missed, and the agent away."""
        async with self._database.transaction() as session:
            now = self._clock.now()
            call = await calls.find_call(session, call_id, lock=True)
            why = ""
            for leg in await calls.legs(session, call):
                if leg.agent_id == todo.agent_id and leg.state == "ended":
                    leg.settled, why = True, leg.why
            if call.contact_id is None or todo.agent_id is None:
                return
            contact = await routing.find_contact(session, call.contact_id)
            called_back = await callbacks.of_contacts(session, [contact.id])
            if call.direction == "outbound":
                call.contact_id = contact.id if not called_back else None
                await ending.end_call(session, call, "failed", now)
                call.contact_id = contact.id
            if await presence.is_here(session, todo.agent_id):
                reason = MISSED if why in {"no_answer", "busy", "canceled"} else NO_PHONE
                await presence.set_presence(
                    session, todo.agent_id, state="away", reason=reason, now=now
                )
            await routing.forget_answer(session, contact)
            goes_back = contact.state == "active" and contact.agent_id == todo.agent_id
        if goes_back:
            await self._dispatcher.move(contact.id, contact.queue_id)

    async def _not_reached(self, line: Line, call_id: UUID, todo: Todo) -> None:
        async with self._database.transaction() as session:
            call = await calls.find_call(session, call_id, lock=True)
            client = await _client_leg(session, call)
            why = client.why if client is not None and client.state == "ended" else ""
            await ending.client_left(session, call, why, self._clock.now())

    async def _over(self, line: Line, call_id: UUID, todo: Todo) -> None:
        await self._end(line, call_id, [HangUp()], "")

    async def _turn_away(self, line: Line, call_id: UUID, todo: Todo) -> None:
        async with self._database.reading() as session:
            locale = (await calls.find_call(session, call_id)).locale
        said = Say(text=phrase("goodbye", locale), language=locale)
        await self._end(line, call_id, [said, HangUp()], "turned_away")

    async def _end(self, line: Line, call_id: UUID, steps: list[Step], outcome: str) -> None:
        """Hang up first: should we die in between, it is found over and noted then."""
        provider: Any = line.connector
        async with self._database.reading() as session:
            call = await calls.find_call(session, call_id)
            client = await _client_leg(session, call)
        if client is not None and client.sid and client.state != "ended":
            with suppress(MessageRejectedError):
                if len(steps) > 1:
                    await provider.move(client.sid, steps)
                else:
                    await provider.hang_up(client.sid)
        async with self._database.transaction() as session:
            call = await calls.find_call(session, call_id, lock=True)
            if outcome:
                await ending.end_call(session, call, outcome, self._clock.now())
            else:
                await ending.client_left(session, call, "", self._clock.now())

    async def _drop(self, line: Line, call_id: UUID, todo: Todo) -> None:
        """Hang a leg up. One whose name is not known yet is looked for when it has settled."""
        if todo.leg_id is None:
            return
        async with self._database.reading() as session:
            leg = await calls.find_leg(session, todo.leg_id)
        if leg is None or leg.state == "ended":
            return
        provider: Any = line.connector
        if leg.sid:
            with suppress(MessageRejectedError):
                await provider.hang_up(leg.sid)
        elif self._clock.now() - leg.began_at < VOICE_SETTLED:
            # Its name is on the way; not the very next moment, or we would ask without end.
            await self._clock.sleep(VOICE_DIAL_SECONDS)
            return
        await self._note_leg(leg.id, "ended", why="canceled" if leg.state != "joined" else "")


async def _is_there(provider: Any, call_id: UUID, sid: str) -> bool:
    return any(one.sid == sid for one in await provider.parties(str(call_id)))


async def _rings(session: AsyncSession, call: CallRow, agent_id: UUID) -> bool:
    return any(
        leg.agent_id == agent_id and leg.state in calls.LIVE and leg.role != "supervisor"
        for leg in await calls.legs(session, call)
    )


async def _client_leg(session: AsyncSession, call: CallRow) -> CallLegRow | None:
    found = [leg for leg in await calls.legs(session, call) if leg.role == "client"]
    return found[-1] if found else None


async def _client_name(session: AsyncSession, call: CallRow) -> str:
    if call.client_id is None:
        return call.number
    found = await clients.briefs(session, [call.client_id])
    return found[call.client_id].name if call.client_id in found else call.number
