"""A visitor's conversations: each is a ticket, begun by their words and ended by an agent."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from channels.webchat.account import KIND
from channels.webchat.tables import ChatConversationRow
from channels.webchat.visitors import Visitor
from clients.identities import Arriving, resolve_many
from desk.chat_history import Conversation, client_of, first_words
from desk.lines import Line
from kernel.errors import ForbiddenError, NotFoundError
from kernel.limits import CHAT_CONVERSATIONS
from kernel.upsert import insert_new
from routing import service as routing
from tickets import ratings
from tickets import service as tickets
from tickets.lifecycle import DONE, NEW, preview_of
from tickets.service import NewCase
from tickets.tables import TicketRow


class ChatCase(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation as its visitor sees it; the agents' subject is not theirs to read."""

    id: UUID
    at: datetime
    ended: bool
    rating: int | None
    title: str = ""
    """The visitor's first words there; only where a list of conversations was asked for."""


async def conversations(
    session: AsyncSession, whose: Conversation, *, titles: bool = False
) -> list[ChatCase]:
    """Return the visitor's conversations on this widget, the one last spoken in first."""
    client_id = await client_of(session, whose)
    if client_id is None:
        return []
    rows = await session.scalars(
        select(TicketRow)
        .where(TicketRow.client_id == client_id, TicketRow.account_id == whose.account_id)
        .order_by(TicketRow.last_activity_at.desc())
        .limit(CHAT_CONVERSATIONS)
    )
    return await _cases(session, whose, list(rows), titles=titles)


async def conversation_of(session: AsyncSession, whose: Conversation, ticket_id: UUID) -> TicketRow:
    """Return the ticket of one of the visitor's conversations; any other does not exist."""
    ticket = await session.get(TicketRow, ticket_id)
    if ticket is None or ticket.account_id != whose.account_id:
        raise NotFoundError("there is no such conversation")
    if ticket.client_id != await client_of(session, whose):
        raise NotFoundError("there is no such conversation")
    return ticket


async def case_of(session: AsyncSession, whose: Conversation, ticket: TicketRow) -> ChatCase:
    (case,) = await _cases(session, whose, [ticket], titles=False)
    return case


async def begin(
    session: AsyncSession, line: Line, visitor: Visitor, begun: UUID, text: str, now: datetime
) -> UUID:
    """Open the ticket of a new conversation, once for each id that the browser chose for one.

    Its first message is taken in right after, claiming it. Should that fail, the browser sends
    the message again under the same id, and it finds the ticket that waits for it.
    """
    key = {"account_id": visitor.account_id, "handle": visitor.handle, "id": begun}
    fresh = await insert_new(
        session,
        ChatConversationRow,
        [{**key, "ticket_id": None, "begun_at": now}],
        ChatConversationRow.id,
    )
    if not fresh:
        row = await session.get_one(ChatConversationRow, tuple(key.values()))
        if row.ticket_id is None:
            raise NotFoundError("there is no such conversation")
        return row.ticket_id
    ticket = await _open(session, line, visitor, text, now)
    await session.execute(
        update(ChatConversationRow)
        .where(
            ChatConversationRow.account_id == visitor.account_id,
            ChatConversationRow.handle == visitor.handle,
            ChatConversationRow.id == begun,
        )
        .values(ticket_id=ticket.id)
        .execution_options(synchronize_session=False)
    )
    return ticket.id


async def _open(
    session: AsyncSession, line: Line, visitor: Visitor, text: str, now: datetime
) -> TicketRow:
    told = Arriving(channel=KIND, handle=visitor.handle, name=visitor.name)
    people = await resolve_many(session, [told], now)
    client = people[KIND, visitor.handle]
    if client.blocked:
        raise ForbiddenError("no new conversation can be begun here")
    queue = await routing.find_queue(session, line.queue_id) if line.queue_id else None
    queue = queue or await routing.default_queue(session)
    ticket = await tickets.open_case(
        session,
        NewCase(
            subject=preview_of(text) or "—",
            client_id=client.id,
            client_name=visitor.name or client.name,
            channel=KIND,
            account_id=visitor.account_id,
            recipient={"handle": visitor.handle, "name": visitor.name},
            team_id=queue.team_id if queue else None,
            queue_id=queue.id if queue else None,
        ),
        now,
    )
    # No agent has seen it yet, as with every ticket that a client opens.
    ticket.status = NEW
    return ticket


async def _cases(
    session: AsyncSession, whose: Conversation, rows: Sequence[TicketRow], *, titles: bool
) -> list[ChatCase]:
    ids = [row.id for row in rows]
    rated = await ratings.ratings_of(session, ids)
    words = await first_words(session, whose, ids) if titles else {}
    return [
        ChatCase(
            id=row.id,
            at=row.last_activity_at,
            ended=row.status in DONE,
            rating=rated[row.id].score if row.id in rated else None,
            title=preview_of(words.get(row.id, "")),
        )
        for row in rows
        # What never held a word of the visitor's is not theirs to see.
        if not titles or row.id in words
    ]
