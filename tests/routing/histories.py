"""Random histories of a center: agents come, go and decline; contacts come, move and leave."""

from collections.abc import Callable
from random import Random
from uuid import UUID

from routing import commands
from routing.commands import Command
from routing.model import Leaving, Presence, Rules
from tests.routing.ledger import Ledger
from tests.routing.scene import SECOND, an_id

CHANNELS = ("mail", "chat")


class History:
    """One random history, told to a ledger that checks every step."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - a repeatable history, not a secret
        self.ledger = Ledger(
            Rules(
                decline_cool_down_us=self.random.choice((0, 5, 60)) * SECOND,
                ringing_at_once=self.random.choice((None, None, 1)),
            )
        )
        self.now = 1_000 * SECOND
        self.queues = [an_id(f"queue {n}") for n in range(self.random.randint(1, 4))]
        self.agents = [an_id(f"agent {n}") for n in range(self.random.randint(1, 6))]
        self.born = 0
        arrivals = self.random.choice((1, 3, 6))
        self.acts: list[tuple[Callable[[], Command], int]] = [
            (self.queue, 6 * arrivals),
            (self.leave, 3),
            (self.close, 6),
            (self.move, 2),
            (self.set_agent, 2),
            (self.change_state, 4),
            (self.come_back, 6),
            (self.vanish, 1),
            (self.free, 3),
            (self.accept, 12),
            (self.decline, 5),
            (self.take, 2),
            (self.assign, 2),
        ]

    def run(self, steps: int) -> Ledger:
        for queue in self.queues:
            self.step(commands.QueueSet(queue, self.random.choice((10, 30)) * SECOND))
        for agent in self.agents:
            self.step(self.profile(agent, Presence.AVAILABLE))
        acts, weights = zip(*self.acts, strict=True)
        for act in self.random.choices(acts, weights, k=steps):
            self.now += self.random.choice((0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 25)) * SECOND
            if self.random.random() < 0.1:
                self.now = max(self.ledger.engine.next_due() or 0, self.now)
            self.step(act() if self.ledger.contacts else self.queue())
        return self.ledger

    def step(self, command: Command) -> None:
        self.ledger.apply(command, self.now)

    def queue(self) -> Command:
        self.born += 1
        back = self.random.choice((0, 0, 0, 0, 10, 100))
        return commands.ContactQueued(
            contact=an_id(f"contact {self.born}"),
            queue=self.random.choice(self.queues),
            channel=self.random.choice(CHANNELS),
            virtual_arrival_us=self.now - back * SECOND,
            preferred_agent=self.agent() if self.random.random() < 0.2 else None,
            excluded=self.exclusions(),
        )

    def exclusions(self) -> tuple[commands.Exclusion, ...]:
        until = self.random.choice((None, self.now, self.now + 3 * SECOND))
        return (commands.Exclusion(self.agent(), until),) if self.random.random() < 0.1 else ()

    def profile(self, agent: UUID, state: Presence) -> Command:
        return commands.AgentSet(
            agent=agent,
            queues=self.random.sample(self.queues, self.random.randint(1, len(self.queues))),
            capacity={
                channel: self.random.randint(0, 3)
                for channel in self.random.sample(CHANNELS, self.random.randint(1, 2))
            },
            state=state,
        )

    def set_agent(self) -> Command:
        return self.profile(self.agent(), self.random.choice((Presence.AVAILABLE, *Presence)))

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

    def free(self) -> Command:
        return commands.CapacityFreed(self.agent(), self.random.choice(CHANNELS))

    def leave(self) -> Command:
        return commands.ContactLeft(self.contact(), self.random.choice(list(Leaving)))

    def close(self) -> Command:
        held = [name for name, contact in self.ledger.contacts.items() if contact.held]
        name = self.random.choice(held) if held else self.contact()
        return commands.ContactClosed(name, wrap_up=self.random.random() < 0.4)

    def move(self) -> Command:
        arrival = self.random.choice((None, None, self.now))
        return commands.MoveToQueue(self.contact(), self.random.choice(self.queues), arrival)

    def accept(self) -> Command:
        return commands.OfferAccepted(*self.answered_offer())

    def decline(self) -> Command:
        return commands.OfferDeclined(*self.answered_offer())

    def answered_offer(self) -> tuple[UUID, UUID, UUID]:
        """Return an offer that rings, or now and then one that never did."""
        ringing = [
            (contact.offer, contact.agent, name)
            for name, contact in self.ledger.contacts.items()
            if contact.offer is not None and contact.agent is not None
        ]
        if not ringing or self.random.random() < 0.05:
            return an_id("no offer"), self.agent(), self.contact()
        return self.random.choice(ringing)

    def take(self) -> Command:
        return commands.TakeByHand(self.contact(), self.agent())

    def assign(self) -> Command:
        return commands.AssignByHand(self.contact(), self.agent(), an_id("supervisor"))

    def agent(self) -> UUID:
        return self.random.choice(self.agents)

    def contact(self) -> UUID:
        """Return a contact that is here, or now and then one that is not."""
        if not self.ledger.contacts or self.random.random() < 0.05:
            return an_id("nobody")
        return self.random.choice(list(self.ledger.contacts))
