"""What a visitor may see of their conversation: their own words and the answers to them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.webchat.account import KIND
from channels.webchat.choices import split_choices
from channels.webchat.parse import client_id_of
from clients.known import known_identities
from clients.naming import handle_of
from kernel.errors import NotFoundError
from kernel.journal import JournalRow
from kernel.limits import CHAT_CATCH_UP_ENTRIES, CHAT_CATCH_UP_TICKETS
from kernel.sniff import INLINE_IMAGES
from tickets import queries as ticket_queries
from tickets.tables import AttachmentRow, MessageRow, TicketRow

LET_GO: Final = ("sent", "delivered", "read")
"""An answer in one of these states has left the house; in any other the visitor sees nothing."""


class ChatFile(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    media_type: str
    size: int
    image: bool
    """Sniffed as a picture that is safe to draw."""


class ChatLine(msgspec.Struct, frozen=True, kw_only=True, rename={"sender": "from"}):
    """One message as visitors see it. This list of fields is all they ever get."""

    id: UUID
    client_id: str | None
    sender: Literal["visitor", "agent"]
    name: str
    text: str
    conversation: UUID
    """The ticket it belongs to: a visitor may have several."""
    read: bool
    """The visitor has read it, in whichever browser."""
    choices: list[str]
    """Quick replies that an agent offers; see channels/webchat/choices.py."""
    at: datetime
    files: list[ChatFile]


class Conversation(Struct, frozen=True, kw_only=True):
    """Whose words: everything below is asked for one of these and finds nothing else."""

    account_id: UUID
    handle: str


class ChatPage(Struct, frozen=True, kw_only=True):
    lines: list[ChatLine]
    more: bool


class CaughtUp(Struct, frozen=True, kw_only=True):
    lines: list[ChatLine]
    cursor: int
    more: bool


async def page_before(
    session: AsyncSession,
    whose: Conversation,
    *,
    before: UUID | None,
    limit: int,
    only: UUID | None = None,
) -> ChatPage:
    """Return the newest messages, or those before one, oldest first; of one ticket or of all."""
    tickets = await _tickets(session, whose)
    if only is not None:
        tickets = [only] if only in tickets else []
    if not tickets:
        return ChatPage(lines=[], more=False)
    statement = select(MessageRow).where(MessageRow.ticket_id.in_(tickets), _theirs(whose))
    if before is not None:
        place = select(MessageRow.place).where(MessageRow.id == before).scalar_subquery()
        statement = statement.where(MessageRow.place < place)
    found = list(
        await session.scalars(statement.order_by(MessageRow.place.desc()).limit(limit + 1))
    )
    rows = [row for row in found[:limit] if _visible(row, whose)]
    return ChatPage(lines=await _lines(session, rows[::-1]), more=len(found) > limit)


async def lines_after(
    session: AsyncSession, whose: Conversation, *, cursor: int, now_at: int
) -> CaughtUp:
    """Return what became visible after journal entry `cursor`; `now_at` is where the journal is.

    An answer becomes visible when it is let go, not when it was begun, so neither its id nor its
    time tells what a reader has missed; the journal's order does.
    """
    tickets = await _tickets(session, whose)
    if not tickets or cursor >= now_at:
        return CaughtUp(lines=[], cursor=max(cursor, now_at), more=False)
    entries = list(
        await session.execute(
            select(JournalRow.seq, JournalRow.kind, JournalRow.data)
            .where(
                JournalRow.ticket_id.in_(tickets),
                JournalRow.seq > cursor,
                JournalRow.kind.in_(("MessageAdded", "MessageStateChanged")),
            )
            .order_by(JournalRow.seq)
            .limit(CHAT_CATCH_UP_ENTRIES)
        )
    )
    more = len(entries) == CHAT_CATCH_UP_ENTRIES
    ids = {UUID(entry.data["message_id"]) for entry in entries if shows(entry.kind, entry.data)}
    lines = await lines_by_id(session, whose, sorted(ids))
    end = entries[-1].seq if more else max(now_at, entries[-1].seq if entries else 0)
    return CaughtUp(lines=lines, cursor=end, more=more)


def shows(kind: str, data: dict[str, Any]) -> bool:
    """Say whether this journal entry is the moment at which a visitor gets to see a message."""
    if kind == "MessageAdded":
        return (data["kind"], data["channel"]) == ("inbound", KIND)
    return kind == "MessageStateChanged" and str(data["state"]) in LET_GO


async def lines_by_id(
    session: AsyncSession, whose: Conversation, ids: Sequence[UUID]
) -> list[ChatLine]:
    """Return those of the messages that are this visitor's to see, in the order let go."""
    if not ids:
        return []
    rows = await session.scalars(
        select(MessageRow).where(MessageRow.id.in_(ids), _theirs(whose)).order_by(MessageRow.place)
    )
    return await _lines(session, [row for row in rows if _visible(row, whose)])


async def answers_by_id(
    session: AsyncSession, ids: Sequence[UUID]
) -> list[tuple[Conversation, ChatLine]]:
    """Return each chat answer among the messages with everybody it is for."""
    rows = [
        row
        for row in await session.scalars(
            select(MessageRow).where(
                MessageRow.id.in_(ids),
                MessageRow.kind == "outbound",
                MessageRow.channel == KIND,
                MessageRow.state.in_(LET_GO),
            )
        )
        if row.account_id is not None
    ]
    lines = await _lines(session, rows)
    return [
        (Conversation(account_id=row.account_id, handle=party["handle"]), line)
        for row, line in zip(rows, lines, strict=True)
        if row.account_id is not None
        for party in row.to
    ]


async def unmarked(
    session: AsyncSession, whose: Conversation, up_to: UUID, *, status: str
) -> list[UUID]:
    """Return the answers, up to and with one of them, that `status` would take further."""
    below = LET_GO[: LET_GO.index(status)]
    last = await session.get(MessageRow, up_to)
    if last is None or not _visible(last, whose) or last.kind != "outbound":
        raise NotFoundError
    rows = await session.scalars(
        select(MessageRow)
        .where(
            MessageRow.ticket_id == last.ticket_id,
            _theirs(whose),
            MessageRow.kind == "outbound",
            MessageRow.state.in_(below),
            MessageRow.sent_at <= last.sent_at,
        )
        .order_by(MessageRow.place.desc())
        .limit(CHAT_CATCH_UP_ENTRIES)
    )
    return sorted(row.id for row in rows if _visible(row, whose))


async def find_file(
    session: AsyncSession, whose: Conversation, attachment_id: UUID
) -> AttachmentRow:
    """Return a file of the visitor's own conversation; any other does not exist (G-02)."""
    found = await session.get(AttachmentRow, attachment_id)
    message = (
        await session.get(MessageRow, found.message_id) if found and found.message_id else None
    )
    if found is None or message is None or not _visible(message, whose):
        raise NotFoundError
    return found


async def latest_ticket(session: AsyncSession, whose: Conversation) -> UUID | None:
    """Return the ticket that this visitor's next word would join."""
    found = await _tickets(session, whose)
    return found[0] if found else None


async def addressee(session: AsyncSession, ticket_id: UUID) -> Conversation | None:
    """Return the visitor whom a ticket's answers go to now, when it is one."""
    ticket = await session.get(TicketRow, ticket_id)
    if ticket is None or ticket.channel != KIND or ticket.account_id is None:
        return None
    return Conversation(account_id=ticket.account_id, handle=ticket.recipient["handle"])


async def client_of(session: AsyncSession, whose: Conversation) -> UUID | None:
    """Return which client the visitor is, once they have said something."""
    key = (KIND, handle_of(KIND, whose.handle))
    known = (await known_identities(session, [key])).get(key)
    return known.client.id if known else None


async def first_words(
    session: AsyncSession, whose: Conversation, ticket_ids: Sequence[UUID]
) -> dict[UUID, str]:
    """Return, by ticket, what this visitor said there first."""
    place = func.row_number().over(partition_by=MessageRow.ticket_id, order_by=MessageRow.place)
    said = (
        select(MessageRow.ticket_id, MessageRow.text, place.label("place"))
        .where(
            MessageRow.ticket_id.in_(ticket_ids),
            MessageRow.kind == "inbound",
            _theirs(whose),
        )
        .subquery()
    )
    rows = await session.execute(select(said.c.ticket_id, said.c.text).where(said.c.place == 1))
    return {row.ticket_id: row.text for row in rows}


async def _tickets(session: AsyncSession, whose: Conversation) -> list[UUID]:
    """Return the visitor's tickets, the latest first, as far back as a conversation is shown."""
    client_id = await client_of(session, whose)
    if client_id is None:
        return []
    return list(
        await session.scalars(
            select(TicketRow.id)
            .where(TicketRow.client_id == client_id)
            .order_by(TicketRow.last_activity_at.desc())
            .limit(CHAT_CATCH_UP_TICKETS)
        )
    )


def _theirs(whose: Conversation) -> ColumnElement[bool]:
    """The part of the rule that a query can ask; a ticket may hold words of other channels."""
    return and_(
        MessageRow.account_id == whose.account_id,
        or_(
            and_(MessageRow.kind == "inbound", MessageRow.author_handle == whose.handle),
            and_(MessageRow.kind == "outbound", MessageRow.state.in_(LET_GO)),
        ),
    )


def _visible(row: MessageRow, whose: Conversation) -> bool:
    """The whole rule: written by this visitor, or let go and addressed to them; never a note."""
    if row.account_id != whose.account_id or row.channel != KIND:
        return False
    if row.kind == "inbound":
        return row.author_handle == whose.handle
    if row.kind != "outbound" or row.state not in LET_GO:
        return False
    return any(party["handle"] == whose.handle for party in row.to)


async def _lines(session: AsyncSession, rows: Sequence[MessageRow]) -> list[ChatLine]:
    files = await ticket_queries.files_of(session, [row.id for row in rows if row.has_files])
    return [_line(row, files.get(row.id, [])) for row in rows]


def _line(row: MessageRow, files: Sequence[AttachmentRow]) -> ChatLine:
    inbound = row.kind == "inbound"
    text, choices = (row.text, []) if inbound else split_choices(row.text)
    return ChatLine(
        id=row.id,
        client_id=client_id_of(row.external_id) if inbound else None,
        sender="visitor" if inbound else "agent",
        name="" if inbound else row.author_name,
        text=text,
        conversation=row.ticket_id,
        read=inbound or row.state == "read",
        choices=choices,
        at=row.created_at if inbound else row.sent_at or row.created_at,
        files=[
            ChatFile(
                id=file.id,
                name=file.name,
                media_type=file.media_type,
                size=file.size,
                image=file.media_type in INLINE_IMAGES,
            )
            for file in files
        ],
    )
