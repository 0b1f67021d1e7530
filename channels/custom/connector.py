"""The custom channel: any system that signs its calls to us and takes our signed POST."""

from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar, Final

import msgspec
from msgspec import Struct

from channels.channel import Surroundings
from channels.custom.account import KIND, read_secret, read_settings
from channels.custom.compose import IDEMPOTENCY, SIGNATURE, TIMESTAMP, body_of, signature, signed
from channels.custom.parse import event_of, read_event
from channels.envelope import Account, CheckStep, Envelope, HookCall, Outbound, Receipt
from channels.errors import (
    BadCredentialsError,
    MessageRejectedError,
    MisconfiguredError,
    ProviderUnavailableError,
    RecipientGoneError,
)
from channels.hooked.connector import HookedConnector
from channels.hooked.packing import Event, Packed
from channels.hooked.posting import Request, retry_after
from channels.hooked.proof import is_fresh, same
from kernel.errors import CenterError
from kernel.http import HttpAnswer
from kernel.limits import CUSTOM_CLOCK_DIFFERENCE
from kernel.log import hide
from kernel.secrets import Secret

PING: Final = b'{"type":"ping"}'
_LATER: Final = frozenset({408, 409, 425, 429})
_NOWHERE: Final = frozenset({301, 302, 303, 307, 308, 404, 405})
_REASON_CHARS: Final = 200


class _Refusal(Struct, frozen=True):
    error: str = ""


class CustomConnector(HookedConnector):
    """Speaks with one system; raises MisconfiguredError at once when its settings cannot work."""

    kind: ClassVar[str] = KIND
    provider: ClassVar[str] = "the other system"
    repeatable: ClassVar[bool] = True

    def __init__(self, account: Account, around: Surroundings) -> None:
        self._settings = read_settings(
            account.settings, allow_private_hosts=around.allow_private_hosts
        )
        self._secret = read_secret(account.secrets)
        hide(Secret(self._secret))
        super().__init__(account, around)

    def _proves(self, call: HookCall) -> bool:
        stamp = call.headers.get(TIMESTAMP.lower(), "")
        if not is_fresh(stamp, self._around.clock.now(), CUSTOM_CLOCK_DIFFERENCE):
            return False
        offered = call.headers.get(SIGNATURE.lower(), "")
        return same(offered, signature(self._secret, stamp, call.body))

    def _events(self, body: bytes) -> Sequence[Event]:
        """What cannot be understood is refused: who writes the caller wants to read why."""
        return [event_of(body)]

    def _understood(self, packed: Packed) -> Sequence[Envelope]:
        return read_event(bytes(packed.event), packed.files, self._account.public_key)

    def _file_hosts(self) -> Collection[str]:
        return self._settings.file_hosts

    def _request(self, message: Outbound) -> Request:
        body = body_of(message, self._account.public_key)
        return self._post(body, {IDEMPOTENCY: str(message.key)})

    def _receipt(self, answer: HttpAnswer, message: Outbound) -> Receipt:
        if not answer.ok:
            raise self._refusal(answer)
        return Receipt(str(message.key))

    async def check(self) -> list[CheckStep]:
        """Let the other system answer a signed call that says nothing."""
        try:
            answer = await self._ask(self._post(PING))
            if not answer.ok:
                raise self._refusal(answer)
        except CenterError as error:
            return [CheckStep(name="custom_answer", ok=False, detail=error.message, cure=_CURE)]
        return [CheckStep(name="custom_answer", ok=True, detail=f"it answered {answer.status}")]

    def _post(self, body: bytes, more: Mapping[str, str] | None = None) -> Request:
        headers = signed(self._secret, body, self._around.clock.now())
        return Request(url=self._settings.url, body=body, headers={**headers, **(more or {})})

    def _refusal(self, answer: HttpAnswer) -> CenterError:
        status, why = answer.status, _reason(answer.body)
        if status in {401, 403}:
            return BadCredentialsError("the other system does not accept our signature")
        if status in _NOWHERE:
            return MisconfiguredError(f"url: nothing takes our calls there (it answered {status})")
        if status == 410:
            return RecipientGoneError(why or "the other system no longer reaches this client")
        if status in _LATER or status >= 500:
            pause = retry_after(answer, self._around.clock.now())
            words = "the other system asks for a pause" if pause else f"it answered {status}"
            return ProviderUnavailableError(words, retry_after=pause)
        return MessageRejectedError(f"the other system refused it: {why or status}")


_CURE: Final = (
    "Let it answer 200 to a POST with this signature, and check url, the secret and both clocks."
)


def _reason(body: bytes) -> str:
    """Return the words of `{"error": "…"}` on one line; anything else is nobody's words."""
    try:
        said = msgspec.json.decode(body, type=_Refusal).error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in said).split())[:_REASON_CHARS]
