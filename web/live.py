"""Who is watching, and how they hear of it: every journal entry, once, in order, if they may."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import msgspec

from kernel.actor import Actor
from kernel.entries import Noted
from kernel.frames import BoundedSeat
from kernel.limits import LIVE_QUEUE_EVENTS, LIVE_REPLAY_EVENTS
from staff.actors import Standing
from tickets.access import sees

SIGNED_OUT = 4001
RESYNC = 4008
GOING_AWAY = 1001
SUPERVISE = "queue.supervise"
LISTEN = "contact.listen"
OFFERS = frozenset({"OfferMade", "OfferEnded"})
COMPANIONS = frozenset({"CompanionCame", "CompanionLeft"})
ALERTS = frozenset({"AlertRaised", "AlertEnded", "ThresholdChanged"})
RIGHTS = frozenset({"StaffChanged", "SessionEnded"})

Vanished = Callable[[UUID], None]


class Seat(BoundedSeat):
    """One open console, whose agent looks at some tickets side by side, at one, or at none."""

    __slots__ = ("actor", "viewing")

    def __init__(self, actor: Actor) -> None:
        super().__init__(LIVE_QUEUE_EVENTS, RESYNC)
        self.actor = actor
        self.viewing: frozenset[UUID] = frozenset()


class Hub:
    """Passes journal entries to every console that may see them, each encoded once.

    The last entries are kept, so that a console which comes back soon resumes without a reload.
    When staff changes, entries are held until `settle` has said what everybody may see now.
    """

    def __init__(self) -> None:
        self._seats: set[Seat] = set()
        self._recent: deque[Noted] = deque(maxlen=LIVE_REPLAY_EVENTS)
        self._held: list[Noted] | None = None
        self.staff_changed = asyncio.Event()
        self.rights_age = 0
        """Grows whenever rights or sessions change: who was let in before must come again."""
        self.seq = 0

    @contextmanager
    def seat(self, actor: Actor) -> Iterator[Seat]:
        seat = Seat(actor)
        self._seats.add(seat)
        try:
            yield seat
        finally:
            self._seats.discard(seat)
            for ticket_id in seat.viewing:
                self.tell_viewing(ticket_id)

    def start(self, seq: int) -> None:
        self.seq = seq

    def count(self, agent_id: UUID) -> int:
        return sum(1 for seat in self._seats if seat.actor.agent_id == agent_id)

    def present(self) -> set[UUID]:
        """Return the agents who have a console open."""
        return {seat.actor.agent_id for seat in self._seats}

    def hear(self, noted: Sequence[Noted]) -> None:
        for entry in noted:
            if entry.kind in RIGHTS:
                self.rights_age += 1
            if entry.kind == "SessionEnded":
                self._sign_out(entry)
            self._pass_on_or_hold(entry)

    def settle(self, standing: Mapping[UUID, Standing | None]) -> None:
        """Say what agents may do now: whose rights are others reload, who has none is signed out.

        Whoever is not named came in after the change, with rights as they are now. What was held
        meanwhile is passed on.
        """
        for seat in list(self._seats):
            if seat.actor.agent_id not in standing:
                continue
            now = standing[seat.actor.agent_id]
            if now is None:
                seat.end(SIGNED_OUT)
            elif not now.covers(seat.actor):
                # What this console holds may now be more or less than it may see: start afresh.
                seat.end(RESYNC)
        held, self._held = self._held or [], None
        for entry in held:
            self._pass_on_or_hold(entry)

    def _pass_on_or_hold(self, entry: Noted) -> None:
        if self._held is None:
            self._pass_on(entry)
        else:
            self._held.append(entry)

    def _pass_on(self, entry: Noted) -> None:
        self._recent.append(entry)
        self.seq = entry.seq
        frame: bytes | None = None
        for seat in self._seats:
            if may_hear(seat.actor, entry):
                frame = frame or encode(entry)
                seat.put(frame)
        if entry.kind == "TicketChanged":
            self._look_away(entry)
        elif entry.kind == "StaffChanged":
            self._held = []
            self.staff_changed.set()

    def _look_away(self, entry: Noted) -> None:
        """Whoever may no longer see the ticket is no longer told who looks at it and types."""
        for seat in list(self._seats):
            if entry.ticket_id in seat.viewing and not _sees(seat.actor, entry):
                self.view(seat, seat.viewing - {entry.ticket_id})

    def replay(self, seat: Seat, since: int) -> bool:
        """Queue what the console missed; False when too much was missed and it must reload."""
        if since == self.seq:
            return True
        if since > self.seq or not self._recent or self._recent[0].seq > since + 1:
            return False
        missed = [entry for entry in self._recent if entry.seq > since]
        if len(missed) >= LIVE_QUEUE_EVENTS or any(one.kind == "StaffChanged" for one in missed):
            # Rights may have changed meanwhile: what the console still shows may be too much.
            return False
        for entry in missed:
            if may_hear(seat.actor, entry):
                seat.put(encode(entry))
        return True

    def view(self, seat: Seat, ticket_ids: frozenset[UUID]) -> None:
        """The console shows these tickets now, and no others."""
        before, seat.viewing = seat.viewing, ticket_ids
        for changed in before ^ ticket_ids:
            self.tell_viewing(changed)

    def tell_viewing(self, ticket_id: UUID) -> None:
        watching = [seat for seat in self._seats if ticket_id in seat.viewing]
        people = {seat.actor.agent_id: seat.actor.name for seat in watching}
        agents = [{"id": agent_id, "name": people[agent_id]} for agent_id in sorted(people)]
        frame = msgspec.json.encode({"type": "viewing", "ticket_id": ticket_id, "agents": agents})
        for seat in watching:
            seat.put(frame)

    def tell_typing(
        self, ticket_id: UUID, *, agent_id: UUID | None, name: str, typing: bool
    ) -> None:
        """Tell those who look at the ticket; who types hears nothing of it themselves."""
        frame = msgspec.json.encode(
            {
                "type": "typing",
                "ticket_id": ticket_id,
                "agent_id": agent_id,
                "name": name,
                "typing": typing,
            }
        )
        for seat in self._seats:
            if ticket_id in seat.viewing and seat.actor.agent_id != agent_id:
                seat.put(frame)

    def close(self) -> None:
        """The server stops: everybody is asked to come back a little later."""
        for seat in list(self._seats):
            seat.end(GOING_AWAY)

    def _sign_out(self, entry: Noted) -> None:
        ended = entry.data.get("session_id"), entry.data.get("token_id")
        for seat in list(self._seats):
            if seat.actor.agent_id != entry.only_agent_id:
                continue
            mine = str(seat.actor.session_id), str(seat.actor.token_id)
            if ended == (None, None) or ended[0] == mine[0] or ended[1] == mine[1]:
                seat.end(SIGNED_OUT)


def may_hear(actor: Actor, entry: Noted) -> bool:
    """The ticket's own rule, and for a personal entry the person (supervisors see the floor)."""
    if entry.only_agent_id is not None and entry.only_agent_id != actor.agent_id:
        if entry.kind in COMPANIONS:
            return actor.may(LISTEN) and _sees(actor, entry)
        return actor.may(SUPERVISE) and entry.kind in OFFERS
    if entry.kind in ALERTS:
        return actor.may(SUPERVISE)
    if entry.ticket_id is None or entry.kind in OFFERS:
        return True
    if entry.contact_id is not None and actor.may(SUPERVISE):
        return True
    return _sees(actor, entry) or _saw(actor, entry)


def _sees(actor: Actor, entry: Noted) -> bool:
    return sees(actor, team_id=entry.team_id, assignee_id=entry.assignee_id)


def _saw(actor: Actor, entry: Noted) -> bool:
    """Whoever saw a ticket until this change hears of it once, so that it leaves their screen."""
    changes = entry.data.get("changes")
    if not isinstance(changes, dict) or not changes.keys() & {"team_id", "assignee_id"}:
        return False
    team_id = _before(changes, "team_id", entry.team_id)
    return sees(
        actor, team_id=team_id, assignee_id=_before(changes, "assignee_id", entry.assignee_id)
    )


def _before(changes: Mapping[str, Any], name: str, now: UUID | None) -> UUID | None:
    if name not in changes:
        return now
    old = changes[name][0]
    return None if old is None else UUID(str(old))


def encode(entry: Noted) -> bytes:
    return msgspec.json.encode(
        {
            "type": "entry",
            "seq": entry.seq,
            "at": entry.at,
            "kind": entry.kind,
            "actor_id": entry.actor_id,
            "ticket_id": entry.ticket_id,
            "client_id": entry.client_id,
            "contact_id": entry.contact_id,
            "queue_id": entry.queue_id,
            "team_id": entry.team_id,
            "assignee_id": entry.assignee_id,
            "data": entry.data,
        }
    )


def frame(kind: str, **facts: Any) -> bytes:
    return msgspec.json.encode({"type": kind, **facts})
