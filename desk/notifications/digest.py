"""Mails each agent what they asked to be mailed and have not read: hourly or daily, never twice."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from channels.envelope import Party
from desk.house_mail import HouseMail, house_mailbox, promise_house_mail
from desk.notifications.choices import USUAL, Choices, choices_of, digest_before, is_quiet
from desk.notifications.letter import Item, write_letter
from desk.notifications.listing import seen_by
from desk.tables import NotificationRow
from kernel.clock import Clock
from kernel.database import Database
from kernel.ids import new_id
from kernel.limits import DIGEST_LINES, DIGEST_WITHIN
from staff.actors import standing_of
from staff.queries import agents_by_ids
from tickets.tables import TicketRow

logger = logging.getLogger(__name__)

LOOK_EVERY_SECONDS: Final = 60.0


class Digester:
    """Looks once a minute who is due. The mail goes through the outbox of the oldest mailbox.

    That a notification was mailed and the promise to mail it are one commit: after a crash either
    both are there or neither.
    """

    def __init__(
        self, database: Database, clock: Clock, *, public_url: str, company: Callable[[], str]
    ) -> None:
        self._database = database
        self._clock = clock
        self._public_url = public_url
        self._company = company

    async def run(self) -> None:
        """Mail what is due, for ever."""
        while True:
            await self.step()
            await self._clock.sleep(LOOK_EVERY_SECONDS)

    async def step(self) -> int:
        """Promise the mails that are due now; return how many."""
        now = self._clock.now()
        async with self._database.reading() as session:
            due = await _due(session, now)
            mailbox = await house_mailbox(session) if due else None
        if mailbox is None:
            return 0
        return sum([await self._mail(agent_id, mailbox, now) for agent_id in due])

    async def _mail(self, agent_id: UUID, mailbox: UUID, now: datetime) -> bool:
        digest_id = new_id()
        async with self._database.transaction() as session:
            agent = (await agents_by_ids(session, [agent_id]))[agent_id]
            taken = await _take(session, agent_id, digest_id, now)
            items = await _items(session, agent_id, digest_id) if taken else []
            if items:
                letter = write_letter(
                    items[:DIGEST_LINES],
                    beyond=len(items[DIGEST_LINES:]),
                    company=self._company(),
                    public_url=self._public_url,
                    locale=agent.locale,
                )
                promise_house_mail(
                    session,
                    mailbox,
                    HouseMail(
                        to=Party(handle=agent.email, name=agent.name),
                        subject=letter.subject,
                        text=letter.text,
                        html=letter.html,
                    ),
                    key=digest_id,
                    about=digest_id,
                    now=now,
                )
        return bool(items)


def _waiting(now: datetime) -> ColumnElement[bool]:
    return and_(
        NotificationRow.to_mail,
        NotificationRow.digest_id.is_(None),
        NotificationRow.read_at.is_(None),
        NotificationRow.at > now - DIGEST_WITHIN,
    )


async def _due(session: AsyncSession, now: datetime) -> list[UUID]:
    """Return whose oldest unread notification is older than the last moment of their digest."""
    rows = await session.execute(
        select(NotificationRow.agent_id, func.min(NotificationRow.at))
        .where(_waiting(now))
        .group_by(NotificationRow.agent_id)
    )
    oldest: dict[UUID, datetime] = {row[0]: row[1] for row in rows}
    choices = await choices_of(session, oldest) if oldest else {}
    return [
        agent_id
        for agent_id, at in sorted(oldest.items())
        if _is_due(choices.get(agent_id, USUAL), at, now)
    ]


def _is_due(choices: Choices, oldest: datetime, now: datetime) -> bool:
    return oldest < digest_before(choices, now) and not is_quiet(choices, now)


async def _take(session: AsyncSession, agent_id: UUID, digest_id: UUID, now: datetime) -> bool:
    """Put everything that waits for this agent into the digest; no other can take it again."""
    taken = await session.scalars(
        update(NotificationRow)
        .where(NotificationRow.agent_id == agent_id, _waiting(now))
        .values(digest_id=digest_id)
        .returning(NotificationRow.id)
        .execution_options(synchronize_session=False)
    )
    return bool(taken.all())


async def _items(session: AsyncSession, agent_id: UUID, digest_id: UUID) -> list[Item]:
    """Return what of it the agent may see now, newest first; nothing for who left."""
    standing = (await standing_of(session, [agent_id])).get(agent_id)
    if standing is None:
        return []
    rows = await session.execute(
        select(NotificationRow, TicketRow.number, TicketRow.subject)
        .outerjoin(TicketRow, TicketRow.id == NotificationRow.ticket_id)
        .where(NotificationRow.digest_id == digest_id, seen_by(standing.as_actor(agent_id)))
        .order_by(NotificationRow.at.desc(), NotificationRow.id.desc())
    )
    return [
        Item(
            event=row.event,
            name=row.name,
            detail=row.detail,
            ticket_id=row.ticket_id,
            number=number,
            subject=subject,
        )
        for row, number, subject in rows
    ]
