"""Twilio's error codes in an agent's words, each with what follows from it; no I/O.

The codes are those of Twilio's “Error and Warning Dictionary”. Every sentence ends with its code,
by which the console knows it in other languages.
"""

import re
from enum import StrEnum
from typing import Final

from msgspec import Struct


class Action(StrEnum):
    """What a code means for the message, its client or the account."""

    FAILED = "failed"
    """This message will not arrive; another try, or another wording, may."""
    GONE = "gone"
    """No message reaches this number."""
    OPTED_OUT = "opted_out"
    """The client has forbidden us to write."""
    LATER = "later"
    """Twilio took nothing, and asks for another try."""
    BAD_CREDENTIALS = "bad_credentials"
    MISCONFIGURED = "misconfigured"


class Trouble(Struct, frozen=True, kw_only=True):
    code: int
    action: Action
    words: str


_FAILED: Final = {
    21408: "Twilio may not send to this country; allow it under Messaging → Settings → Geo"
    " permissions",
    21612: "the number cannot send to this client; answer from another one",
    21617: "the text is longer than the 1,600 characters that Twilio takes; send it in parts",
    21620: "Twilio could not fetch a file; is public_url reachable from the Internet?",
    21623: "Twilio takes no more than ten files; send them in parts",
    30001: "too many messages wait at Twilio; send it again later",
    30003: "the phone is switched off or out of reach; send it again later",
    30005: "this number is not known to its network; ask the client for another one",
    30007: "the network took it for spam and dropped it; write it in other words, without links",
    30008: "the network did not deliver it and gave no reason; send it again later",
    30009: "a part of it was lost on the way; send it again",
    30011: "files cannot be sent to this network; send a link to them",
    30017: "the network was overloaded; send it again later",
    30019: "a file is larger than the network takes; make it smaller or send a link to it",
    30034: "the number is not registered for US numbers (A10DLC); register it at Twilio",
    30036: "it was too late to deliver it; send it again",
    30410: "the network did not answer in time; send it again later",
    63003: "this client has no WhatsApp; answer on another channel",
    63005: "WhatsApp did not take what it holds; change it or send it as text",
    63016: "the client wrote more than 24 hours ago, and WhatsApp then takes approved templates"
    " only; answer on another channel, or when they have written again",
    63018: "WhatsApp takes no more from this number at once; send it again later",
    63019: "WhatsApp could not fetch a file; is public_url reachable from the Internet?",
    63021: "WhatsApp does not take this kind of file; send a link to it",
    63024: "this client cannot get WhatsApp messages; answer on another channel",
    63032: "WhatsApp limits what this client gets from companies; answer on another channel",
    63049: "WhatsApp held it back to spare the client; answer on another channel",
}
_GONE: Final = {
    21211: "this is no number that can be written to; correct it on the client's page",
    21217: "this is no number that can be written to; correct it on the client's page",
    21614: "this number cannot receive SMS; it may be a landline",
    21635: "this is a landline, which cannot receive SMS",
    30004: "the network blocks what we send to this number",
    30006: "this is a landline, or its network does not take SMS",
}
_OPTED_OUT: Final = {
    21610: "the client wrote STOP: nothing may be sent until they write START",
    63050: "the client asked WhatsApp for no more messages from us",
}
_LATER: Final = {
    20429: "Twilio asks for a pause",
    20503: "Twilio is out of order",
    21611: "too many messages wait at Twilio for this number",
    30022: "Twilio asks for a pause",
    63017: "Twilio asks for a pause",
}
_BAD_CREDENTIALS: Final = {
    20003: "Twilio does not know this account and token; copy both anew from Twilio's console",
    20005: "this account is not active at Twilio; look at its console",
    30002: "Twilio has suspended this account; look at its console",
}
_MISCONFIGURED: Final = {
    20404: "Twilio knows no such account; copy the Account SID anew",
    21212: "the account's number is no number of Twilio's; correct it",
    21603: "the account has no number to send from; correct it",
    21606: "this number may not send, or does not belong to the account; correct it",
    21659: "this number does not belong to the account at Twilio; correct it",
    21660: "this number does not belong to the account at Twilio; correct it",
    21705: "Twilio knows no such messaging service; correct it",
    63007: "this number is no WhatsApp sender of the account at Twilio; correct it",
}
_KNOWN: Final = {
    **dict.fromkeys(_FAILED, Action.FAILED),
    **dict.fromkeys(_GONE, Action.GONE),
    **dict.fromkeys(_OPTED_OUT, Action.OPTED_OUT),
    **dict.fromkeys(_LATER, Action.LATER),
    **dict.fromkeys(_BAD_CREDENTIALS, Action.BAD_CREDENTIALS),
    **dict.fromkeys(_MISCONFIGURED, Action.MISCONFIGURED),
}
_WORDS: Final = {
    **_FAILED, **_GONE, **_OPTED_OUT, **_LATER, **_BAD_CREDENTIALS, **_MISCONFIGURED,
}  # fmt: skip
_MESSAGE_CHARS: Final = 300
_LONG_NUMBER: Final = re.compile(r"\+?[0-9]{7,}")
OPTED_OUT: Final = 21610


def trouble_of(code: int, said: str = "") -> Trouble:
    """Return what a code means; one that is not known fails its message, in Twilio's words."""
    action = _KNOWN.get(code, Action.FAILED)
    words = _WORDS.get(code)
    if words is None:
        told = _LONG_NUMBER.sub("…", " ".join(said.split())[:_MESSAGE_CHARS])
        words = f"Twilio did not deliver it: {told}" if told else "Twilio did not deliver it"
    return Trouble(code=code, action=action, words=f"{words} ({code})" if code else words)


def known_codes() -> frozenset[int]:
    return frozenset(_WORDS)
