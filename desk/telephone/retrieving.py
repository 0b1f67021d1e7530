"""Recordings that the provider has and of which we were not told: found in its lists."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels.voice import calls, kept
from channels.voice.legs import Moment, RecordingSeen, What
from channels.voice.tables import CallRow
from desk.lines import Line
from desk.telephone import recordings
from kernel.clock import Clock
from kernel.database import Database
from kernel.limits import VOICE_RECORDING_READY, VOICE_SETTLED


class Retrieving:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def retrieve(self, line: Line) -> None:
        """Ask for what was left while the center was away, and for ends that were never told.

        Raises the errors of `channels.errors` when the provider cannot be asked.
        """
        now = self._clock.now()
        settled = now - VOICE_SETTLED
        async with self._database.reading() as session:
            astray, untold = await calls.to_ask_for(session, line.account.id, settled)
        for call in untold:
            await self.compare(line, call.id, call.sid or "")
        for call in astray:
            unfinished = await self.compare(line, call.id, call.sid or "")
            # A list may show what was recorded only a moment after the call is over.
            patience = VOICE_RECORDING_READY if unfinished else VOICE_SETTLED
            if call.ended_at is not None and call.ended_at > now - patience:
                continue
            async with self._database.transaction() as session:
                (await calls.find_call(session, call.id, lock=True)).astray = False

    async def compare(self, line: Line, call_id: UUID, sid: str) -> bool:
        """Compare the recordings of a leg with ours; return whether one of them still goes on."""
        provider: Any = line.connector
        seen: list[RecordingSeen] = await provider.recordings(sid) if sid else []
        for one in seen:
            async with self._database.transaction() as session:
                call = await calls.find_call(session, call_id, lock=True)
                await self._note(session, line, call, one)
        return any(one.state in {"running", "paused"} for one in seen)

    async def _note(
        self, session: AsyncSession, line: Line, call: CallRow, seen: RecordingSeen
    ) -> None:
        now = self._clock.now()
        if seen.state in {"ended", "lost"}:
            if await recordings.is_known(session, seen.name):
                return
            event = "completed" if seen.state == "ended" else "absent"
            moment = Moment(
                what=What.RECORDING, key="", call_id=call.id, event=event, recording=seen.name,
                seconds=seen.seconds,
            )  # fmt: skip
            await recordings.told(session, line, moment, now)
            if call.ended_at is not None:
                await calls.note_change(session, call, now)
        elif call.state == "talking":
            running = await kept.running(session, call.id)
            row = running or kept.begin(session, call, seen.name, by=None, now=now)
            row.state = seen.state
            call.recording = "on" if seen.state == "running" else "paused"
            await calls.note_change(session, call, now)
