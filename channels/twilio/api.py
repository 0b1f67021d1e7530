"""Twilio's REST API as we use it: the library's methods, its refusals in the house's words."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from channels.errors import (
    BadCredentialsError,
    MessageRejectedError,
    MisconfiguredError,
    OptedOutError,
    OutcomeUnknownError,
    ProviderUnavailableError,
    RecipientGoneError,
)
from channels.templates import Template
from channels.twilio.account import TwilioSettings
from channels.twilio.approved import Content, content_server, template_of
from channels.twilio.compose import Parcel
from channels.twilio.listing import Listed
from channels.twilio.troubles import Action, Trouble, trouble_of
from channels.twilio.wire import Pause, Unanswered, Wire
from kernel.http import HttpClient
from kernel.limits import (
    TEMPLATE_PAGE,
    TEMPLATES,
    TWILIO_FILES_IN,
    TWILIO_LISTED,
    TWILIO_RECALL_ROWS,
)

_NOT_THERE: Final = 20404
_PAGE: Final = 1_000


class OwnNumber(Struct, frozen=True):
    """The account's number as Twilio keeps it: where it calls when somebody writes."""

    sid: str
    hook_url: str
    takes_sms: bool


class TwilioApi:
    """Speaks for one account; raises the errors of `channels.errors`, none with the token."""

    def __init__(
        self, settings: TwilioSettings, token: str, http: HttpClient, *, key_sid: str = ""
    ) -> None:
        """With `key_sid` the token is the secret of that API key, not the account's own."""
        # Nothing is read from the environment: it may hold the keys of another account.
        self._client = Client(
            key_sid or settings.account_sid,
            token,
            settings.account_sid,
            http_client=Wire(http),
            environment={"TWILIO_ACCOUNT_SID": ""},
        )
        self._client.api.base_url = settings.api_url
        self._client.content.base_url = content_server(settings.api_url)
        self._account = self._client.api.v2010.accounts(settings.account_sid)

    async def any_number(self) -> None:
        """Ask for something that every key of the account may see."""
        with in_our_words():
            await self._account.incoming_phone_numbers.list_async(limit=1)

    async def account(self) -> str:
        """Return the account's name; raises MisconfiguredError when it may not be used."""
        with in_our_words():
            found = await self._account.fetch_async()
        if found.status not in {None, "active"}:
            raise MisconfiguredError(f"this account is {found.status} at Twilio")
        return found.friendly_name or ""

    async def own_number(self, number: str) -> OwnNumber | None:
        """Return the number when it is one of the account's own; a short code is none."""
        with in_our_words():
            found = await self._account.incoming_phone_numbers.list_async(
                phone_number=number, limit=1
            )
        if not found:
            return None
        able = found[0].capabilities or {}
        takes = able.get("sms", True) if isinstance(able, dict) else True
        return OwnNumber(found[0].sid or "", found[0].sms_url or "", bool(takes))

    async def call_us(self, number_sid: str, url: str) -> None:
        """Let Twilio call `url` from now on when somebody writes to the number."""
        with in_our_words():
            await self._account.incoming_phone_numbers(number_sid).update_async(
                sms_url=url, sms_method="POST"
            )

    async def send(self, parcel: Parcel, files: Sequence[str], told_at: str) -> str:
        """Ask for one message, whose fate Twilio tells at `told_at`; return its SID."""
        more: dict[str, Any] = {"media_url": list(files)} if files else {}
        if told_at:
            more["status_callback"] = told_at
        if parcel.content_sid:
            more["content_sid"] = parcel.content_sid
            if parcel.content_variables:
                more["content_variables"] = parcel.content_variables
        elif parcel.text:
            more["body"] = parcel.text
        if parcel.service:
            more["messaging_service_sid"] = parcel.service
        with in_our_words(sending=True):
            made = await self._account.messages.create_async(
                to=parcel.to, from_=parcel.sender, **more
            )
        if not made.sid:
            raise OutcomeUnknownError("Twilio took it without naming it")
        return str(made.sid)

    async def sent_to(self, sender: str, to: str) -> list[Listed]:
        """Return the newest messages to somebody, the latest first; also those not yet sent."""
        with in_our_words():
            found = await self._account.messages.list_async(
                to=to, from_=sender, limit=TWILIO_RECALL_ROWS, page_size=TWILIO_RECALL_ROWS
            )
        return [_listed(one) for one in found]

    async def templates(self) -> list[Template]:
        """Return the account's contents with what WhatsApp has approved of them."""
        with in_our_words():
            found = await self._client.content.v1.content_and_approvals.list_async(
                limit=TEMPLATES, page_size=TEMPLATE_PAGE
            )
            contents = [_content(one) for one in found if one.sid]
        return [one for content in contents if (one := template_of(content)) is not None]

    async def heard_since(self, moment: datetime, number: str) -> list[Listed]:
        """Return what came to the number after `moment`, oldest first."""
        return await self._since(moment, to=number)

    async def told_since(self, moment: datetime, number: str) -> list[Listed]:
        """Return what the number sent after `moment`, oldest first, and what became of it."""
        return await self._since(moment, from_=number)

    async def _since(self, moment: datetime, **ends: str) -> list[Listed]:
        with in_our_words():
            found = await self._account.messages.list_async(
                date_sent_after=moment, limit=TWILIO_LISTED, page_size=_PAGE, **ends
            )
        return [_listed(one) for one in reversed(found)]

    async def files_of(self, sid: str) -> list[tuple[str, str]]:
        """Return path and media type of each file of a message."""
        with in_our_words():
            found = await self._account.messages(sid).media.list_async(limit=TWILIO_FILES_IN)
        return [((one.uri or "").removesuffix(".json"), one.content_type or "") for one in found]


def _content(one: Any) -> Content:
    return Content(
        sid=one.sid,
        friendly_name=one.friendly_name or "",
        language=one.language or "",
        variables=one.variables or {},
        types=one.types or {},
        approval_requests=one.approval_requests,
    )


def _listed(one: Any) -> Listed:
    return Listed(
        sid=one.sid or "",
        sender=one.from_ or "",
        to=one.to or "",
        text=one.body or "",
        status=one.status or "",
        error_code=one.error_code or 0,
        files=int(one.num_media or 0),
        service=one.messaging_service_sid or "",
        made_at=one.date_created,
        sent_at=one.date_sent,
    )


@contextmanager
def in_our_words(*, sending: bool = False) -> Iterator[None]:
    """Raise what the library raises inside as the errors of `channels.errors`."""
    try:
        yield
    except TwilioException as error:
        raise _said(error, sending=sending) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # The answer was good, but is not what the library knows: whatever was asked is done.
        words = "Twilio's answer cannot be understood"
        raise (OutcomeUnknownError if sending else ProviderUnavailableError)(words) from error


def _said(error: TwilioException, *, sending: bool) -> Exception:
    """Return the error in the house's tree."""
    if isinstance(error, Pause):
        wait = timedelta(seconds=error.seconds) if error.seconds is not None else None
        return ProviderUnavailableError("Twilio asks for a pause", retry_after=wait)
    if isinstance(error, Unanswered):
        if error.maybe_done and sending:
            return OutcomeUnknownError(f"{error.words}: Twilio may have this message")
        return ProviderUnavailableError(error.words)
    code, words = _code_and_words(error)
    trouble = trouble_of(code, words)
    if sending:
        return _refused(trouble)
    if trouble.action is Action.BAD_CREDENTIALS:
        return BadCredentialsError(trouble.words)
    if code == _NOT_THERE or trouble.action is Action.MISCONFIGURED:
        return MisconfiguredError(trouble.words)
    return ProviderUnavailableError(f"Twilio refused: {words or code}")


def _status_of(error: TwilioException) -> int:
    """Return the answer's status; an error of a list holds nothing but the answer itself."""
    answer = error.args[-1] if error.args else None
    said = getattr(error, "status", 0) or getattr(answer, "status_code", 0)
    return said if isinstance(said, int) else 0


def _code_and_words(error: TwilioException) -> tuple[int, str]:
    """Return Twilio's code and sentence; both kinds of the library's errors have a code."""
    code = getattr(error, "code", 0)
    said = error.msg if isinstance(error, TwilioRestException) else getattr(error, "title", "")
    told = str(said or "").rpartition(": ")[2]
    if _status_of(error) == 401:
        return 20003, told
    return (code if isinstance(code, int) else 0), told


def _refused(trouble: Trouble) -> Exception:
    match trouble.action:
        case Action.GONE:
            return RecipientGoneError(trouble.words)
        case Action.OPTED_OUT:
            return OptedOutError(trouble.words)
        case Action.LATER:
            return ProviderUnavailableError(trouble.words)
        case Action.BAD_CREDENTIALS:
            return BadCredentialsError(trouble.words)
        case Action.MISCONFIGURED:
            return MisconfiguredError(trouble.words)
        case Action.FAILED:
            return MessageRejectedError(trouble.words)
