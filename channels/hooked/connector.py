"""What connectors share whose provider calls us and takes each message as one POST."""

import asyncio
import math
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from types import TracebackType
from typing import ClassVar, Self

from channels.channel import Surroundings
from channels.envelope import Account, Deliver, Delivery, Envelope, HookCall, Outbound, Receipt
from channels.errors import ProviderUnavailableError, UnreadableDeliveryError, UnsignedCallError
from channels.files import Fetched
from channels.hooked.fetching import Fetcher
from channels.hooked.packing import Event, Packed, Wanted, pack, unpack
from channels.hooked.posting import Request, ask
from channels.hooked.profiles import Profiles
from kernel.http import Credential, HttpAnswer, HttpClient
from kernel.limits import HOOKED_SETTLE_LOOKS, HOOKED_SETTLE_SECONDS


class HookedConnector(ABC):
    """Signature over the raw bytes, then deliveries, then 200; out, one request a message.

    A channel says how its provider speaks by the six methods below; none of them does I/O.
    """

    kind: ClassVar[str]
    provider: ClassVar[str]
    """In words, for sentences that speak of it."""
    repeatable: ClassVar[bool]
    """The same request made twice is one message; where not, a lost answer is an unknown fate."""

    def __init__(self, account: Account, around: Surroundings) -> None:
        self._account = account
        self._around = around
        self._hook_url = f"{around.public_url.rstrip('/')}/hooks/{self.kind}/{account.public_key}"
        self._known = around.known_of(account.id)
        self._stack = AsyncExitStack()
        self._http = HttpClient(allow_private=around.allow_private_hosts)
        self._paused_until = 0.0
        self._profiles = Profiles(around.clock, self._profile)
        self._sent_of = around.sent_of(account.id)
        self._sent_at = -math.inf

    @abstractmethod
    def _proves(self, call: HookCall) -> bool:
        """Whether this call comes from the provider; nothing of it is believed before."""

    @abstractmethod
    def _events(self, body: bytes) -> Sequence[Event]:
        """Return what a proven call tells; raises CenterError to refuse it in words, whole."""

    @abstractmethod
    def _understood(self, packed: Packed) -> Sequence[Envelope]:
        """Translate one event; raises UnreadableDeliveryError."""

    @abstractmethod
    def _request(self, message: Outbound) -> Request:
        """Return the one request; raises MessageRejectedError for what the provider never takes.

        It may run in a thread, since encoding files takes a while.
        """

    @abstractmethod
    def _receipt(self, answer: HttpAnswer, message: Outbound) -> Receipt:
        """Judge the provider's answer; raises the errors of `channels.errors`."""

    @abstractmethod
    def _file_hosts(self) -> Collection[str]:
        """The only hosts that files of clients are fetched from."""

    async def _profile(self, who: str) -> Mapping[str, str]:
        """Ask the provider who somebody is, where its events do not tell; raises CenterError."""
        return {}

    def _file_credential(self) -> Credential | None:
        """What the provider asks for when a file is fetched."""
        return None

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self._http)
        self._fetcher = Fetcher(
            self._http,
            self._around.clock,
            self._around.keep_file,
            self._file_hosts(),
            self._file_credential(),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def receive(self, call: HookCall, deliver: Deliver) -> None:
        """Hand over what the call tells; returns once all of it is committed."""
        if not self._proves(call):
            raise UnsignedCallError
        events = self._events(call.body)
        if events:
            await self._until_settled([one.about for one in events if one.about])
            await deliver(await self._deliveries(events))

    async def read(self, deliveries: Sequence[Delivery]) -> list[Sequence[Envelope] | Exception]:
        return [self._read(delivery.raw) for delivery in deliveries]

    async def send(self, message: Outbound) -> Receipt:
        """Hand the message over in one request.

        While the provider has asked for a pause it is not asked at all: each call in it would
        make it longer.
        """
        rest = self._paused_until - self._around.clock.monotonic()
        if rest > 0:
            raise self._pause(rest)
        if message.files:
            request = await asyncio.to_thread(self._request, message)
        else:
            request = self._request(message)
        self._sent_at = self._around.clock.monotonic()
        answer = await self._ask(request, repeatable=self.repeatable)
        self._sent_at = self._around.clock.monotonic()
        try:
            return self._receipt(answer, message)
        except ProviderUnavailableError as error:
            if error.retry_after is not None:
                wait = error.retry_after.total_seconds()
                self._paused_until = self._around.clock.monotonic() + wait
            raise

    @property
    def _is_paused(self) -> bool:
        """Whether the provider wants nothing of us just now."""
        return self._paused_until > self._around.clock.monotonic()

    async def _ask(self, request: Request, *, repeatable: bool = True) -> HttpAnswer:
        return await ask(self._http, request, self.provider, repeatable=repeatable)

    async def _until_settled(self, names: Sequence[str]) -> None:
        """A report may be faster than the commit of the receipt that names its message: while one
        was sent a moment ago, wait for it a little. What is never known is not ours."""
        for _ in range(HOOKED_SETTLE_LOOKS):
            since = self._around.clock.monotonic() - self._sent_at
            if not names or since > HOOKED_SETTLE_SECONDS:
                return
            if set(names) <= set(await self._sent_of(names)):
                return
            await self._around.clock.sleep(HOOKED_SETTLE_SECONDS / HOOKED_SETTLE_LOOKS)

    async def _deliveries(self, events: Sequence[Event]) -> list[Delivery]:
        named = [one.external_id for one in events if one.files]
        known = await self._known(named) if named else set()
        return [await self._delivery(one, fetch=one.external_id not in known) for one in events]

    async def _delivery(self, event: Event, *, fetch: bool) -> Delivery:
        """Fetch its files first; of what is stored already, none is fetched again."""
        wanted = event.files if fetch else ()
        files = {one.key: await self._fetch(one) for one in wanted}
        client = await self._profiles.of(event.who) if event.who else {}
        return Delivery(
            account_id=self._account.id,
            external_id=event.external_id,
            raw=pack(event.raw, files, client),
            received_at=self._around.clock.now(),
        )

    async def _fetch(self, wanted: Wanted) -> Fetched:
        """Bring one file here; a provider that first must be asked where it lies is asked here."""
        return await self._fetcher.fetch(wanted)

    def _read(self, stored: bytes) -> Sequence[Envelope] | Exception:
        try:
            return self._understood(unpack(stored))
        except UnreadableDeliveryError as error:
            return error

    def _pause(self, seconds: float) -> ProviderUnavailableError:
        return ProviderUnavailableError(
            f"{self.provider} asks for a pause", retry_after=timedelta(seconds=seconds)
        )
