"""Rehearses one day: the production engine, virtual time, and clients and agents made up by a seed.

Every agent answers each offer after its answer time, works for the contact's handle time and, when
its shift ends, finishes what it has; some offers are declined or ring out, and who missed one is
away for a while. Who waits leaves when its patience is over, and may call again, or hangs up to be
called back. Nothing is left to the wall clock or to the order of a set: the same scenario and seed
give the same day.
"""

from heapq import heappop, heappush
from typing import Final
from uuid import UUID

from msgspec import Struct

from routing import commands, effects
from routing.engine import Engine
from routing.forecast.choices import Answer, Choices
from routing.forecast.clients import SECOND, Client, clients
from routing.forecast.scenario import Scenario, intervals
from routing.forecast.staging import Seat, Stage, needs_of, opening, set_stage
from routing.forecast.tallies import DayTally, Presence, Tally
from routing.forecast.visits import Visit, Visits
from routing.model import Ended, Leaving
from routing.model import Presence as State
from routing.rules import Skills

_REFUSED: Final = frozenset({Ended.DECLINED, Ended.MISSED})


class _Return(Struct, frozen=True):
    """Who missed an offer is back, unless its shift has ended or another offer was missed."""

    agent: UUID


_Planned = commands.Command | Client | _Return


def rehearse(scenario: Scenario, seed: int) -> DayTally:
    """Return what happens on the day that the seed draws; the scenario has been checked.

    Raises MiscountError should the engine count otherwise than the visits say.
    """
    return _Day(set_stage(scenario), seed).run()


class _Day:
    def __init__(self, stage: Stage, seed: int) -> None:
        scenario = stage.scenario
        spans = intervals(scenario)
        self._stage = stage
        self._seed = seed
        self._engine = Engine()
        self._choices = Choices(seed)
        self._edges = [start * SECOND for start, _ in spans] + [spans[-1][1] * SECOND]
        self._needs: list[Skills] = [needs_of(stage, one) for one in scenario.arrivals]
        self._queue_of = [stage.queues[one.queue] for one in scenario.arrivals]
        ids = [stage.queues[queue.name] for queue in scenario.queues]
        self._visits = Visits(scenario.queues, ids, self._edges[:-1])
        self._presence = {seat: self._presence_of() for seat in stage.seats}
        self._returns: dict[UUID, int] = {}
        """When who missed an offer is back."""
        self._calendar: list[tuple[int, int, _Planned]] = []
        self._planned = 0
        self._told = 0
        self._now = self._edges[0]

    def run(self) -> DayTally:
        for command in opening(self._stage):
            self._tell(command)
        for seat in self._stage.seats.values():
            self._plan_shifts(seat)
        came = 0
        for client in clients(self._stage.scenario, self._seed):
            self._until(client.arrives)
            self._come(client)
            came += 1
        self._until(self._edges[-1])
        return self._closed(came)

    def _presence_of(self) -> Presence:
        count = len(self._edges) - 1
        return Presence(self._edges, [0.0] * count, [0] * count, since=self._edges[0])

    def _plan_shifts(self, seat: Seat) -> None:
        for begins, ends in seat.shifts:
            self._plan(begins, commands.AgentStateChanged(seat.id, State.AVAILABLE))
            self._plan(ends, commands.AgentStateChanged(seat.id, State.OFFLINE))

    def _plan(self, due: int, what: _Planned) -> None:
        self._planned += 1
        heappush(self._calendar, (due, self._planned, what))

    def _until(self, due: int) -> None:
        """Let everything happen that is planned or due in the engine, in the order of time."""
        while True:
            planned = self._calendar[0][0] if self._calendar else None
            in_engine = self._engine.next_due()
            if (
                in_engine is not None
                and in_engine <= due
                and (planned is None or in_engine < planned)
            ):
                self._now = max(self._now, in_engine)
                self._tell(commands.Tick())
            elif planned is not None and planned <= due:
                self._now, _, due_now = heappop(self._calendar)
                self._act(due_now)
            else:
                break
        self._now = due

    def _come(self, client: Client) -> None:
        self._told += 1
        contact, queue = UUID(int=self._told), self._queue_of[client.stream]
        arrivals = self._stage.scenario.arrivals[client.stream]
        self._visits.begin(contact, client, arrivals.channel, queue, self._now)
        if self._choices.is_to_be_called(client, arrivals):
            asked = commands.CallbackAsked(contact, contact)
            self._plan(self._now + arrivals.callback_after_seconds * SECOND, asked)
        if client.patience is not None:
            gives_up = commands.ContactLeft(contact, Leaving.ABANDONED)
            self._plan(self._now + client.patience, gives_up)
        self._tell(
            commands.ContactQueued(
                contact=contact,
                queue=queue,
                channel=arrivals.channel,
                virtual_arrival_us=self._now,
                skills=self._needs[client.stream],
            )
        )

    def _act(self, planned: _Planned) -> None:
        """Do what was planned, unless it has become pointless."""
        match planned:
            case Client():
                self._come(planned)
                return
            case commands.ContactLeft(contact=contact, reason=Leaving.ABANDONED):
                if not self._give_up(contact):
                    return
            case commands.CallbackAsked(contact=contact):
                if not self._visits.hang_up(contact, self._now):
                    return
            case commands.AgentStateChanged(agent=agent, state=state):
                self._be(agent, there=state is State.AVAILABLE)
            case _Return(agent=agent):
                if self._returns.get(agent) == self._now:
                    self._act(commands.AgentStateChanged(agent, State.AVAILABLE))
                return
            case commands.ContactClosed(contact=contact):
                self._finish(contact)
            case _:
                pass
        self._tell(planned)

    def _give_up(self, contact: UUID) -> bool:
        client = self._visits.give_up(contact, self._now)
        if client is None:
            return False
        arrivals = self._stage.scenario.arrivals[client.stream]
        again = self._choices.again(client, arrivals, self._now)
        if again is not None:
            self._plan(again.arrives, again)
        return True

    def _be(self, agent: UUID, *, there: bool) -> None:
        self._returns.pop(agent, None)
        self._presence[agent].until(self._now)
        self._presence[agent].there = there

    def _miss(self, agent: UUID) -> None:
        """Let an agent who missed an offer be away, and come back after a while."""
        self._be(agent, there=False)
        due = self._now + self._stage.seats[agent].group.back_after_seconds * SECOND
        self._returns[agent] = due
        self._plan(due, _Return(agent))

    def _tell(self, command: commands.Command) -> None:
        for effect in self._engine.apply(command, self._now):
            self._follow(effect)

    def _follow(self, effect: effects.Effect) -> None:
        match effect:
            case effects.OfferMade():
                self._plan_answer(effect)
            case effects.OfferWithdrawn() if effect.reason in _REFUSED:
                self._visits.refuse(effect.contact, effect.reason)
            case effects.AgentNotReady():
                self._miss(effect.agent)
            case effects.ContactAssigned():
                self._answer(effect.contact, effect.agent)
            case effects.ContactRequeued():
                self._visits.move_on(effect.contact, effect.queue, self._now)
            case effects.ContactTurnedAway():
                self._visits.turn_away(effect.contact)
            case effects.WrapUpEnded():
                self._finish(effect.contact)
            case _:
                pass  # an offer that was withdrawn meanwhile is refused, as in life

    def _plan_answer(self, offer: effects.OfferMade) -> None:
        """Plan what the agent will do with an offer; one that is to be missed rings out."""
        group = self._stage.seats[offer.agent].group
        told: tuple[UUID, UUID, UUID] = (offer.offer, offer.agent, offer.contact)
        after = self._now + group.answer_seconds * SECOND
        match self._choices.answer(offer.agent, group):
            case Answer.ACCEPT:
                self._plan(after, commands.OfferAccepted(*told))
            case Answer.DECLINE:
                self._plan(after, commands.OfferDeclined(*told))
            case Answer.MISS:
                pass

    def _answer(self, contact: UUID, agent: UUID) -> None:
        visit = self._visits.answer(contact, agent, self._now)
        self._load(visit, agent, 1)
        over = self._now + visit.client.handle
        wrap_up = self._stage.scenario.arrivals[visit.client.stream].wrap_up_seconds
        if wrap_up:
            self._plan(over, commands.WrapUpBegun(contact, over + wrap_up * SECOND))
        else:
            self._plan(over, commands.ContactClosed(contact))

    def _finish(self, contact: UUID) -> None:
        visit = self._visits.finish(contact)
        if visit.agent is not None:
            self._load(visit, visit.agent, -1)

    def _load(self, visit: Visit, agent: UUID, more: int) -> None:
        presence, group = self._presence[agent], self._stage.seats[agent].group
        presence.until(self._now)
        if group.budget is None:
            share = 1 / max(group.capacity.get(visit.channel, 1), 1)
        else:
            share = group.units.get(visit.channel, 1) / group.budget
        # Rounded, so that what was added comes off again to exactly nothing.
        presence.load = round(presence.load + more * share, 9)

    def _closed(self, came: int) -> DayTally:
        """Hold the visits against the engine, and count how busy everybody was."""
        self._visits.close(self._engine.counts())
        queues, floor = self._visits.tallies, [Tally() for _ in self._edges[:-1]]
        names = [queue.name for queue in self._stage.scenario.queues]
        served_by = dict(zip(names, queues, strict=True))
        for agent, presence in self._presence.items():
            presence.until(self._now)
            own = [served_by[name] for name in set(self._stage.seats[agent].group.queues)]
            for tallies in (floor, *own):
                for tally, busy, staffed in zip(
                    tallies, presence.busy, presence.staffed, strict=True
                ):
                    tally.busy += round(busy)
                    tally.staffed += staffed
        return DayTally(queues=queues, floor=floor, contacts=came)
