"""Sends an answer on by mail when the visitor it was for has left without reading it."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from channels.webchat import visitors
from channels.webchat.account import KIND, read_settings
from channels.webchat.hub import VisitorHub
from channels.webchat.tables import ChatContinuationRow
from channels.webchat.visitors import LastSeen
from desk.chat_mailing import MAIL, Unread, mail_on
from desk.lines import Line, Lines
from kernel.bookmarks import read_bookmark, set_bookmark
from kernel.clock import Clock
from kernel.database import Database
from kernel.entries import Noted
from kernel.journal import read_after
from kernel.limits import CHAT_CONTINUES_AFTER, CHAT_CONTINUES_WITHIN
from kernel.upsert import insert_new
from tickets.tables import MessageRow, TicketRow

BOOKMARK: Final = "chat continuation"
EVERY_SECONDS: Final = 30.0
ENTRIES: Final = 500
STRIDE: Final = 5_000
ROUND: Final = 50
WAITING: Final = "waiting"
MAILED: Final = "mailed"
DROPPED: Final = "dropped"


class Fate(StrEnum):
    """What becomes of an answer that has not been read."""

    MAIL = "mail"
    WAIT = "wait"
    DROP = "drop"


def continue_by_mail(
    visitor: LastSeen | None, *, present: bool, sent_at: datetime, now: datetime
) -> Fate:
    """Decide: an answer goes on by mail when its reader gave an address and has been gone a while.

    `sent_at` is when the newest unread answer was let go. Who still has the page open, or left a
    moment ago, reads it there; what is days old would only puzzle.
    """
    if visitor is None or not visitor.email or now - sent_at > CHAT_CONTINUES_WITHIN:
        return Fate.DROP
    if present or now - max(sent_at, visitor.seen_at) < CHAT_CONTINUES_AFTER:
        return Fate.WAIT
    return Fate.MAIL


class ChatContinuation:
    """Follows the journal a little behind; what it has noted survives a restart."""

    def __init__(self, database: Database, clock: Clock, hub: VisitorHub, lines: Lines) -> None:
        self._database = database
        self._clock = clock
        self._hub = hub
        self._lines = lines
        self._seq: int | None = None

    async def run(self) -> None:
        """Note what was let go, and mail what stayed unread, for ever."""
        while True:
            await self.follow()
            await self.round()
            await self._clock.sleep(EVERY_SECONDS)

    async def follow(self) -> None:
        """Note every chat answer that was let go since the last time."""
        while await self._follow_once():
            pass

    async def round(self) -> int:
        """Settle the conversations that are due; return how many answers went by mail."""
        async with self._database.reading() as session:
            due = await session.scalars(
                select(ChatContinuationRow.ticket_id)
                .where(
                    ChatContinuationRow.state == WAITING,
                    ChatContinuationRow.due_at <= self._clock.now(),
                )
                .order_by(ChatContinuationRow.due_at)
                .limit(ROUND)
            )
            ticket_ids = list(dict.fromkeys(due))
        mailed = 0
        for ticket_id in ticket_ids:
            async with self._database.transaction() as session:
                mailed += await self._settle(session, ticket_id)
        return mailed

    async def _follow_once(self) -> bool:
        async with self._database.reading() as session:
            stored = await read_bookmark(session, BOOKMARK)
            stood = stored if self._seq is None else self._seq
            entries = await read_after(session, stood, limit=ENTRIES)
            answers = await _answers(session, entries)
        if not entries:
            return False
        end = entries[-1].seq
        # Most of the journal is about other things: the bookmark is moved in strides.
        if answers or end - stored > STRIDE:
            async with self._database.transaction() as session:
                await self._note(session, answers)
                await set_bookmark(session, BOOKMARK, end)
        self._seq = end
        return len(entries) == ENTRIES

    async def _note(self, session: AsyncSession, answers: Sequence[MessageRow]) -> None:
        rows = [
            {
                "message_id": one.id,
                "ticket_id": one.ticket_id,
                "state": WAITING,
                "due_at": (one.sent_at or one.created_at) + CHAT_CONTINUES_AFTER,
                "mail_id": None,
            }
            for one in answers
        ]
        await insert_new(session, ChatContinuationRow, rows, ChatContinuationRow.message_id)

    async def _settle(self, session: AsyncSession, ticket_id: UUID) -> int:
        now = self._clock.now()
        waiting = list(
            await session.scalars(
                select(ChatContinuationRow.message_id)
                .where(
                    ChatContinuationRow.ticket_id == ticket_id,
                    ChatContinuationRow.state == WAITING,
                )
                .with_for_update(skip_locked=True)
            )
        )
        unread = await _unread(session, ticket_id, waiting)
        if unread is None:
            await _end(session, waiting, DROPPED)
            return 0
        visitor = await visitors.last_seen(session, unread.messages[-1].account_id, unread.handle)
        fate = continue_by_mail(
            visitor,
            present=self._hub.present(unread.handle),
            sent_at=unread.sent_at,
            now=now,
        )
        mailbox = self._mailbox(unread)
        if fate is Fate.DROP or visitor is None:
            await _end(session, waiting, DROPPED)
        elif fate is Fate.WAIT or mailbox is None:
            seen = max(unread.sent_at, visitor.seen_at, now - CHAT_CONTINUES_AFTER / 2)
            await _postpone(session, waiting, seen + CHAT_CONTINUES_AFTER)
        else:
            mail_id = await mail_on(session, unread, visitor, mailbox, now)
            await _end(session, waiting, MAILED, mail_id=mail_id)
            return len(unread.messages)
        return 0

    def _mailbox(self, unread: Unread) -> Line | None:
        """Return the mailbox that this widget's conversations go on through, when it is on."""
        account_id = unread.messages[-1].account_id
        widget = self._lines.get(account_id) if account_id else None
        if widget is None:
            return None
        reply_account_id = read_settings(widget.account.settings).reply_account_id
        mailbox = self._lines.get(reply_account_id) if reply_account_id else None
        return mailbox if mailbox is not None and mailbox.account.kind == MAIL else None


async def _answers(session: AsyncSession, entries: Sequence[Noted]) -> list[MessageRow]:
    ids = [
        UUID(str(entry.data["message_id"]))
        for entry in entries
        if entry.kind == "MessageStateChanged" and entry.data["state"] == "sent"
    ]
    if not ids:
        return []
    return list(
        await session.scalars(
            select(MessageRow)
            .where(
                MessageRow.id.in_(ids), MessageRow.channel == KIND, MessageRow.kind == "outbound"
            )
            .order_by(MessageRow.place)
        )
    )


async def _unread(session: AsyncSession, ticket_id: UUID, ids: Sequence[UUID]) -> Unread | None:
    """Return what is still unread; who wrote after an answer has seen it."""
    ticket = await session.get(TicketRow, ticket_id)
    rows = await session.scalars(
        select(MessageRow)
        .where(MessageRow.id.in_(ids), MessageRow.state.in_(("sent", "delivered")))
        .order_by(MessageRow.sent_at)
    )
    found = [row for row in rows if row.to]
    if ticket is None or not found:
        return None
    handle = found[-1].to[0]["handle"]
    wrote = await session.scalar(
        select(MessageRow.created_at)
        .where(
            MessageRow.ticket_id == ticket_id,
            MessageRow.kind == "inbound",
            MessageRow.author_handle == handle,
        )
        .order_by(MessageRow.place.desc())
        .limit(1)
    )
    left = [
        row
        for row in found
        if row.to[0]["handle"] == handle
        and (wrote is None or wrote < (row.sent_at or row.created_at))
    ]
    return Unread(ticket=ticket, messages=left, handle=handle) if left else None


async def _end(
    session: AsyncSession, ids: Sequence[UUID], state: str, *, mail_id: UUID | None = None
) -> None:
    await session.execute(
        update(ChatContinuationRow)
        .where(ChatContinuationRow.message_id.in_(ids))
        .values(state=state, mail_id=mail_id)
        .execution_options(synchronize_session=False)
    )


async def _postpone(session: AsyncSession, ids: Sequence[UUID], due_at: datetime) -> None:
    await session.execute(
        update(ChatContinuationRow)
        .where(ChatContinuationRow.message_id.in_(ids))
        .values(due_at=due_at)
        .execution_options(synchronize_session=False)
    )
