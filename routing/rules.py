"""What an administrator decides: how a queue orders, asks, widens, overflows, and who takes what.

All are plain values given to the engine whole; a queue that was never set has the defaults.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final
from uuid import UUID

from msgspec import Struct, field

Skills = tuple[tuple[UUID, int], ...]
"""Skills with the least level of each, sorted: the normal form in which needs are compared."""

INDEX_SCALE: Final = 1 << 24
DEFAULT_TARGET_US: Final = 60_000_000


class Strategy(StrEnum):
    """Which of several free agents is asked first; ties go to the one idle for longest."""

    LONGEST_IDLE = "longest_idle"
    MOST_SPARE = "most_spare"
    ROUND_ROBIN = "round_robin"
    BEST_PROFICIENCY = "best_proficiency"
    LEAST_FLEXIBLE = "least_flexible"


class WhenClosed(StrEnum):
    """What becomes of a contact that waits in a closed queue."""

    WAIT = "wait"
    OVERFLOW = "overflow"
    TURN_AWAY = "turn_away"


class Priority(Struct, frozen=True):
    """How contacts age: a higher `band` always goes first, then the larger index.

    The index is weight * (waited / target) ** power: accumulating priority, L. Kleinrock, "A delay
    dependent queue discipline" (1964), when power is 1. It is a whole number, scaled; within one
    priority it never overtakes, so the first that came stays the best at every time.
    """

    band: int = 0
    weight: int = 1
    target_us: int = DEFAULT_TARGET_US
    power: int = 1

    def index(self, waited_us: int) -> int:
        if waited_us <= 0:
            return 0
        if self.power == 1:
            return self.weight * waited_us * INDEX_SCALE // self.target_us
        index = self.weight * INDEX_SCALE
        whole = 1
        for _ in range(self.power):
            index *= waited_us
            whole *= self.target_us
        return index // whole


class Ring(Struct, frozen=True, kw_only=True):
    """After so long a wait agents with less are asked as well, behind those of earlier rings.

    `skills` are levels that suffice from now on (0: the skill is not asked for any more), and
    `also_queues` lend their members. What a ring allows, every later one allows too.
    """

    after_us: int
    skills: Skills = ()
    also_queues: tuple[UUID, ...] = ()


class Overflow(Struct, frozen=True, kw_only=True):
    """When contacts of a queue wait in another one instead, by their old place."""

    to: UUID
    after_us: int | None = None
    """After so long in this queue."""
    longer_than: int | None = None
    """At once when already so many wait on the channel."""
    nobody_there: bool = False
    """When no agent of the queue is signed in."""


class QueueRules(Struct, frozen=True, kw_only=True):
    """Everything that is decided for one queue."""

    offer_timeout_us: int | None = None
    strategy: Strategy = Strategy.LONGEST_IDLE
    priority: Priority = Priority()
    skills: Skills = ()
    rings: tuple[Ring, ...] = ()
    hold_us: int = 0
    """How long a contact waits for its preferred agent alone, who is there but busy."""
    offers_at_once: int = 1
    """How many agents a contact rings at; the first to accept has it."""
    offers_most: int | None = None
    """After so many offers that nobody accepted, the contact overflows."""
    overflow: Overflow | None = None
    hours: tuple[tuple[int, int], ...] | None = None
    """When the queue is open, as sorted intervals of microseconds; None: always."""
    when_closed: WhenClosed = WhenClosed.WAIT


class Terms(Struct, frozen=True):
    """On which terms an agent takes contacts of a queue: the smallest rank first, after a delay."""

    rank: int = 0
    delay_us: int = 0


class Blending(Struct, frozen=True, kw_only=True):
    """What an agent may do at the same time, beyond the most contacts of each channel.

    `budget` is shared by all channels, each contact of which costs its `units` (1 if not said). An
    `exclusive` channel, like voice, shares an agent with no other. `interrupts` says past which
    channels' contacts a new one may come: they count neither against its budget nor exclude it.
    """

    budget: int | None = None
    units: Mapping[str, int] = field(default_factory=dict)
    exclusive: tuple[str, ...] = ()
    interrupts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


NO_TERMS: Final = Terms()
NO_BLENDING: Final = Blending()


def widened(skills: Skills, ring: Ring) -> Skills:
    """Return what is asked for once the ring is open: never more than before."""
    suffices = dict(ring.skills)
    lowered = ((skill, min(level, suffices.get(skill, level))) for skill, level in skills)
    return tuple((skill, level) for skill, level in lowered if level > 0)


def joined(one: Skills, other: Skills) -> Skills:
    """Return the normal form of both needs together: the higher level of each skill."""
    levels: dict[UUID, int] = dict(one)
    for skill, level in other:
        levels[skill] = max(level, levels.get(skill, 0))
    return tuple(sorted((skill, level) for skill, level in levels.items() if level > 0))
