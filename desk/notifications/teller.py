"""Makes notifications out of the journal, each once, however often it begins anew."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.events import Notified
from desk.notifications.choices import LOUD, USUAL, Choices, choices_of, is_quiet, ways_of
from desk.notifications.meaning import HEARD, NEEDS, Told, meaning, notification_id
from desk.notifications.pusher import promise_pushes
from desk.tables import NotificationRow
from kernel.bookmarks import read_bookmark, set_bookmark
from kernel.clock import Clock
from kernel.database import Database
from kernel.entries import Noted
from kernel.journal import entries_after, record
from kernel.limits import NOTIFIED_WITHIN
from kernel.supervise import keep_up
from kernel.upsert import insert_new
from staff.actors import Standing, standing_of, standing_with
from tickets.access import sees

logger = logging.getLogger(__name__)

BOOKMARK: Final = "notifications"
BATCH: Final = 500
GATHER_SECONDS: Final = 0.1


class Notice(Struct, frozen=True, kw_only=True):
    """One event for one agent, with the ways in which they are told."""

    told: Told
    agent_id: UUID
    choices: Choices

    @property
    def id(self) -> UUID:
        return notification_id(self.told.entry.seq, self.agent_id)

    @property
    def ways(self) -> frozenset[str]:
        """What is left of the chosen ways at the moment it happened."""
        chosen: frozenset[str] = ways_of(self.choices, self.told.event)
        return chosen - LOUD if is_quiet(self.choices, self.told.entry.at) else chosen

    def row(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "agent_id": self.agent_id,
            "at": self.told.entry.at,
            "event": self.told.event,
            "ticket_id": self.told.ticket_id,
            "name": self.told.name,
            "detail": self.told.detail,
            "listed": "app" in self.ways,
            "to_mail": "mail" in self.ways,
            "digest_id": None,
            "read_at": None,
        }


class Teller:
    """What happened is told within a moment; how far it came survives a restart.

    The rows, the live entry and the place in the journal are one commit, and a row's id follows
    from its entry and agent: a crash or a second node tells nothing twice.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._nudged = asyncio.Event()

    def hear(self, noted: Sequence[Noted]) -> None:
        if any(entry.kind in HEARD and meaning(entry) for entry in noted):
            self._nudged.set()

    async def run(self) -> None:
        """Tell what happens, for ever; a short pause gathers what comes together."""
        await keep_up(self.step, self._nudged, self._clock, gather_seconds=GATHER_SECONDS)

    async def step(self) -> bool:
        """Tell of one batch of journal entries; say whether there may be more."""
        async with self._database.reading() as session:
            stood = await read_bookmark(session, BOOKMARK)
            entries = await entries_after(session, stood, HEARD, limit=BATCH)
        oldest = self._clock.now() - NOTIFIED_WITHIN
        told = [one for entry in entries if entry.at >= oldest and (one := meaning(entry))]
        more = len(entries) == BATCH
        if not told and not more:
            return False
        async with self._database.transaction() as session:
            await tell(session, told, self._clock.now())
            await set_bookmark(session, BOOKMARK, entries[-1].seq)
        return more


async def tell(session: AsyncSession, told: Sequence[Told], now: datetime) -> list[Notice]:
    """Store what is new of it for everybody concerned; return that."""
    notices = await _notices(session, told)
    new = await insert_new(
        session, NotificationRow, [one.row() for one in notices], NotificationRow.id
    )
    fresh = [one for one in notices if one.id in new]
    for notice in fresh:
        _announce(session, notice)
    await promise_pushes(
        session, [(one.id, one.agent_id) for one in fresh if "push" in one.ways], now
    )
    return fresh


async def _notices(session: AsyncSession, told: Sequence[Told]) -> list[Notice]:
    named = {one.agent_id for one in told if one.agent_id is not None}
    standing = await standing_of(session, named) if named else {}
    holders = {
        needed: await standing_with(session, needed)
        for event, needed in NEEDS.items()
        if any(one.event == event for one in told)
    }
    pairs = [(one, agent_id) for one in told for agent_id in _concerned(one, standing, holders)]
    choices = await choices_of(session, {agent_id for _, agent_id in pairs}) if pairs else {}
    notices = [
        Notice(told=one, agent_id=agent_id, choices=choices.get(agent_id, USUAL))
        for one, agent_id in pairs
    ]
    return await _calmly(session, [one for one in notices if one.ways])


def _concerned(
    told: Told, standing: dict[UUID, Standing], holders: dict[str, dict[UUID, Standing]]
) -> Iterable[UUID]:
    """Those who are told: still active, and allowed to see what it is about."""
    if told.agent_id is None:
        return sorted(holders[NEEDS[told.event]])
    theirs = standing.get(told.agent_id)
    if theirs is None or (told.ticket_id is not None and not _may_see(told, theirs)):
        return ()
    return (told.agent_id,)


def _may_see(told: Told, standing: Standing) -> bool:
    entry = told.entry
    assert told.agent_id is not None  # noqa: S101 - tells the type checker
    return sees(
        standing.as_actor(told.agent_id), team_id=entry.team_id, assignee_id=entry.assignee_id
    )


async def _calmly(session: AsyncSession, notices: Sequence[Notice]) -> list[Notice]:
    """A flood of letters that cannot be read is told of once, until somebody has looked."""
    flooding = {one.agent_id for one in notices if one.told.event in NEEDS}
    known: set[tuple[UUID, str]] = set()
    if flooding:
        rows = await session.execute(
            select(NotificationRow.agent_id, NotificationRow.event).where(
                NotificationRow.agent_id.in_(sorted(flooding)),
                NotificationRow.event.in_(sorted(NEEDS)),
                NotificationRow.read_at.is_(None),
            )
        )
        known = {(agent_id, event) for agent_id, event in rows}
    calm: list[Notice] = []
    for one in notices:
        key = (one.agent_id, one.told.event)
        if one.told.event in NEEDS:
            if key in known:
                continue
            known.add(key)
        calm.append(one)
    return calm


def _announce(session: AsyncSession, notice: Notice) -> None:
    """Let the agent's consoles hear of it: in the list, as a word, over windows, by sound."""
    entry = notice.told.entry
    record(
        session,
        Notified(
            actor_id=entry.actor_id,
            only_agent_id=notice.agent_id,
            ticket_id=notice.told.ticket_id,
            team_id=entry.team_id if notice.told.ticket_id else None,
            assignee_id=entry.assignee_id if notice.told.ticket_id else None,
            notification_id=notice.id,
            event=notice.told.event,
            name=notice.told.name,
            detail=notice.told.detail,
            ways=sorted(notice.ways),
        ),
    )
