"""Time that moves only when a test says so."""

import asyncio
from datetime import UTC, datetime, timedelta


class ManualClock:
    """Starts on a Monday morning; `advance` wakes whoever slept so long."""

    def __init__(self) -> None:
        self._start = datetime(2030, 1, 7, 9, 0, tzinfo=UTC)
        self._now = self._start
        self._sleepers: list[tuple[datetime, asyncio.Event]] = []
        self._asleep = asyncio.Condition()

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._start).total_seconds()

    async def sleep(self, seconds: float) -> None:
        sleeper = (self._now + timedelta(seconds=seconds), asyncio.Event())
        self._sleepers.append(sleeper)
        async with self._asleep:
            self._asleep.notify_all()
        try:
            await sleeper[1].wait()
        finally:
            self._sleepers.remove(sleeper)

    async def until_asleep(self, sleepers: int = 1) -> None:
        """Return when at least so many are waiting for the time to move; at most after 2 s."""
        async with asyncio.timeout(2), self._asleep:
            await self._asleep.wait_for(lambda: len(self._sleepers) >= sleepers)

    def advance(self, **span: float) -> None:
        self._now += timedelta(**span)
        for due, woken in self._sleepers:
            if due <= self._now:
                woken.set()
