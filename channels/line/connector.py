"""The LINE channel: one official account, whose webhook is kept set, answered by pushes."""

import base64
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import ClassVar, Final, TypeVar
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Struct

from channels.channel import Surroundings
from channels.envelope import (
    Account,
    Envelope,
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
)
from channels.hooked.keeping import KeptConnector, Seen
from channels.hooked.packing import Event, Packed
from channels.hooked.posting import JSON, Request, as_trouble, retry_after
from channels.hooked.proof import hmac_sha256, same
from channels.line.account import KIND, read_keys, read_settings
from channels.line.compose import body_of
from channels.line.parse import events_of, read_event
from kernel.errors import CenterError
from kernel.http import Credential, HttpAnswer
from kernel.limits import LINE_LENT_FILE, LINE_TYPING
from kernel.log import hide
from kernel.secrets import Secret

SIGNATURE: Final = "x-line-signature"
RETRY_KEY: Final = "X-Line-Retry-Key"
_TAKEN_BEFORE: Final = 409
_Shape = TypeVar("_Shape", bound=Struct)


class _Sent(Struct, frozen=True):
    id: str


class _Taken(Struct, frozen=True, rename="camel"):
    sent_messages: tuple[_Sent, ...] = ()


class _Refusal(Struct, frozen=True):
    message: str = ""


class _Info(Struct, frozen=True, rename="camel"):
    display_name: str = ""
    basic_id: str = ""


class _Endpoint(Struct, frozen=True):
    endpoint: str = ""
    active: bool = False


class _Profile(Struct, frozen=True, rename="camel"):
    display_name: str = ""
    language: str = ""


class LineConnector(KeptConnector):
    """Speaks for one account; raises MisconfiguredError at once when its settings cannot work.

    Every answer carries our own key, so LINE takes it once however often it is pushed within a day.
    """

    kind: ClassVar[str] = KIND
    provider: ClassVar[str] = "LINE"
    repeatable: ClassVar[bool] = True
    typing_lasts: ClassVar[timedelta] = LINE_TYPING

    def __init__(self, account: Account, around: Surroundings) -> None:
        self._settings = read_settings(
            account.settings, allow_private_hosts=around.allow_private_hosts
        )
        self._keys = read_keys(account.secrets)
        hide(Secret(self._keys.secret), Secret(self._keys.token))
        super().__init__(account, around)

    def _proves(self, call: HookCall) -> bool:
        expected = base64.b64encode(hmac_sha256(self._keys.secret, call.body)).decode()
        return same(call.headers.get(SIGNATURE, ""), expected)

    def _events(self, body: bytes) -> Sequence[Event]:
        return events_of(body, self._settings.data_url)

    def _understood(self, packed: Packed) -> Sequence[Envelope]:
        return read_event(packed, self._settings.data_url)

    def _file_hosts(self) -> Collection[str]:
        return [urlsplit(self._settings.data_url).hostname or ""]

    def _file_credential(self) -> Credential:
        return self._credential(self._settings.data_url)

    def _request(self, message: Outbound) -> Request:
        body = body_of(message, self._lend)
        return self._call("POST", "message/push", body, {RETRY_KEY: str(message.key)})

    def _receipt(self, answer: HttpAnswer, message: Outbound) -> Receipt:
        """A key that LINE knows means that it took the message before."""
        if not answer.ok and answer.status != _TAKEN_BEFORE:
            raise self._refusal(answer)
        sent = _decoded(answer, _Taken()).sent_messages
        return Receipt(sent[0].id if sent else str(message.key))

    async def types(self, handle: str, thread_key: str) -> None:
        """Show the client that somebody writes, until an answer comes or it has lasted."""
        lasts = int(LINE_TYPING.total_seconds())
        body = msgspec.json.encode({"chatId": handle, "loadingSeconds": lasts})
        if not self._is_paused:
            await self._asked("POST", "chat/loading/start", body)

    async def _profile(self, who: str) -> Mapping[str, str]:
        found = _decoded(await self._asked("GET", f"profile/{quote(who, safe='')}"), _Profile())
        told = {"name": found.display_name, "locale": found.language}
        return {name: value for name, value in told.items() if value}

    async def _look(self) -> Seen:
        info = _decoded(await self._asked("GET", "info"), _Info())
        name = f"{info.display_name} ({info.basic_id})"
        answer = await self._ask(self._call("GET", "channel/webhook/endpoint"))
        if answer.status == 404:
            return Seen(name=name)
        if not answer.ok:
            raise as_trouble(self._refusal(answer))
        found = _decoded(answer, _Endpoint())
        if found.active:
            return Seen(name=name, hook_url=found.endpoint)
        return Seen(
            name=name,
            hook_url=found.endpoint,
            trouble="LINE does not call: the webhook is switched off",
            cure="switch on “Use webhook” under “Messaging API” in the LINE Developers console",
        )

    async def _set_hook(self) -> None:
        body = msgspec.json.encode({"endpoint": self._hook_url})
        await self._asked("PUT", "channel/webhook/endpoint", body)

    async def _asked(self, method: str, path: str, body: bytes = b"") -> HttpAnswer:
        answer = await self._ask(self._call(method, path, body))
        if not answer.ok:
            raise as_trouble(self._refusal(answer))
        return answer

    def _call(
        self, method: str, path: str, body: bytes = b"", more: Mapping[str, str] | None = None
    ) -> Request:
        return Request(
            method=method,
            url=f"{self._settings.api_url}/v2/bot/{path}",
            headers={**JSON, **(more or {})},
            body=body,
            credential=self._credential(self._settings.api_url),
        )

    def _credential(self, url: str) -> Credential:
        headers = {"Authorization": Secret(f"Bearer {self._keys.token}")}
        return Credential(host=urlsplit(url).hostname or "", headers=headers)

    def _lend(self, file: OutboundFile) -> str:
        return self._around.lend(file, LINE_LENT_FILE)

    def _refusal(self, answer: HttpAnswer) -> CenterError:
        why = _decoded(answer, _Refusal()).message[:200]
        if answer.status == 401:
            return BadCredentialsError("LINE does not know this access token; issue a new one")
        if answer.status == 403:
            return MisconfiguredError(f"this account may not do that at LINE: {why}")
        if answer.status == 429 and "monthly limit" in why:
            return MisconfiguredError("the messages of this month are used up at LINE")
        if answer.status == 429:
            pause = retry_after(answer, self._around.clock.now())
            return ProviderUnavailableError("LINE asks for a pause", retry_after=pause)
        if answer.status >= 500:
            return ProviderUnavailableError(f"LINE answered {answer.status}")
        return MessageRejectedError(f"LINE refused it: {why or answer.status}")


def _decoded(answer: HttpAnswer, usual: _Shape) -> _Shape:
    """Return what LINE said; what is something else says nothing."""
    try:
        return msgspec.json.decode(answer.body, type=type(usual))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return usual
