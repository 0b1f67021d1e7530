"""Compares calls with what their provider knows of them: what we were not told is asked."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from channels.voice import calls
from channels.voice.legs import LegSeen, LegState
from channels.voice.tables import CallLegRow, CallRow
from desk.lines import Line
from desk.telephone import ending
from desk.telephone.queueing import come_to_queue
from desk.telephone.welcome import caller_of, language_of
from kernel.clock import Clock
from kernel.database import Database
from kernel.ids import new_id
from kernel.limits import VOICE_SETTLED

_LOOKS_BACK: Final = timedelta(days=7)


class Rebuilding:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def rebuild(self, line: Line) -> None:
        """Ask what became of everybody on the line, and who called while nobody answered.

        Raises the errors of `channels.errors` when the provider cannot be asked.
        """
        async with self._database.reading() as session:
            rows = await calls.unfinished(session, line.account.id)
            legs = await calls.legs_of(session, [row.id for row in rows])
        for row in rows:
            for leg in legs[row.id]:
                if leg.state in calls.LIVE:
                    await self._compare(line, row, leg)
        await self._missed_calls(line)

    async def _compare(self, line: Line, call: CallRow, leg: CallLegRow) -> None:
        provider: Any = line.connector
        settled = self._clock.now() - leg.began_at > VOICE_SETTLED
        if not leg.sid:
            if settled and call.state != "connecting":
                await self._find(line, call, leg)
            return
        seen = await provider.leg(leg.sid)
        if seen is None or seen.state is LegState.ENDED:
            await self._note(leg, "ended", why=seen.why if seen else "completed")
        elif seen.state is LegState.ANSWERED and (leg.role != "client" or not seen.inbound):
            await self._note(leg, "joined")

    async def _find(self, line: Line, call: CallRow, leg: CallLegRow) -> None:
        """The answer to our dialling was lost: they are in the room, or were never called."""
        provider: Any = line.connector
        there = {one.label: one.sid for one in await provider.parties(str(call.id))}
        sid = there.get(str(leg.id), "")
        await self._note(leg, "joined" if sid else "ended", why="failed", sid=sid)

    async def _note(self, leg: CallLegRow, state: str, *, why: str = "", sid: str = "") -> None:
        async with self._database.transaction() as session:
            now = self._clock.now()
            call = await calls.find_call(session, leg.call_id, lock=True)
            row = await calls.find_leg(session, leg.id)
            if row is None:
                return
            row.sid = row.sid or sid or None
            if not calls.move_leg(row, state, now, why=why):
                return
            await ending.leg_moved(session, call, row, now)

    async def _missed_calls(self, line: Line) -> None:
        """Who called while this center did not answer waits as somebody who was missed."""
        provider: Any = line.connector
        now = self._clock.now()
        async with self._database.reading() as session:
            last = await calls.last_started(session, line.account.id)
        if last is None:
            return
        for seen in await provider.came_since(max(last, now - _LOOKS_BACK)):
            if not seen.inbound or seen.state is not LegState.ENDED:
                continue
            async with self._database.transaction() as session:
                if await calls.by_sid(session, seen.sid) is None:
                    await self._note_missed(session, line, seen)

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
