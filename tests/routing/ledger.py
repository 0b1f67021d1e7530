"""A slow, plain second opinion on routing, kept by reading commands and effects."""

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from routing import commands
from routing.commands import Command
from routing.effects import (
    AgentNotReady,
    ContactAssigned,
    ContactRequeued,
    Effect,
    OfferMade,
    OfferWithdrawn,
)
from routing.engine import Engine
from routing.model import Ended, Leaving, Presence, Rules


@dataclass
class KnownAgent:
    index: int
    queues: set[UUID] = field(default_factory=set)
    capacity: dict[str, int] = field(default_factory=dict)
    state: Presence = Presence.OFFLINE
    missed: bool = False
    idle_since: int = 0
    wrapping: dict[str, int] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        return self.state is Presence.AVAILABLE and not self.missed

    @property
    def order(self) -> tuple[int, int]:
        return (self.idle_since, self.index)


@dataclass
class KnownContact:
    queue: UUID
    channel: str
    order: tuple[int, int]
    preferred: UUID | None = None
    excluded: dict[UUID, int | None] = field(default_factory=dict)
    offer: UUID | None = None
    agent: UUID | None = None

    @property
    def held(self) -> bool:
        return self.agent is not None and self.offer is None


class Ledger:
    """Follows an engine and asserts after each command every property that routing promises."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.engine = Engine(rules)
        self.now = 0
        self.agents: dict[UUID, KnownAgent] = {}
        self.contacts: dict[UUID, KnownContact] = {}
        self.log: list[tuple[Command, int]] = []
        self.told: list[Effect] = []
        self.entered = self.answered = self.abandoned = self.flowed_out = 0
        self.met = 0

    def apply(self, command: Command, now: int) -> None:
        """Let time pass, then tell the engine; follow and check both."""
        self.now = now
        for told in (commands.Tick(), command):
            self.log.append((told, now))
            self._hear_before(told)
            self._end_cool_downs()
            effects = self.engine.apply(told, now)
            for effect in effects:
                self._follow(effect)
            self._hear_after(told)
            self.told += effects
            if effects or not isinstance(told, commands.Tick):
                self._check(effects)

    # What the center says

    def _hear_before(self, command: Command) -> None:
        match command:
            case commands.ContactQueued() if command.contact not in self.contacts:
                self.met += 1
                self.entered += 1
                self.contacts[command.contact] = KnownContact(
                    command.queue,
                    command.channel,
                    (command.virtual_arrival_us, self.met),
                    command.preferred_agent,
                    {exclusion.agent: exclusion.until_us for exclusion in command.excluded},
                )
            case commands.AgentSet():
                agent = self.agents.setdefault(command.agent, KnownAgent(len(self.agents)))
                agent.queues = set(command.queues)
                agent.capacity = dict(command.capacity)
                self._set_state(agent, command.state, missed=agent.missed)
            case commands.AgentStateChanged():
                self._set_state(self.agents[command.agent], command.state, missed=False)
            case commands.AgentVanished():
                agent = self.agents[command.agent]
                agent.wrapping = {}
                self._set_state(agent, Presence.OFFLINE, missed=False)
            case commands.CapacityFreed():
                agent = self.agents[command.agent]
                if agent.wrapping.get(command.channel):
                    agent.wrapping[command.channel] -= 1
                    agent.idle_since = self.now
            case commands.MoveToQueue() if command.contact in self.contacts:
                self._move(self.contacts[command.contact], command)
            case commands.ContactClosed() | commands.ContactLeft():
                self._free_holder(command)

    def _hear_after(self, command: Command) -> None:
        match command:
            case commands.ContactLeft() if command.contact in self.contacts:
                contact = self.contacts.pop(command.contact)
                if not contact.held:
                    self._lose(command.reason)
            case commands.ContactClosed() if command.contact in self.contacts:
                contact = self.contacts.pop(command.contact)
                if not contact.held:
                    self._lose(Leaving.CLOSED)

    def _set_state(self, agent: KnownAgent, state: Presence, *, missed: bool) -> None:
        was_ready = agent.ready
        agent.state, agent.missed = state, missed
        if agent.ready and not was_ready:
            agent.idle_since = self.now

    def _move(self, contact: KnownContact, command: commands.MoveToQueue) -> None:
        if contact.held:
            self.entered += 1
            self._holder(contact).idle_since = self.now
        elif contact.queue != command.queue:
            self.flowed_out += 1
            self.entered += 1
        contact.queue = command.queue
        if contact.held:
            contact.agent = None
        if command.virtual_arrival_us is not None:
            contact.order = (command.virtual_arrival_us, contact.order[1])

    def _free_holder(self, command: commands.ContactClosed | commands.ContactLeft) -> None:
        contact = self.contacts.get(command.contact)
        if contact is not None and contact.held:
            holder = self._holder(contact)
            holder.idle_since = self.now
            if isinstance(command, commands.ContactClosed) and command.wrap_up:
                before = holder.wrapping.get(contact.channel, 0)
                holder.wrapping[contact.channel] = before + 1

    def _lose(self, reason: Leaving) -> None:
        if reason is Leaving.ABANDONED:
            self.abandoned += 1
        else:
            self.flowed_out += 1

    def _holder(self, contact: KnownContact) -> KnownAgent:
        assert contact.agent is not None
        return self.agents[contact.agent]

    def _end_cool_downs(self) -> None:
        for contact in self.contacts.values():
            contact.excluded = {
                agent: until
                for agent, until in contact.excluded.items()
                if until is None or until > self.now
            }

    # What the engine says

    def _follow(self, effect: Effect) -> None:
        match effect:
            case OfferMade():
                contact = self.contacts[effect.contact]
                assert contact.agent is None, "one live offer, and none for a contact that is held"
                contact.agent, contact.offer = effect.agent, effect.offer
            case OfferWithdrawn():
                contact = self.contacts[effect.contact]
                assert (contact.agent, contact.offer) == (effect.agent, effect.offer)
                contact.agent = contact.offer = None
                if effect.reason is Ended.DECLINED and self.rules.decline_cool_down_us:
                    until = self.now + self.rules.decline_cool_down_us
                    contact.excluded[effect.agent] = until
            case ContactRequeued():
                contact = self.contacts[effect.contact]
                if effect.reason is Ended.AGENT_VANISHED and contact.held:
                    self.entered += 1
                    contact.agent = None
            case ContactAssigned():
                self._assign(effect)
            case AgentNotReady(reason=Ended.MISSED):
                self.agents[effect.agent].missed = True

    def _assign(self, effect: ContactAssigned) -> None:
        contact = self.contacts[effect.contact]
        if effect.previous is not None:
            assert contact.held
            self._holder(contact).idle_since = self.now
        else:
            self.answered += 1
        assert contact.offer == effect.offer
        contact.agent, contact.offer = effect.agent, None
        self.agents[effect.agent].idle_since = self.now

    # What must be true

    def _check(self, effects: list[Effect]) -> None:
        self._count_loads()
        self._check_nobody_waits_for_a_free_agent()
        self._check_counts()
        self._check_order()
        for effect in effects:
            if isinstance(effect, OfferMade):
                self._check_offer(effect)

    def _count_loads(self) -> None:
        self.loads: Counter[tuple[UUID, str]] = Counter()
        self.rings: Counter[tuple[UUID, str]] = Counter()
        for contact in self.contacts.values():
            if contact.agent is not None:
                self.loads[contact.agent, contact.channel] += 1
                self.rings[contact.agent, contact.channel] += contact.offer is not None

    def _load(self, agent: UUID, channel: str) -> int:
        return self.loads[agent, channel] + self.agents[agent].wrapping.get(channel, 0)

    def _fits(self, agent_id: UUID, contact: KnownContact) -> bool:
        agent = self.agents[agent_id]
        if not agent.ready or contact.queue not in agent.queues or agent_id in contact.excluded:
            return False
        room = agent.capacity.get(contact.channel, 0) - self._load(agent_id, contact.channel)
        limit = self.rules.ringing_at_once
        return room > 0 and (limit is None or self.rings[agent_id, contact.channel] < limit)

    def _check_nobody_waits_for_a_free_agent(self) -> None:
        waiting = [contact for contact in self.contacts.values() if contact.agent is None]
        for agent_id in self.agents:
            assert not any(self._fits(agent_id, contact) for contact in waiting)

    def _check_offer(self, made: OfferMade) -> None:
        """Check the offer against all that was left undone: room only shrinks while matching."""
        contact, agent = self.contacts[made.contact], self.agents[made.agent]
        assert agent.ready
        assert contact.queue in agent.queues
        assert made.agent not in contact.excluded
        assert self._load(made.agent, contact.channel) <= agent.capacity[contact.channel]
        for other in self.contacts.values():
            same_lane = (other.queue, other.channel) == (contact.queue, contact.channel)
            if other.agent is None and same_lane and other.order < contact.order:
                assert made.agent in other.excluded, "an older contact was passed over"
        if contact.preferred == made.agent:
            return
        for other_id, rival in self.agents.items():
            if self._fits(other_id, contact):
                assert other_id != contact.preferred
                assert rival.order >= agent.order, "an agent idle for longer was passed over"

    def _check_counts(self) -> None:
        inside = [contact for contact in self.contacts.values() if not contact.held]
        assert self.entered == self.answered + self.abandoned + self.flowed_out + len(inside)
        counts = self.engine.counts()
        assert sum(count.entered for count in counts) == self.entered
        for count in counts:
            lost = count.abandoned + count.flowed_out
            assert count.entered == count.answered + lost + count.waiting + count.offered
            here = [c for c in inside if (c.queue, c.channel) == (count.queue, count.channel)]
            waiting = [contact.order[0] for contact in here if contact.agent is None]
            assert (count.waiting, count.offered) == (len(waiting), len(here) - len(waiting))
            assert count.oldest_us == min(waiting, default=None)

    def _check_order(self) -> None:
        waiting = [name for name, contact in self.contacts.items() if contact.agent is None]
        waiting.sort(key=lambda name: self.contacts[name].order)
        for queue in dict.fromkeys(contact.queue for contact in self.contacts.values()):
            here = [name for name in waiting if self.contacts[name].queue == queue]
            assert list(self.engine.waiting(queue)) == here
