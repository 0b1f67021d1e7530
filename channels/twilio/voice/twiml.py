"""Steps of a call as TwiML, by Twilio's own builders: whatever a text holds stays text."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from twilio.twiml.voice_response import VoiceResponse

from channels.voice.steps import (
    Dial,
    Gather,
    Go,
    HangUp,
    Heard,
    Join,
    Pause,
    Play,
    Press,
    Record,
    Reject,
    Say,
    Step,
)

LANGUAGES: Final[Mapping[str, str]] = {"en": "en-US", "uk": "uk-UA", "ru": "ru-RU"}
VOICES: Final[Mapping[str, str]] = {
    "en": "Google.en-US-Standard-C",
    "uk": "Google.uk-UA-Standard-A",
    "ru": "Google.ru-RU-Standard-A",
}
"""Twilio's own voice speaks no Ukrainian; these do (“Text-to-Speech: available voices”)."""
ROOM_EVENTS: Final = "start end join leave mute hold"


def twiml(steps: Sequence[Step], voices: Mapping[str, str]) -> str:
    """Return the document that lets a leg do these steps, one after the other."""
    response = VoiceResponse()
    for step in steps:
        _add(response, step, voices)
    return str(response)


def _add(response: VoiceResponse, step: Step, voices: Mapping[str, str]) -> None:
    match step:
        case Say() | Play() | Pause():
            _hear(response, step, voices)
        case Gather():
            _gather(response, step, voices)
        case Go():
            response.redirect(step.to, method="POST")
        case Press():
            response.play(digits=step.digits)
        case HangUp():
            response.hangup()
        case Reject():
            response.reject(reason=step.reason)
        case Record():
            _record(response, step)
        case Join():
            _join(response, step)
        case Dial():
            _dial(response, step)


def _hear(to: Any, heard: Heard, voices: Mapping[str, str]) -> None:
    match heard:
        case Say():
            own = heard.language if heard.language in LANGUAGES else "en"
            to.say(
                _storable(heard.text), language=LANGUAGES[own], voice=voices.get(own, VOICES[own])
            )
        case Play():
            to.play(heard.url, loop=heard.times)
        case Pause():
            to.pause(length=heard.seconds)


def _gather(response: VoiceResponse, step: Gather, voices: Mapping[str, str]) -> None:
    gather = response.gather(
        input="dtmf",
        action=step.then,
        method="POST",
        timeout=step.seconds,
        action_on_empty_result=False,
        **({"num_digits": step.digits, "finish_on_key": ""} if step.digits else {}),
    )
    for heard in step.heard:
        _hear(gather, heard, voices)


def _dial(response: VoiceResponse, step: Dial) -> None:
    dial = response.dial(
        action=step.then,
        method="POST",
        timeout=step.seconds,
        time_limit=step.most_seconds,
        caller_id=step.shown,
        answer_on_bridge=True,
    )
    dial.number(step.to)


def _record(response: VoiceResponse, step: Record) -> None:
    response.record(
        action=step.then,
        method="POST",
        max_length=step.most_seconds,
        play_beep=True,
        finish_on_key="#",
        trim="trim-silence",
        transcribe=False,
        recording_status_callback=step.told,
        recording_status_callback_method="POST",
        recording_status_callback_event="completed absent",
    )


def _join(response: VoiceResponse, step: Join) -> None:
    dial = response.dial(**({"action": step.then, "method": "POST"} if step.then else {}))
    dial.conference(
        step.room,
        participant_label=step.label,
        start_conference_on_enter=True,
        end_conference_on_exit=step.ends_it,
        beep="false",
        wait_url="",
        status_callback=step.told,
        status_callback_method="POST",
        status_callback_event=ROOM_EVENTS,
    )


def _storable(text: str) -> str:
    """Drop what XML 1.0 has no way to write (section 2.2, Char)."""
    return "".join(
        sign
        for sign in text
        if sign in "\t\n\r" or 0x20 <= ord(sign) <= 0xD7FF or 0xE000 <= ord(sign) <= 0xFFFD
        or ord(sign) >= 0x10000
    )  # fmt: skip
