"""What every channel of Meta's shares: signed calls, the trial of an address, one Graph API."""

from collections.abc import Callable
from typing import Final, TypeVar
from urllib.parse import parse_qs, urlsplit

import msgspec
from msgspec import Struct

from channels.envelope import HookAnswer, HookCall
from channels.errors import UnsignedCallError
from channels.hooked.posting import Request, unknown
from channels.hooked.proof import hmac_sha256, same
from kernel.errors import CenterError
from kernel.http import Credential, HttpAnswer
from kernel.secrets import Secret

SIGNATURE: Final = "x-hub-signature-256"
# Graph API, “Handling errors”: what its codes mean whichever product is asked.
RATES: Final = frozenset({4, 17, 32, 613})
PASSING: Final = frozenset({1, 2})
TOKEN: Final = 190
RIGHTS: Final = frozenset({3, 10, 200, 368})
_CHALLENGE_CHARS: Final = 40


class Details(Struct, frozen=True):
    details: str = ""


class Fault(Struct, frozen=True):
    """What the Graph API says when it did not do something."""

    message: str = ""
    code: int = 0
    error_subcode: int = 0
    is_transient: bool = False
    error_data: Details | None = None

    @property
    def words(self) -> str:
        """Its sentence, the more telling of the two, at most 200 signs."""
        told = self.error_data.details if self.error_data else ""
        return (told or self.message)[:200]


class Refused(Struct, frozen=True):
    error: Fault | None = None


A = TypeVar("A", bound=Refused)


def proves(call: HookCall, app_secret: str) -> bool:
    """Say whether a call is signed with the app's secret (`X-Hub-Signature-256`)."""
    expected = hmac_sha256(app_secret, call.body).hex()
    return same(call.headers.get(SIGNATURE, ""), f"sha256={expected}")


def challenge(call: HookCall, verify_token: str) -> HookAnswer:
    """Answer Meta's trial of the address; raises UnsignedCallError when it is not Meta's."""
    asked = parse_qs(call.query[:2_000])
    mode, token, challenge = (
        asked.get(f"hub.{name}", [""])[0] for name in ("mode", "verify_token", "challenge")
    )
    digits = challenge.isascii() and challenge.isdecimal()
    if mode != "subscribe" or not digits or len(challenge) > _CHALLENGE_CHARS:
        raise UnsignedCallError
    if not same(token, verify_token):
        raise UnsignedCallError
    return HookAnswer(body=challenge.encode(), content_type="text/plain")


def graph_call(api_url: str, token: str, method: str, path: str, body: bytes = b"") -> Request:
    """Return a request whose token travels as a header, to Meta's own host alone, and stands in no
    address."""
    bearer = {"Authorization": Secret(f"Bearer {token}")}
    host = urlsplit(api_url).hostname or ""
    return Request(
        method=method,
        url=f"{api_url}/{path}",
        body=body,
        credential=Credential(host=host, headers=bearer),
    )


def said(
    answer: HttpAnswer, kind: type[A], provider: str, fault: Callable[[Fault], CenterError]
) -> A:
    """Return Meta's word; raises what `fault` makes of a refusal, OutcomeUnknownError for an answer
    that cannot be understood."""
    try:
        found = msgspec.json.decode(answer.body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise unknown(f"{provider}'s server answered {answer.status}") from error
    if found.error is not None:
        raise fault(found.error)
    if not answer.ok:
        raise unknown(f"{provider}'s server answered {answer.status}")
    return found
