"""Messenger and Instagram: one page or account by Meta's Graph API, called and answered alike."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import ClassVar, Final
from urllib.parse import quote

import msgspec

from channels.channel import Surroundings
from channels.envelope import (
    Account,
    Envelope,
    HookAnswer,
    HookCall,
    Outbound,
    OutboundFile,
    Receipt,
)
from channels.errors import (
    BadCredentialsError,
    MessageRejectedError,
    MisconfiguredError,
    ProviderUnavailableError,
    RecipientGoneError,
)
from channels.hooked.keeping import KeptConnector, Seen
from channels.hooked.packing import Event, Packed
from channels.hooked.posting import Request, as_trouble, unknown
from channels.meta.account import read_keys, read_settings
from channels.meta.compose import body_of
from channels.meta.graph import (
    PASSING,
    RATES,
    RIGHTS,
    TOKEN,
    Fault,
    Refused,
    challenge,
    graph_call,
    proves,
    said,
)
from channels.meta.kinds import INSTAGRAM, MESSENGER
from channels.meta.parse import events_of, read_event
from kernel.errors import CenterError
from kernel.http import HttpAnswer
from kernel.limits import LENT_FILE, META_PAUSE_SECONDS, META_TYPING
from kernel.log import hide
from kernel.secrets import Secret

_WINDOW: Final = frozenset({2018278, 2534022})
_NOBODY: Final = frozenset({2018001, 1545041})
_UNAVAILABLE_PERSON: Final = 551


class _Answer(Refused, frozen=True):
    message_id: str = ""
    name: str = ""
    username: str = ""


class _WindowClosedError(MessageRejectedError):
    """Meta took nothing: it is later than 24 hours after the client's last word."""


class MetaConnector(KeptConnector):
    """Speaks for one page or account; raises MisconfiguredError when its settings cannot work."""

    fields: ClassVar[str]
    """What the page tells this app of."""
    profile: ClassVar[str]
    repeatable: ClassVar[bool] = False
    typing_lasts: ClassVar[timedelta] = META_TYPING

    def __init__(self, account: Account, around: Surroundings) -> None:
        self._settings = read_settings(
            account.settings, allow_private_hosts=around.allow_private_hosts
        )
        self._keys = read_keys(account.secrets)
        hide(*(Secret(one) for one in msgspec.structs.astuple(self._keys)))
        super().__init__(account, around)

    def challenged(self, call: HookCall) -> HookAnswer:
        """Answer Meta's trial of the address; raises UnsignedCallError when it is not Meta's."""
        return challenge(call, self._keys.verify)

    def _proves(self, call: HookCall) -> bool:
        return proves(call, self._keys.app_secret)

    def _events(self, body: bytes) -> Sequence[Event]:
        return events_of(body, self._settings.page_id)

    def _understood(self, packed: Packed) -> Sequence[Envelope]:
        return read_event(packed)

    def _file_hosts(self) -> Collection[str]:
        return self._settings.media_hosts

    def _request(self, message: Outbound) -> Request:
        return self._call("POST", "me/messages", body_of(self.kind, message, self._lend))

    def _receipt(self, answer: HttpAnswer, message: Outbound) -> Receipt:
        return Receipt(self._message_id(answer))

    async def send(self, message: Outbound) -> Receipt:
        """Send as an answer, or, when its 24 hours are over, as a person's late answer.

        A refusal is Meta's word that it took nothing, so the second request doubles nothing.
        """
        try:
            return await super().send(message)
        except _WindowClosedError:
            body = body_of(self.kind, message, self._lend, tagged=True)
            answer = await self._ask(self._call("POST", "me/messages", body), repeatable=False)
            return Receipt(self._message_id(answer))

    async def types(self, handle: str, thread_key: str) -> None:
        """Show the client that somebody writes."""
        body = msgspec.json.encode({"recipient": {"id": handle}, "sender_action": "typing_on"})
        if not self._is_paused:
            await self._asked("POST", "me/messages", body)

    async def _profile(self, who: str) -> Mapping[str, str]:
        found = await self._asked("GET", f"{quote(who, safe='')}?fields={self.profile}")
        told = {"name": found.name or found.username, self.kind: found.username}
        return {name: value for name, value in told.items() if value}

    async def _look(self) -> Seen:
        return Seen(name=(await self._asked("GET", "me?fields=name")).name)

    async def _set_hook(self) -> None:
        """The app's address is entered at Meta by hand; which pages tell it is said here."""
        await self._asked("POST", f"me/subscribed_apps?subscribed_fields={self.fields}")

    async def _asked(self, method: str, path: str, body: bytes = b"") -> _Answer:
        answer = await self._ask(self._call(method, path, body))
        try:
            return self._said(answer)
        except CenterError as error:
            raise as_trouble(error) from None

    def _call(self, method: str, path: str, body: bytes = b"") -> Request:
        return graph_call(self._settings.api_url, self._keys.token, method, path, body)

    def _lend(self, file: OutboundFile) -> str:
        return self._around.lend(file, LENT_FILE)

    def _message_id(self, answer: HttpAnswer) -> str:
        said = self._said(answer)
        if not said.message_id:
            raise unknown(f"{self.provider} took it and did not say its name")
        return said.message_id

    def _said(self, answer: HttpAnswer) -> _Answer:
        """Return Meta's word; raises the house's error for a fault of the Graph API."""
        return said(answer, _Answer, self.provider, self._fault)

    def _fault(self, fault: Fault) -> CenterError:
        if fault.code == TOKEN:
            return BadCredentialsError("Meta does not accept this token; generate a new one")
        if fault.error_subcode in _WINDOW:
            return _WindowClosedError(
                "the client wrote more than 24 hours ago, and this app may not answer later: it"
                " needs the permission “Human Agent” from Meta, which is good for seven days"
            )
        if fault.error_subcode in _NOBODY or fault.code == _UNAVAILABLE_PERSON:
            return RecipientGoneError("the client has blocked us, or is no longer there")
        if fault.code in RATES:
            return ProviderUnavailableError(
                f"{self.provider} asks for a pause",
                retry_after=timedelta(seconds=META_PAUSE_SECONDS),
            )
        if fault.code in PASSING or fault.is_transient:
            return ProviderUnavailableError(f"{self.provider} answered with error {fault.code}")
        if fault.code in RIGHTS:
            return MisconfiguredError(f"this app may not do that at Meta: {fault.words}")
        return MessageRejectedError(f"{self.provider} refused it: {fault.words}")


class MessengerConnector(MetaConnector):
    """One page of Facebook."""

    kind: ClassVar[str] = MESSENGER
    provider: ClassVar[str] = "Messenger"
    fields: ClassVar[str] = "messages,messaging_postbacks,message_deliveries,message_reads"
    profile: ClassVar[str] = "name"


class InstagramConnector(MetaConnector):
    """One professional account of Instagram."""

    kind: ClassVar[str] = INSTAGRAM
    provider: ClassVar[str] = "Instagram"
    fields: ClassVar[str] = "messages,messaging_postbacks,messaging_seen"
    profile: ClassVar[str] = "name,username"
