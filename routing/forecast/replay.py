"""Rehearses one day: the production engine, virtual time, and clients and agents made up by a seed.

Every agent takes each offer after its answer time, works for the contact's handle time and, when
its shift ends, finishes what it has. Who waits leaves when its patience is over. Nothing is left
to the wall clock or to the order of a set: the same scenario and seed give the same day.
"""

from bisect import bisect_right
from heapq import heappop, heappush
from itertools import chain
from typing import Final
from uuid import UUID

from msgspec import Struct

from kernel.limits import ABANDONED_EARLY
from routing import commands, effects
from routing.engine import Engine
from routing.forecast.clients import SECOND, Client, clients
from routing.forecast.scenario import Scenario, intervals
from routing.forecast.staging import Seat, Stage, needs_of, opening, set_stage
from routing.forecast.tallies import (
    NOTHING,
    Counts,
    DayTally,
    MiscountError,
    Presence,
    Tally,
    added,
)
from routing.model import MICROSECOND, Ended, Leaving
from routing.model import Presence as State
from routing.rules import Skills

_SHORT: Final = ABANDONED_EARLY // MICROSECOND


class _Visit(Struct):
    """A client in a queue: when it entered, whose it is, and its place on the channel."""

    client: Client
    channel: str
    queue: int
    entered: int
    tally: Tally
    agent: UUID | None = None


def rehearse(scenario: Scenario, seed: int) -> DayTally:
    """Return what happens on the day that the seed draws; the scenario has been checked.

    Raises MiscountError should the engine count otherwise than the visits say.
    """
    return _Day(set_stage(scenario)).run(seed)


class _Day:
    def __init__(self, stage: Stage) -> None:
        scenario = stage.scenario
        spans = intervals(scenario)
        self._stage = stage
        self._engine = Engine()
        self._edges = [start * SECOND for start, _ in spans] + [spans[-1][1] * SECOND]
        self._starts = self._edges[:-1]
        self._ids = [stage.queues[queue.name] for queue in scenario.queues]
        self._places = {queue: place for place, queue in enumerate(self._ids)}
        self._targets = [queue.target_seconds * SECOND for queue in scenario.queues]
        self._needs: list[Skills] = [needs_of(stage, one) for one in scenario.arrivals]
        self._queue_of = [stage.queues[one.queue] for one in scenario.arrivals]
        self._tallies = [[Tally() for _ in spans] for _ in scenario.queues]
        self._presence = {seat: self._presence_of() for seat in stage.seats}
        self._visits: dict[UUID, _Visit] = {}
        self._calendar: list[tuple[int, int, commands.Command]] = []
        self._planned = 0
        self._came = 0
        self._now = self._edges[0]

    def run(self, seed: int) -> DayTally:
        for command in opening(self._stage):
            self._tell(command)
        for seat in self._stage.seats.values():
            self._plan_shifts(seat)
        for client in clients(self._stage.scenario, seed):
            self._until(client.arrives)
            self._come(client)
        self._until(self._edges[-1])
        return self._closed()

    def _presence_of(self) -> Presence:
        count = len(self._starts)
        return Presence(self._edges, [0.0] * count, [0] * count, since=self._edges[0])

    def _plan_shifts(self, seat: Seat) -> None:
        for begins, ends in seat.shifts:
            self._plan(begins, commands.AgentStateChanged(seat.id, State.AVAILABLE))
            self._plan(ends, commands.AgentStateChanged(seat.id, State.OFFLINE))

    def _plan(self, due: int, command: commands.Command) -> None:
        self._planned += 1
        heappush(self._calendar, (due, self._planned, command))

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
                self._now, _, command = heappop(self._calendar)
                self._act(command)
            else:
                break
        self._now = due

    def _come(self, client: Client) -> None:
        self._came += 1
        contact, queue = UUID(int=self._came), self._queue_of[client.stream]
        arrivals = self._stage.scenario.arrivals[client.stream]
        self._visits[contact] = self._begun(client, arrivals.channel, queue)
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

    def _begun(self, client: Client, channel: str, queue: UUID) -> _Visit:
        place = self._places[queue]
        tally = self._tallies[place][bisect_right(self._starts, self._now) - 1]
        tally.offered += 1
        return _Visit(client, channel, place, self._now, tally)

    def _act(self, command: commands.Command) -> None:
        """Do what was planned, unless it has become pointless."""
        match command:
            case commands.ContactLeft(contact=contact, reason=Leaving.ABANDONED):
                if not self._give_up(contact):
                    return
            case commands.AgentStateChanged(agent=agent, state=state):
                self._presence[agent].until(self._now)
                self._presence[agent].there = state is State.AVAILABLE
            case commands.ContactClosed(contact=contact):
                self._finish(contact)
            case _:
                pass
        self._tell(command)

    def _give_up(self, contact: UUID) -> bool:
        visit = self._visits.get(contact)
        if visit is None or visit.agent is not None:
            return False
        visit.tally.abandoned += 1
        visit.tally.short += self._now - visit.entered < _SHORT
        del self._visits[contact]
        return True

    def _tell(self, command: commands.Command) -> None:
        for effect in self._engine.apply(command, self._now):
            self._follow(effect)

    def _follow(self, effect: effects.Effect) -> None:
        match effect:
            case effects.OfferMade():
                after = self._stage.seats[effect.agent].group.answer_seconds * SECOND
                accept = commands.OfferAccepted(effect.offer, effect.agent, effect.contact)
                self._plan(self._now + after, accept)
            case effects.ContactAssigned():
                self._answer(effect.contact, effect.agent)
            case effects.ContactRequeued():
                self._move_on(effect)
            case effects.ContactTurnedAway():
                self._visits.pop(effect.contact).tally.flowed_out += 1
            case effects.WrapUpEnded():
                self._finish(effect.contact)
            case _:
                pass  # an offer that was withdrawn meanwhile is refused, as in life

    def _answer(self, contact: UUID, agent: UUID) -> None:
        visit = self._visits[contact]
        visit.agent = agent
        waited = self._now - visit.entered
        visit.tally.answered += 1
        visit.tally.waits.append(waited)
        visit.tally.in_time += waited <= self._targets[visit.queue]
        self._load(visit, agent, 1)
        over = self._now + visit.client.handle
        wrap_up = self._stage.scenario.arrivals[visit.client.stream].wrap_up_seconds
        if wrap_up:
            self._plan(over, commands.WrapUpBegun(contact, over + wrap_up * SECOND))
        else:
            self._plan(over, commands.ContactClosed(contact))

    def _finish(self, contact: UUID) -> None:
        visit = self._visits.pop(contact)
        if visit.agent is not None:
            self._load(visit, visit.agent, -1)

    def _load(self, visit: _Visit, agent: UUID, more: int) -> None:
        presence, group = self._presence[agent], self._stage.seats[agent].group
        presence.until(self._now)
        if group.budget is None:
            share = 1 / max(group.capacity.get(visit.channel, 1), 1)
        else:
            share = group.units.get(visit.channel, 1) / group.budget
        # Rounded, so that what was added comes off again to exactly nothing.
        presence.load = round(presence.load + more * share, 9)

    def _move_on(self, effect: effects.ContactRequeued) -> None:
        visit = self._visits[effect.contact]
        if self._places[effect.queue] == visit.queue or effect.reason is Ended.MISSED:
            return
        visit.tally.flowed_out += 1
        self._visits[effect.contact] = self._begun(visit.client, visit.channel, effect.queue)

    def _closed(self) -> DayTally:
        """Count who still waits and how busy everybody was, and hold it against the engine."""
        for visit in self._visits.values():
            visit.tally.waiting += visit.agent is None
        floor = [Tally() for _ in self._starts]
        for agent, presence in self._presence.items():
            presence.until(self._now)
            served = {self._stage.queues[name] for name in self._stage.seats[agent].group.queues}
            own = [self._tallies[self._places[queue]] for queue in sorted(served)]
            for tallies in (floor, *own):
                for tally, busy, staffed in zip(
                    tallies, presence.busy, presence.staffed, strict=True
                ):
                    tally.busy += round(busy)
                    tally.staffed += staffed
        self._compare()
        return DayTally(queues=self._tallies, floor=floor, contacts=self._came)

    def _compare(self) -> None:
        ours = {
            queue: added(tally.counts for tally in tallies)
            for queue, tallies in zip(self._ids, self._tallies, strict=True)
        }
        theirs: dict[UUID, Counts] = dict.fromkeys(self._ids, NOTHING)
        for one in self._engine.counts():
            ended = (one.answered, one.abandoned, one.flowed_out)
            counted = (one.entered, *ended, one.waiting + one.offered)
            theirs[one.queue] = added((theirs[one.queue], counted))
        for tally in chain.from_iterable(self._tallies):
            tally.check()
        if ours != theirs:
            raise MiscountError
