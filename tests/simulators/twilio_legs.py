"""What a simulated telephone network is made of: legs, rooms they talk in, and recordings."""

import asyncio
import io
import math
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.simulators.twilio_gate import WAIT_SECONDS

OVER = frozenset({"completed", "busy", "no-answer", "canceled", "failed"})
_RATE = 8_000
_LONGEST_WAV = 60


class News:
    """Wakes whoever waits for something to have become true."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def stir(self) -> None:
        for one in self._waiting:
            if not one.done():
                one.set_result(None)

    async def until(self, told: Callable[[], bool], what: Callable[[], str]) -> None:
        """Raises TimeoutError, saying `what`, when it has not come true in WAIT_SECONDS."""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while not told():
                    await self._next()
        except TimeoutError:
            raise TimeoutError(what()) from None

    async def _next(self) -> None:
        woken = asyncio.get_running_loop().create_future()
        self._waiting.add(woken)
        try:
            await woken
        finally:
            self._waiting.discard(woken)


@dataclass(slots=True)
class Pace:
    """How long things take: speech and pauses `speed` times shorter than in the world.

    Silence, ringing and long recordings end by themselves only when `by_itself`; otherwise
    somebody says so, and a slow machine changes nothing.
    """

    speed: float = 100.0
    by_itself: bool = False

    async def take(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.speed)

    def patience(self, seconds: float) -> float | None:
        return seconds / self.speed if self.by_itself else None


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that one leg heard."""

    kind: str
    """`say`, `play`, `beep`, `music` (the provider's own), `voice` (a person) or `keys`."""
    text: str
    language: str = ""
    who: str = ""


@dataclass(slots=True)
class Told:
    """Who is told of what becomes of something, and how many times it was."""

    url: str = ""
    events: frozenset[str] = frozenset()
    count: int = 0

    def next(self) -> int:
        self.count += 1
        return self.count - 1


@dataclass(slots=True)
class Ear:
    """Listens for the keys of one leg; ends by enough of them, by silence, or with the leg."""

    kind: str
    """`gather` or `record`."""
    finish_on: str
    most: int = 0
    keys: str = ""
    ended_by: str = ""
    """`keys`, a finishing key, or `silence`."""
    words: list[str] = field(default_factory=list)
    touched: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def press(self, key: str) -> None:
        self.touched.set()
        if key in self.finish_on:
            self.end(key)
            return
        if self.kind == "gather":
            self.keys += key
            if self.most and len(self.keys) >= self.most:
                self.end("keys")

    def end(self, by: str) -> None:
        if not self.ended.is_set():
            self.ended_by = by
            self.ended.set()


@dataclass(slots=True, eq=False)
class Leg:
    """One call between the provider and one telephone."""

    sid: str
    sender: str
    to: str
    direction: str
    """`inbound`, `outbound-api` or `outbound-dial`."""
    made_at: datetime
    status: str = "queued"
    parent: str = ""
    told: Told = field(default_factory=Told)
    fallback: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    heard: list[Heard] = field(default_factory=list)
    ear: Ear | None = None
    seat: "Seat | None" = None
    walk: "asyncio.Task[None] | None" = None
    picked_up: "asyncio.Future[str] | None" = None
    """Resolved by the telephone: `answered`, `busy`, `no-answer` or `failed`."""

    @property
    def over(self) -> bool:
        return self.status in OVER

    @property
    def other_end(self) -> str:
        """The telephone's address."""
        return self.sender if self.direction == "inbound" else self.to

    @property
    def seconds(self) -> int:
        if self.answered_at is None:
            return 0
        return math.ceil(((self.ended_at or datetime.now(UTC)) - self.answered_at).total_seconds())


@dataclass(slots=True, eq=False)
class Seat:
    """One leg's place in a room."""

    leg: Leg
    room: "Room"
    gone: "asyncio.Future[str]"
    label: str = ""
    starts: bool = True
    ends: bool = False
    muted: bool = False
    held: bool = False
    coaching: str = ""
    """The SID of the call that alone hears this one."""
    beep: bool = True
    wait_url: str | None = None
    wait_method: str = "POST"
    hold_url: str = ""
    music: "asyncio.Task[None] | None" = None

    @property
    def name(self) -> str:
        return self.label or self.leg.other_end

    def hears(self, other: "Seat") -> bool:
        if not self.room.began or self is other or self.held or other.held or other.muted:
            return False
        return other.coaching in {"", self.leg.sid}


@dataclass(slots=True, eq=False)
class Room:
    """A conference, or (without a name) what <Dial> makes of two legs."""

    sid: str
    name: str
    made_at: datetime
    told: Told = field(default_factory=Told)
    began: bool = False
    over: bool = False
    reason: str = ""
    ended_by: str = ""
    seats: list[Seat] = field(default_factory=list)
    was_in: list[Seat] = field(default_factory=list)

    @property
    def status(self) -> str:
        return "completed" if self.over else "in-progress" if self.began else "init"

    def seat_of(self, name: str) -> Seat | None:
        return next((one for one in self.seats if name in {one.leg.sid, one.label}), None)


@dataclass(slots=True, eq=False)
class Recording:
    """What was said while it ran; a pause leaves words out."""

    sid: str
    source: str
    call_sid: str
    conference_sid: str
    made_at: datetime
    status: str = "in-progress"
    told: Told = field(default_factory=Told)
    words: list[str] = field(default_factory=list)
    seconds: int = 0
    channels: int = 1
    pauses: list[str] = field(default_factory=list)
    """The PauseBehavior of each pause."""

    @property
    def runs(self) -> bool:
        return self.status == "in-progress"

    @property
    def ended(self) -> bool:
        return self.status in {"completed", "absent"}

    def wav(self) -> bytes:
        """Return a tone as long as the recording; what was said stands in `words`."""
        count = min(max(self.seconds, 1), _LONGEST_WAV) * _RATE
        tone = bytes(128 + int(40 * math.sin(at * 0.345)) for at in range(_RATE))
        kept = io.BytesIO()
        with wave.open(kept, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(1)
            file.setframerate(_RATE)
            file.writeframes((tone * (count // _RATE + 1))[:count])
        return kept.getvalue()
