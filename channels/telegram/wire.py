"""What the library sends, sent by our own client: vetted addresses, bounds, and no URL in a log."""

import secrets
from typing import Any, Final

import msgspec
from msgspec import Struct
from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData

from kernel.errors import CenterError
from kernel.http import AnswerTooLargeError, HttpClient, RemoteUnavailableError
from kernel.limits import (
    TELEGRAM_ANSWER_BYTES,
    TELEGRAM_CALL_SECONDS,
    TELEGRAM_UPLOAD_SECONDS,
)

_FORM: Final = "application/x-www-form-urlencoded"


class Unanswered(TelegramError):  # noqa: N818 - beside the library's own, none of which says Error
    """No answer of the Bot API; `maybe_done` when it may have done what was asked."""

    __slots__ = ("maybe_done",)

    def __init__(self, words: str, *, maybe_done: bool) -> None:
        super().__init__(words)
        self.maybe_done = maybe_done


class Pause(TelegramError):  # noqa: N818
    """Too many requests: nothing was done, and nothing shall be asked for so many seconds."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        super().__init__("too many requests")
        self.seconds = seconds


class TooLarge(TelegramError):  # noqa: N818
    """The file is larger than we take."""


class _Parameters(Struct, frozen=True):
    retry_after: float = 1.0


class _Refusal(Struct, frozen=True):
    """What the Bot API itself says when it did not do something."""

    ok: bool
    error_code: int
    parameters: _Parameters = _Parameters()


_REFUSAL: Final = msgspec.json.Decoder(_Refusal)


class Wire(BaseRequest):
    """The library's one seam to the network, over the house's own HTTP client."""

    __slots__ = ("_http",)

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    @property
    def read_timeout(self) -> float:
        return TELEGRAM_CALL_SECONDS

    async def initialize(self) -> None:
        """The client is opened and closed by whoever lent it."""

    async def shutdown(self) -> None:
        """The client is opened and closed by whoever lent it."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Return status and body; raises Pause for 429, Unanswered when nothing can be believed."""
        kind, body = _encoded(request_data)
        seconds = read_timeout if isinstance(read_timeout, int | float) else TELEGRAM_CALL_SECONDS
        if request_data is not None and request_data.contains_files:
            seconds = TELEGRAM_UPLOAD_SECONDS
        try:
            answer = await self._http.request(
                method,
                url,
                headers={"Content-Type": kind} if body else {},
                body=body,
                max_bytes=TELEGRAM_ANSWER_BYTES,
                seconds=seconds,
            )
        except RemoteUnavailableError as error:
            raise Unanswered(error.message, maybe_done=error.maybe_done) from error
        except AnswerTooLargeError as error:
            raise TooLarge(error.message) from error
        except CenterError as error:
            raise Unanswered(error.message, maybe_done=False) from error
        _refuse_doubtful(answer.status, answer.body)
        return answer.status, answer.body

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """The library's own logs what it cannot read, which may be what people wrote."""
        try:
            return msgspec.json.decode(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Unanswered("Telegram's answer cannot be understood", maybe_done=True) from error


def _refuse_doubtful(status: int, body: bytes) -> None:
    """Only the Bot API's own word proves that it did not do what was asked."""
    if status != 429 and status < 500:
        return
    try:
        refusal = _REFUSAL.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        if status == 429:
            raise Pause(1.0) from error
        raise Unanswered(f"Telegram's server answered {status}", maybe_done=True) from error
    if status == 429:
        raise Pause(refusal.parameters.retry_after)
    raise Unanswered(f"Telegram answered {status}", maybe_done=False)


def _encoded(data: RequestData | None) -> tuple[str, bytes]:
    if data is None or (not data.parameters and not data.contains_files):
        return _FORM, b""
    if not data.contains_files:
        return _FORM, data.url_encoded_parameters().encode()
    boundary = secrets.token_hex(16)
    parts = [_field(boundary, name, value) for name, value in data.json_parameters.items()]
    for name, (filename, content, kind) in data.multipart_data.items():
        parts.append(_file(boundary, name, filename, kind) + _bytes(content) + b"\r\n")
    return (
        f"multipart/form-data; boundary={boundary}",
        b"".join(parts) + f"--{boundary}--\r\n".encode(),
    )


def _bytes(content: Any) -> bytes:
    return content if isinstance(content, bytes) else bytes(content.read())


def _field(boundary: str, name: str, value: str) -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
    return f"{head}{value}\r\n".encode()


def _file(boundary: str, name: str, filename: str, kind: str) -> bytes:
    """One part's head; quotes and line ends in a name are escaped as HTML forms do (WHATWG)."""
    for sign, escaped in (("\r", "%0D"), ("\n", "%0A"), ('"', "%22")):
        filename = filename.replace(sign, escaped)
    return (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        f"Content-Type: {kind}\r\n\r\n"
    ).encode()
