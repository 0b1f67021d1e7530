"""Reads TwiML as Twilio does: verbs, attributes and nesting as documented, faults by code."""

import re
from collections.abc import Collection, Mapping
from typing import Final
from xml.etree import ElementTree

from msgspec import Struct

_BYTES: Final = 64 * 1024
_MEDIA: Final = frozenset({"Say", "Play", "Pause"})
WAITING_VERBS: Final = _MEDIA | {"Redirect"}
"""What may stand in the answer of a waitUrl or holdUrl (error 13238 otherwise)."""
_KEYS: Final = re.compile(r"[0-9*#wW]+")
_BOOL: Final = re.compile(r"true|false")
_WHOLE: Final = re.compile(r"\d+")
_SOME: Final = re.compile(r"[1-9]\d*")
_METHOD: Final = re.compile(r"GET|POST")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,4})+|[a-z]{2}")
_ANY: Final = re.compile(r"[\s\S]*")
_CALL_EVENTS: Final = re.compile(r"((initiated|ringing|answered|completed) ?)+")
_ROOM_EVENTS: Final = re.compile(
    r"((start|end|join|leave|mute|hold|modify|speaker|announcement) ?)+"
)
_TOLD: Final = {"statusCallback": _ANY, "statusCallbackMethod": _METHOD}
_RECORDED: Final = {
    "recordingStatusCallback": _ANY,
    "recordingStatusCallbackMethod": _METHOD,
    "recordingStatusCallbackEvent": re.compile(r"((in-progress|completed|absent) ?)+"),
    "trim": re.compile(r"trim-silence|do-not-trim"),
}
_RECORD: Final = re.compile(r"do-not-record|true|false|record-from-\w+(-dual)?")


class TwimlError(Exception):
    """Twilio would not walk this; `code` is the one it shows in its debugger."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(f"{code}: {words}")
        self.code = code
        self.words = words


class Verb(Struct, frozen=True):
    """One verb or noun of a document."""

    name: str
    attributes: Mapping[str, str]
    text: str
    children: tuple["Verb", ...] = ()

    def get(self, name: str, otherwise: str = "") -> str:
        return self.attributes.get(name, otherwise)

    def number(self, name: str, otherwise: int) -> int:
        return int(self.attributes.get(name, otherwise))

    def is_true(self, name: str, *, otherwise: bool = False) -> bool:
        return self.get(name, "true" if otherwise else "false") == "true"


class _Shape(Struct, frozen=True):
    attributes: Mapping[str, re.Pattern[str]]
    children: Collection[str] = ()
    text: bool = False
    needs: Collection[str] = ()


_SHAPES: Final[Mapping[str, _Shape]] = {
    "Say": _Shape({"voice": _ANY, "language": _LANGUAGE, "loop": _WHOLE}, text=True),
    "Play": _Shape({"loop": _WHOLE, "digits": _KEYS}, text=True),
    "Pause": _Shape({"length": _SOME}),
    "Gather": _Shape(
        {
            "action": _ANY,
            "method": _METHOD,
            "input": re.compile(r"dtmf|speech|dtmf speech|speech dtmf"),
            "numDigits": _SOME,
            "timeout": _WHOLE,
            "finishOnKey": re.compile(r"[0-9*#]?"),
            "actionOnEmptyResult": _BOOL,
            "language": _LANGUAGE,
        },
        _MEDIA,
    ),
    "Redirect": _Shape({"method": _METHOD}, text=True),
    "Hangup": _Shape({}),
    "Reject": _Shape({"reason": re.compile("rejected|busy")}),
    "Record": _Shape(
        {
            **_RECORDED,
            "action": _ANY,
            "method": _METHOD,
            "timeout": _SOME,
            "finishOnKey": re.compile(r"[0-9*#]*"),
            "maxLength": _SOME,
            "playBeep": _BOOL,
            "transcribe": _BOOL,
        }
    ),
    "Dial": _Shape(
        {
            **_RECORDED,
            "action": _ANY,
            "method": _METHOD,
            "timeout": _SOME,
            "hangupOnStar": _BOOL,
            "timeLimit": _SOME,
            "callerId": _ANY,
            "answerOnBridge": _BOOL,
            "record": _RECORD,
            "ringTone": _ANY,
        },
        {"Number", "Sip", "Client", "Conference"},
        text=True,
    ),
    "Number": _Shape(
        {**_TOLD, "statusCallbackEvent": _CALL_EVENTS, "url": _ANY, "method": _METHOD,
         "sendDigits": _KEYS},
        text=True,
    ),
    "Sip": _Shape(
        {**_TOLD, "statusCallbackEvent": _CALL_EVENTS, "url": _ANY, "method": _METHOD}, text=True
    ),
    "Client": _Shape(
        {**_TOLD, "statusCallbackEvent": _CALL_EVENTS, "url": _ANY, "method": _METHOD}, text=True
    ),
    "Conference": _Shape(
        {
            **_TOLD,
            **_RECORDED,
            "statusCallbackEvent": _ROOM_EVENTS,
            "muted": _BOOL,
            "beep": re.compile("true|false|onEnter|onExit"),
            "startConferenceOnEnter": _BOOL,
            "endConferenceOnExit": _BOOL,
            "participantLabel": _ANY,
            "coach": re.compile(r"CA[0-9a-f]{32}"),
            "waitUrl": _ANY,
            "waitMethod": _METHOD,
            "maxParticipants": _SOME,
            "record": _RECORD,
        },
        text=True,
    ),
}  # fmt: skip
_VERBS: Final = frozenset(_SHAPES) - {"Number", "Sip", "Client", "Conference"}


def read(body: bytes, *, waiting: bool = False) -> tuple[Verb, ...]:
    """Return the verbs of a document; raises TwimlError with Twilio's code.

    What Twilio only warns of (12200) is refused too: nobody reads warnings in a test.
    """
    if len(body) > _BYTES:
        raise TwimlError(11750, "the answer is larger than 64 KB")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - the product's own answer
    except ElementTree.ParseError as error:
        raise TwimlError(12100, f"not XML: {error}") from error
    if root.tag != "Response" or root.attrib or (root.text or "").strip():
        raise TwimlError(12100, "a document is <Response> with verbs in it")
    verbs = tuple(_read(one, _VERBS) for one in root)
    odd = [one.name for one in verbs if waiting and one.name not in WAITING_VERBS]
    if odd:
        raise TwimlError(13238, f"{odd[0]} may not stand in what a waiting party hears")
    return verbs


def _read(element: ElementTree.Element, allowed: Collection[str]) -> Verb:
    name = element.tag
    if name not in allowed:
        raise TwimlError(12200, f"<{name}> may not stand here")
    shape = _SHAPES[name]
    _check_attributes(name, element.attrib, shape.attributes)
    children = tuple(_read(one, shape.children) for one in element)
    text = (element.text or "").strip()
    if (text and not shape.text) or any((one.tail or "").strip() for one in element):
        raise TwimlError(12200, f"<{name}> holds no text")
    _check_content(name, element.attrib, text, children)
    return Verb(name, dict(element.attrib), text, children)


def _check_attributes(
    name: str, given: Mapping[str, str], known: Mapping[str, re.Pattern[str]]
) -> None:
    for attribute, value in given.items():
        if attribute not in known:
            raise TwimlError(12200, f"<{name}> knows no attribute {attribute}")
        if not known[attribute].fullmatch(value):
            raise TwimlError(12200, f"<{name} {attribute}> cannot be {value!r}")


def _check_content(
    name: str, given: Mapping[str, str], text: str, children: tuple[Verb, ...]
) -> None:
    if name in {"Number", "Sip", "Client", "Conference"} and not text:
        raise TwimlError(12200, f"<{name}> names nobody")
    if name == "Say" and not text:
        raise TwimlError(13520, "there is nothing to say")
    if name == "Play" and bool(text) == ("digits" in given):
        raise TwimlError(12200, "<Play> has either an address or digits")
    if name == "Dial" and bool(text) == bool(children):
        raise TwimlError(12200, "<Dial> names a number or nouns")
    kinds = {one.name for one in children}
    if name == "Dial" and "Conference" in kinds and len(children) > 1:
        raise TwimlError(12200, "a <Conference> stands alone in its <Dial>")
