"""The Viber channel: one bot, whose webhook is kept set, answered by one request a message."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import ClassVar, Final
from urllib.parse import urlsplit

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
    RecipientGoneError,
)
from channels.hooked.keeping import KeptConnector, Seen
from channels.hooked.packing import Event, Packed
from channels.hooked.posting import Request, as_trouble, retry_after, unknown
from channels.hooked.proof import hmac_sha256, same
from channels.viber.account import KIND, read_settings, read_token
from channels.viber.compose import body_of
from channels.viber.parse import event_of, read_event
from kernel.errors import CenterError
from kernel.http import Credential, HttpAnswer
from kernel.limits import LENT_FILE, VIBER_PAUSE_SECONDS, VIBER_SENDER_CHARS
from kernel.log import hide
from kernel.secrets import Secret

SIGNATURE: Final = "x-viber-content-signature"
EVENTS: Final = ("delivered", "seen", "failed", "subscribed", "unsubscribed")
"""Besides messages, which always come."""

_PAUSE: Final = 12
_GONE: Final = {
    5: "this client is not known to Viber any more",
    6: "the client has not subscribed to the bot, so it may not write",
}
_OURS: Final = {
    7: "Viber has blocked this bot",
    8: "Viber knows this bot no more",
    9: "Viber has suspended this bot",
    10: "Viber has no address of ours to call",
    15: "this bot may not do that; ask Viber",
    23: "the free messages of this bot are used up",
    24: "this bot's balance at Viber is used up",
}
_REFUSED: Final = frozenset({1, 3, 4, 11, 13, 14, 16, 17, 18, 19, 20, 21, 22})
_WRONG_TOKEN: Final = 2


class _Answer(Struct, frozen=True):
    """What Viber says to every request: `status` is 0 when it did it."""

    status: int
    status_message: str = ""
    message_token: int = 0
    name: str = ""
    webhook: str = ""


class ViberConnector(KeptConnector):
    """Speaks for one bot; raises MisconfiguredError at once when its settings cannot work."""

    kind: ClassVar[str] = KIND
    provider: ClassVar[str] = "Viber"
    repeatable: ClassVar[bool] = False

    def __init__(self, account: Account, around: Surroundings) -> None:
        self._settings = read_settings(
            account.settings, allow_private_hosts=around.allow_private_hosts
        )
        self._token = read_token(account.secrets)
        hide(Secret(self._token))
        super().__init__(account, around)
        self._sender = (self._settings.sender_name or account.name)[:VIBER_SENDER_CHARS]

    def _proves(self, call: HookCall) -> bool:
        return same(call.headers.get(SIGNATURE, ""), hmac_sha256(self._token, call.body).hex())

    def _events(self, body: bytes) -> Sequence[Event]:
        event = event_of(body)
        return [event] if event else []

    def _understood(self, packed: Packed) -> Sequence[Envelope]:
        return read_event(bytes(packed.event), packed.files)

    def _file_hosts(self) -> Collection[str]:
        return self._settings.media_hosts

    def _request(self, message: Outbound) -> Request:
        return self._call("send_message", body_of(message, self._sender, self._lend))

    def _receipt(self, answer: HttpAnswer, message: Outbound) -> Receipt:
        return Receipt(str(self._said(answer).message_token))

    async def _look(self) -> Seen:
        found = await self._asked("get_account_info", {})
        return Seen(name=found.name, hook_url=found.webhook)

    async def _set_hook(self) -> None:
        """Viber calls the address before it answers, so the line must be open already."""
        wanted = {"url": self._hook_url, "event_types": EVENTS, "send_name": True}
        await self._asked("set_webhook", wanted)

    async def _asked(self, method: str, body: Mapping[str, object]) -> _Answer:
        answer = await self._ask(self._call(method, msgspec.json.encode(body)))
        try:
            return self._said(answer)
        except CenterError as error:
            raise as_trouble(error) from None

    def _call(self, method: str, body: bytes) -> Request:
        """The token travels as a header, to Viber's own host alone."""
        host = urlsplit(self._settings.api_url).hostname or ""
        return Request(
            url=f"{self._settings.api_url}/{method}",
            body=body,
            credential=Credential(host=host, headers={"X-Viber-Auth-Token": Secret(self._token)}),
        )

    def _lend(self, file: OutboundFile) -> str:
        return self._around.lend(file, LENT_FILE)

    def _said(self, answer: HttpAnswer) -> _Answer:
        """Return Viber's word; raises the house's error for every other than “done”."""
        if answer.status == 429:
            pause = retry_after(answer, self._around.clock.now())
            raise self._pause(pause.total_seconds() if pause else VIBER_PAUSE_SECONDS)
        try:
            said = msgspec.json.decode(answer.body, type=_Answer)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise unknown(f"Viber's server answered {answer.status}") from error
        if said.status != 0:
            raise _refusal(said)
        return said


def _refusal(said: _Answer) -> CenterError:
    """Viber answers 200 to everything and says in `status` what it thinks (“Error codes”)."""
    if said.status == _PAUSE:
        return ProviderUnavailableError(
            "Viber asks for a pause", retry_after=timedelta(seconds=VIBER_PAUSE_SECONDS)
        )
    if said.status == _WRONG_TOKEN:
        return BadCredentialsError("Viber does not know this token; copy it anew")
    if said.status in _GONE:
        return RecipientGoneError(_GONE[said.status])
    if said.status in _OURS:
        return MisconfiguredError(_OURS[said.status])
    if said.status in _REFUSED:
        return MessageRejectedError(f"Viber refused it: {said.status_message[:200]}")
    return ProviderUnavailableError(f"Viber answered with error {said.status}")
