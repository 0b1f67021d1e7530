"""The words of routing: states, reasons, triggers and refusals.

Times are integer microseconds of one clock, capacities are whole contacts. Nothing here knows a
database, a provider or the wall clock.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct, field

from kernel.limits import DECLINE_COOL_DOWN, OFFER_TIMEOUT

MICROSECOND: Final = timedelta(microseconds=1)


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
    WAITED_LONG_ENOUGH = "waited_long_enough"
    AGENT_READY = "agent_ready"
    CAPACITY_FREED = "capacity_freed"
    COOL_DOWN_ENDED = "cool_down_ended"
    QUEUE_OPENED = "queue_opened"
    RULES_CHANGED = "rules_changed"
    RESUMED = "resumed"
    TAKEN_BY_HAND = "taken_by_hand"
    ASSIGNED_BY_HAND = "assigned_by_hand"


class Gate(StrEnum):
    """What stands between a contact and an agent, in the order the gates are checked."""

    QUEUE_CLOSED = "queue_closed"
    KEPT_FOR_ANOTHER = "kept_for_another"
    NOT_IN_QUEUE = "not_in_queue"
    NOT_ON_CHANNEL = "not_on_channel"
    LACKS_SKILL = "lacks_skill"
    RING_CLOSED = "ring_closed"
    OFFLINE = "offline"
    AWAY = "away"
    MISSED_OFFER = "missed_offer"
    AT_CAPACITY = "at_capacity"
    DELAYED = "delayed"
    EXCLUDED = "excluded"


class Ended(StrEnum):
    """Why an offer stopped ringing without being accepted, or a contact changed its place."""

    DECLINED = "declined"
    MISSED = "missed_offer"
    MISSED_ANOTHER = "missed_another_offer"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    AGENT_LEFT = "agent_left"
    AGENT_VANISHED = "agent_vanished"
    CONTACT_LEFT = "contact_left"
    TAKEN = "taken_by_hand"
    MOVED = "moved"
    RULES_CHANGED = "rules_changed"
    WAITED_TOO_LONG = "waited_too_long"
    QUEUE_TOO_LONG = "queue_too_long"
    NOBODY_THERE = "nobody_there"
    QUEUE_CLOSED = "queue_closed"
    OFFERED_TOO_OFTEN = "offered_too_often"


class Refusal(StrEnum):
    """Why a command changed nothing."""

    OFFER_GONE = "offer_gone"
    OWNED = "owned"
    ALREADY_YOURS = "already_yours"
    UNKNOWN_CONTACT = "unknown_contact"
    NOT_WAITING = "not_waiting"


class Stage(StrEnum):
    """Where a contact stands."""

    WAITING = "waiting"
    OFFERED = "offered"
    HELD = "held"
    WRAP_UP = "wrap_up"


class Rules(Struct, frozen=True, kw_only=True):
    """What is the same for all queues."""

    offer_timeout_us: int = OFFER_TIMEOUT // MICROSECOND
    decline_cool_down_us: int = DECLINE_COOL_DOWN // MICROSECOND
    ringing_at_once: int | None = None
    """Most offers ringing at one agent on one channel; None: as many as it has capacity for."""
    rung_together: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By channel, those whose ringing counts as its own: they ring in turn."""
