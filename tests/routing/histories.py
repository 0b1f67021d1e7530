"""Random histories of a center: agents come, go and decline; contacts come, move and leave."""

from collections.abc import Callable
from random import Random
from uuid import UUID

from routing import commands
from routing.commands import Command
from routing.model import Leaving, Presence, Rules
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
from tests.routing.ledger import Ledger
from tests.routing.scene import SECOND, an_id

CHANNELS = ("mail", "chat", "voice")
SKILLS = tuple(an_id(f"skill {n}") for n in range(3))
AGENTS = tuple(an_id(f"agent {n}") for n in range(6))
QUEUES = tuple(an_id(f"queue {n}") for n in range(4))
CONTACTS = tuple(an_id(f"contact {n}") for n in range(400))
NOBODY = an_id("nobody")


class History:
    """One random history, told to a ledger that checks every step."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - a repeatable history, not a secret
        self.ledger = Ledger(
            Rules(
                decline_cool_down_us=self.random.choice((0, 5, 60)) * SECOND,
                ringing_at_once=self.random.choice((None, None, 1)),
                rung_together=self.random.choice(
                    ({}, {"mail": ("chat",), "chat": ("mail",)}, {"chat": ("mail", "voice")})
                ),
            )
        )
        self.now = 1_000 * SECOND
        self.queues = QUEUES[: self.random.randint(1, 4)]
        self.agents = AGENTS[: self.random.randint(1, 5)]
        self.plain = self.random.random() < 0.3
        """Whether queues have no rules of their own and agents no skills."""
        self.born = 0
        arrivals = self.random.choice((1, 3, 6))
        self.acts: list[tuple[Callable[[], Command], int]] = [
            (self.queue, 6 * arrivals),
            (self.leave, 3),
            (self.close, 6),
            (self.wrap_up, 2),
            (self.move, 2),
            (self.pin, 1),
            (self.set_agent, 2),
            (self.set_queue, 1),
            (self.change_state, 4),
            (self.come_back, 6),
            (self.vanish, 1),
            (self.accept, 12),
            (self.decline, 5),
            (self.take, 2),
            (self.assign, 2),
        ]

    def run(self, steps: int) -> Ledger:
        for queue in self.queues:
            self.step(commands.QueueSet(queue, self.rules(queue)))
        for agent in self.agents:
            self.step(self.profile(agent, Presence.AVAILABLE))
        acts, weights = zip(*self.acts, strict=True)
        for act in self.random.choices(acts, weights, k=steps):
            self.now += self.random.choice((0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 25)) * SECOND
            if self.random.random() < 0.1:
                self.now = max(self.ledger.engine.next_due() or 0, self.now)
            self.step(act() if self.ledger.contacts else self.queue())
        self.ledger.check_order()
        return self.ledger

    def step(self, command: Command) -> None:
        self.ledger.apply(command, self.now)

    def odds(self, share: float) -> bool:
        return self.random.random() < share

    # What is decided

    def rules(self, queue: UUID) -> QueueRules:
        timeout = self.random.choice((10, 30)) * SECOND
        if self.plain:
            return QueueRules(offer_timeout_us=timeout)
        return QueueRules(
            offer_timeout_us=timeout,
            strategy=self.random.choice(tuple(Strategy)),
            priority=self.priority(),
            skills=self.skills() if self.odds(0.3) else (),
            rings=self.rings(),
            hold_us=self.random.choice((0, 0, 8)) * SECOND,
            offers_at_once=self.random.choice((1, 1, 1, 2)),
            offers_most=self.random.choice((None, None, 2)),
            overflow=self.overflow(queue),
            hours=self.hours(),
            when_closed=self.random.choice(tuple(WhenClosed)),
        )

    def priority(self) -> Priority:
        return Priority(
            band=self.random.choice((0, 0, 0, 1)),
            weight=self.random.choice((1, 1, 2)),
            target_us=self.random.choice((20, 60)) * SECOND,
            power=self.random.choice((1, 1, 2)),
        )

    def skills(self) -> Skills:
        chosen = sorted(self.random.sample(SKILLS, self.random.randint(1, 2)))
        return tuple((skill, self.random.randint(1, 3)) for skill in chosen)

    def rings(self) -> tuple[Ring, ...]:
        return tuple(
            Ring(
                after_us=after * SECOND,
                skills=tuple((skill, self.random.randint(0, 2)) for skill in SKILLS),
                also_queues=(self.random.choice(self.queues),) if self.odds(0.3) else (),
            )
            for after in self.random.sample((2, 5, 9, 20), self.random.choice((0, 0, 1, 2)))
        )

    def overflow(self, queue: UUID) -> Overflow | None:
        target = self.random.choice(self.queues)
        if target == queue or self.odds(0.6):
            return None
        return Overflow(
            to=target,
            after_us=self.random.choice((None, 6 * SECOND, 15 * SECOND)),
            longer_than=self.random.choice((None, None, 2)),
            nobody_there=self.odds(0.3),
        )

    def hours(self) -> tuple[tuple[int, int], ...] | None:
        if self.odds(0.8):
            return None
        start = self.now + self.random.choice((-50, 5, 20)) * SECOND
        return ((start, start + 60 * SECOND), (start + 80 * SECOND, start + 500 * SECOND))

    def profile(self, agent: UUID, state: Presence) -> Command:
        queues = self.random.sample(self.queues, self.random.randint(1, len(self.queues)))
        channels = self.random.sample(CHANNELS, self.random.randint(1, 3))
        return commands.AgentSet(
            agent=agent,
            queues=queues if self.plain else {queue: self.terms() for queue in queues},
            capacity={channel: self.random.randint(0, 3) for channel in channels},
            state=state,
            skills=None if self.plain else {s: self.random.randint(0, 3) for s in SKILLS},
            blending=None if self.plain or self.odds(0.5) else self.blending(),
        )

    def terms(self) -> Terms:
        delay = self.random.choice((0, 0, 0, 3, 7)) * SECOND
        return Terms(self.random.choice((0, 0, 1)), delay)

    def blending(self) -> Blending:
        return Blending(
            budget=self.random.choice((None, 3, 5)),
            units={"voice": 3, "chat": 2} if self.odds(0.5) else {},
            exclusive=("voice",) if self.odds(0.5) else (),
            interrupts={"voice": ("mail",)} if self.odds(0.5) else {},
        )

    # What happens

    def queue(self) -> Command:
        self.born += 1
        back = self.random.choice((0, 0, 0, 0, 10, 100))
        return commands.ContactQueued(
            contact=CONTACTS[self.born],
            queue=self.random.choice(self.queues),
            channel=self.random.choice(CHANNELS),
            virtual_arrival_us=self.now - back * SECOND,
            preferred_agent=self.agent() if self.odds(0.2) else None,
            excluded=self.exclusions(),
            skills=self.skills() if not self.plain and self.odds(0.2) else (),
            priority=self.priority() if not self.plain and self.odds(0.2) else None,
        )

    def exclusions(self) -> tuple[commands.Exclusion, ...]:
        until = self.random.choice((None, self.now, self.now + 3 * SECOND))
        return (commands.Exclusion(self.agent(), until),) if self.odds(0.1) else ()

    def set_agent(self) -> Command:
        return self.profile(self.agent(), self.random.choice((Presence.AVAILABLE, *Presence)))

    def set_queue(self) -> Command:
        queue = self.random.choice(self.queues)
        return commands.QueueSet(queue, self.rules(queue))

    def change_state(self) -> Command:
        states = (Presence.AVAILABLE, Presence.AVAILABLE, Presence.AWAY, Presence.OFFLINE)
        return commands.AgentStateChanged(self.agent(), self.random.choice(states))

    def come_back(self) -> Command:
        """Let somebody who is not ready act, if there is anybody."""
        agents = self.ledger.agents
        absent = [name for name in self.agents if not agents[name].ready] or self.agents
        return commands.AgentStateChanged(self.random.choice(absent), Presence.AVAILABLE)

    def vanish(self) -> Command:
        return commands.AgentVanished(self.agent())

    def leave(self) -> Command:
        return commands.ContactLeft(self.contact(), self.random.choice(list(Leaving)))

    def close(self) -> Command:
        return commands.ContactClosed(self.held())

    def wrap_up(self) -> Command:
        until = self.random.choice((None, self.now + 4 * SECOND))
        return commands.WrapUpBegun(self.held(), until)

    def held(self) -> UUID:
        held = [name for name, contact in self.ledger.contacts.items() if contact.held]
        return self.random.choice(held) if held else self.contact()

    def move(self) -> Command:
        arrival = self.random.choice((None, None, self.now))
        skills = self.random.choice((None, None, ()))
        return commands.MoveToQueue(
            self.contact(), self.random.choice(self.queues), arrival, skills
        )

    def pin(self) -> Command:
        return commands.PinToAgent(self.contact(), self.agent() if self.odds(0.6) else None)

    def accept(self) -> Command:
        return commands.OfferAccepted(*self.answered_offer())

    def decline(self) -> Command:
        return commands.OfferDeclined(*self.answered_offer())

    def answered_offer(self) -> tuple[UUID, UUID, UUID]:
        """Return an offer that rings, or now and then one that never did."""
        ringing = [
            (offer, agent, name)
            for name, contact in self.ledger.contacts.items()
            for offer, agent in contact.offers.items()
        ]
        if not ringing or self.odds(0.05):
            return NOBODY, self.agent(), self.contact()
        return self.random.choice(ringing)

    def take(self) -> Command:
        return commands.TakeByHand(self.contact(), self.agent())

    def assign(self) -> Command:
        return commands.AssignByHand(self.contact(), self.agent(), NOBODY)

    def agent(self) -> UUID:
        return self.random.choice(self.agents)

    def contact(self) -> UUID:
        """Return a contact that is here, or now and then one that is not."""
        if not self.ledger.contacts or self.odds(0.05):
            return NOBODY
        return self.random.choice(list(self.ledger.contacts))
