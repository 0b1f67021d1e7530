"""A decision of the router, however many wait: 1,000 to 1,000,000 contacts, everything switched on.

10,000 agents, all busy, in 25 queues, two channels and five languages: 500 lanes, with rings that
widen, three priorities, ranks and delays, blended capacity, preferred agents, hours and overflow.
An agent becomes free and is offered the best contact; the CPU time of that command is the figure.
"""

import gc
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

from bench.ground import figures
from bench.ground.figures import Figure
from routing import commands
from routing.effects import OfferMade
from routing.engine import Engine
from routing.model import Leaving, Presence, Rules
from routing.rules import Blending, Overflow, Priority, QueueRules, Ring, Strategy, Terms

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
AGENTS: Final = 10_000
DECISIONS: Final = 4_000
SECOND: Final = 1_000_000
START: Final = 1_800_000_000 * SECOND
DECISION_US_MAX: Final = 1_000.0
BYTES_MAX: Final = 500.0
GROWTH_MAX: Final = 4.0
PAGE: Final = 4096

QUEUES: Final = [UUID(int=1_000 + n) for n in range(25)]
LANGUAGES: Final = [UUID(int=2_000 + n) for n in range(5)]
CLASSES: Final = (
    None,
    Priority(band=0, weight=3, target_us=30 * SECOND),
    Priority(band=1, weight=1, target_us=20 * SECOND, power=2),
)
CHANNELS: Final = ("chat", "mail")
BLENDING: Final = Blending(
    budget=2, units={"chat": 2, "voice": 2}, exclusive=("voice",), interrupts={"voice": ("mail",)}
)


@dataclass(slots=True)
class Crowd:
    """An engine full of busy agents and waiting contacts."""

    dice: random.Random = field(default_factory=lambda: random.Random(5))
    engine: Engine = field(default_factory=lambda: Engine(Rules(ringing_at_once=1)))
    now: int = START
    names: Iterator[int] = field(default_factory=lambda: iter(range(10**6, 10**8)))
    held: list[UUID] = field(default_factory=list)
    took: dict[str, list[float]] = field(default_factory=dict)

    def furnish(self) -> None:
        """Set queues and agents, and give every agent as much as it can do; nobody waits then."""
        for place, queue in enumerate(QUEUES):
            self.tell(commands.QueueSet(queue, _rules(place)))
        for number in range(AGENTS):
            self.tell(self.agent(number))
        in_vain = 0
        while in_vain < 5_000:
            before = len(self.held)
            self.accept_all(self.arrive())
            in_vain = in_vain + 1 if len(self.held) == before else 0
        for queue in QUEUES:
            for contact in list(self.engine.waiting(queue)):
                self.tell(commands.ContactLeft(contact, Leaving.ABANDONED))

    def agent(self, number: int) -> commands.Command:
        generalist = number % 20 == 0
        queues = self.dice.sample(QUEUES, 10 if generalist else 4)
        languages = LANGUAGES if generalist else self.dice.sample(LANGUAGES, 2)
        late = Terms(rank=1, delay_us=20 * SECOND)
        return commands.AgentSet(
            agent=UUID(int=10_000 + number),
            queues={queue: late if n % 4 == 3 else Terms() for n, queue in enumerate(queues)},
            capacity={"chat": 1, "mail": 2, "voice": 1},
            state=Presence.AVAILABLE,
            skills={language: self.dice.randint(1, 3) for language in languages},
            blending=BLENDING,
        )

    def arrive(self) -> list[object]:
        self.now += 500
        pick = self.dice.random()
        return self.tell(
            commands.ContactQueued(
                contact=UUID(int=next(self.names)),
                queue=self.dice.choice(QUEUES),
                channel=CHANNELS[pick < 0.3],
                virtual_arrival_us=self.now,
                skills=((self.dice.choice(LANGUAGES), 3),),
                priority=CLASSES[(pick > 0.9) + (pick > 0.97)],
                preferred_agent=self.someone() if pick < 0.15 else None,
            ),
            "arrival",
        )

    def someone(self) -> UUID:
        return UUID(int=10_000 + self.dice.randrange(AGENTS))

    def fill(self, waiting: int) -> None:
        """Let contacts come until so many wait, some of them for hours."""
        here = sum(count.waiting for count in self.engine.counts())
        for _ in range(waiting - here):
            self.accept_all(self.arrive())

    def accept_all(self, told: list[object]) -> None:
        for made in told:
            if isinstance(made, OfferMade):
                answer = commands.OfferAccepted(made.offer, made.agent, made.contact)
                self.held.append(made.contact)
                self.accept_all(self.tell(answer, "accept"))

    def decide(self) -> None:
        """Free an agent, who is offered the next contact and takes it; somebody new comes."""
        place = self.dice.randrange(len(self.held))
        self.held[place], self.held[-1] = self.held[-1], self.held[place]
        told = self.tell(commands.ContactClosed(self.held.pop()), "decision")
        if not any(isinstance(made, OfferMade) for made in told):
            self.took["decision"].pop()
        self.accept_all(told)
        self.accept_all(self.arrive())

    def tell(self, command: commands.Command, kind: str = "") -> list[object]:
        started = time.thread_time_ns()
        told = self.engine.apply(command, self.now)
        if kind:
            self.took.setdefault(kind, []).append((time.thread_time_ns() - started) / 1e3)
        return list(told)


def _rules(place: int) -> QueueRules:
    strategies = tuple(Strategy)
    to = QUEUES[(place + 1) % len(QUEUES)]
    return QueueRules(
        strategy=strategies[place % len(strategies)],
        priority=Priority(weight=1 + place % 3, target_us=60 * SECOND),
        rings=(Ring(after_us=30 * SECOND, skills=tuple((one, 1) for one in LANGUAGES)),),
        hold_us=5 * SECOND,
        overflow=Overflow(to=to, after_us=48 * 3600 * SECOND) if place % 2 else None,
        hours=((START - SECOND, START + 365 * 24 * 3600 * SECOND),),
    )


async def measure() -> list[Figure]:
    return list(_figures([int(size) for size in sys.argv[1:]] or list(SIZES)))


def _figures(sizes: list[int]) -> Iterator[Figure]:
    crowd = Crowd()
    crowd.furnish()
    means: list[float] = []
    empty = _resident()
    for size in sizes:
        crowd.fill(size)
        per_contact = (_resident() - empty) / size
        gc.collect()
        gc.freeze()  # as the dispatcher does once it is restored
        crowd.took.clear()
        for _ in range(DECISIONS):
            crowd.decide()
        took = crowd.took["decision"]
        means.append(sum(took) / len(took))
        yield _decision(size, crowd)
        if size >= 100_000:
            yield _bytes(size, per_contact)
    if len(means) > 1:
        yield _growth(sizes, means)


def _decision(size: int, crowd: Crowd) -> Figure:
    took = crowd.took["decision"]
    return Figure(
        name=f"routing_decision_p99_{size}",
        value=figures.percentile(took, 99),
        unit="us CPU",
        n=len(took),
        limit=DECISION_US_MAX,
        at_most=True,
        details={
            "mean_us": figures.rounded(sum(took) / len(took)),
            "p50_us": figures.rounded(figures.percentile(took, 50)),
            "max_us": figures.rounded(max(took)),
            "arrival_p99_us": figures.rounded(figures.percentile(crowd.took["arrival"], 99)),
            "accept_p99_us": figures.rounded(figures.percentile(crowd.took["accept"], 99)),
            "lanes": len(crowd.engine._floor.routes.lanes),  # noqa: SLF001 - the shape of the run
            "agents": AGENTS,
        },
    )


def _bytes(size: int, per_contact: float) -> Figure:
    return Figure(
        name=f"routing_bytes_a_contact_{size}",
        value=per_contact,
        unit="B",
        n=size,
        limit=BYTES_MAX,
        at_most=True,
    )


def _growth(sizes: list[int], means: list[float]) -> Figure:
    return Figure(
        name="routing_decision_growth",
        value=means[-1] / means[0],
        unit="x",
        n=len(sizes),
        limit=GROWTH_MAX,
        at_most=True,
        details={"from": sizes[0], "to": sizes[-1]},
    )


def _resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


if __name__ == "__main__":
    figures.run(measure)
