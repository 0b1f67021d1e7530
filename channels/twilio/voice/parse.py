"""What Twilio tells of a call, as moments free of its words; no I/O, no clock, no log."""

import hashlib
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs, urlencode
from uuid import UUID

from channels.errors import UnreadableDeliveryError
from channels.twilio.signature import Form
from channels.voice.destinations import is_number
from channels.voice.legs import ASKING, LegState, Moment, What

PATHS: Final = {one.value: one for one in What}
_PRESSED: Final = frozenset({"Digits", "SpeechResult", "UnstableSpeechResult", "FinishedOnKey"})
_WITHHELD: Final = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})
"""“Anonymous”, “restricted”, “blocked”, “unknown” and “unavailable” on a keypad (Twilio, “Why am I
getting calls from these strange numbers?”)."""
STATES: Final[Mapping[str, tuple[LegState, str]]] = {
    "queued": (LegState.DIALLING, ""),
    "initiated": (LegState.DIALLING, ""),
    "ringing": (LegState.RINGING, ""),
    "in-progress": (LegState.ANSWERED, ""),
    "answered": (LegState.ANSWERED, ""),
    "completed": (LegState.ENDED, "completed"),
    "busy": (LegState.ENDED, "busy"),
    "no-answer": (LegState.ENDED, "no_answer"),
    "failed": (LegState.ENDED, "failed"),
    "canceled": (LegState.ENDED, "canceled"),
}
_EVENTS: Final = {
    "conference-start": "start",
    "conference-end": "end",
    "participant-join": "join",
    "participant-leave": "leave",
    "participant-hold": "hold",
    "participant-unhold": "unhold",
    "participant-mute": "mute",
    "participant-unmute": "unmute",
}


def read_moment(path: str, query: str, form: Form) -> Moment:
    """Return what a proven call tells; raises UnreadableDeliveryError for what we never asked."""
    what = PATHS.get(path)
    if what is None:
        raise UnreadableDeliveryError("this is no moment of a call")
    fields, asked = dict(form), _asked(query)
    state, why = STATES.get(fields.get("CallStatus", ""), (None, ""))
    call_id, leg_id = _uuid(asked.get("call", "")), _uuid(asked.get("leg", ""))
    turn = _number(asked.get("turn", ""))
    return Moment(
        what=what,
        key=_key(what, fields, asked),
        raw=urlencode([pair for pair in form if pair[0] not in _PRESSED]).encode(),
        sid=fields.get("CallSid", ""),
        call_id=call_id,
        leg_id=leg_id,
        turn=turn,
        caller=caller_of(fields.get("From", "")),
        called=fields.get("To", ""),
        state=state,
        why=why,
        digits=fields.get("Digits", "").removesuffix("hangup"),
        event=_event(what, fields),
        label=fields.get("ParticipantLabel", ""),
        recording=fields.get("RecordingSid", ""),
        seconds=_number(fields.get("RecordingDuration", "") or fields.get("CallDuration", "")),
    )


def _event(what: What, fields: Mapping[str, str]) -> str:
    if what is What.ROOM:
        return _EVENTS.get(fields.get("StatusCallbackEvent", ""), "")
    if what is What.RECORDING:
        return fields.get("RecordingStatus", "")
    return fields.get("DialCallStatus", "")


def caller_of(given: str) -> str:
    """Return the caller's number or SIP address; empty when it is withheld."""
    if given in _WITHHELD:
        return ""
    return given if is_number(given) or given.startswith("sip:") else ""


def _key(what: What, fields: Mapping[str, str], asked: Mapping[str, str]) -> str:
    """Name the moment for ever: Twilio tells the same one again when our answer was lost."""
    sid, status = fields.get("CallSid", ""), fields.get("CallStatus", "")
    match what:
        case What.CALLED if sid:
            return f"{sid}/called"
        case What.STATUS if sid and status:
            return f"{sid}/status/{status}"
        case What.LEG if sid and status:
            return f"{sid}/leg/{status}"
        case What.RECORDING if fields.get("RecordingSid"):
            return f"{fields['RecordingSid']}/{fields.get('RecordingStatus', '')}"
        case What.ROOM if fields.get("ConferenceSid") and fields.get("SequenceNumber"):
            return f"{fields['ConferenceSid']}/{fields['SequenceNumber']}"
        case _ if what in ASKING and asked.get("call") and asked.get("turn"):
            return f"{asked['call']}/{asked['turn']}"
        case _:
            told = urlencode(sorted(fields.items())).encode()
            return f"{what.value}/{hashlib.sha256(told).hexdigest()}"


def _asked(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query, max_num_fields=20).items()}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
