"""One message as one POST, and what its answer means in the house's words."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from channels.errors import (
    BadCredentialsError,
    MessageRejectedError,
    MisconfiguredError,
    OutcomeUnknownError,
    ProviderUnavailableError,
)
from kernel.errors import CenterError
from kernel.http import (
    AnswerTooLargeError,
    Credential,
    HttpAnswer,
    HttpClient,
    RemoteUnavailableError,
)
from kernel.limits import HOOKED_ANSWER_BYTES, HOOKED_CALL_SECONDS, HOOKED_UPLOAD_SECONDS, MIB
from kernel.net import AddressRefusedError, HostUnknownError

JSON: Final = MappingProxyType({"Content-Type": "application/json"})


class Request(Struct, frozen=True, kw_only=True):
    """What is asked of the provider; a token travels as the credential of its host."""

    url: str
    body: bytes
    headers: Mapping[str, str] = JSON
    credential: Credential | None = None
    method: str = "POST"
    max_bytes: int = HOOKED_ANSWER_BYTES
    """The longest answer that is read."""


async def ask(
    http: HttpClient, request: Request, provider: str, *, repeatable: bool = True
) -> HttpAnswer:
    """Ask once and return the answer, whatever its status.

    Raises ProviderUnavailableError when nobody answered; OutcomeUnknownError instead when the
    request may have been taken and must not be made again (not `repeatable`); MisconfiguredError
    for an address that we may not speak to.
    """
    large = len(request.body) > MIB
    try:
        return await http.request(
            request.method,
            request.url,
            headers=request.headers,
            body=request.body,
            credential=request.credential,
            max_bytes=request.max_bytes,
            seconds=HOOKED_UPLOAD_SECONDS if large else HOOKED_CALL_SECONDS,
        )
    except RemoteUnavailableError as error:
        if error.maybe_done and not repeatable:
            raise unknown(error.message) from error
        raise ProviderUnavailableError(error.message) from error
    except AnswerTooLargeError as error:
        words = f"{provider} answered with more than we read"
        if not repeatable:
            raise unknown(words) from error
        raise ProviderUnavailableError(words) from error
    except AddressRefusedError as error:
        raise MisconfiguredError(error.message) from error
    except HostUnknownError as error:
        raise ProviderUnavailableError(error.message) from error
    except CenterError as error:
        raise ProviderUnavailableError(error.message) from error


def as_trouble(error: CenterError) -> CenterError:
    """Return what an error means when no message was to be sent: a matter of the account, or of the
    provider's just now.
    """
    if isinstance(error, MessageRejectedError):
        return MisconfiguredError(error.message)
    if isinstance(error, BadCredentialsError | MisconfiguredError | ProviderUnavailableError):
        return error
    return ProviderUnavailableError(error.message)


def unknown(words: str) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        f"{words}: the client may have this message; look before you send it again"
    )


def retry_after(answer: HttpAnswer, now: datetime) -> timedelta | None:
    """Return how long the provider asks us to wait (RFC 9110, 10.2.3); None when it says not."""
    said = answer.headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdecimal() and len(said) <= 9:
        return timedelta(seconds=int(said))
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(until - now, timedelta(0))
