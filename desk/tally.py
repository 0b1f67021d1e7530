"""Keeps the figures of the floor: follows the journal a little behind, and counts it once."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from kernel.clock import Clock
from kernel.crash import crash_here
from kernel.database import Database
from kernel.entries import Noted
from kernel.journal import entries_after, last_seq
from kernel.limits import (
    TALLY_ENTRIES,
    TALLY_GATHER_SECONDS,
    TALLY_TICK_SECONDS,
    TALLY_WAIT_SECONDS,
)
from kernel.supervise import first_of
from routing import service as routing
from supervision import tallying
from supervision.ledger import KINDS, Ledger

STRIDE = 5_000
"""Most of the journal is about other things: past those the bookmark moves in strides."""


class Tally:
    """Every node counts what is there to count; the bookmark sees to it that only one stores it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._nudged = asyncio.Event()
        self._wanted = asyncio.Event()
        self._stepped = asyncio.Event()
        self._ticked_at = clock.now()
        self.seq = 0
        """Everything up to this journal entry is in the figures."""

    def hear(self, noted: Sequence[Noted]) -> None:
        if any(entry.kind in KINDS for entry in noted):
            self._nudged.set()

    async def caught_up(self, seq: int) -> None:
        """Return when everything up to this entry is counted, or after a moment anyway."""
        try:
            async with asyncio.timeout(TALLY_WAIT_SECONDS):
                while self.seq < seq:
                    self._wanted.set()
                    self._nudged.set()
                    await self._stepped.wait()
        except TimeoutError:
            return

    async def run(self) -> None:
        """Count, for ever; a short pause gathers what comes together, unless somebody asks."""
        async with self._database.transaction() as session:
            await tallying.begin(session)
        while True:
            self._nudged.clear()
            self._wanted.clear()
            more = await self.step()
            self._stepped.set()
            self._stepped = asyncio.Event()
            if more:
                continue
            if self._clock.now() - self._ticked_at >= timedelta(seconds=TALLY_TICK_SECONDS):
                await self.tick()
            await first_of(self._nudged.wait(), self._clock.sleep(TALLY_TICK_SECONDS))
            await first_of(self._wanted.wait(), self._clock.sleep(TALLY_GATHER_SECONDS))

    async def step(self) -> bool:
        """Count one batch of journal entries; say whether there may be more."""
        async with self._database.reading() as session:
            end = await last_seq(session)
            stood = await tallying.counted_to(session)
            entries = await entries_after(session, stood, KINDS, limit=TALLY_ENTRIES)
            if not entries and end - stood < STRIDE:
                self.seq = end
                return False
            targets = {
                queue.id: queue.service_target_seconds
                for queue in await routing.list_queues(session)
            }
            ledger = await tallying.counted(session, entries, targets)
        full = len(entries) == TALLY_ENTRIES
        to = entries[-1].seq if full else max(end, entries[-1].seq if entries else 0)
        if await self._store(ledger, stood, to):
            self.seq = to
            return full
        return True

    async def tick(self) -> None:
        """Count the time of all agents up to now, so that a quarter without events is whole."""
        now = self._ticked_at = self._clock.now()
        async with self._database.transaction() as session:
            stood = await tallying.counted_to(session)
            if await tallying.move_bookmark(session, stood, stood):
                ledger = Ledger((), await tallying.read_clocks(session), {})
                ledger.tick(now)
                await tallying.store(session, ledger)

    async def _store(self, ledger: Ledger, stood: int, to: int) -> bool:
        async with self._database.transaction() as session:
            if not await tallying.move_bookmark(session, stood, to):
                return False
            await tallying.store(session, ledger)
            crash_here("tally.before_commit")
        return True
