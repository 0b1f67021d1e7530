"""Asks for a bot's updates, for ever; none is confirmed before it is stored."""

from collections.abc import Callable, Sequence
from typing import Protocol

from channels.envelope import Deliver
from channels.errors import MisconfiguredError
from channels.telegram.collect import Collector, Glimpse, chunks, glimpse
from channels.telegram.courtesies import Courtesies
from channels.telegram.cursor import Position
from kernel.clock import Clock
from kernel.crash import crash_here
from kernel.limits import (
    TELEGRAM_ALBUM_LOOKS,
    TELEGRAM_ALBUM_SECONDS,
    TELEGRAM_CONTESTED_PAUSE_SECONDS,
    TELEGRAM_CONTESTED_SECONDS,
    TELEGRAM_POLL_SECONDS,
    TELEGRAM_UPDATES,
)


class GivesUpdates(Protocol):
    """What is asked of the Bot API here."""

    async def updates(self, offset: int | None, wait: int) -> list[bytes]: ...


class Poller:
    """Follows one bot; `position` moves only after `deliver` returned.

    Asking with a higher offset is what confirms updates, so a crash in between brings them again,
    and their names tell that they are known.
    """

    def __init__(
        self,
        api: GivesUpdates,
        clock: Clock,
        collector: Collector,
        courtesies: Courtesies,
        position: Position | None,
    ) -> None:
        self._api = api
        self._clock = clock
        self._collector = collector
        self._courtesies = courtesies
        self.position = position
        self._contested_since: float | None = None

    async def follow(self, deliver: Deliver, opened: Callable[[], None]) -> None:
        """Catch up, then wait for news; raises when Telegram does not answer as it should.

        Calls `opened` after the first answer.
        """
        wait = 0
        while True:
            glimpses = await self._look(wait)
            if wait == 0:
                opened()
            glimpses = await self._whole_albums(glimpses)
            await self._hand_over(glimpses, deliver)
            wait = TELEGRAM_POLL_SECONDS

    async def _look(self, wait: int) -> list[Glimpse]:
        offset = self.position.trusted(self._clock.now()) if self.position else None
        while True:
            try:
                updates = await self._api.updates(offset, wait)
            except MisconfiguredError:
                if not self._may_be_ourselves():
                    raise
                await self._clock.sleep(TELEGRAM_CONTESTED_PAUSE_SECONDS)
            else:
                self._contested_since = None
                return [glimpse(raw) for raw in updates]

    def _may_be_ourselves(self) -> bool:
        """Somebody else asks for this bot's updates: for a while it may be a poll of our own, of
        before a restart or a change of settings; who goes on is another program.
        """
        now = self._clock.monotonic()
        if self._contested_since is None:
            self._contested_since = now
        return now - self._contested_since < TELEGRAM_CONTESTED_SECONDS

    async def _whole_albums(self, glimpses: list[Glimpse]) -> list[Glimpse]:
        """An album comes piece by piece: look again, confirming nothing, until it grows no more."""
        for _ in range(TELEGRAM_ALBUM_LOOKS):
            if not any(one.album for one in glimpses) or len(glimpses) >= TELEGRAM_UPDATES:
                break
            await self._clock.sleep(TELEGRAM_ALBUM_SECONDS)
            before, glimpses = glimpses, await self._look(0)
            if len(glimpses) <= len(before):
                break
        return glimpses

    async def _hand_over(self, glimpses: Sequence[Glimpse], deliver: Deliver) -> None:
        for chunk in chunks(glimpses):
            await deliver(await self._collector.collect(chunk))
            await self._courtesies.thank(chunk)
            crash_here("telegram.after_delivery_before_confirming")
            numbers = [one.number for one in chunk if one.number is not None]
            if numbers:
                self.position = Position(offset=max(numbers) + 1, at=self._clock.now())
