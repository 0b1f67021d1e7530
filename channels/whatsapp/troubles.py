"""WhatsApp's error codes in an agent's words, each with what follows from it; no I/O.

The codes are those of “Cloud API error codes”. Every sentence ends with its code, by which the
console knows it in other languages.
"""

import re
from enum import StrEnum
from typing import Final

from msgspec import Struct


class Action(StrEnum):
    """What a code means for the message, its client or the account."""

    FAILED = "failed"
    """This message will not arrive; another one, or another channel, may."""
    GONE = "gone"
    """No message reaches this client here."""
    PAUSE = "pause"
    """Nothing was taken, and the number must rest for a while."""
    LATER = "later"
    """Nothing was taken; this message may go a little later."""
    BAD_CREDENTIALS = "bad_credentials"
    MISCONFIGURED = "misconfigured"


class Trouble(Struct, frozen=True, kw_only=True):
    code: int
    action: Action
    words: str


_FAILED: Final = {
    130472: "WhatsApp kept it back, since the client takes part in one of its experiments; answer"
    " on another channel",
    130497: "WhatsApp does not let this business write to the client's country",
    131009: "WhatsApp did not take a part of it; change it or send it as text",
    131021: "a number cannot write to itself",
    131030: "a test number writes only to the numbers that its app names; add this one at Meta",
    131047: "the client wrote more than 24 hours ago; send an approved template, or answer on"
    " another channel",
    131048: "WhatsApp limits this number, since clients reported it as spam; look at its quality in"
    " WhatsApp Manager and send it again later",
    131049: "WhatsApp held it back to spare the client; wait before you send it again",
    131050: "the client wants no more marketing messages of this business; write in a conversation"
    " that they begin",
    131051: "WhatsApp does not carry this kind of message; send it as text",
    131052: "WhatsApp could not fetch a file; is public_url reachable from the Internet?",
    131053: "WhatsApp does not take this file; send a link to it",
    131062: "this template needs the client's number, which WhatsApp does not tell; choose another"
    " one",
    132000: "the template has other variables now; refresh the templates and choose it again",
    132001: "WhatsApp has no such template in this language; refresh the templates",
    132005: "the template with these values is too long; shorten them",
    132007: "WhatsApp found the template against its policy; choose another one",
    132012: "a value is not of the kind that the template wants; correct it",
    132015: "WhatsApp has paused this template for its low quality; choose another one",
    132016: "WhatsApp has switched this template off for its low quality; choose another one",
    132068: "the form of this template is blocked; choose another one",
    132069: "the form of this template was sent too often; send it again later",
    135000: "WhatsApp did not take a part of it; change it or send it as text",
}
_GONE: Final = {
    131026: "WhatsApp cannot deliver to this client: they may have no WhatsApp, an old one, or not"
    " have agreed to its terms; answer on another channel",
}
_PAUSE: Final = {
    4: "WhatsApp asks for a pause",
    80007: "WhatsApp asks for a pause",
    130429: "WhatsApp takes no more from this number at once",
}
_LATER: Final = {
    1: "WhatsApp is out of order",
    2: "WhatsApp is out of order",
    131000: "WhatsApp could not send it and gave no reason",
    131016: "WhatsApp is out of order",
    131056: "too many messages went to this client at once",
    131057: "WhatsApp is being maintained",
    133004: "WhatsApp is out of order",
}
_BAD_CREDENTIALS: Final = {
    190: "Meta does not accept this token; make a new one",
}
_MISCONFIGURED: Final = {
    3: "this app may not send WhatsApp messages; give it the permission at Meta",
    10: "this token may not use the number; give its system user the right at Meta",
    200: "this token may not use the number; give its system user the right at Meta",
    368: "WhatsApp has blocked this business for a while; look at Meta's Business Support",
    131005: "this token may not use the number; give its system user the right at Meta",
    131031: "WhatsApp has locked this account; look at WhatsApp Manager",
    131037: "the name of this number is not approved yet; look at WhatsApp Manager",
    131042: "Meta has no way to be paid; correct it in WhatsApp Manager",
    131045: "the number is not registered; register it at Meta",
    133010: "the number is not registered; register it at Meta",
}
_KNOWN: Final = {
    **dict.fromkeys(_FAILED, Action.FAILED),
    **dict.fromkeys(_GONE, Action.GONE),
    **dict.fromkeys(_PAUSE, Action.PAUSE),
    **dict.fromkeys(_LATER, Action.LATER),
    **dict.fromkeys(_BAD_CREDENTIALS, Action.BAD_CREDENTIALS),
    **dict.fromkeys(_MISCONFIGURED, Action.MISCONFIGURED),
}
_WORDS: Final = {
    **_FAILED, **_GONE, **_PAUSE, **_LATER, **_BAD_CREDENTIALS, **_MISCONFIGURED,
}  # fmt: skip
_LONG_NUMBER: Final = re.compile(r"\+?[0-9]{7,}")


def trouble_of(code: int, said: str = "") -> Trouble:
    """Return what a code means, 0 being none; one that is not known fails its message, in
    WhatsApp's words."""
    words = _WORDS.get(code)
    if words is None:
        told = _LONG_NUMBER.sub("…", " ".join(said.split())[:200])
        words = f"WhatsApp did not deliver it: {told}" if told else "WhatsApp did not deliver it"
    told = f"{words} ({code})" if code else words
    return Trouble(code=code, action=_KNOWN.get(code, Action.FAILED), words=told)


def known_codes() -> frozenset[int]:
    return frozenset(_WORDS)
