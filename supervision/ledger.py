"""Reads journal entries in order and says how visits, figures and agents' clocks change. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from kernel.entries import Noted
from supervision.counts import (
    ABANDONED,
    ANSWERED,
    FLOWED_OUT,
    WAITING,
    AgentClock,
    AgentCounts,
    QueueCounts,
    Visit,
    ms_between,
    passed,
    quarter_of,
    share_of,
    whole_ms,
)

KINDS: Final = frozenset(
    {
        "ContactQueued",
        "ContactAnswered",
        "ContactRequeued",
        "QueueChosen",
        "ContactReopened",
        "ContactEnded",
        "CallbackAsked",
        "CallbackCancelled",
        "PresenceChanged",
    }
)

QueueKey = tuple[int, UUID, str]
"""Quarter, queue, channel."""
AgentKey = tuple[int, UUID]
"""Quarter, agent."""


class Ledger:
    """Takes entries one by one; what it then holds is what changed.

    `visits` are the last visits of the contacts concerned, `clocks` the clocks of agents and
    `targets` the seconds in which each queue should answer. An entry about a contact that nobody
    saw arriving is passed over.
    """

    def __init__(
        self,
        visits: Iterable[Visit],
        clocks: Iterable[AgentClock],
        targets: Mapping[UUID, int],
    ) -> None:
        self._last = {visit.contact_id: visit for visit in visits}
        self.clocks = {clock.agent_id: clock for clock in clocks}
        self._targets = targets
        self.new: dict[int, Visit] = {}
        self.changed: dict[int, Visit] = {}
        self.touched: set[UUID] = set()
        """Agents whose clocks moved."""
        self.of_queues: dict[QueueKey, QueueCounts] = {}
        self.of_agents: dict[AgentKey, AgentCounts] = {}

    def take(self, entry: Noted) -> None:
        if entry.kind == "PresenceChanged":
            clock = self._clock(UUID(entry.data["agent_id"]), entry.at)
            clock.state = entry.data["state"]
            return
        if entry.kind == "ContactQueued":
            called = entry.at if entry.data.get("callback") else None
            self._enter(entry, entry.data["channel"], called)
            return
        visit = None if entry.contact_id is None else self._last.get(entry.contact_id)
        if visit is not None:
            self._go_on(visit, entry)

    def tick(self, now: datetime) -> None:
        """Count the time of every agent up to now."""
        for agent_id, clock in self.clocks.items():
            if clock.runs:
                self._clock(agent_id, now)

    def _go_on(self, visit: Visit, entry: Noted) -> None:
        before = share_of(visit)
        match entry.kind:
            case "ContactAnswered":
                self._hold(visit, UUID(entry.data["agent_id"]), entry.at)
            case "ContactReopened":
                self._reopen(visit, UUID(entry.data["agent_id"]), entry.at)
            case "ContactEnded":
                self._end(visit, entry)
            case "ContactRequeued" | "QueueChosen":
                self._requeue(visit, entry)
            case "CallbackAsked":
                self._ask_for_callback(visit, entry)
            case "CallbackCancelled":
                visit.callback_since = None
        self._note(visit, share_of(visit) - before)

    def _hold(self, visit: Visit, agent_id: UUID, at: datetime) -> None:
        self._let_go(visit, at)
        visit.agent_id, visit.held_since = agent_id, at
        clock = self._clock(agent_id, at)
        clock.held += 1
        if visit.outcome == WAITING:
            self._answer(visit, at)
            self._count(agent_id, at, AgentCounts(answered=1))

    def _reopen(self, visit: Visit, agent_id: UUID, at: datetime) -> None:
        """An answer was taken back: the contact was not handled after all."""
        if visit.done_at is not None and visit.agent_id is not None:
            self._count(visit.agent_id, visit.done_at, AgentCounts(handled=-1))
        visit.done_at = None
        self._hold(visit, agent_id, at)

    def _answer(self, visit: Visit, at: datetime) -> None:
        self._leave(visit, ANSWERED, at)
        target_ms = self._targets.get(visit.queue_id, 0) * 1_000
        visit.within_target = ms_between(visit.entered_at, at) <= target_ms

    def _end(self, visit: Visit, entry: Noted) -> None:
        answerer = entry.data["agent_id"]
        if visit.outcome == WAITING:
            if entry.data["state"] == ABANDONED:
                self._leave(visit, ABANDONED, entry.at)
            elif entry.data["state"] == "closed" and answerer is not None:
                # Answered straight away: nobody had taken it before.
                visit.agent_id = UUID(answerer)
                self._answer(visit, entry.at)
                self._count(visit.agent_id, entry.at, AgentCounts(answered=1, handled=1))
            else:
                self._leave(visit, FLOWED_OUT, entry.at)
        self._finish(visit, entry.at)

    def _requeue(self, visit: Visit, entry: Noted) -> None:
        """It waits again, or elsewhere: a new visit. Where it waits already, nothing happens."""
        moved = entry.queue_id != visit.queue_id
        if visit.outcome == WAITING and not moved:
            return
        if visit.outcome == WAITING:
            self._leave(visit, FLOWED_OUT, entry.at)
        self._finish(visit, entry.at)
        self._enter(entry, visit.channel, visit.callback_since)

    def _ask_for_callback(self, visit: Visit, entry: Noted) -> None:
        """Who waits hangs up: the visit flows out, and another keeps the place, without them.

        At a wished time the contact leaves its queue, which is told by itself.
        """
        is_callback = visit.callback_since is not None
        if visit.outcome != WAITING or is_callback or entry.data["due_at"] is not None:
            return
        self._leave(visit, FLOWED_OUT, entry.at)
        self._finish(visit, entry.at)
        self._enter(entry, visit.channel, visit.entered_at)

    def _finish(self, visit: Visit, at: datetime) -> None:
        if visit.held_since is not None and visit.agent_id is not None:
            self._count(visit.agent_id, at, AgentCounts(handled=1))
        self._let_go(visit, at)
        visit.done_at = visit.done_at or at

    def _let_go(self, visit: Visit, at: datetime) -> None:
        if visit.held_since is None or visit.agent_id is None:
            return
        visit.handle_ms += ms_between(visit.held_since, at)
        visit.held_since = None
        clock = self._clock(visit.agent_id, at)
        clock.held = max(0, clock.held - 1)

    @staticmethod
    def _leave(visit: Visit, outcome: str, at: datetime) -> None:
        visit.outcome, visit.left_at = outcome, at

    def _enter(self, entry: Noted, channel: str, callback_since: datetime | None) -> None:
        if (
            entry.contact_id is None
            or entry.ticket_id is None
            or entry.client_id is None
            or entry.queue_id is None
        ):
            return
        visit = Visit(
            seq=entry.seq,
            contact_id=entry.contact_id,
            ticket_id=entry.ticket_id,
            client_id=entry.client_id,
            queue_id=entry.queue_id,
            channel=channel,
            entered_at=entry.at,
            callback_since=callback_since,
        )
        self._last[visit.contact_id] = self.new[visit.seq] = visit
        self._note(visit, share_of(visit))

    def _note(self, visit: Visit, change: QueueCounts) -> None:
        if visit.seq not in self.new:
            self.changed[visit.seq] = visit
        key = (quarter_of(visit.entered_at), visit.queue_id, visit.channel)
        self.of_queues[key] = self.of_queues.get(key, QueueCounts()) + change

    def _clock(self, agent_id: UUID, at: datetime) -> AgentClock:
        """Return the agent's clock, its time counted up to `at`."""
        at, clock = whole_ms(at), self.clocks.get(agent_id)
        if clock is None:
            clock = self.clocks[agent_id] = AgentClock(agent_id=agent_id, counted_to=at)
        for quarter, counts in passed(clock, at):
            self._add(quarter, agent_id, counts)
        clock.counted_to = max(clock.counted_to, at)
        self.touched.add(agent_id)
        return clock

    def _count(self, agent_id: UUID, at: datetime, counts: AgentCounts) -> None:
        self._add(quarter_of(at), agent_id, counts)

    def _add(self, quarter: int, agent_id: UUID, counts: AgentCounts) -> None:
        key = (quarter, agent_id)
        self.of_agents[key] = self.of_agents.get(key, AgentCounts()) + counts
