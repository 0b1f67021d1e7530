"""The Telegram channel: one bot, read by asking or by being called, answered by the Bot API."""

import asyncio
import hashlib
import hmac
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from importlib import import_module
from types import TracebackType
from typing import Any, ClassVar, Final, Self

from channels.channel import Surroundings
from channels.envelope import (
    Account,
    CheckStep,
    Deliver,
    Delivery,
    Envelope,
    Health,
    HookCall,
    Outbound,
    Receipt,
    Tell,
)
from channels.errors import (
    BadCredentialsError,
    MisconfiguredError,
    ProviderUnavailableError,
    UnreadableDeliveryError,
    UnsignedCallError,
)
from channels.telegram.account import KIND, read_settings, read_token
from channels.telegram.checking import FAILURES, refuse_private, steps_of
from channels.telegram.collect import Collector, Glimpse, glimpse
from channels.telegram.courtesies import Courtesies
from channels.telegram.cursor import read_position
from channels.telegram.gathering import Gathering
from channels.telegram.parse import read_packed
from channels.telegram.polling import Poller
from channels.telegram.sending import Sending
from kernel.http import HttpClient
from kernel.limits import (
    TELEGRAM_LOOK_SECONDS,
    TELEGRAM_TYPING,
)
from kernel.log import hide
from kernel.secrets import Secret

SECRET_HEADER: Final = "x-telegram-bot-api-secret-token"  # noqa: S105 - the name of the header
_PURPOSE: Final = "telegram webhook"
_HEALTH_OF: Final = {
    BadCredentialsError: Health.BAD_CREDENTIALS,
    MisconfiguredError: Health.MISCONFIGURED,
    ProviderUnavailableError: Health.WAITING,
}


class TelegramConnector:
    """Speaks for one bot; raises MisconfiguredError at once when its settings cannot work.

    The token stands in the path of every request: it is kept out of every log, and no error of
    ours holds a URL.
    """

    kind: ClassVar[str] = KIND
    typing_lasts: ClassVar[timedelta] = TELEGRAM_TYPING

    def __init__(self, account: Account, around: Surroundings) -> None:
        self._settings = read_settings(
            account.settings, allow_private_hosts=around.allow_private_hosts
        )
        self._token = read_token(account.secrets)
        hide(Secret(self._token))
        self._around = around
        self._hook_url = f"{around.public_url.rstrip('/')}/hooks/{KIND}/{account.public_key}"
        self._hook_secret = _hook_secret(around, account)
        self._position = read_position(account.cursor)
        self._stack = AsyncExitStack()
        self._api: Any = None
        self._gathering = Gathering(around.clock)
        self._collector = Collector(
            account.id,
            around.clock,
            fetch=self._fetch,
            keep_file=around.keep_file,
            known=around.known_of(account.id),
        )

    async def __aenter__(self) -> Self:
        # The library takes a good second to import: not at the start of a center without a bot,
        # and not on the loop.
        library = await asyncio.to_thread(import_module, "channels.telegram.api")
        http = await self._stack.enter_async_context(
            HttpClient(allow_private=self._around.allow_private_hosts)
        )
        self._api = library.TelegramApi(self._token, self._settings, http)
        self._sending = Sending(self._api, self._around.clock)
        self._courtesies = Courtesies(self._api, self._sending)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    def resume(self, cursor: str | None) -> None:
        """Go on from a stored cursor at the next `listen`; None keeps what is known."""
        self._position = read_position(cursor) or self._position

    async def listen(self, deliver: Deliver, tell: Tell) -> None:
        """Read what clients write until cancelled or Telegram fails.

        Never confirms before `deliver` returned; raises the error that `tell` was told of.
        """
        tell(Health.CONNECTING, "connecting to Telegram")
        try:
            name = (await self._api.me()).username
            if self._settings.receiving == "webhook":
                await self._be_called(name, tell)
            else:
                await self._api.drop_hook()
                poller = Poller(
                    self._api,
                    self._around.clock,
                    self._collector,
                    self._courtesies,
                    self._position,
                )
                await poller.follow(deliver, lambda: tell(Health.CONNECTED, f"@{name}"))
        except FAILURES as error:
            tell(_HEALTH_OF[type(error)], error.message)
            raise

    async def _be_called(self, name: str, tell: Tell) -> None:
        """Set the webhook, and look now and then whether Telegram reaches it."""
        refuse_private(self._hook_url, allow_private=self._around.allow_private_hosts)
        while True:
            state = await self._api.hook()
            if state.url != self._hook_url or not state.tells_all:
                await self._api.set_hook(self._hook_url, self._hook_secret)
                tell(Health.CONNECTED, f"@{name}")
            elif state.waiting and state.trouble:
                tell(Health.WAITING, f"Telegram cannot hand over messages: {state.trouble}")
            else:
                tell(Health.CONNECTED, f"@{name}")
            await self._around.clock.sleep(TELEGRAM_LOOK_SECONDS)

    async def receive(self, call: HookCall, deliver: Deliver) -> None:
        """Hand over one update; returns once it, and the album it is of, are committed."""
        offered = call.headers.get(SECRET_HEADER, "").encode()
        if not hmac.compare_digest(offered, self._hook_secret.encode()):
            raise UnsignedCallError

        async def give(pieces: Sequence[Glimpse]) -> None:
            await deliver(await self._collector.collect(pieces))
            await self._courtesies.thank(pieces)

        piece = glimpse(call.body)
        if piece.album:
            await self._gathering.join(piece, give)
        else:
            await give([piece])

    async def read(self, deliveries: Sequence[Delivery]) -> list[Sequence[Envelope] | Exception]:
        return [_read(delivery.raw) for delivery in deliveries]

    async def send(self, message: Outbound) -> Receipt:
        return await self._sending.send(message)

    async def types(self, handle: str, thread_key: str) -> None:
        """Show the client that somebody writes, unless a message has something to do just now."""
        if not self._sending.rest and handle.isdecimal():
            await self._courtesies.show_typing(int(handle))

    async def check(self) -> list[CheckStep]:
        """Say which bot the token belongs to, and whether messages can come the way wanted."""
        polling = self._settings.receiving == "polling"
        allow_private = self._around.allow_private_hosts
        return await steps_of(
            self._api, self._hook_url, polling=polling, allow_private=allow_private
        )

    async def _fetch(self, file_id: str) -> bytes:
        data: bytes = await self._api.fetch(file_id)
        return data


def _hook_secret(around: Surroundings, account: Account) -> str:
    """Derive what Telegram must say: another one for each account, kept nowhere."""
    key = around.sealer.proof_key(_PURPOSE)
    return hmac.new(key, account.id.bytes, hashlib.sha256).hexdigest()


def _read(raw: bytes) -> Sequence[Envelope] | Exception:
    try:
        return read_packed(raw)
    except UnreadableDeliveryError as error:
        return error
