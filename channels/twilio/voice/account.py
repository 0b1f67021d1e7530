"""What must be set for a telephone number at Twilio, and what is wrong in words."""

import re
from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from channels.errors import MisconfiguredError
from channels.twilio.account import TwilioSettings as MessageSettings
from channels.twilio.account import read_settings as read_usual
from channels.twilio.account import secrets_bound_elsewhere as usual_bounds
from channels.voice.destinations import COUNTRIES, country_of
from channels.voice.flow import Language
from kernel.limits import (
    VOICE_CALLS_A_DAY,
    VOICE_COUNTRIES,
    VOICE_MINUTES_A_DAY,
    VOICE_RING_SECONDS,
    VOICE_RING_SECONDS_MAX,
    VOICE_TEXT_CHARS,
)

KIND: Final = "voice"
API_KEY_SECRET: Final = "api_key_secret"  # noqa: S105 - the name of a field
SIGNALLING: Final = "wss://voice-js.roaming.twilio.com"
_COUNTRY: Final = r"^[A-Z]{2}$"
_API_KEY: Final = re.compile(r"SK[0-9a-f]{32}")
_SECRET: Final = re.compile(r"[A-Za-z0-9]{32}")
_SOCKETS: Final = re.compile(r"wss?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")


class VoiceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number at Twilio that clients call, and from which they are called."""

    account_sid: Annotated[str, Meta(max_length=40)]
    number: Annotated[str, Meta(max_length=40)]
    """As `+` and digits."""
    languages: Annotated[tuple[Language, ...], Meta(min_length=1, max_length=3)] = ("en",)
    """What is spoken; the first one to whom nothing is known of."""
    greeting: Annotated[
        dict[Language, Annotated[str, Meta(max_length=VOICE_TEXT_CHARS)]], Meta(max_length=3)
    ] = msgspec.field(default_factory=dict)
    """What a greeting without words of its own says."""
    voices: Annotated[
        dict[Language, Annotated[str, Meta(max_length=80, pattern=r"^[A-Za-z0-9_.-]+$")]],
        Meta(max_length=3),
    ] = msgspec.field(default_factory=dict)
    """Twilio's name of the voice for a language, instead of the usual one."""
    countries: Annotated[
        tuple[Annotated[str, Meta(pattern=_COUNTRY)], ...], Meta(max_length=VOICE_COUNTRIES)
    ] = ()
    """Which countries may be called; none: the number's own."""
    calls_a_day: Annotated[int, Meta(ge=0, le=100_000)] = VOICE_CALLS_A_DAY
    """How many calls the center makes from it within 24 hours; then it makes no more."""
    minutes_a_day: Annotated[int, Meta(ge=0, le=1_000_000)] = VOICE_MINUTES_A_DAY
    """How long they may be together; then it makes no more."""
    ring_seconds: Annotated[int, Meta(ge=5, le=VOICE_RING_SECONDS_MAX)] = VOICE_RING_SECONDS
    """How long an agent's telephone rings."""
    records: bool = False
    """Whether every conversation is recorded, which callers are told before."""
    keeps_recordings_at_twilio: bool = False
    fallback_url: Annotated[str, Meta(max_length=300)] = ""
    """Where Twilio asks when this center does not answer."""
    api_key_sid: Annotated[str, Meta(max_length=40)] = ""
    """Of the API key that signs the passes of browsers; empty: no agent is called in a browser."""
    signalling_url: Annotated[str, Meta(max_length=300)] = SIGNALLING
    """Where browsers listen for calls: `wss://` and a host."""
    api_url: Annotated[str, Meta(max_length=300)] = "https://api.twilio.com"

    @property
    def callable(self) -> frozenset[str]:
        """Return the countries that may be called."""
        own = country_of(self.number)
        return frozenset(self.countries or ((own,) if own else ()))

    @property
    def as_usual(self) -> MessageSettings:
        """Return what the wrapper of the REST API needs to know."""
        return MessageSettings(
            account_sid=self.account_sid, number=self.number, api_url=self.api_url
        )


def secrets_bound_elsewhere(
    saved: Mapping[str, object], wanted: Mapping[str, object]
) -> dict[str, str]:
    """As for messages; and the passes of browsers go only where they were meant to."""
    bound: dict[str, str] = usual_bounds(saved, wanted)
    if saved.get("signalling_url", SIGNALLING) != wanted.get("signalling_url", SIGNALLING):
        return {**bound, API_KEY_SECRET: "signalling_url"}
    if saved.get("account_sid") != wanted.get("account_sid"):
        return {**bound, API_KEY_SECRET: "account_sid"}
    return bound


def read_api_key(settings: VoiceSettings, secrets: Mapping[str, str]) -> str:
    """Return the secret of the API key; empty when no key is named, whatever is still kept."""
    secret = secrets.get(API_KEY_SECRET, "").strip()
    if not settings.api_key_sid:
        return ""
    if not secret:
        raise MisconfiguredError(
            f"{API_KEY_SECRET}: paste the secret of the API key, or leave its SID empty"
        )
    if _SECRET.fullmatch(secret) is None:
        raise MisconfiguredError(f"{API_KEY_SECRET}: this is no secret; copy it whole")
    return secret


def read_settings(
    settings: Mapping[str, object], *, allow_private_hosts: bool = False
) -> VoiceSettings:
    """Return the checked settings; raises MisconfiguredError naming the field and the cure."""
    try:
        found = msgspec.convert(settings, VoiceSettings, strict=True)
    except msgspec.ValidationError as error:
        raise MisconfiguredError(f"telephone settings: {error}") from error
    usual = read_usual(
        "whatsapp",  # which takes whole numbers alone, no short codes
        {"account_sid": found.account_sid, "number": found.number, "api_url": found.api_url},
        allow_private_hosts=allow_private_hosts,
    )
    for country in found.countries:
        if country not in COUNTRIES:
            raise MisconfiguredError(f"countries: there is no country “{country}”")
    if found.fallback_url and not found.fallback_url.startswith("https://"):
        raise MisconfiguredError("fallback_url: give an https address, or leave it empty")
    if found.api_key_sid and _API_KEY.fullmatch(found.api_key_sid) is None:
        raise MisconfiguredError(
            "api_key_sid: copy the SID of an API key from Twilio's console; it begins with SK"
        )
    if _SOCKETS.fullmatch(found.signalling_url) is None or (
        found.signalling_url.startswith("ws:") and not allow_private_hosts
    ):
        raise MisconfiguredError("signalling_url: give wss:// and a host, without a path")
    if len(set(found.languages)) != len(found.languages):
        raise MisconfiguredError("languages: each language once")
    return msgspec.structs.replace(found, number=usual.number, api_url=usual.api_url)
