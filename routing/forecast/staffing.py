"""How many agents a queue needs in each interval, by the theory of queues and with shrinkage.

An interval is taken as if it went on for ever and its agents did nothing else. Agents who take
several contacts at once count as so many agents: a contact then takes its share of one.
"""

from collections.abc import Callable
from math import ceil
from typing import Final

from msgspec import Struct

from kernel.limits import STAFFING_AGENTS
from routing.forecast.erlang import Outlook, erlang_a, erlang_c
from routing.forecast.scenario import AgentGroup, Arrivals, QueueOfDay, Scenario, expected

_ROUNDING: Final = 1e-9


class Required(Struct, frozen=True, kw_only=True):
    """`agents` at their desks meet the target; `staffed` are needed so that so many are there.

    `theory` says by what: "erlang_a" when all clients have a patience, else "erlang_c".
    """

    agents: int
    staffed: int
    service_level: float
    occupancy: float
    abandoned: float
    theory: str


class Work(Struct, frozen=True, kw_only=True):
    """What comes to a queue in an interval: arrivals per second, times in seconds."""

    arrivals: float
    handle: float
    patience: float | None
    at_once: float = 1.0
    """How many contacts an agent has at the same time."""


class Wish(Struct, frozen=True, kw_only=True):
    """What is promised: shares from 0 to 1, times in seconds."""

    service_level: float
    target: float
    occupancy_most: float
    shrinkage: float


def required(work: Work, wish: Wish) -> Required | None:
    """Return the fewest agents that keep the promise; None when nobody is needed.

    More than STAFFING_AGENTS are never proposed: that many then do not suffice either.
    """
    if work.arrivals <= 0:
        return None
    handle = work.handle / work.at_once
    theory = "erlang_c" if work.patience is None else "erlang_a"

    def outlook(servers: int) -> Outlook:
        if work.patience is None:
            return erlang_c(work.arrivals, handle, servers, wish.target)
        return erlang_a(work.arrivals, handle, servers, wish.target, work.patience)

    def enough(servers: int) -> bool:
        seen = outlook(servers)
        return (
            seen.within_target + _ROUNDING >= wish.service_level
            and seen.occupancy <= wish.occupancy_most + _ROUNDING
        )

    # So many are answered at most, whoever waits how long: nobody need look below.
    agents = _least(enough, max(1, ceil(work.arrivals * handle * wish.service_level - _ROUNDING)))
    seen = outlook(agents)
    return Required(
        agents=agents,
        staffed=ceil(agents / (1 - wish.shrinkage) - _ROUNDING),
        service_level=round(seen.within_target, 6),
        occupancy=round(seen.occupancy, 6),
        abandoned=round(seen.abandoned, 6),
        theory=theory,
    )


def _least(enough: Callable[[int], bool], lowest: int) -> int:
    """Return the least number that is enough: more always is, so halve what is left."""
    step, below = 1, lowest - 1
    while below + step < STAFFING_AGENTS and not enough(below + step):
        below += step
        step *= 2
    above = min(below + step, STAFFING_AGENTS)
    while above - below > 1:
        middle = (above + below) // 2
        below, above = (below, middle) if enough(middle) else (middle, above)
    return above


def required_of(scenario: Scenario, queue: QueueOfDay, seconds: list[int]) -> list[Required | None]:
    """Return who is needed in each interval, which is so many seconds long."""
    streams = [one for one in scenario.arrivals if one.queue == queue.name]
    wish = Wish(
        service_level=queue.service_level_percent / 100,
        target=queue.target_seconds,
        occupancy_most=scenario.occupancy_most,
        shrinkage=scenario.shrinkage,
    )
    coming = [(one, expected(scenario, one)) for one in streams]
    found: list[Required | None] = []
    for place, length in enumerate(seconds):
        here = [(one, counts[place] / length) for one, counts in coming if counts[place] > 0]
        found.append(required(_work(here, scenario.agents), wish) if here else None)
    return found


def _work(here: list[tuple[Arrivals, float]], agents: list[AgentGroup]) -> Work:
    """Put the kinds of clients of one interval together: times are means over all of them."""
    rate = sum(each for _, each in here)
    load = sum((one.handle_seconds + one.wrap_up_seconds) * each for one, each in here)
    places = sum(
        (one.handle_seconds + one.wrap_up_seconds) * each / _at_once(one, agents)
        for one, each in here
    )
    patience = None
    if all(one.patience_seconds is not None for one, _ in here):
        patience = sum((one.patience_seconds or 0) * each for one, each in here) / rate
    return Work(arrivals=rate, handle=load / rate, patience=patience, at_once=load / places)


def _at_once(arrivals: Arrivals, agents: list[AgentGroup]) -> float:
    """Return how many such contacts an agent of the queue takes at once, in the mean."""
    able = [
        (group.count, group.capacity.get(arrivals.channel, 0))
        for group in agents
        if arrivals.queue in group.queues and group.capacity.get(arrivals.channel, 0) > 0
    ]
    people = sum(count for count, _ in able)
    return sum(count * most for count, most in able) / people if people else 1.0
