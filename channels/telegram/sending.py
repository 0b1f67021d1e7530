"""Sends a bot's answers at the pace that Telegram allows, and says what of one did not leave."""

from datetime import timedelta
from typing import Final, Protocol

from channels.envelope import Outbound, Receipt
from channels.errors import OutcomeUnknownError, ProviderUnavailableError
from channels.pace import Pace, Paces
from channels.telegram.compose import Parcel, compose
from kernel.clock import Clock
from kernel.errors import CenterError
from kernel.limits import (
    TELEGRAM_CHAT_RATE,
    TELEGRAM_PART_PATIENCE_SECONDS,
    TELEGRAM_PART_TRIES,
    TELEGRAM_PART_WAIT_SECONDS,
    TELEGRAM_RATE,
)

PAUSE: Final = "Telegram asks for a pause"


class Sends(Protocol):
    """What is asked of the Bot API here."""

    async def send(self, parcel: Parcel) -> str: ...


class Sending:
    """Keeps the rates of one bot, and the pauses that it was asked for."""

    def __init__(self, api: Sends, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._paused_until = 0.0
        self.pace = Pace(clock, TELEGRAM_RATE)
        self.chats = Paces(clock, TELEGRAM_CHAT_RATE)

    @property
    def rest(self) -> float:
        """So many seconds Telegram wants nothing of us."""
        return max(0.0, self._paused_until - self._clock.monotonic())

    def note_pause(self, error: ProviderUnavailableError) -> None:
        if error.retry_after is not None:
            wait = error.retry_after.total_seconds()
            self._paused_until = self._clock.monotonic() + wait

    async def send(self, message: Outbound) -> Receipt:
        """Hand the message over; the receipt names it, or its first part, in its chat for ever.

        Telegram knows no repetition by itself: a lost answer raises OutcomeUnknownError, and so
        does whatever happens when only the first parts of a long text have arrived.
        """
        first, *others = compose(message)
        receipt = Receipt(await self._hand_over(first, message))
        for at, parcel in enumerate(others, 1):
            try:
                await self._follow_up(parcel, message)
            except CenterError as error:
                raise OutcomeUnknownError(
                    f"only {at} of {len(others) + 1} parts are sure to have arrived:"
                    f" {error.message}; look before you send the rest"
                ) from error
        return receipt

    async def _follow_up(self, parcel: Parcel, message: Outbound) -> None:
        """Hand over one more part, waiting out what passes soon."""
        for _ in range(TELEGRAM_PART_TRIES - 1):
            try:
                await self._hand_over(parcel, message)
            except ProviderUnavailableError as outage:
                wish = outage.retry_after
                wait = wish.total_seconds() if wish else TELEGRAM_PART_WAIT_SECONDS
                if wait > TELEGRAM_PART_PATIENCE_SECONDS:
                    raise
                await self._clock.sleep(wait)
            else:
                return
        await self._hand_over(parcel, message)

    async def _hand_over(self, parcel: Parcel, message: Outbound) -> str:
        """Send one request when its turn has come. While Telegram has asked for a pause it is not
        asked at all: each call in it would make it longer.
        """
        if self.rest:
            raise ProviderUnavailableError(PAUSE, retry_after=timedelta(seconds=self.rest))
        try:
            async with (
                self.chats.of(message.recipient.handle).turn(bulk=message.bulk),
                self.pace.turn(bulk=message.bulk),
            ):
                return await self._api.send(parcel)
        except ProviderUnavailableError as error:
            self.note_pause(error)
            raise
