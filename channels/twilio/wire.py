"""What the library sends, sent by our own client: vetted addresses, bounds, nothing in a log."""

import base64
import logging
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import msgspec
from msgspec import Struct
from twilio.base.exceptions import TwilioException
from twilio.http import AsyncHttpClient
from twilio.http.response import Response

from kernel.errors import CenterError
from kernel.http import Credential, HttpClient, RemoteUnavailableError
from kernel.limits import TWILIO_ANSWER_BYTES, TWILIO_CALL_SECONDS
from kernel.secrets import Secret

_SAID_OUT_OF_ORDER: Final = 20503
_OWN_HEADERS: Final = frozenset({"user-agent", "authorization", "accept-charset"})


class Unanswered(TwilioException):  # type: ignore[misc]
    """No answer that can be believed; `maybe_done` when Twilio may have done what was asked."""

    def __init__(self, words: str, *, maybe_done: bool) -> None:
        super().__init__(words)
        self.words = words
        self.maybe_done = maybe_done


class Pause(TwilioException):  # type: ignore[misc]
    """Too many requests: nothing was done; `seconds` is None when Twilio named no time."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__("too many requests")
        self.seconds = seconds


class _Refusal(Struct, frozen=True):
    """What Twilio itself says when it did not do something."""

    code: int = 0


_REFUSAL: Final = msgspec.json.Decoder(_Refusal)


def basic(username: str, password: str) -> Secret:
    """Return the value of an Authorization header (RFC 7617)."""
    return Secret("Basic " + base64.b64encode(f"{username}:{password}".encode()).decode())


class Wire(AsyncHttpClient):  # type: ignore[misc]
    """The library's one seam to the network, over the house's own HTTP client.

    It neither repeats a request nor logs one, both of which the library's own clients do, and each
    call has a deadline.
    """

    def __init__(self, http: HttpClient) -> None:
        super().__init__(logging.getLogger(__name__), is_async=True)
        self._http = http

    async def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        allow_redirects: bool = False,  # noqa: FBT001, FBT002
    ) -> Response:
        """Return status and body; raises Pause for 429, Unanswered when nothing can be believed."""
        url = f"{uri}?{urlencode(params, doseq=True)}" if params else uri
        own = {name: value for name, value in (headers or {}).items() if _is_sent(name)}
        try:
            answer = await self._http.request(
                method,
                url,
                headers=own,
                body=urlencode(data, doseq=True).encode() if data else b"",
                credential=_credential(url, auth),
                max_bytes=TWILIO_ANSWER_BYTES,
                seconds=timeout or TWILIO_CALL_SECONDS,
            )
        except RemoteUnavailableError as error:
            raise Unanswered(error.message, maybe_done=error.maybe_done) from error
        except CenterError as error:
            # Of an answer that is too large we know only that there is one.
            done = error.code == "answer_too_large"
            raise Unanswered(error.message, maybe_done=done) from error
        _refuse_doubtful(answer.status, answer.headers, answer.body)
        return Response(answer.status, answer.body.decode("utf-8", "replace"), answer.headers)


def _is_sent(name: str) -> bool:
    return name.lower() not in _OWN_HEADERS


def _credential(url: str, auth: Any) -> Credential | None:
    if auth is None:
        return None
    headers = {"Authorization": basic(*auth)}
    return Credential(host=urlsplit(url).hostname or "", headers=headers)


def _refuse_doubtful(status: int, headers: Mapping[str, str], body: bytes) -> None:
    """A message is made by one request that knows no repetition: whatever fails at Twilio may have
    made it, unless Twilio says that it refused."""
    if status == 429:
        raise Pause(_seconds(headers.get("Retry-After", "")))
    if status < 500:
        return
    try:
        refused = status == 503 and _REFUSAL.decode(body).code == _SAID_OUT_OF_ORDER
    except (msgspec.MsgspecError, UnicodeDecodeError):
        refused = False
    raise Unanswered(f"Twilio answered {status}", maybe_done=not refused)


def _seconds(value: str) -> float | None:
    return float(value) if value.isascii() and value.isdecimal() and len(value) < 6 else None
