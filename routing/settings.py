"""How queues and agents are set up, as an administrator writes it and the database keeps it."""

from collections.abc import Mapping
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct, field

from kernel.limits import QUEUE_RINGS, ROUTING_SECONDS_MAX, SKILL_LEVEL_MAX, SKILLS_ASKED
from routing.calendars import Intervals
from routing.rules import (
    Blending,
    Overflow,
    Priority,
    QueueRules,
    Ring,
    Skills,
    Strategy,
    Terms,
    WhenClosed,
)

SECOND_US = 1_000_000

Seconds = Annotated[int, Meta(ge=1, le=ROUTING_SECONDS_MAX)]
SecondsOrNone = Annotated[int, Meta(ge=0, le=ROUTING_SECONDS_MAX)]
Level = Annotated[int, Meta(ge=1, le=SKILL_LEVEL_MAX)]
LevelOrNone = Annotated[int, Meta(ge=0, le=SKILL_LEVEL_MAX)]
Channel = Annotated[str, Meta(min_length=1, max_length=40)]
Most = Annotated[int, Meta(ge=0, le=100)]
ChannelNumbers = Annotated[dict[Channel, Most], Meta(max_length=20)]
Channels = Annotated[list[Channel], Meta(max_length=20)]


class AskedSkill(Struct, frozen=True, forbid_unknown_fields=True):
    skill_id: UUID
    level: Level = 1


class LowerSkill(Struct, frozen=True, forbid_unknown_fields=True):
    """A level that suffices from now on; 0: the skill is asked for no more."""

    skill_id: UUID
    level: LevelOrNone


class RingSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    after_seconds: Seconds
    skills: Annotated[list[LowerSkill], Meta(max_length=SKILLS_ASKED)] = []
    queue_ids: Annotated[list[UUID], Meta(max_length=20)] = []


class OverflowSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    queue_id: UUID
    after_seconds: Seconds | None = None
    longer_than: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    nobody_there: bool = False


class QueueSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rules of a queue; what is left out is as usual."""

    strategy: Strategy = Strategy.LONGEST_IDLE
    band: Annotated[int, Meta(ge=0, le=9)] = 0
    weight: Annotated[int, Meta(ge=1, le=100)] = 1
    urgency: Literal["steady", "growing"] = "steady"
    """How the wait counts: in proportion to the target, or with its square."""
    skills: Annotated[list[AskedSkill], Meta(max_length=SKILLS_ASKED)] = []
    rings: Annotated[list[RingSettings], Meta(max_length=QUEUE_RINGS)] = []
    hold_seconds: SecondsOrNone = 0
    offers_at_once: Annotated[int, Meta(ge=1, le=20)] = 1
    offers_most: Annotated[int, Meta(ge=1, le=100)] | None = None
    overflow: OverflowSettings | None = None
    when_closed: WhenClosed = WhenClosed.WAIT
    wrap_up: bool = False
    """Whether agents say how a contact ended before it is closed."""
    wrap_up_seconds: Seconds | None = None
    """After so long wrap-up ends by itself."""
    needs_disposition: bool = False


class QueueTerms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    queue_id: UUID
    rank: Annotated[int, Meta(ge=0, le=9)] = 0
    delay_seconds: SecondsOrNone = 0


class ProfileSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an agent takes contacts; a channel left out has the agent's own capacity."""

    capacity: ChannelNumbers = field(default_factory=dict)
    budget: Annotated[int, Meta(ge=1, le=1_000)] | None = None
    units: ChannelNumbers = field(default_factory=dict)
    exclusive: Channels = []
    interrupts: Annotated[dict[Channel, Channels], Meta(max_length=20)] = field(
        default_factory=dict
    )
    queues: Annotated[list[QueueTerms], Meta(max_length=200)] = []

    @property
    def terms(self) -> dict[UUID, Terms]:
        return {one.queue_id: Terms(one.rank, one.delay_seconds * SECOND_US) for one in self.queues}

    @property
    def blending(self) -> Blending:
        return Blending(
            budget=self.budget,
            units=self.units,
            exclusive=tuple(sorted(self.exclusive)),
            interrupts={name: tuple(sorted(over)) for name, over in self.interrupts.items()},
        )


def queue_settings(stored: Mapping[str, object]) -> QueueSettings:
    return msgspec.convert(stored, QueueSettings)


def profile_settings(stored: Mapping[str, object]) -> ProfileSettings:
    return msgspec.convert(stored, ProfileSettings)


def rules_of(
    settings: QueueSettings,
    *,
    target_seconds: int,
    offer_seconds: int,
    hours: Intervals | None,
) -> QueueRules:
    """Say to the engine what an administrator decided."""
    return QueueRules(
        offer_timeout_us=offer_seconds * SECOND_US,
        strategy=settings.strategy,
        priority=Priority(
            band=settings.band,
            weight=settings.weight,
            target_us=target_seconds * SECOND_US,
            power=2 if settings.urgency == "growing" else 1,
        ),
        skills=_asked(settings.skills),
        rings=tuple(
            Ring(
                after_us=ring.after_seconds * SECOND_US,
                skills=_asked(ring.skills),
                also_queues=tuple(sorted(ring.queue_ids)),
            )
            for ring in sorted(settings.rings, key=lambda ring: ring.after_seconds)
        ),
        hold_us=settings.hold_seconds * SECOND_US,
        offers_at_once=settings.offers_at_once,
        offers_most=settings.offers_most,
        overflow=_overflow(settings.overflow),
        hours=hours,
        when_closed=settings.when_closed,
    )


def _asked(skills: list[AskedSkill] | list[LowerSkill]) -> Skills:
    return tuple(sorted((one.skill_id, one.level) for one in skills))


def _overflow(settings: OverflowSettings | None) -> Overflow | None:
    if settings is None:
        return None
    after = settings.after_seconds
    return Overflow(
        to=settings.queue_id,
        after_us=None if after is None else after * SECOND_US,
        longer_than=settings.longer_than,
        nobody_there=settings.nobody_there,
    )
