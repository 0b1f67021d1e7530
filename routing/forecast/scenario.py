"""A day to be rehearsed, as somebody writes it: queues, who comes, who works; all plain values.

Each field's description is its documentation and the cure when it is wrong. Everything is named,
not numbered; times of the day are "HH:MM", and "24:00" is the end of the day.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from kernel.limits import (
    NAME_CHARS,
    QUEUE_RINGS,
    REDIALS,
    REHEARSAL_DAYS,
    REHEARSAL_LINES,
    SKILL_LEVEL_MAX,
    SKILLS_ASKED,
)
from routing.rules import Strategy, WhenClosed

DAY_SECONDS = 86_400

Name = Annotated[str, Meta(min_length=1, max_length=NAME_CHARS, description="a text")]
TimeOfDay = Annotated[
    str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$", description='a time such as "09:30"')
]
Span = Annotated[
    str,
    Meta(
        pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$",
        description='times such as "09:00-17:30"',
    ),
]
Spans = Annotated[list[Span], Meta(max_length=20, description='a list such as ["09:00-17:30"]')]
Seconds = Annotated[
    int, Meta(ge=1, le=DAY_SECONDS, description="whole seconds, from 1 to a day (86400)")
]
SecondsOrNone = Annotated[
    int, Meta(ge=0, le=DAY_SECONDS, description="whole seconds, from 0 to a day (86400)")
]
Share = Annotated[float, Meta(ge=0, lt=1, description="a share from 0 to below 1, such as 0.3")]
Level = Annotated[
    int, Meta(ge=0, le=SKILL_LEVEL_MAX, description=f"a level from 0 to {SKILL_LEVEL_MAX}")
]
Skills = Annotated[
    dict[Name, Level],
    Meta(max_length=SKILLS_ASKED * 10, description='levels by skill, such as {"French" = 2}'),
]
Names = Annotated[list[Name], Meta(max_length=200, description='names such as ["Support"]')]
Most = Annotated[int, Meta(ge=0, le=100, description="a whole number from 0 to 100")]
ChannelNumbers = Annotated[
    dict[Name, Most], Meta(max_length=20, description="numbers by channel, such as {chat = 3}")
]
Percent = Annotated[
    int, Meta(ge=0, le=100, description="a whole percentage from 0 to 100, such as 20")
]
Expected = Annotated[
    float, Meta(ge=0, le=1_000_000, description="how many are expected, from 0 to 1000000")
]


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A strict part of a scenario: an unknown field is refused."""


class WidenedAfter(Part, frozen=True, kw_only=True):
    """After so long a wait lower levels suffice, and members of other queues are asked as well."""

    after_seconds: Seconds
    skills: Skills = field(default_factory=dict)
    also_queues: Names = []


class Onward(Part, frozen=True, kw_only=True):
    """When a contact waits in another queue instead."""

    to: Name
    after_seconds: Seconds | None = None
    longer_than: Annotated[int, Meta(ge=1, le=1_000_000, description="from 1")] | None = None
    nobody_there: bool = False


class QueueOfDay(Part, frozen=True, kw_only=True):
    """A queue: what it promises, how it asks, and how many of its agents should be there."""

    name: Name
    target_seconds: Seconds = 60
    service_level_percent: Annotated[
        int, Meta(ge=1, le=99, description="a whole percentage from 1 to 99")
    ] = 80
    offer_seconds: Seconds = 30
    strategy: Annotated[Strategy, Meta(description=f"one of {', '.join(Strategy)}")] = (
        Strategy.LONGEST_IDLE
    )
    band: Annotated[int, Meta(ge=0, le=9, description="a whole number from 0 to 9")] = 0
    weight: Annotated[int, Meta(ge=1, le=100, description="a whole number from 1 to 100")] = 1
    urgency: Annotated[Literal["steady", "growing"], Meta(description="steady or growing")] = (
        "steady"
    )
    skills: Skills = field(default_factory=dict)
    rings: Annotated[
        list[WidenedAfter], Meta(max_length=QUEUE_RINGS, description="a list of rings")
    ] = []
    offers_at_once: Annotated[int, Meta(ge=1, le=20, description="from 1 to 20")] = 1
    offers_most: Annotated[int, Meta(ge=1, le=100, description="from 1 to 100")] | None = None
    overflow: Onward | None = None
    open: Spans | None = None
    """When it is open; left out: the whole day."""
    when_closed: Annotated[WhenClosed, Meta(description=f"one of {', '.join(WhenClosed)}")] = (
        WhenClosed.WAIT
    )


class Arrivals(Part, frozen=True, kw_only=True):
    """Clients of one kind: how many come when, how long they take and how long they wait.

    They come at random moments (Poisson) around what is expected: per interval of the day, or
    evenly. Patience is exponential; left out, they wait as long as it takes. So many percent of
    those who give up call again after a while (exponential too), with a new patience; so many
    percent of those who still wait after some time hang up to be called back at their place.
    """

    queue: Name
    channel: Name = "chat"
    per_interval: Annotated[
        list[Expected],
        Meta(max_length=288, description="how many are expected in each interval of the day"),
    ] = []
    per_hour: Expected | None = None
    handle_seconds: Seconds = 300
    handle_times: Annotated[
        Literal["exponential", "fixed"], Meta(description="exponential or fixed")
    ] = "exponential"
    wrap_up_seconds: SecondsOrNone = 0
    patience_seconds: Seconds | None = None
    redial_percent: Percent = 0
    redial_after_seconds: Seconds = 120
    redials_most: Annotated[
        int, Meta(ge=0, le=REDIALS, description=f"a whole number from 0 to {REDIALS}")
    ] = 3
    """How often one client calls again at most."""
    callback_percent: Percent = 0
    callback_after_seconds: SecondsOrNone = 60
    skills: Skills = field(default_factory=dict)


class AgentGroup(Part, frozen=True, kw_only=True):
    """People who work alike: `count` of them, in the same queues and shifts."""

    name: Name
    count: Annotated[int, Meta(ge=0, le=2_000, description="a whole number from 0 to 2000")] = 1
    queues: Names
    ranks: Annotated[
        dict[Name, Annotated[int, Meta(ge=0, le=9, description="a rank from 0 to 9")]],
        Meta(max_length=200, description='ranks by queue, such as {"Support" = 1}'),
    ] = field(default_factory=dict)
    delays: Annotated[
        dict[Name, SecondsOrNone],
        Meta(max_length=200, description='seconds by queue, such as {"Support" = 30}'),
    ] = field(default_factory=dict)
    skills: Skills = field(default_factory=dict)
    capacity: ChannelNumbers = field(default_factory=lambda: {"chat": 1})
    budget: Annotated[int, Meta(ge=1, le=1_000, description="from 1 to 1000")] | None = None
    units: ChannelNumbers = field(default_factory=dict)
    exclusive: Names = []
    interrupts: Annotated[
        dict[Name, Names], Meta(max_length=20, description="lists of channels by channel")
    ] = field(default_factory=dict)
    shifts: Spans | None = None
    """When they work; left out: the whole day. What is between two shifts is a break."""
    answer_seconds: SecondsOrNone = 3
    """How long an offer rings before one of them takes or declines it."""
    decline_percent: Percent = 0
    miss_percent: Percent = 0
    """Of the offers, how many they let ring out."""
    back_after_seconds: Seconds = 60
    """How long they are away after an offer that they missed."""


class Scenario(Part, frozen=True, kw_only=True):
    """A whole day, and how often it is rehearsed."""

    starts: TimeOfDay = "09:00"
    ends: TimeOfDay = "17:00"
    interval_minutes: Annotated[
        Literal[5, 10, 15, 20, 30, 60], Meta(description="5, 10, 15, 20, 30 or 60")
    ] = 30
    seed: Annotated[
        int, Meta(ge=0, le=2**53 - 1, description="a whole number: the same seed, the same day")
    ] = 1
    days: Annotated[
        int,
        Meta(ge=1, le=REHEARSAL_DAYS, description=f"a whole number from 1 to {REHEARSAL_DAYS}"),
    ] = 1
    shrinkage: Share = 0.3
    """The share of paid time in which people are not at their desk; for required agents alone."""
    occupancy_most: Annotated[
        float, Meta(gt=0, le=1, description="a share above 0, up to 1, such as 0.85")
    ] = 0.85
    """Nobody should be busier than this; for required agents alone."""
    queues: Annotated[
        list[QueueOfDay],
        Meta(min_length=1, max_length=REHEARSAL_LINES, description="one [[queues]] at least"),
    ]
    arrivals: Annotated[
        list[Arrivals],
        Meta(min_length=1, max_length=REHEARSAL_LINES, description="one [[arrivals]] at least"),
    ]
    agents: Annotated[
        list[AgentGroup], Meta(max_length=REHEARSAL_LINES, description="a list of [[agents]]")
    ] = []


def seconds_into_day(time_of_day: str) -> int:
    """Return the seconds since midnight of "HH:MM"."""
    hours, _, minutes = time_of_day.partition(":")
    return int(hours) * 3_600 + int(minutes) * 60


def span_seconds(span: str) -> tuple[int, int]:
    """Return both ends of "HH:MM-HH:MM" in seconds since midnight."""
    begins, _, ends = span.partition("-")
    return seconds_into_day(begins), seconds_into_day(ends)


def intervals(scenario: Scenario) -> list[tuple[int, int]]:
    """Return the intervals of the day in seconds since midnight; the last may be shorter."""
    begins, ends = seconds_into_day(scenario.starts), seconds_into_day(scenario.ends)
    step = scenario.interval_minutes * 60
    return [(at, min(at + step, ends)) for at in range(begins, ends, step)]


def expected(scenario: Scenario, arrivals: Arrivals) -> list[float]:
    """Return how many of these clients are expected in each interval."""
    if arrivals.per_hour is None:
        return arrivals.per_interval
    return [arrivals.per_hour * (end - start) / 3_600 for start, end in intervals(scenario)]


def coming(scenario: Scenario) -> float:
    """Return how many are expected on a day at most: as if everybody gave up each time."""
    return sum(
        sum(expected(scenario, arrivals)) * _calls(arrivals) for arrivals in scenario.arrivals
    )


def _calls(arrivals: Arrivals) -> float:
    """Return how often a client who never gets through calls, in the mean."""
    again = arrivals.redial_percent / 100
    return sum(again**time for time in range(arrivals.redials_most + 1))


def seeds(scenario: Scenario) -> Iterator[int]:
    """Yield the seed of each day of the scenario."""
    yield from range(scenario.seed, scenario.seed + scenario.days)
