"""Compares calls with what their provider knows of them: what we were not told is asked."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels import accounts
from channels.voice import calls
from channels.voice.legs import LegSeen, LegState, PartySeen
from channels.voice.tables import CallLegRow, CallRow
from desk.lines import Line
from desk.telephone import ending
from desk.telephone.queueing import come_to_queue
from desk.telephone.retrieving import Retrieving
from desk.telephone.welcome import caller_of, language_of
from kernel.clock import Clock
from kernel.database import Database
from kernel.ids import new_id
from kernel.limits import VOICE_SETTLED

_LOOKS_BACK: Final = timedelta(days=7)
_EARLIER: Final = timedelta(hours=1)
"""So long before our newest call somebody may have called whom we do not know of."""
_MADE_AROUND: Final = timedelta(seconds=5)
"""By so much the provider's clock may be behind ours."""
_STATES: Final[Mapping[LegState, str]] = {
    LegState.RINGING: "ringing",
    LegState.ANSWERED: "joined",
    LegState.ENDED: "ended",
}
_SPOKEN: Final = frozenset({"voicemail", "talking"})


class Rebuilding:
    """The first comparison after a start asks more: what happened while nobody was here."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._retrieving = Retrieving(database, clock)
        self._began = clock.now()
        self._compared: set[UUID] = set()
        self._known_until: dict[UUID, datetime] = {}
        """Of each account: every call that came in before that is known here."""

    def begin(self) -> None:
        """From now on this process alone serves the calls; whoever did before is gone."""
        self._began = self._clock.now()
        self._compared.clear()
        self._known_until.clear()

    async def rebuild(self, line: Line) -> None:
        """Ask what became of everybody on the line, and who called while nobody answered.

        Raises the errors of `channels.errors` when the provider cannot be asked.
        """
        first = line.account.id not in self._compared
        async with self._database.reading() as session:
            rows = await calls.unfinished(session, line.account.id)
            legs = await calls.legs_of(session, [row.id for row in rows])
        for row in rows:
            live = [leg for leg in legs[row.id] if leg.state in calls.LIVE]
            if first:
                await self._after_absence(line, row, live)
            await self._compare_all(line, row, live)
        await self._missed_calls(line)
        await self._retrieving.retrieve(line)
        self._compared.add(line.account.id)

    async def _after_absence(self, line: Line, call: CallRow, live: Sequence[CallLegRow]) -> None:
        """What only we could have noted, and did not: who is on hold, and who is recorded."""
        client = next((leg for leg in live if leg.role == "client" and leg.sid), None)
        if call.ended_at is not None or client is None:
            return
        if call.state in _SPOKEN:
            await self._retrieving.compare(line, call.id, client.sid or "")
        if call.state == "talking":
            provider: Any = line.connector
            await self._note_flags(call, await provider.parties(str(call.id)))

    async def _note_flags(self, call: CallRow, there: Sequence[PartySeen]) -> None:
        seen = {one.sid: one for one in there}
        async with self._database.transaction() as session:
            row = await calls.find_call(session, call.id, lock=True)
            for leg in await calls.legs(session, row):
                party = seen.get(leg.sid or "")
                if party is not None:
                    leg.on_hold, leg.muted = party.on_hold, party.muted
            await calls.note_change(session, row, self._clock.now())

    async def _compare_all(self, line: Line, call: CallRow, live: Sequence[CallLegRow]) -> None:
        """One question for all who speak with one another; who is not among them is asked for."""
        provider: Any = line.connector
        talk = call.state == "talking" and len(live) > 1
        there = {one.sid for one in await provider.parties(str(call.id))} if talk else set()
        for leg in live:
            if leg.sid not in there or leg.state != "joined":
                await self._compare(line, call, leg)

    async def _compare(self, line: Line, call: CallRow, leg: CallLegRow) -> None:
        provider: Any = line.connector
        if not leg.sid:
            await self._find(line, call, leg)
            return
        seen = await provider.leg(leg.sid)
        if seen is None or seen.state is LegState.ENDED:
            await self._note(leg, "ended", why=seen.why if seen else "completed")
        elif seen.state is LegState.ANSWERED and (leg.role != "client" or not seen.inbound):
            await self._note(leg, "joined")

    async def _find(self, line: Line, call: CallRow, leg: CallLegRow) -> None:
        """The answer to our dialling was lost: they are on the line, or were never called.

        Who was to be dialled by a process that is gone is dialled anew, if they still shall be.
        """
        if call.outcome == "transferred" and leg.role == "third":
            return  # the provider connects them by itself, and never names them
        now = self._clock.now()
        orphaned = leg.began_at < self._began
        if not orphaned and now - leg.began_at <= VOICE_SETTLED:
            return
        seen = await self._dialled(line, leg)
        if seen is None:
            await self._note(leg, "ended", why="failed", settled=orphaned)
            return
        state = _STATES.get(seen.state, "")
        await self._note(leg, state, why=seen.why, sid=seen.sid)

    async def _dialled(self, line: Line, leg: CallLegRow) -> LegSeen | None:
        provider: Any = line.connector
        there = {one.label: one.sid for one in await provider.parties(str(leg.call_id))}
        if sid := there.get(str(leg.id)):
            found: LegSeen | None = await provider.leg(sid)
            return found
        made: list[LegSeen] = await provider.went_to(leg.number, leg.began_at - _MADE_AROUND)
        async with self._database.reading() as session:
            strange = [
                one for one in made if await calls.leg_by_sid(session, one.sid) is None
            ]  # fmt: skip
        return strange[0] if strange else None

    async def _note(
        self, leg: CallLegRow, state: str, *, why: str = "", sid: str = "", settled: bool = False
    ) -> None:
        async with self._database.transaction() as session:
            now = self._clock.now()
            call = await calls.find_call(session, leg.call_id, lock=True)
            row = await calls.find_leg(session, leg.id)
            if row is None:
                return
            row.sid = row.sid or sid or None
            if not state or not calls.move_leg(row, state, now, why=why):
                return
            row.settled = row.settled or settled
            await ending.leg_moved(session, call, row, now)

    async def _missed_calls(self, line: Line) -> None:
        """Who called while this center did not answer waits as somebody who was missed.

        Some of them still speak where the provider sent them: they are looked for until they end.
        """
        provider: Any = line.connector
        now = self._clock.now()
        until = now
        for seen in await provider.came_since(await self._unknown_since(line)):
            if not seen.inbound:
                continue
            async with self._database.transaction() as session:
                if await calls.by_sid(session, seen.sid) is not None:
                    continue
                if seen.state is LegState.ENDED:
                    await self._note_missed(session, line, seen)
                else:
                    until = min(until, seen.began_at or until)
        self._known_until[line.account.id] = until

    async def _unknown_since(self, line: Line) -> datetime:
        known = self._known_until.get(line.account.id)
        if known is not None:
            return known
        async with self._database.reading() as session:
            account = await accounts.find_account(session, line.account.id)
            last = await calls.last_started(session, line.account.id)
        since = account.created_at if last is None else last - _EARLIER
        return max(since, account.created_at, self._clock.now() - _LOOKS_BACK)

    async def _note_missed(self, session: AsyncSession, line: Line, seen: LegSeen) -> None:
        provider: Any = line.connector
        now = self._clock.now()
        client = await caller_of(session, seen.caller, seen.sid, now)
        if client.blocked:
            return
        call = CallRow(
            id=new_id(),
            account_id=line.account.id,
            sid=seen.sid,
            direction="inbound",
            number=seen.caller,
            own_number=provider.number,
            state="ended",
            outcome="abandoned",
            astray=True,
            client_id=client.id,
            locale=await language_of(session, client.id, provider.settings.languages),
            started_at=seen.began_at or now,
            waiting_since=seen.began_at or now,
            ended_at=(seen.began_at or now) + timedelta(seconds=seen.seconds),
        )
        session.add(call)
        await session.flush()
        leg = calls.add_leg(
            session, call, now, sid=seen.sid, role="client", name=client.name, number=call.number
        )
        calls.move_leg(leg, "ended", now)
        await come_to_queue(
            session, call, queue_id=line.queue_id, name=client.name, now=now,
            virtual_arrival=seen.began_at,
        )  # fmt: skip
        await calls.note_change(session, call, now)
