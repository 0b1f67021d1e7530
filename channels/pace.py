"""Shapes what a number sends to the rate that its provider allows; for every provider alike."""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from channels.errors import ProviderUnavailableError
from kernel.clock import Clock
from kernel.limits import PACE_KEYS, PACE_SECONDS
from kernel.supervise import first_of

PACED: Final = "the number has sent as much as it may for now"


class _Waiting:
    """One that waits for its turn; the less urgent and the later ones come behind."""

    def __init__(self, place: tuple[bool, int], cost: int) -> None:
        self.place = place
        self.cost = cost
        self.nudge = asyncio.Event()

    def __lt__(self, other: "_Waiting") -> bool:
        return self.place < other.place


class Pace:
    """Lets a message begin only when those before it have had their time.

    Begins are `1 / per_second` apart, and what the provider got of us within any second never
    exceeds `per_second`: a message counts from its beginning until a second after its answer came,
    since its provider counted it at a moment in between that we do not know. One that costs more
    than a second's worth counts alone, and for as long as it takes.
    """

    def __init__(self, clock: Clock, per_second: float) -> None:
        self._clock = clock
        self._per_second = per_second
        self._next_begin = 0.0
        self._under_way: dict[_Waiting, float] = {}
        """What begun and is not answered yet; and for how long it counts from its answer on."""
        self._counted: list[tuple[float, int]] = []
        """Until when, and how much, what was answered counts."""
        self._waiting: list[_Waiting] = []
        self._numbers = itertools.count()

    @property
    def idle(self) -> bool:
        """Whether forgetting it changes nothing."""
        self._forget()
        past = self._clock.monotonic() >= self._next_begin
        return past and not (self._waiting or self._under_way or self._counted)

    @property
    def crowded(self) -> bool:
        """Whether somebody waits for a turn."""
        return bool(self._waiting)

    def hold(self, span: timedelta) -> None:
        """Let nothing begin for so long: the provider has asked for a pause."""
        until = self._clock.monotonic() + span.total_seconds()
        self._next_begin = max(self._next_begin, until)

    @asynccontextmanager
    async def turn(self, cost: int = 1, *, bulk: bool = False) -> AsyncIterator[None]:
        """Enter when a message of this cost may begin, and leave when its answer is here.

        Those for many (`bulk`) begin when no other waits. Raises ProviderUnavailableError with the
        rest when that is too long to wait for it here.
        """
        mine = _Waiting((bulk, next(self._numbers)), cost)
        await self._wait(mine)
        span = max(1.0, cost / self._per_second)
        self._next_begin = self._clock.monotonic() + cost / self._per_second
        self._under_way[mine] = span
        self._nudge_first()
        try:
            yield
        finally:
            del self._under_way[mine]
            self._counted.append((self._clock.monotonic() + span, cost))
            self._nudge_first()

    async def _wait(self, mine: _Waiting) -> None:
        until = self._clock.monotonic() + PACE_SECONDS
        heapq.heappush(self._waiting, mine)
        try:
            while (rest := self._rest(mine)) > 0 or self._waiting[0] is not mine:
                left = until - self._clock.monotonic()
                if rest > PACE_SECONDS or left <= 0:
                    raise ProviderUnavailableError(PACED, retry_after=timedelta(seconds=rest))
                mine.nudge.clear()
                pause = min(rest, left) if self._waiting[0] is mine else left
                await first_of(mine.nudge.wait(), self._clock.sleep(pause))
        finally:
            self._waiting.remove(mine)
            heapq.heapify(self._waiting)
            self._nudge_first()

    def _nudge_first(self) -> None:
        if self._waiting:
            self._waiting[0].nudge.set()

    def _rest(self, mine: _Waiting) -> float:
        """Return in how many seconds it may begin, as far as that is known now."""
        now = self._clock.monotonic()
        ahead = sum(one.cost for one in self._waiting if one < mine)
        begin = max(self._next_begin, now, self._room_at(mine.cost, now))
        return begin + ahead / self._per_second - now

    def _room_at(self, cost: int, now: float) -> float:
        """Return from when on what still counts leaves room for it."""
        self._forget()
        most = max(self._per_second, cost)
        counted = sorted(
            self._counted + [(now + span, one.cost) for one, span in self._under_way.items()]
        )
        taken = sum(cost for _, cost in counted)
        for until, gone in counted:
            if taken + cost <= most:
                break
            taken -= gone
            now = until
        return now

    def _forget(self) -> None:
        now = self._clock.monotonic()
        self._counted = [one for one in self._counted if one[0] > now]


class Paces:
    """A pace for each of very many, such as the chats of a bot; those at rest are forgotten."""

    def __init__(self, clock: Clock, per_second: float) -> None:
        self._clock = clock
        self._per_second = per_second
        self._paces: dict[str, Pace] = {}

    def of(self, key: str) -> Pace:
        if len(self._paces) >= PACE_KEYS and key not in self._paces:
            self._paces = {key: pace for key, pace in self._paces.items() if not pace.idle}
        return self._paces.setdefault(key, Pace(self._clock, self._per_second))
