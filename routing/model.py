"""The words of routing: states, rules, and the reasons of a decision, all plain values.

Times are integer microseconds of one clock, capacities are whole contacts. Nothing here knows a
database, a provider or the wall clock.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from kernel.limits import DECLINE_COOL_DOWN, OFFER_TIMEOUT

MICROSECOND: Final = timedelta(microseconds=1)

AGENT_KEY: Final = ("preferred", "idle_since", "turn")
"""The components of an agent's key, smallest first: preferred is 0, anybody else 1."""

CONTACT_KEY: Final = ("virtual_arrival", "arrival_order")
"""The components of a contact's key, smallest first."""


class Presence(StrEnum):
    """What an agent says of itself."""

    AVAILABLE = "available"
    AWAY = "away"
    OFFLINE = "offline"


class Leaving(StrEnum):
    """How a contact's visit to a queue ended without an agent."""

    CLOSED = "closed"
    ABANDONED = "abandoned"
    FLOWED_OUT = "flowed_out"


class Trigger(StrEnum):
    """What made the engine decide."""

    CONTACT_QUEUED = "contact_queued"
    CONTACT_REQUEUED = "contact_requeued"
    AGENT_READY = "agent_ready"
    CAPACITY_FREED = "capacity_freed"
    COOL_DOWN_ENDED = "cool_down_ended"
    RESUMED = "resumed"
    TAKEN_BY_HAND = "taken_by_hand"
    ASSIGNED_BY_HAND = "assigned_by_hand"


class Gate(StrEnum):
    """What stands between a contact and an agent, in the order the gates are checked."""

    NOT_IN_QUEUE = "not_in_queue"
    NOT_ON_CHANNEL = "not_on_channel"
    OFFLINE = "offline"
    AWAY = "away"
    MISSED_OFFER = "missed_offer"
    AT_CAPACITY = "at_capacity"
    EXCLUDED = "excluded"


class Ended(StrEnum):
    """Why an offer stopped ringing without being accepted, or a contact went back to its place."""

    DECLINED = "declined"
    MISSED = "missed_offer"
    MISSED_ANOTHER = "missed_another_offer"
    AGENT_LEFT = "agent_left"
    AGENT_VANISHED = "agent_vanished"
    CONTACT_LEFT = "contact_left"
    TAKEN = "taken_by_hand"
    MOVED = "moved"


class Refusal(StrEnum):
    """Why a command changed nothing."""

    OFFER_GONE = "offer_gone"
    OWNED = "owned"
    ALREADY_YOURS = "already_yours"
    UNKNOWN_CONTACT = "unknown_contact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is the same for all queues in this cut."""

    offer_timeout_us: int = OFFER_TIMEOUT // MICROSECOND
    decline_cool_down_us: int = DECLINE_COOL_DOWN // MICROSECOND
    ringing_at_once: int | None = None
    """Most offers ringing at one agent on one channel; None: as many as it has capacity for."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """How many agents one gate stops, and when the first of them passes if time alone opens it."""

    gate: Gate
    agents: int
    opens_at_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """All agents sorted by the first gate that stops them: agents = available + those blocked.

    `eligible` agents serve the queue on the channel; `available` ones could be offered it now.
    """

    agents: int
    eligible: int
    available: int
    blocked: tuple[Blocked, ...]


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """An agent or contact that was compared and lost, with the first component it lost on."""

    kind: str
    id: UUID
    key: tuple[int, ...]
    lost_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Why this contact went to this agent; the keys are read by AGENT_KEY and CONTACT_KEY."""

    trigger: Trigger
    now_us: int
    contact: UUID
    agent: UUID
    queue: UUID
    channel: str
    waited_us: int
    preferred: bool
    agent_key: tuple[int, ...]
    contact_key: tuple[int, ...]
    gates: Gates
    runners_up: tuple[RunnerUp, ...] = ()
    by: UUID | None = None


class Stage(StrEnum):
    """Where a contact stands."""

    WAITING = "waiting"
    OFFERED = "offered"
    HELD = "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a contact stands and, while it waits, every unmet gate and when it opens."""

    contact: UUID
    stage: Stage
    queue: UUID
    channel: str
    waited_us: int
    gates: Gates
    agent: UUID | None = None
    offer_expires_at_us: int | None = None
    opens_at_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCounts:
    """One queue and channel: entered = answered + abandoned + flowed_out + waiting + offered.

    Counted since the engine began; a contact that comes back from an agent enters once more.
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
