"""What the engine tells of itself: decisions with their reasons, standings, counts, estimates."""

from typing import Final
from uuid import UUID

from msgspec import Struct

from routing.model import Gate, Stage, Trigger

AGENT_KEY: Final = ("preferred", "ring", "strategy", "idle_since", "turn")
"""The components of an agent's key, the smallest wins: preferred is 0, anybody else 1; the ring it
was reached in; what the queue's strategy compares; idle since; and who was known first."""

CONTACT_KEY: Final = ("rank", "band", "index", "virtual_arrival", "arrival_order")
"""The components of a contact's key, the smallest wins: the rank of its queue for the agent (-1: it
waits for this agent alone), its band and its index (both negative: the larger goes first), and its
place in the queue."""


class Blocked(Struct, frozen=True):
    """How many agents one gate stops, and when the first of them passes if time alone opens it."""

    gate: Gate
    agents: int
    opens_at_us: int | None = None


class Gates(Struct, frozen=True, kw_only=True):
    """All agents sorted by the first gate that stops them: agents = available + those blocked.

    `eligible` agents serve the queue on the channel and have the skills asked for now;
    `available` ones could be offered it now.
    """

    agents: int
    eligible: int
    available: int
    blocked: tuple[Blocked, ...]


class RunnerUp(Struct, frozen=True):
    """An agent or contact that was compared and lost, with the first component it lost on."""

    kind: str
    id: UUID
    key: tuple[int, ...]
    lost_on: str


class Decision(Struct, frozen=True, kw_only=True):
    """Why this contact went to this agent; the keys are read by AGENT_KEY and CONTACT_KEY."""

    trigger: Trigger
    now_us: int
    contact: UUID
    agent: UUID
    queue: UUID
    channel: str
    waited_us: int
    preferred: bool
    strategy: str
    skills: tuple[tuple[UUID, int], ...]
    """What was asked for when it was decided, with the least levels."""
    ring: int
    """The ring in which the agent was reached; 0 is the first."""
    target_us: int
    agent_key: tuple[int, ...]
    contact_key: tuple[int, ...]
    gates: Gates
    runners_up: tuple[RunnerUp, ...] = ()
    by: UUID | None = None


class Standing(Struct, frozen=True, kw_only=True):
    """Where a contact stands and, while it waits, every unmet gate and when it opens."""

    contact: UUID
    stage: Stage
    queue: UUID
    channel: str
    waited_us: int
    gates: Gates
    contact_key: tuple[int, ...]
    skills: tuple[tuple[UUID, int], ...] = ()
    ring: int = 0
    target_us: int = 0
    agent: UUID | None = None
    offer_expires_at_us: int | None = None
    opens_at_us: int | None = None
    overflows_at_us: int | None = None
    callback: bool = False


class Estimate(Struct, frozen=True, kw_only=True):
    """How long a contact will probably still wait: the mean, and its middle-to-late band."""

    ahead: int
    mean_us: int
    p50_us: int
    p80_us: int


class QueueCounts(Struct, frozen=True, kw_only=True):
    """One queue and channel: entered = answered + abandoned + flowed_out + waiting + offered.

    Counted since the engine began; a contact that comes back from an agent enters once more.
    `announced` waits that were told and came true missed by `error_us` in the mean.
    """

    queue: UUID
    channel: str
    waiting: int
    offered: int
    oldest_us: int | None
    entered: int
    answered: int
    abandoned: int
    flowed_out: int
    announced: int = 0
    error_us: int = 0
    bias_us: int = 0
