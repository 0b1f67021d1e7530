"""A slow, plain second opinion on routing, kept by reading commands and effects."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from routing import commands, effects
from routing.commands import Command
from routing.effects import Effect, OfferMade
from routing.engine import Engine
from routing.model import Ended, Leaving, Presence, Rules
from routing.rules import Blending, Priority, QueueRules, Skills, Strategy, Terms


@dataclass
class KnownAgent:
    id: UUID
    index: int
    queues: dict[UUID, Terms] = field(default_factory=dict)
    capacity: dict[str, int] = field(default_factory=dict)
    skills: dict[UUID, int] = field(default_factory=dict)
    blending: Blending = field(default_factory=Blending)
    state: Presence = Presence.OFFLINE
    missed: bool = False
    idle_since: int = 0
    turns: dict[UUID, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    rings: dict[str, int] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        return self.state is Presence.AVAILABLE and not self.missed

    def load(self, channel: str) -> int:
        return self.held.get(channel, 0) + self.rings.get(channel, 0)

    def has_room(self, channel: str, of_all: Rules) -> bool:
        """Say the limits once more, in other words than the engine."""
        if self.load(channel) >= self.capacity.get(channel, 0):
            return False
        together = {channel, *of_all.rung_together.get(channel, ())}
        ringing = sum(count for one, count in self.rings.items() if one in together)
        if of_all.ringing_at_once is not None and ringing >= of_all.ringing_at_once:
            return False
        rules = self.blending
        busy = {other for other in ("mail", "chat", "voice") if self.load(other)}
        counted = busy - set(rules.interrupts.get(channel, ()))
        if any({channel, other} & set(rules.exclusive) for other in counted - {channel}):
            return False
        cost = {other: rules.units.get(other, 1) for other in (*counted, channel)}
        used = sum(self.load(other) * cost[other] for other in counted)
        return rules.budget is None or used + cost[channel] <= rules.budget


@dataclass
class KnownContact:
    queue: UUID
    channel: str
    arrival: int
    number: int
    skills: Skills = ()
    priority: Priority | None = None
    preferred: UUID | None = None
    pinned: bool = False
    excluded: dict[UUID, int | None] = field(default_factory=dict)
    offers: dict[UUID, UUID] = field(default_factory=dict)
    agent: UUID | None = None

    @property
    def order(self) -> tuple[int, int]:
        return (self.arrival, self.number)

    @property
    def held(self) -> bool:
        return self.agent is not None

    @property
    def waits(self) -> bool:
        return self.agent is None and not self.offers


class Ledger:
    """Follows an engine and asserts after each command every property that routing promises."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.engine = Engine(rules)
        self.now = 0
        self.queues: dict[UUID, QueueRules] = {}
        self.agents: dict[UUID, KnownAgent] = {}
        self.contacts: dict[UUID, KnownContact] = {}
        self.log: list[tuple[Command, int]] = []
        self.told: list[Effect] = []
        self.entered = self.answered = self.abandoned = self.flowed_out = 0
        self.met = self.turn = 0

    def apply(self, command: Command, now: int) -> None:
        """Let time pass, then tell the engine; follow and check both."""
        due = self.engine.next_due()
        self.now = now
        if due is not None and due <= now:
            self._tell(commands.Tick())
        self._tell(command)

    def _tell(self, told: Command) -> None:
        self.log.append((told, self.now))
        self._hear_before(told)
        self._end_cool_downs()
        made = self.engine.apply(told, self.now)
        self._before = {name: dict(agent.turns) for name, agent in self.agents.items()}
        for effect in made:
            self._follow(effect)
        self._hear_after(told)
        self.told += made
        self._check(made)

    # What the center says

    def _hear_before(self, command: Command) -> None:
        match command:
            case commands.QueueSet():
                self.queues[command.queue] = command.rules
            case commands.ContactQueued() if command.contact not in self.contacts:
                self._meet(command)
            case commands.AgentSet():
                self._set_agent(command)
            case commands.AgentStateChanged():
                self._set_state(self.agents[command.agent], command.state, missed=False)
            case commands.AgentVanished():
                self._set_state(self.agents[command.agent], Presence.OFFLINE, missed=False)
            case commands.MoveToQueue() if command.contact in self.contacts:
                self._move(self.contacts[command.contact], command)
            case commands.PinToAgent() if command.contact in self.contacts:
                self._pin(self.contacts[command.contact], command)
            case commands.ContactLeft() | commands.ContactClosed():
                contact = self.contacts.get(command.contact)
                if contact is not None and contact.held:
                    self._let_go(contact)
                    del self.contacts[command.contact]

    def _meet(self, command: commands.ContactQueued) -> None:
        self.met += 1
        self.entered += 1
        self.contacts[command.contact] = KnownContact(
            command.queue,
            command.channel,
            command.virtual_arrival_us,
            self.met,
            command.skills,
            command.priority,
            command.preferred_agent,
            pinned=False,
            excluded={one.agent: one.until_us for one in command.excluded},
        )

    def _set_agent(self, command: commands.AgentSet) -> None:
        agent = self.agents.setdefault(command.agent, KnownAgent(command.agent, len(self.agents)))
        queues = command.queues
        known = queues if isinstance(queues, Mapping) else dict.fromkeys(queues, Terms())
        agent.queues, agent.capacity = dict(known), dict(command.capacity)
        skills = (command.skills or {}).items()
        agent.skills = {skill: level for skill, level in skills if level}
        agent.blending = command.blending or Blending()
        self._set_state(agent, command.state, missed=agent.missed)

    def _hear_after(self, command: Command) -> None:
        match command:
            case commands.ContactLeft() if command.contact in self.contacts:
                del self.contacts[command.contact]
                self._lose(command.reason)
            case commands.ContactClosed() if command.contact in self.contacts:
                del self.contacts[command.contact]
                self._lose(Leaving.CLOSED)

    def _set_state(self, agent: KnownAgent, state: Presence, *, missed: bool) -> None:
        was_ready = agent.ready
        agent.state, agent.missed = state, missed
        if agent.ready and not was_ready:
            agent.idle_since = self.now

    def _move(self, contact: KnownContact, command: commands.MoveToQueue) -> None:
        if contact.held:
            self.entered += 1
            self._let_go(contact)
        elif contact.queue != command.queue:
            self.flowed_out += 1
            self.entered += 1
        contact.queue = command.queue
        if command.virtual_arrival_us is not None:
            contact.arrival = command.virtual_arrival_us
        if command.skills is not None:
            contact.skills = command.skills
        contact.priority = command.priority or contact.priority

    @staticmethod
    def _pin(contact: KnownContact, command: commands.PinToAgent) -> None:
        if not contact.held:
            contact.pinned = command.agent is not None
            contact.preferred = command.agent or contact.preferred

    def _let_go(self, contact: KnownContact) -> None:
        assert contact.agent is not None
        agent = self.agents[contact.agent]
        agent.idle_since = self.now
        agent.held[contact.channel] -= 1
        contact.agent = None

    def _lose(self, reason: Leaving) -> None:
        if reason is Leaving.ABANDONED:
            self.abandoned += 1
        else:
            self.flowed_out += 1

    def _end_cool_downs(self) -> None:
        for contact in self.contacts.values():
            if contact.excluded:
                over = [a for a, t in contact.excluded.items() if t is not None and t <= self.now]
                for agent in over:
                    del contact.excluded[agent]

    # What the engine says

    def _follow(self, effect: Effect) -> None:
        match effect:
            case effects.OfferMade():
                self._ring(effect)
            case effects.OfferWithdrawn():
                self._stop(effect)
            case effects.ContactRequeued():
                self._requeue(effect)
            case effects.ContactTurnedAway():
                del self.contacts[effect.contact]
                self.flowed_out += 1
            case effects.WrapUpEnded():
                self._let_go(self.contacts.pop(effect.contact))
            case effects.ContactAssigned():
                self._assign(effect)
            case effects.AgentNotReady(reason=Ended.MISSED):
                self.agents[effect.agent].missed = True

    def _ring(self, effect: OfferMade) -> None:
        contact, agent = self.contacts[effect.contact], self.agents[effect.agent]
        assert not contact.held, "nobody is offered what somebody holds"
        assert effect.agent not in contact.offers.values(), "one live offer to an agent"
        contact.offers[effect.offer] = effect.agent
        agent.rings[contact.channel] = agent.rings.get(contact.channel, 0) + 1
        self.turn += 1
        agent.turns[contact.queue] = self.turn

    def _stop(self, effect: effects.OfferWithdrawn) -> None:
        contact = self.contacts[effect.contact]
        assert contact.offers.pop(effect.offer) == effect.agent
        self.agents[effect.agent].rings[contact.channel] -= 1
        if effect.reason is Ended.DECLINED and self.rules.decline_cool_down_us:
            contact.excluded[effect.agent] = self.now + self.rules.decline_cool_down_us

    def _requeue(self, effect: effects.ContactRequeued) -> None:
        contact = self.contacts[effect.contact]
        if effect.reason is Ended.AGENT_VANISHED and contact.held:
            self.entered += 1
            self._let_go(contact)
        if effect.queue != contact.queue:
            if contact.held:  # a vanished agent's, gone too often: it goes on at once
                self._let_go(contact)
                self.entered += 1
            self.flowed_out += 1
            self.entered += 1
            contact.queue = effect.queue

    def _assign(self, effect: effects.ContactAssigned) -> None:
        contact = self.contacts[effect.contact]
        if effect.previous is not None:
            assert contact.agent == effect.previous
            self._let_go(contact)
        else:
            self.answered += 1
        if effect.offer is not None:
            assert contact.offers.pop(effect.offer) == effect.agent
            self.agents[effect.agent].rings[contact.channel] -= 1
        assert not contact.offers, "whoever was asked as well is asked no more"
        agent = self.agents[effect.agent]
        contact.agent, contact.pinned = effect.agent, False
        agent.held[contact.channel] = agent.held.get(contact.channel, 0) + 1
        agent.idle_since = self.now

    # What may be

    def rules_of(self, queue: UUID) -> QueueRules:
        return self.queues.get(queue) or QueueRules()

    def asked(self, contact: KnownContact) -> Iterator[tuple[dict[UUID, int], set[UUID]]]:
        """Yield the skills and queues of each ring open now, by the plain words of the rules."""
        rules = self.rules_of(contact.queue)
        levels = dict(rules.skills)
        for skill, level in contact.skills:
            levels[skill] = max(level, levels.get(skill, 0))
        queues = {contact.queue}
        yield levels, queues
        for ring in sorted(rules.rings, key=lambda ring: ring.after_us):
            if self.now - contact.arrival < ring.after_us:
                return
            suffices = dict(ring.skills)
            levels = {s: min(level, suffices.get(s, level)) for s, level in levels.items()}
            queues = queues | set(ring.also_queues)
            yield levels, queues

    def ring_of(self, agent: KnownAgent, contact: KnownContact) -> int | None:
        if not agent.capacity.get(contact.channel):
            return None
        for ring, (levels, queues) in enumerate(self.asked(contact)):
            able = all(agent.skills.get(skill, 0) >= level for skill, level in levels.items())
            if able and queues & agent.queues.keys():
                return ring
        return None

    def may_take(self, agent: KnownAgent, contact: KnownContact) -> bool:
        """Say whether the agent may be offered the contact, a free place assumed."""
        if not agent.ready or agent.id in contact.excluded or not self.is_open(contact.queue):
            return False
        if contact.pinned:
            return contact.preferred == agent.id
        if self.ring_of(agent, contact) is None or self._may_be_kept(agent, contact):
            return False
        terms = agent.queues.get(contact.queue, Terms())
        return self.now - contact.arrival >= terms.delay_us or not terms.delay_us

    def is_open(self, queue: UUID) -> bool:
        hours = self.rules_of(queue).hours
        return hours is None or any(start <= self.now < end for start, end in hours)

    def _may_be_kept(self, agent: KnownAgent, contact: KnownContact) -> bool:
        """Say whether somebody else is waited for; whether it is worth it is not judged here."""
        if contact.preferred is None or contact.preferred == agent.id:
            return False
        hold = self.rules_of(contact.queue).hold_us
        other = self.agents.get(contact.preferred)
        return other is not None and other.ready and self.now - contact.arrival < hold

    def fits(self, agent: KnownAgent, contact: KnownContact) -> bool:
        room = agent.has_room(contact.channel, self.rules)
        return room and self.may_take(agent, contact)

    # What must be true

    def _check(self, made: list[Effect]) -> None:
        waiting = [contact for contact in self.contacts.values() if contact.waits]
        for agent in self.agents.values():
            if agent.ready:
                assert not any(self.fits(agent, contact) for contact in waiting), "work conserving"
        self._check_counts()
        offers = [effect for effect in made if isinstance(effect, OfferMade)]
        for effect in offers:
            self._check_offer(effect, waiting, offers)

    def _check_offer(
        self, made: OfferMade, waiting: list[KnownContact], offers: list[OfferMade]
    ) -> None:
        """Check the offer against all that was left undone: room only shrinks while matching."""
        contact, agent = self.contacts[made.contact], self.agents[made.agent]
        most = max(self.rules_of(contact.queue).offers_at_once, 1)
        assert len(contact.offers) <= most
        assert self.may_take(agent, contact) or contact.preferred is not None
        if [offer for offer in offers if offer.agent == made.agent][-1] is made:
            self._check_room(agent, contact.channel)
        # Who is asked besides the first is asked for this contact, whatever else it could take.
        is_first = next(iter(contact.offers)) == made.offer
        if is_first and not contact.pinned and not self._is_perhaps_for(agent, contact):
            for other in waiting:
                if other.channel != contact.channel or self._is_perhaps_for(agent, other):
                    continue
                if self.may_take(agent, other):
                    ours, theirs = self._rank(agent, contact), self._rank(agent, other)
                    assert ours < theirs, "who comes first was passed over"
        if len(offers) == 1 and contact.preferred != made.agent:
            self._check_no_better_agent(contact, agent)

    def _is_perhaps_for(self, agent: KnownAgent, contact: KnownContact) -> bool:
        """Say whether the contact may be kept for this agent, who then takes it first."""
        hold = self.rules_of(contact.queue).hold_us
        return contact.preferred == agent.id and self.now - contact.arrival < hold

    def _check_room(self, agent: KnownAgent, channel: str) -> None:
        """Without the last offer made to the agent there was room for it."""
        agent.rings[channel] -= 1
        assert agent.has_room(channel, self.rules), "capacity is kept"
        agent.rings[channel] += 1

    def _rank(self, agent: KnownAgent, contact: KnownContact) -> tuple[int, ...]:
        priority = contact.priority or self.rules_of(contact.queue).priority
        rank = agent.queues.get(contact.queue, Terms()).rank
        index = priority.index(self.now - contact.arrival)
        return (-1 if contact.pinned else rank, -priority.band, -index, *contact.order)

    def _check_no_better_agent(self, contact: KnownContact, agent: KnownAgent) -> None:
        for rival in self.agents.values():
            if rival is not agent and self.fits(rival, contact):
                ours, theirs = self._key(agent, contact, mine=1), self._key(rival, contact)
                assert ours < theirs, "a better agent was passed over"
                assert rival.id != contact.preferred

    def _key(self, agent: KnownAgent, contact: KnownContact, mine: int = 0) -> tuple[float, ...]:
        rules = self.rules_of(contact.queue)
        ring = self.ring_of(agent, contact)
        assert ring is not None
        asked = list(self.asked(contact))[ring][0]
        first: float = 0
        match rules.strategy:
            case Strategy.LONGEST_IDLE:
                pass
            case Strategy.MOST_SPARE:
                places = agent.capacity[contact.channel]
                first = (agent.load(contact.channel) - mine) / places
            case Strategy.ROUND_ROBIN:
                turns = self._before[agent.id] if mine else agent.turns
                first = turns.get(contact.queue, 0)
            case Strategy.BEST_PROFICIENCY:
                first = -sum(agent.skills.get(skill, 0) for skill, level in asked.items() if level)
            case Strategy.LEAST_FLEXIBLE:
                first = len(agent.queues) + len(agent.skills)
        return (ring, first, agent.idle_since, agent.index)

    def _check_counts(self) -> None:
        """Entered = answered + abandoned + flowed out + those inside, for all and for each."""
        waiting: dict[tuple[UUID, str], list[int]] = {}
        offered: dict[tuple[UUID, str], int] = {}
        for contact in self.contacts.values():
            where = (contact.queue, contact.channel)
            if contact.waits:
                waiting.setdefault(where, []).append(contact.arrival)
            elif contact.agent is None:
                offered[where] = offered.get(where, 0) + 1
        inside = sum(map(len, waiting.values())) + sum(offered.values())
        assert self.entered == self.answered + self.abandoned + self.flowed_out + inside
        entered = 0
        for count in self.engine.counts():
            here = waiting.get((count.queue, count.channel), [])
            lost = count.abandoned + count.flowed_out
            assert count.entered == count.answered + lost + count.waiting + count.offered
            assert count.waiting == len(here)
            assert count.offered == offered.get((count.queue, count.channel), 0)
            assert count.oldest_us == min(here, default=None)
            entered += count.entered
        assert entered == self.entered

    def check_order(self) -> None:
        """The line of each queue is read by arrival."""
        waiting = [name for name, contact in self.contacts.items() if contact.waits]
        waiting.sort(key=lambda name: self.contacts[name].order)
        for queue in dict.fromkeys(contact.queue for contact in self.contacts.values()):
            here = [name for name in waiting if self.contacts[name].queue == queue]
            assert list(self.engine.waiting(queue)) == here
