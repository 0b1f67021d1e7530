"""Who clients are, asked of the provider now and then; a name that cannot be had is none."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct

from kernel.clock import Clock
from kernel.errors import CenterError
from kernel.limits import (
    HOOKED_PROFILE_KEPT_SECONDS,
    HOOKED_PROFILE_MISSED_SECONDS,
    HOOKED_PROFILE_SECONDS,
    HOOKED_PROFILES,
)

AskProfile = Callable[[str], Awaitable[Mapping[str, str]]]
"""Returns what the provider says of somebody; raises CenterError."""


class _Known(Struct, frozen=True):
    told: Mapping[str, str]
    until: float


class Profiles:
    """Remembers what was said, in memory alone: what counts is stored with each delivery."""

    def __init__(self, clock: Clock, ask: AskProfile) -> None:
        self._clock = clock
        self._ask = ask
        self._known: dict[str, _Known] = {}

    async def of(self, who: str) -> Mapping[str, str]:
        """Return what is known of somebody, asking at most HOOKED_PROFILE_SECONDS for it."""
        known = self._known.get(who)
        if known is not None and self._clock.monotonic() < known.until:
            return known.told
        kept = HOOKED_PROFILE_KEPT_SECONDS
        told: Mapping[str, str] = {}
        try:
            async with asyncio.timeout(HOOKED_PROFILE_SECONDS):
                told = await self._ask(who)
        except (CenterError, TimeoutError):
            kept = HOOKED_PROFILE_MISSED_SECONDS
        self._keep(who, _Known(told, self._clock.monotonic() + kept))
        return told

    def _keep(self, who: str, known: _Known) -> None:
        self._known.pop(who, None)
        self._known[who] = known
        if len(self._known) > HOOKED_PROFILES:
            del self._known[next(iter(self._known))]
