"""What must be set for a number at Twilio, and what is wrong in an administrator's words."""

import re
from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from channels.errors import MisconfiguredError
from channels.twilio.kinds import SMS, WHATSAPP, Kind
from kernel.errors import InvalidInputError
from kernel.limits import MESSAGES_A_DAY, TWILIO_RATE_MAX
from kernel.urls import check_url

AUTH_TOKEN: Final = "auth_token"  # noqa: S105 - the name of the field, not a secret
WEBHOOK_KEY: Final = "webhook_key"
USUAL_RATE: Final[Mapping[str, float]] = {SMS: 1.0, WHATSAPP: 80.0}
"""A long number sends one segment a second; a WhatsApp sender 80 messages (Twilio's defaults)."""

_ACCOUNT: Final = re.compile(r"AC[0-9a-f]{32}")
_SERVICE: Final = re.compile(r"MG[0-9a-f]{32}")
_TOKEN: Final = re.compile(r"[\x21-\x7e]{16,200}")
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_SHORT_CODE: Final = re.compile(r"[0-9]{3,8}")
_NOISE: Final = re.compile(r"[\s().\-]")


class TwilioSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number of one account at Twilio, by which clients write and are answered."""

    account_sid: Annotated[str, msgspec.Meta(max_length=40)]
    number: Annotated[str, msgspec.Meta(max_length=40)]
    """As `+` and digits, or for SMS a short code."""
    messaging_service: Annotated[str, msgspec.Meta(max_length=40)] = ""
    """Its SID, when answers shall go through one of Twilio's messaging services."""
    per_second: Annotated[float, msgspec.Meta(ge=0.1, le=TWILIO_RATE_MAX)] = 0.0
    """Segments of SMS, or messages of WhatsApp, that the number may send each second."""
    most_a_day: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = MESSAGES_A_DAY
    """So many of them may leave within 24 hours; then none does, against fraud and mistakes."""
    api_url: Annotated[str, msgspec.Meta(max_length=300)] = "https://api.twilio.com"
    """Twilio's server, or that of one of its regions."""


def read_settings(
    kind: Kind, settings: Mapping[str, object], *, allow_private_hosts: bool = False
) -> TwilioSettings:
    """Return the checked settings; raises MisconfiguredError naming the field and the cure."""
    given = {"per_second": USUAL_RATE[kind], **settings}
    try:
        found = msgspec.convert(given, TwilioSettings, strict=True)
    except msgspec.ValidationError as error:
        raise MisconfiguredError(f"Twilio settings: {error}") from error
    if _ACCOUNT.fullmatch(found.account_sid) is None:
        raise MisconfiguredError(
            "account_sid: copy the Account SID from Twilio's console; it begins with AC"
        )
    if found.messaging_service and _SERVICE.fullmatch(found.messaging_service) is None:
        raise MisconfiguredError(
            "messaging_service: this is no Messaging Service SID; it begins with MG"
        )
    return msgspec.structs.replace(
        found,
        number=_number(kind, found.number),
        api_url=_server(found.api_url, allow_private_hosts=allow_private_hosts),
    )


def read_token(secrets: Mapping[str, str]) -> str:
    """Return the account's Auth Token; raises MisconfiguredError when it cannot be one."""
    token = secrets.get(AUTH_TOKEN, "").strip()
    if not token:
        raise MisconfiguredError(f"{AUTH_TOKEN}: paste the Auth Token from Twilio's console")
    if _TOKEN.fullmatch(token) is None:
        raise MisconfiguredError(f"{AUTH_TOKEN}: this is no Auth Token; copy it whole")
    return token


def secrets_bound_elsewhere(
    saved: Mapping[str, object], wanted: Mapping[str, object]
) -> dict[str, str]:
    """The token goes only to the server and in the name of the account it was saved for."""
    usual = "https://api.twilio.com"
    if saved.get("api_url", usual) != wanted.get("api_url", usual):
        return {AUTH_TOKEN: "api_url"}
    if saved.get("account_sid") != wanted.get("account_sid"):
        return {AUTH_TOKEN: "account_sid"}
    return {}


def _number(kind: Kind, given: str) -> str:
    number = _NOISE.sub("", given.strip().removeprefix("whatsapp:"))
    if _NUMBER.fullmatch(number) is not None:
        return number
    if kind == SMS and _SHORT_CODE.fullmatch(number) is not None:
        return number
    raise MisconfiguredError("number: give the number as + and digits, such as +380441234567")


def _server(given: str, *, allow_private_hosts: bool) -> str:
    try:
        url = check_url(given, allow_private=allow_private_hosts)
    except InvalidInputError as error:
        raise MisconfiguredError(f"api_url: {error.message}") from error
    if url.query_string or url.fragment:
        raise MisconfiguredError("api_url: leave out everything after the host and the path")
    if url.scheme != "https" and not allow_private_hosts:
        raise MisconfiguredError("api_url: use https; the Auth Token travels in every request")
    return given.rstrip("/")
