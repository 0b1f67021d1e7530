"""WhatsApp by Meta's Cloud API: one number, whose webhook is kept set, one request a message."""

import re
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import ClassVar, Final, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import msgspec
from msgspec import Struct

from channels.channel import Surroundings
from channels.envelope import (
    Account,
    CheckStep,
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
from channels.files import Fetched
from channels.hooked.keeping import FAILURES, KeptConnector, Seen
from channels.hooked.packing import Event, Packed, Wanted
from channels.hooked.posting import Request, as_trouble, unknown
from channels.meta.graph import Fault, Refused, challenge, graph_call, proves, said
from channels.pace import Pace
from channels.templates import Template
from channels.whatsapp.account import KIND, read_keys, read_settings
from channels.whatsapp.compose import body_of, seen_body
from channels.whatsapp.events import events_of
from channels.whatsapp.listing import FIELDS, TemplatePage, template_of
from channels.whatsapp.parse import read_event
from channels.whatsapp.troubles import Action, trouble_of
from kernel.errors import CenterError
from kernel.http import Credential, HttpAnswer
from kernel.limits import (
    LENT_FILE,
    TEMPLATE_PAGE,
    TEMPLATE_PAGE_BYTES,
    TEMPLATES,
    WHATSAPP_PAUSE_SECONDS,
    WHATSAPP_TYPING,
)
from kernel.log import hide
from kernel.secrets import Secret

_LOOK: Final = "fields=display_phone_number,verified_name,webhook_configuration"
_MEDIA_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")


class _Named(Struct, frozen=True):
    id: str = ""


class _Sent(Refused, frozen=True):
    messages: tuple[_Named, ...] = ()


class _Hooks(Struct, frozen=True):
    """Where calls of the number go: the most particular of the three counts."""

    phone_number: str = ""
    whatsapp_business_account: str = ""
    application: str = ""

    @property
    def goes_to(self) -> str:
        return self.phone_number or self.whatsapp_business_account or self.application


class _Number(Refused, frozen=True):
    display_phone_number: str = ""
    verified_name: str = ""
    webhook_configuration: _Hooks = _Hooks()


class _Media(Refused, frozen=True):
    url: str = ""
    file_size: int | str = 0

    @property
    def size(self) -> int:
        told = str(self.file_size)
        return int(told) if told.isascii() and told.isdecimal() and len(told) < 16 else 0


_A = TypeVar("_A", bound=Refused)


class WhatsAppConnector(KeptConnector):
    """Speaks for one number; raises MisconfiguredError when its settings cannot work."""

    kind: ClassVar[str] = KIND
    provider: ClassVar[str] = "WhatsApp"
    repeatable: ClassVar[bool] = False
    typing_lasts: ClassVar[timedelta] = WHATSAPP_TYPING

    def __init__(self, account: Account, around: Surroundings) -> None:
        self._settings = read_settings(
            account.settings, allow_private_hosts=around.allow_private_hosts
        )
        self._keys = read_keys(account.secrets)
        hide(*(Secret(one) for one in msgspec.structs.astuple(self._keys)))
        self._pace = Pace(around.clock, self._settings.per_second)
        super().__init__(account, around)

    def challenged(self, call: HookCall) -> HookAnswer:
        """Answer Meta's trial of the address; raises UnsignedCallError when it is not Meta's."""
        return challenge(call, self._keys.verify)

    async def send(self, message: Outbound) -> Receipt:
        """Send at the number's pace; a lost answer is an unknown fate, since nothing is listed."""
        async with self._pace.turn(bulk=message.bulk):
            return await super().send(message)

    async def seen(self, wamid: str) -> None:
        """Show the client that what they wrote, up to this message, was read."""
        await self._asked("POST", self._messages, _Sent, seen_body(wamid))

    async def types(self, handle: str, wamid: str) -> None:
        """Meta shows it together with the read mark of the message that is answered."""
        if wamid and not self._is_paused:
            await self._asked("POST", self._messages, _Sent, seen_body(wamid, typing=True))

    async def templates(self) -> list[Template]:
        """Return what the business account may send out of the window; raises as a look does."""
        found: list[Template] = []
        after = ""
        while len(found) < TEMPLATES:
            query = urlencode({"fields": FIELDS, "limit": TEMPLATE_PAGE, "after": after})
            path = f"{self._settings.business_account_id}/message_templates?{query}"
            page = await self._asked("GET", path, TemplatePage)
            found += [template_of(one) for one in page.data]
            after = page.after
            if not after:
                break
        return found

    async def check(self) -> list[CheckStep]:
        """Say whose number it is, where its calls go, and whether its templates may be read."""
        steps = await super().check()
        if not steps[0].ok:
            return steps
        try:
            path = f"{self._settings.business_account_id}/message_templates?limit=1&fields=name"
            await self._asked("GET", path, Refused)
        except FAILURES as error:
            cure = "Copy the id of the WhatsApp Business Account, and give the token a right to it."
            return [*steps, _step(ok=False, detail=error.message, cure=cure)]
        return [*steps, _step(ok=True)]

    @property
    def _messages(self) -> str:
        return f"{self._settings.phone_number_id}/messages"

    def _proves(self, call: HookCall) -> bool:
        return proves(call, self._keys.app_secret)

    def _events(self, body: bytes) -> Sequence[Event]:
        return events_of(body, self._settings.phone_number_id)

    def _understood(self, packed: Packed) -> Sequence[Envelope]:
        return read_event(packed)

    def _file_hosts(self) -> Collection[str]:
        return self._settings.media_hosts

    async def _fetch(self, wanted: Wanted) -> Fetched:
        """Ask where the file lies, for a few minutes, and fetch it; the fetcher refuses hosts that
        are not Meta's, so that the token is shown to nobody else."""
        if _MEDIA_ID.fullmatch(wanted.url) is None:
            return Fetched(problem="file_refused")
        try:
            path = f"{wanted.url}?phone_number_id={self._settings.phone_number_id}"
            media = await self._asked("GET", path, _Media)
        except CenterError:
            return Fetched(problem="file_missing")
        host = urlsplit(media.url).hostname or ""
        bearer = {"Authorization": Secret(f"Bearer {self._keys.token}")}
        here = msgspec.structs.replace(wanted, url=media.url, size=media.size)
        return await self._fetcher.fetch(here, Credential(host=host, headers=bearer))

    def _request(self, message: Outbound) -> Request:
        return self._call("POST", self._messages, body_of(message, self._lend))

    def _receipt(self, answer: HttpAnswer, message: Outbound) -> Receipt:
        told = said(answer, _Sent, self.provider, self._fault)
        if not told.messages or not told.messages[0].id:
            raise unknown("WhatsApp took it and did not say its name")
        return Receipt(told.messages[0].id)

    async def _look(self) -> Seen:
        number = await self._asked("GET", f"{self._settings.phone_number_id}?{_LOOK}", _Number)
        name = ", ".join(one for one in (number.verified_name, number.display_phone_number) if one)
        return Seen(name=name, hook_url=number.webhook_configuration.goes_to)

    async def _set_hook(self) -> None:
        """Let the business account tell this app, and of this number at our address."""
        account = quote(self._settings.business_account_id, safe="")
        await self._asked("POST", f"{account}/subscribed_apps", Refused)
        hook = {"override_callback_uri": self._hook_url, "verify_token": self._keys.verify}
        body = msgspec.json.encode({"webhook_configuration": hook})
        await self._asked("POST", self._settings.phone_number_id, Refused, body)

    async def _asked(self, method: str, path: str, kind: type[_A], body: bytes = b"") -> _A:
        answer = await self._ask(self._call(method, path, body))
        try:
            return said(answer, kind, self.provider, self._fault)
        except CenterError as error:
            raise as_trouble(error) from None

    def _call(self, method: str, path: str, body: bytes = b"") -> Request:
        return msgspec.structs.replace(
            graph_call(self._settings.api_url, self._keys.token, method, path, body),
            max_bytes=TEMPLATE_PAGE_BYTES,
        )

    def _lend(self, file: OutboundFile) -> str:
        return self._around.lend(file, LENT_FILE)

    def _fault(self, fault: Fault) -> CenterError:
        trouble = trouble_of(fault.code, fault.words)
        match trouble.action:
            case Action.PAUSE:
                wait = timedelta(seconds=WHATSAPP_PAUSE_SECONDS)
                return ProviderUnavailableError(trouble.words, retry_after=wait)
            case Action.LATER:
                return ProviderUnavailableError(trouble.words)
            case Action.BAD_CREDENTIALS:
                return BadCredentialsError(trouble.words)
            case Action.MISCONFIGURED:
                return MisconfiguredError(trouble.words)
            case Action.GONE:
                return RecipientGoneError(trouble.words)
            case Action.FAILED:
                if fault.is_transient:
                    return ProviderUnavailableError(trouble.words)
                return MessageRejectedError(trouble.words)


def _step(*, ok: bool, detail: str = "", cure: str = "") -> CheckStep:
    return CheckStep(name="whatsapp_templates", ok=ok, detail=detail, cure=cure)
