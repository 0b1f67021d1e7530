"""What a client only sees the better for: buttons that stop spinning, and that somebody writes.

Each is tried once and in little time, and not at all while Telegram has asked for a pause or
messages wait for their turn.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, Protocol

from channels.errors import ProviderUnavailableError
from channels.telegram.collect import Glimpse
from channels.telegram.sending import Sending
from kernel.errors import CenterError
from kernel.limits import TELEGRAM_COURTESY_SECONDS


class Obliges(Protocol):
    """What is asked of the Bot API here; each raises as sending does."""

    async def heard(self, press_id: str) -> None: ...
    async def put_away(self, chat_id: int, message_id: int) -> None: ...
    async def show_typing(self, chat_id: int) -> None: ...


class Courtesies:
    """Keeps out of the way of what is sent."""

    def __init__(self, api: Obliges, sending: Sending) -> None:
        self._api = api
        self._sending = sending

    async def thank(self, pieces: Sequence[Glimpse]) -> None:
        """Of presses that are stored: let their buttons spin no more, and put them away."""
        if self._sending.rest:
            return
        presses = [one.pressed for one in pieces if one.pressed is not None]
        wishes = [self._api.heard(one.id) for one in presses]
        under = [one for one in presses if one.message_id]
        wishes += [self._api.put_away(one.chat_id, one.message_id) for one in under]
        if wishes:
            await self._oblige(wishes)

    async def show_typing(self, chat_id: int) -> None:
        """Let the client see for a few seconds that somebody writes."""
        if self._sending.chats.of(str(chat_id)).idle and not self._sending.pace.crowded:
            await self._oblige([self._api.show_typing(chat_id)])

    async def _oblige(self, wishes: Sequence[Coroutine[Any, Any, None]]) -> None:
        try:
            async with asyncio.timeout(TELEGRAM_COURTESY_SECONDS):
                said = await asyncio.gather(*wishes, return_exceptions=True)
        except TimeoutError:
            return
        for one in said:
            if isinstance(one, ProviderUnavailableError):
                self._sending.note_pause(one)
            elif isinstance(one, BaseException) and not isinstance(one, CenterError):
                raise one
