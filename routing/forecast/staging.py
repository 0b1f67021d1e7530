"""Says a scenario to the engine: its names as ids, its queues and agents as commands."""

from collections.abc import Iterator, Mapping
from typing import Final
from uuid import UUID

from msgspec import Struct, field

from routing import commands
from routing.forecast.clients import SECOND
from routing.forecast.scenario import (
    AgentGroup,
    Arrivals,
    QueueOfDay,
    Scenario,
    seconds_into_day,
    span_seconds,
)
from routing.model import Presence
from routing.rules import (
    Blending,
    Overflow,
    Priority,
    QueueRules,
    Ring,
    Skills,
    Terms,
)

_QUEUES: Final = 1 << 100
_SKILLS: Final = 2 << 100
_AGENTS: Final = 3 << 100


class Seat(Struct, frozen=True):
    """One agent of a group, and when it works: pairs of microseconds since midnight."""

    id: UUID
    group: AgentGroup
    shifts: tuple[tuple[int, int], ...]


class Stage(Struct):
    """The scenario as the engine knows it."""

    scenario: Scenario
    queues: dict[str, UUID] = field(default_factory=dict)
    skills: dict[str, UUID] = field(default_factory=dict)
    seats: dict[UUID, Seat] = field(default_factory=dict)

    def asked(self, levels: Mapping[str, int], *, lowest: int = 1) -> Skills:
        """Return the normal form of skills; levels below `lowest` ask for nothing."""
        return tuple(
            sorted((self.skill(name), level) for name, level in levels.items() if level >= lowest)
        )

    def skill(self, name: str) -> UUID:
        return self.skills.setdefault(name, UUID(int=_SKILLS + len(self.skills)))


def set_stage(scenario: Scenario) -> Stage:
    """Give everything an id, by its place in the scenario."""
    stage = Stage(scenario)
    for place, queue in enumerate(scenario.queues):
        stage.queues[queue.name] = UUID(int=_QUEUES + place)
    for group in scenario.agents:
        for _ in range(group.count):
            seat = Seat(UUID(int=_AGENTS + len(stage.seats)), group, _shifts(scenario, group))
            stage.seats[seat.id] = seat
    return stage


def opening(stage: Stage) -> Iterator[commands.Command]:
    """Yield what the engine is told before the day begins; nobody is there yet."""
    for queue in stage.scenario.queues:
        yield commands.QueueSet(stage.queues[queue.name], _rules(stage, queue))
    for seat in stage.seats.values():
        yield _agent(stage, seat)


def needs_of(stage: Stage, arrivals: Arrivals) -> Skills:
    return stage.asked(arrivals.skills)


def _rules(stage: Stage, queue: QueueOfDay) -> QueueRules:
    target_us = queue.target_seconds * SECOND
    power = 2 if queue.urgency == "growing" else 1
    return QueueRules(
        offer_timeout_us=queue.offer_seconds * SECOND,
        strategy=queue.strategy,
        priority=Priority(queue.band, queue.weight, target_us, power),
        skills=stage.asked(queue.skills),
        rings=_rings(stage, queue),
        offers_at_once=queue.offers_at_once,
        offers_most=queue.offers_most,
        overflow=_overflow(stage, queue),
        hours=None if queue.open is None else tuple(map(_micros, queue.open)),
        when_closed=queue.when_closed,
    )


def _rings(stage: Stage, queue: QueueOfDay) -> tuple[Ring, ...]:
    return tuple(
        Ring(
            after_us=ring.after_seconds * SECOND,
            skills=stage.asked(ring.skills, lowest=0),
            also_queues=tuple(sorted(stage.queues[name] for name in ring.also_queues)),
        )
        for ring in sorted(queue.rings, key=lambda ring: ring.after_seconds)
    )


def _overflow(stage: Stage, queue: QueueOfDay) -> Overflow | None:
    onward = queue.overflow
    if onward is None:
        return None
    after = onward.after_seconds
    return Overflow(
        to=stage.queues[onward.to],
        after_us=None if after is None else after * SECOND,
        longer_than=onward.longer_than,
        nobody_there=onward.nobody_there,
    )


def _agent(stage: Stage, seat: Seat) -> commands.AgentSet:
    group = seat.group
    return commands.AgentSet(
        agent=seat.id,
        queues={
            stage.queues[name]: Terms(group.ranks.get(name, 0), group.delays.get(name, 0) * SECOND)
            for name in group.queues
        },
        capacity=group.capacity,
        state=Presence.OFFLINE,
        skills={stage.skill(name): level for name, level in group.skills.items() if level > 0},
        blending=Blending(
            budget=group.budget,
            units=group.units,
            exclusive=tuple(sorted(group.exclusive)),
            interrupts={name: tuple(sorted(over)) for name, over in group.interrupts.items()},
        ),
    )


def _shifts(scenario: Scenario, group: AgentGroup) -> tuple[tuple[int, int], ...]:
    """Return when they work within the day; shifts that touch are one."""
    begins, ends = seconds_into_day(scenario.starts), seconds_into_day(scenario.ends)
    spans = [(begins, ends)] if group.shifts is None else list(map(span_seconds, group.shifts))
    joined: list[tuple[int, int]] = []
    for first, last in spans:
        start, end = max(first, begins), min(last, ends)
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        elif start < end:
            joined.append((start, end))
    return tuple((start * SECOND, end * SECOND) for start, end in joined)


def _micros(span: str) -> tuple[int, int]:
    begins, ends = span_seconds(span)
    return begins * SECOND, ends * SECOND
