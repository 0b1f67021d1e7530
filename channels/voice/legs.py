"""The seam to whoever carries calls: what a call tells us, and what can be asked of it.

Twilio is the first behind it (`channels/twilio/voice/`). A native leg (SIP, WebRTC) fits as well:
it walks the same steps and answers the same questions.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct, field

from channels.envelope import HookAnswer, HookCall
from channels.voice.steps import Join, Step


class What(StrEnum):
    """Which moment of a call is told."""

    CALLED = "called"
    """Somebody calls us: what do they hear?"""
    STEP = "step"
    """A step is through, or keys were pressed: what comes next?"""
    RECORDED = "recorded"
    """A message was spoken: what comes next?"""
    DIALLED = "dialled"
    """A room or a number outside was left: what comes next?"""
    HELD = "held"
    """Somebody is on hold: what do they hear?"""
    STATUS = "status"
    """How a leg that came in is doing."""
    LEG = "leg"
    """How a leg that we dialled is doing."""
    ROOM = "room"
    """Somebody came into a room or left it."""
    RECORDING = "recording"
    """How a recording is doing."""


ASKING = frozenset({What.CALLED, What.STEP, What.RECORDED, What.DIALLED})
"""The caller hears nothing until these are answered."""


class LegState(StrEnum):
    """How far a leg is; it only moves forward."""

    DIALLING = "dialling"
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


class Moment(Struct, frozen=True, kw_only=True):
    """One proven call of the provider. `key` is unique for ever: the same moment told again."""

    what: What
    key: str
    raw: bytes = field(default=b"")
    """As it came, without the keys that were pressed."""
    sid: str = ""
    """The provider's name of the leg."""
    call_id: UUID | None = None
    leg_id: UUID | None = None
    turn: int = 0
    """Which answer of ours this follows."""
    caller: str = ""
    """Empty: withheld."""
    called: str = ""
    state: LegState | None = None
    why: str = ""
    """Of a leg that ended: `completed`, `busy`, `no_answer`, `failed` or `canceled`."""
    digits: str = ""
    event: str = ""
    """Of a room: `join`, `leave`, `hold`, `unhold`, `mute`, `unmute`, `start`, `end`."""
    label: str = ""
    recording: str = ""
    """The provider's name of a recording."""
    seconds: int = 0


class Dialling(Struct, frozen=True, kw_only=True):
    """Call somebody and put them into a room once they answer."""

    room: str
    label: str
    to: str
    """`+` and digits, `sip:…` or `client:…`."""
    shown: str
    seconds: int
    muted: bool = False
    coaching: str = ""
    """Of a leg: only that leg hears this one."""
    ends_it: bool = False
    call_id: UUID
    leg_id: UUID


class BrowserPass(Struct, frozen=True, kw_only=True):
    """What the browser of one agent needs to be their telephone for a while."""

    realm: str
    """Within which a browser listens once: the same for two numbers that reach it alike."""
    identity: str
    token: str
    """A secret of this agent's: whoever has it is called in their place until it ends."""
    ends_at: datetime
    signalling: str
    """Where the browser listens for calls: scheme and host, `wss://…`."""


class LegSeen(Struct, frozen=True, kw_only=True):
    """A leg as the provider sees it now."""

    sid: str
    caller: str
    called: str
    state: LegState
    why: str = ""
    seconds: int = 0
    began_at: datetime | None = None
    inbound: bool = False


class PartySeen(Struct, frozen=True, kw_only=True):
    """Somebody in a room, as the provider sees it now."""

    sid: str
    label: str
    on_hold: bool
    muted: bool


class RecordingSeen(Struct, frozen=True, kw_only=True):
    """A recording of a leg, as the provider sees it now."""

    name: str
    state: Literal["running", "paused", "ended", "lost"]
    seconds: int = 0


class CallProvider(Protocol):
    """A connector that carries calls.

    What changes something raises the errors of `channels.errors`: ProviderUnavailableError (nothing
    was done), OutcomeUnknownError (it may have been), MessageRejectedError (it never will be).
    """

    @property
    def number(self) -> str:
        """The number that calls come to, and that is shown to whom we call."""

    @property
    def signalling(self) -> str:
        """Where browsers listen for calls: scheme and host; empty when none can be called."""

    def browser_pass(self, identity: str) -> BrowserPass:
        """Return what lets a browser be called by this name; only where `signalling` is set."""

    def moment_of(self, call: HookCall) -> Moment:
        """Return what the provider tells; raises UnsignedCallError unless it proves itself."""

    def spoken(self, steps: Sequence[Step]) -> HookAnswer:
        """Return the steps in the provider's words."""

    def address(self, what: What, call_id: UUID, turn: int = 0) -> str:
        """Return where the provider asks or tells about this moment of the call."""

    async def dial(self, wanted: Dialling) -> str:
        """Call somebody into a room; return the provider's name of the leg."""

    async def move(self, sid: str, steps: Sequence[Step]) -> None:
        """Let a leg do something else from now on."""

    async def hold(self, room: str, sid: str, call_id: UUID, *, on: bool) -> None:
        """Keep a leg apart from the others; what it hears is asked for."""

    async def mute(self, room: str, sid: str, *, on: bool) -> None: ...

    async def coach(self, room: str, sid: str, *, whom: str, muted: bool) -> None:
        """Let only `whom` hear this leg; with an empty `whom` everybody does, unless muted."""

    async def bind(self, room: str, sid: str, *, ends_it: bool) -> None:
        """Say whether the room ends when this leg leaves it."""

    async def aside(self, room: str, sid: str, steps: Sequence[Step], back: Join) -> None:
        """Let a leg alone do these steps; it is in the room again after them."""

    async def remove(self, room: str, sid: str) -> None:
        """Take a leg out of the room and hang it up."""

    async def hang_up(self, sid: str) -> None: ...

    async def record(self, sid: str, call_id: UUID) -> str:
        """Record the leg and whoever speaks with it; return the recording's name."""

    async def pause_recording(self, sid: str, recording: str, *, on: bool) -> None: ...

    async def stop_recording(self, sid: str, recording: str) -> None: ...

    async def fetch_recording(self, recording: str) -> bytes | None:
        """Return its bytes; None: not there yet."""

    async def forget_recording(self, recording: str) -> None: ...

    async def recordings(self, sid: str) -> list[RecordingSeen]:
        """Return every recording of the leg, oldest first."""

    async def leg(self, sid: str) -> LegSeen | None: ...

    async def went_to(self, address: str, since: datetime) -> list[LegSeen]:
        """Return the legs that were dialled to that address since then, oldest first."""

    async def came_since(self, moment: datetime) -> list[LegSeen]:
        """Return the calls that came in since then, oldest first."""

    async def parties(self, room: str) -> list[PartySeen]:
        """Return who is in the room; nobody when it is over."""
