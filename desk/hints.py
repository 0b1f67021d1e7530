"""Tickets whose clients are to be shown something that no message waits for, in memory alone."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from desk.lines import Lines
from kernel.limits import HINTS_WAITING


class Hints:
    """Hands tickets to `tell`, one after the other, the latest first: it is the truest.

    Only while a connector that is switched on can show it (has the method `shows`), and no more
    than HINTS_WAITING at once: what is beyond is passed over.
    """

    def __init__(self, lines: Lines, shows: str, tell: Callable[[UUID], Awaitable[None]]) -> None:
        self._lines = lines
        self._shows = shows
        self._tell = tell
        self._waiting: dict[UUID, None] = {}
        self._nudged = asyncio.Event()

    def put(self, ticket_id: UUID) -> None:
        if len(self._waiting) < HINTS_WAITING and self._can_show():
            self._waiting[ticket_id] = None
            self._nudged.set()

    async def run(self) -> None:
        """Tell for ever."""
        while True:
            await self._nudged.wait()
            self._nudged.clear()
            await self.tell()

    async def tell(self) -> None:
        """Tell of all that waits."""
        while self._waiting:
            await self._tell(self._waiting.popitem()[0])

    def _can_show(self) -> bool:
        return any(hasattr(line.connector, self._shows) for line in self._lines.all())
