"""The center's own day as a scenario: its queues, rules and agents, and what came on past days."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from desk import routing_facts
from desk.routing_facts import micros
from kernel.errors import InvalidInputError, NotFoundError
from kernel.limits import REHEARSAL_LINES
from routing import administration
from routing import service as routing
from routing.calendars import Calendar, openings
from routing.commands import AgentSet
from routing.forecast.reading import check
from routing.forecast.scenario import (
    DAY_SECONDS,
    AgentGroup,
    Arrivals,
    Onward,
    QueueOfDay,
    Scenario,
    WidenedAfter,
)
from routing.past import Came, Past, past_days
from routing.rules import NO_TERMS, Terms
from routing.settings import AskedSkill, LowerSkill, QueueSettings, queue_settings
from routing.tables import CalendarRow, QueueRow

INTERVAL_MINUTES: Final = 30
ANSWER_SECONDS: Final = 3
USUAL_HANDLE_SECONDS: Final = 300
"""Where nothing was finished yet that could tell."""


class _Names(Struct, frozen=True):
    """What things are called, and on which day it is."""

    of: Mapping[UUID, str]
    day: date
    zone: tzinfo

    def skills(self, asked: Sequence[AskedSkill | LowerSkill]) -> dict[str, int]:
        return {self.of[one.skill_id]: one.level for one in asked}


async def own_day(session: AsyncSession, *, days: int, zone: tzinfo, now: datetime) -> Scenario:
    """Return a scenario of the center as it is set up, with the mean of its past days.

    All agents work the whole day, since nobody has said otherwise. Days on which nothing came do
    not count. Raises NotFoundError when nothing came at all, InvalidInputError when the center
    is too large to be rehearsed.
    """
    past = await past_days(session, days, zone, now)
    if past.last is None:
        raise NotFoundError(f"no contact came in the last {days} days; begin with the example")
    facts = await routing_facts.setup(session, now, with_idle=False)
    calendars = {
        row.id: administration.calendar_of(row)
        for row in await administration.listed(session, CalendarRow)
    }
    names = _Names(facts.names, past.last, zone)
    rows = await routing.list_queues(session)
    agents = [told for told in facts.told if isinstance(told, AgentSet)]
    first, last = _span(past)
    told = Scenario(
        starts=_clock(first),
        ends=_clock(last),
        interval_minutes=INTERVAL_MINUTES,
        queues=[_queue(row, calendars, names) for row in rows],
        arrivals=list(_arrivals(past, rows, (first, last))),
        agents=_groups(agents, names, {row.id: row.offer_seconds for row in rows}),
    )
    return _checked(told)


def _checked(told: Scenario) -> Scenario:
    try:
        scenario = msgspec.convert(msgspec.to_builtins(told), Scenario)
    except msgspec.ValidationError as error:
        raise InvalidInputError(f"this center is too large to be rehearsed: {error}") from error
    check(scenario)
    return scenario


def _span(past: Past) -> tuple[int, int]:
    """Return from which to which minute of the day something came, in whole intervals."""
    minutes = [minute for came in past.came.values() for minute in came.by_minute]
    first = min(minutes) // INTERVAL_MINUTES * INTERVAL_MINUTES
    return first, (max(minutes) // INTERVAL_MINUTES + 1) * INTERVAL_MINUTES


def _arrivals(past: Past, rows: Sequence[QueueRow], span: tuple[int, int]) -> Iterator[Arrivals]:
    wrap_ups = {row.id: _wrap_up(queue_settings(row.rules)) for row in rows}
    named = {row.id: row.name for row in rows}
    for (queue_id, channel), came in sorted(past.came.items()):
        handle, patience = came.mean_handle, came.patience
        yield Arrivals(
            queue=named[queue_id],
            channel=channel,
            per_interval=_per_interval(came, past.days, span),
            handle_seconds=_seconds(USUAL_HANDLE_SECONDS if handle is None else handle),
            wrap_up_seconds=wrap_ups[queue_id],
            patience_seconds=None if patience is None else _seconds(patience),
        )


def _wrap_up(settings: QueueSettings) -> int:
    return min(settings.wrap_up_seconds or 0, DAY_SECONDS) if settings.wrap_up else 0


def _per_interval(came: Came, days: int, span: tuple[int, int]) -> list[float]:
    sums = [0] * ((span[1] - span[0]) // INTERVAL_MINUTES)
    for minute, count in came.by_minute.items():
        sums[(minute - span[0]) // INTERVAL_MINUTES] += count
    return [round(count / days, 3) for count in sums]


def _queue(row: QueueRow, calendars: Mapping[UUID, Calendar], names: _Names) -> QueueOfDay:
    settings = queue_settings(row.rules)
    calendar = None if row.calendar_id is None else calendars[row.calendar_id]
    return QueueOfDay(
        name=row.name,
        target_seconds=_seconds(row.service_target_seconds),
        service_level_percent=min(max(row.service_level_percent, 1), 99),
        offer_seconds=_seconds(row.offer_seconds),
        strategy=settings.strategy,
        band=settings.band,
        weight=settings.weight,
        urgency=settings.urgency,
        skills=names.skills(settings.skills),
        rings=[
            WidenedAfter(
                after_seconds=ring.after_seconds,
                skills=names.skills(ring.skills),
                also_queues=[names.of[queue_id] for queue_id in ring.queue_ids],
            )
            for ring in settings.rings
            if ring.after_seconds <= DAY_SECONDS
        ],
        offers_at_once=settings.offers_at_once,
        offers_most=settings.offers_most,
        overflow=_onward(settings, names),
        open=None if calendar is None else _open(calendar, names),
        when_closed=settings.when_closed,
    )


def _onward(settings: QueueSettings, names: _Names) -> Onward | None:
    overflow = settings.overflow
    if overflow is None:
        return None
    after = overflow.after_seconds
    return Onward(
        to=names.of[overflow.queue_id],
        after_seconds=None if after is None or after > DAY_SECONDS else after,
        longer_than=overflow.longer_than,
        nobody_there=overflow.nobody_there,
    )


def _open(calendar: Calendar, names: _Names) -> list[str]:
    """Return when it was open on the day, by the clock of those who look."""
    midnight = datetime.combine(names.day, time(), names.zone)
    ends = datetime.combine(names.day + timedelta(days=1), time(), names.zone)
    spans: list[str] = []
    for opens, closes in openings(calendar, midnight - timedelta(days=1), 3):
        start, end = max(opens, micros(midnight)), min(closes, micros(ends))
        if start < end:
            begins = routing_facts.moment(start).astimezone(names.zone)
            until = routing_facts.moment(end).astimezone(names.zone)
            last = "24:00" if end == micros(ends) else f"{until:%H:%M}"
            spans.append(f"{begins:%H:%M}-{last}")
    return [span for span in spans if span[:5] < span[6:]]


def _groups(
    agents: Sequence[AgentSet], names: _Names, offers: Mapping[UUID, int]
) -> list[AgentGroup]:
    """Return the agents who serve a queue; those who are set up alike are one group."""
    alike: dict[bytes, list[str]] = {}
    for agent in agents:
        if agent.queues and any(agent.capacity.values()):
            setup = msgspec.json.encode(_group(agent, names, offers), order="deterministic")
            alike.setdefault(setup, []).append(names.of[agent.agent])
    if len(alike) > REHEARSAL_LINES:
        raise InvalidInputError(f"more than {REHEARSAL_LINES} different agents; take fewer")
    groups: list[AgentGroup] = []
    taken: set[str] = set()
    for setup, people in alike.items():
        group = msgspec.json.decode(setup, type=AgentGroup)
        name = _unlike(_together(people), taken)
        groups.append(msgspec.structs.replace(group, name=name, count=len(people)))
    return groups


def _group(agent: AgentSet, names: _Names, offers: Mapping[UUID, int]) -> AgentGroup:
    queues = agent.queues
    terms = queues if isinstance(queues, Mapping) else dict.fromkeys(queues, NO_TERMS)
    blending = agent.blending
    return AgentGroup(
        name="-",
        queues=sorted(names.of[queue] for queue in terms),
        ranks=_terms(terms, names, "rank"),
        delays=_terms(terms, names, "delay_us"),
        skills={names.of[skill]: level for skill, level in (agent.skills or {}).items()},
        capacity=dict(agent.capacity),
        budget=None if blending is None else blending.budget,
        units={} if blending is None else dict(blending.units),
        exclusive=[] if blending is None else list(blending.exclusive),
        interrupts={}
        if blending is None
        else {name: list(over) for name, over in blending.interrupts.items()},
        answer_seconds=min(ANSWER_SECONDS, min(offers[queue] for queue in terms) - 1),
    )


def _terms(terms: Mapping[UUID, Terms], names: _Names, part: str) -> dict[str, int]:
    """Return what differs from the usual terms, by queue: ranks, or delays in seconds."""
    told = {
        names.of[queue]: one.rank if part == "rank" else one.delay_us // 1_000_000
        for queue, one in sorted(terms.items())
    }
    return {name: min(value, DAY_SECONDS) for name, value in told.items() if value}


def _together(people: Sequence[str]) -> str:
    first = people[0][:80]
    return first if len(people) == 1 else f"{first} + {len(people) - 1}"


def _unlike(name: str, taken: set[str]) -> str:
    """Return the name, or one with a number that nobody has."""
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    taken.add(free)
    return free


def _seconds(value: float) -> int:
    return min(max(round(value), 1), DAY_SECONDS)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
