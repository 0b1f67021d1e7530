"""A center under virtual time: the production engine, random clients, no second of waiting."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random
from uuid import UUID

from routing import commands
from routing.effects import AgentNotReady, Effect, OfferMade
from routing.engine import Engine
from routing.model import Leaving, Presence
from routing.rules import Priority, QueueRules
from tests.routing.scene import SECOND, an_id

HOUR = 3600.0
BATCHES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Clients of one queue: so many an hour, handled and patient for exponential times."""

    queue: str
    per_hour: float
    handle: float
    patience: float | None = None
    priority: Priority = field(default_factory=Priority)


@dataclass(slots=True)
class Visit:
    """What one client met with, in seconds; `waited` is None while it still waits.

    `gap` is the time since the client before, as a share of its mean.
    """

    stream: Stream
    arrived: float
    handle: float
    gap: float
    waited: float | None = None
    abandoned: bool = False


class VirtualDay:
    """Runs streams against agents who each take one contact at a time and accept at once."""

    def __init__(self, streams: list[Stream], agents: int, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - a repeatable day, not a secret
        self.engine = Engine()
        self.streams = streams
        self.calendar: list[tuple[int, int, commands.Command]] = []
        self.visits: dict[UUID, Visit] = {}
        self.now = 1_000_000 * SECOND
        self.told = 0
        for stream in streams:
            rules = QueueRules(priority=stream.priority, offer_timeout_us=SECOND)
            self.tell(commands.QueueSet(an_id(stream.queue), rules))
        for n in range(agents):
            self.tell(
                commands.AgentSet(
                    agent=an_id(f"agent {n}"),
                    queues=[an_id(stream.queue) for stream in streams],
                    capacity={"chat": 1},
                    state=Presence.AVAILABLE,
                )
            )

    def run(self, arrivals: int) -> list[Visit]:
        """Let so many clients come; return their visits in the order of arrival."""
        rates = [stream.per_hour / HOUR for stream in self.streams]
        due = self.now
        for _ in range(arrivals):
            gap = self.random.expovariate(1.0)
            due += round(gap / sum(rates) * SECOND)
            self.until(due)
            (stream,) = self.random.choices(self.streams, rates)
            self.come(stream, gap)
        self.until(self.now + round(24 * HOUR) * SECOND)
        return list(self.visits.values())

    def come(self, stream: Stream, gap: float) -> None:
        name = UUID(int=len(self.visits) + 1)
        handle = self.random.expovariate(1 / stream.handle)
        self.visits[name] = Visit(stream, self.now / SECOND, handle, gap)
        if stream.patience is not None:
            patience = round(self.random.expovariate(1 / stream.patience) * SECOND)
            self.plan(self.now + patience, commands.ContactLeft(name, Leaving.ABANDONED))
        self.tell(
            commands.ContactQueued(
                contact=name,
                queue=an_id(stream.queue),
                channel="chat",
                virtual_arrival_us=self.now,
            )
        )

    def plan(self, due: int, command: commands.Command) -> None:
        self.told += 1
        heappush(self.calendar, (due, self.told, command))

    def until(self, due: int) -> None:
        while self.calendar and self.calendar[0][0] <= due:
            self.now, _, command = heappop(self.calendar)
            if isinstance(command, commands.ContactLeft):
                self.lose_patience(command)
            else:
                self.tell(command)
        self.now = due

    def lose_patience(self, command: commands.ContactLeft) -> None:
        visit = self.visits[command.contact]
        if visit.waited is None:
            visit.waited, visit.abandoned = self.now / SECOND - visit.arrived, True
            self.tell(command)

    def tell(self, command: commands.Command) -> None:
        for effect in self.engine.apply(command, self.now):
            self.follow(effect)

    def follow(self, effect: Effect) -> None:
        assert not isinstance(effect, AgentNotReady), "everybody answers"
        if isinstance(effect, OfferMade):
            visit = self.visits[effect.contact]
            visit.waited = self.now / SECOND - visit.arrived
            self.tell(commands.OfferAccepted(effect.offer, effect.agent, effect.contact))
            done = self.now + round(visit.handle * SECOND)
            self.plan(done, commands.ContactClosed(effect.contact))


@dataclass(frozen=True, slots=True)
class Interval:
    """What was measured, with the half-width of its 99 % interval."""

    mean: float
    half_width: float

    def covers(self, exact: float) -> bool:
        return abs(self.mean - exact) <= self.half_width

    def __str__(self) -> str:
        return f"{self.mean:.4f} ± {self.half_width:.4f}"


T_99: Mapping[int, float] = {27: 2.771, 29: 2.756}
"""Two-sided 99 % points of Student's t, by degrees of freedom."""


def measured(values: list[float], visits: list[Visit]) -> Interval:
    """Estimate the mean by batches, corrected by what is known exactly of the random numbers.

    Gaps and handle times have known means; how a batch happened to differ from them explains much
    of how its waits differ (control variates: S. S. Lavenberg and P. D. Welch, 1981). 5 % of the
    visits are the warm-up.
    """
    start = len(values) // 20
    size = (len(values) - start) // BATCHES
    rows = []
    for batch in range(BATCHES):
        part = slice(start + batch * size, start + (batch + 1) * size)
        known = [
            sum(one.gap for one in visits[part]) / size - 1,
            sum(one.handle / one.stream.handle for one in visits[part]) / size - 1,
        ]
        rows.append((sum(values[part]) / size, known))
    return _regressed(rows)


def _regressed(rows: list[tuple[float, list[float]]]) -> Interval:
    """Return the intercept of a linear fit on two controls of mean zero, and its half-width."""
    n = len(rows)
    y = sum(row[0] for row in rows) / n
    a, b = (sum(row[1][k] for row in rows) / n for k in (0, 1))
    saa = sum((row[1][0] - a) ** 2 for row in rows)
    sbb = sum((row[1][1] - b) ** 2 for row in rows)
    sab = sum((row[1][0] - a) * (row[1][1] - b) for row in rows)
    say = sum((row[1][0] - a) * (row[0] - y) for row in rows)
    sby = sum((row[1][1] - b) * (row[0] - y) for row in rows)
    det = saa * sbb - sab * sab
    slope_a, slope_b = (say * sbb - sby * sab) / det, (sby * saa - say * sab) / det
    rest = [row[0] - y - slope_a * (row[1][0] - a) - slope_b * (row[1][1] - b) for row in rows]
    variance = sum(one * one for one in rest) / (n - 3)
    spread = 1 / n + (a * a * sbb - 2 * a * b * sab + b * b * saa) / det
    return Interval(y - slope_a * a - slope_b * b, T_99[n - 3] * (variance * spread) ** 0.5)
