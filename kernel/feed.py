"""Follows the journal and tells its readers of each entry, in order, once it is committed."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from kernel.clock import Clock
from kernel.database import Database
from kernel.entries import Noted
from kernel.journal import last_seq, read_after

logger = logging.getLogger(__name__)

Reader = Callable[[Sequence[Noted]], None]

LOOK_EVERY_SECONDS = 1.0
READ_ENTRIES = 500
HELD_BATCHES = 1_000


class Feed:
    """Journal entries in sequence, without a gap or a double.

    What this process commits arrives through `announce` and is passed on at once when it follows
    directly on the last entry told; whatever else happened (another node, a batch overtaking
    another) is read from the journal, which is the truth.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._readers: list[Reader] = []
        self._nudged = asyncio.Event()
        self._ahead: dict[int, Sequence[Noted]] = {}
        self.seq = 0
        database.after_commit(self.announce)

    def subscribe(self, reader: Reader) -> None:
        """Call `reader` with every batch from now on; it must not block or raise."""
        self._readers.append(reader)

    def announce(self, noted: Sequence[Noted]) -> None:
        if len(self._ahead) < HELD_BATCHES:
            self._ahead[noted[0].seq] = noted
        self._pass_on()
        if self._ahead:
            self._nudged.set()

    async def start(self) -> None:
        """Begin after the last entry there is."""
        async with self._database.reading() as session:
            self.seq = await last_seq(session)

    async def run(self) -> None:
        """Read what `announce` could not pass on, for ever."""
        while True:
            try:
                async with asyncio.timeout(LOOK_EVERY_SECONDS):
                    await self._nudged.wait()
            except TimeoutError:
                pass
            self._nudged.clear()
            await self.catch_up()

    async def catch_up(self) -> None:
        """Read the journal from where we stand to its end."""
        while True:
            async with self._database.reading() as session:
                entries = await read_after(session, self.seq, limit=READ_ENTRIES)
            self._tell(entries)
            self._pass_on()
            if len(entries) < READ_ENTRIES:
                return

    def _pass_on(self) -> None:
        while (noted := self._ahead.pop(self.seq + 1, None)) is not None:
            self._tell(noted)
        for first in [first for first in self._ahead if first <= self.seq]:
            del self._ahead[first]

    def _tell(self, noted: Sequence[Noted]) -> None:
        fresh = [entry for entry in noted if entry.seq > self.seq]
        if not fresh:
            return
        self.seq = fresh[-1].seq
        for reader in self._readers:
            reader(fresh)
