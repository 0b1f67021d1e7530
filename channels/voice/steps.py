"""What a leg of a call is told to do next, free of every provider's words; plain values."""

from typing import Literal

from msgspec import Struct


class Say(Struct, frozen=True, kw_only=True, tag=True):
    """Speak a text in a language (`en`, `uk`, `ru`)."""

    text: str
    language: str = "en"


class Play(Struct, frozen=True, kw_only=True, tag=True):
    """Play a sound by its address; `times` over and over."""

    url: str
    times: int = 1


class Pause(Struct, frozen=True, kw_only=True, tag=True):
    seconds: int = 1


Heard = Say | Play | Pause


class Gather(Struct, frozen=True, kw_only=True, tag=True):
    """Let the caller hear this and press keys meanwhile; what was pressed comes to `then`.

    Nothing pressed: the next step.
    """

    heard: tuple[Heard, ...] = ()
    digits: int = 1
    """How many end it; 0: as many as come before the end sign."""
    seconds: int = 5
    """How long a key is waited for, after what is heard."""
    then: str


class Go(Struct, frozen=True, kw_only=True, tag=True):
    """Ask us at this moment what comes next."""

    to: str


class Record(Struct, frozen=True, kw_only=True, tag=True):
    """Record what the caller says after a tone, until they hang up, press # or time is up."""

    most_seconds: int
    then: str
    told: str = ""
    """Where the recording's fate is told."""


class Join(Struct, frozen=True, kw_only=True, tag=True):
    """Talk with whoever is in the room; when it ends, `then` says what comes next."""

    room: str
    label: str
    then: str = ""
    ends_it: bool = True
    """Nobody stays in the room when this leg leaves it."""
    told: str = ""
    """Where what happens in the room is told."""


class Press(Struct, frozen=True, kw_only=True, tag=True):
    """Send tones to whoever is on the line."""

    digits: str


class Dial(Struct, frozen=True, kw_only=True, tag=True):
    """Connect the caller with a number outside, shown as coming from `shown`."""

    to: str
    shown: str
    seconds: int
    most_seconds: int
    then: str


class HangUp(Struct, frozen=True, kw_only=True, tag=True):
    pass


class Reject(Struct, frozen=True, kw_only=True, tag=True):
    """Do not take the call; nobody pays for it."""

    reason: Literal["busy", "rejected"] = "rejected"


Step = Say | Play | Pause | Gather | Go | Record | Join | Press | Dial | HangUp | Reject
