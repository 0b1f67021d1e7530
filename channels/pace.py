"""Shapes what a number sends to the rate that its provider allows; for every provider alike."""

from datetime import timedelta
from typing import Final

from channels.errors import ProviderUnavailableError
from kernel.clock import Clock
from kernel.limits import PACE_SECONDS

PACED: Final = "the number has sent as much as it may for now"


class Pace:
    """Lets one message begin only when those before it have had their time."""

    def __init__(self, clock: Clock, per_second: float) -> None:
        self._clock = clock
        self._per_second = per_second
        self._free_at = 0.0

    def hold(self, span: timedelta) -> None:
        """Let nothing begin for so long: the provider has asked for a pause."""
        self._free_at = max(self._free_at, self._clock.monotonic() + span.total_seconds())

    async def turn(self, cost: int) -> None:
        """Return when a message of this cost may begin.

        Raises ProviderUnavailableError with the rest when that is too long to wait for it here.
        """
        now = self._clock.monotonic()
        rest = max(0.0, self._free_at - now)
        if rest > PACE_SECONDS:
            raise ProviderUnavailableError(PACED, retry_after=timedelta(seconds=rest))
        self._free_at = now + rest + cost / self._per_second
        if rest:
            await self._clock.sleep(rest)
