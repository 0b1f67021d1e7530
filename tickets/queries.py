"""What is asked of tickets: lists by page, one thread, counts and history."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.actor import Actor
from kernel.cursors import make_cursor, read_cursor
from kernel.errors import InvalidInputError
from kernel.journal import JournalRow
from kernel.limits import READ_AT_ONCE, READ_CLOCKS_DIFFER, VIEW_COUNTED
from kernel.prepared import Lookup
from tickets import reading
from tickets.access import visible
from tickets.conditions import Asked, Group, compiled, is_snoozed, mentions_field
from tickets.lifecycle import LIVE, STATUSES, preview_of
from tickets.tables import (
    AttachmentRow,
    CannedReplyRow,
    DraftRow,
    MessageRow,
    TicketArticleRow,
    TicketRow,
    TicketTagRow,
)

NO_WORDS: Final = ("reaction", "moved")
"""Automatic messages by which the client has not written."""
_OF_IDS: Final = TicketRow.id.in_(bindparam("ids", expanding=True))
_WHOSE: Final = Lookup(
    select(TicketRow.id, TicketRow.team_id, TicketRow.assignee_id).where(_OF_IDS)
)
_TITLES: Final = Lookup(
    select(TicketRow.id, TicketRow.number, TicketRow.subject, TicketRow.preview).where(_OF_IDS)
)

VIEWS = ("mine", "unassigned", "team", "mentions", "snoozed", "all")


class TicketFilter(Struct, frozen=True, kw_only=True):
    """Which tickets a list shows; every field narrows it."""

    view: str = "all"
    saved: Group | None = None
    """The conditions of a saved view, instead of a ready-made one."""
    now: datetime | None = None
    """What the ages in conditions count from."""
    status: tuple[str, ...] = ()
    client_id: UUID | None = None
    queue_id: UUID | None = None
    tag: str | None = None


async def list_tickets(
    session: AsyncSession, actor: Actor, chosen: TicketFilter, *, after: str | None, limit: int
) -> tuple[list[TicketRow], str | None]:
    """Return one page, latest activity first, and the cursor of the next."""
    statement = (
        select(TicketRow)
        .where(visible(actor), *_conditions(actor, chosen))
        .order_by(TicketRow.last_activity_at.desc(), TicketRow.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        moment, last_id = read_cursor(after)
        statement = statement.where(
            or_(
                TicketRow.last_activity_at < moment,
                and_(TicketRow.last_activity_at == moment, TicketRow.id < last_id),
            )
        )
    rows = list(await session.scalars(statement))
    more = len(rows) > limit
    rows = rows[:limit]
    return rows, make_cursor(rows[-1].last_activity_at, rows[-1].id) if more else None


async def count_views(session: AsyncSession, actor: Actor) -> dict[str, int]:
    """Return how many live tickets each view holds, of mentions those not read yet."""
    counts: dict[str, int] = {}
    for view in VIEWS:
        chosen = TicketFilter(view=view, status=LIVE)
        more = [reading.newly_mentioned(actor.agent_id)] if view == "mentions" else []
        counts[view] = await _count(session, actor, *_conditions(actor, chosen), *more)
    return counts


async def count_unread(session: AsyncSession, actor: Actor) -> int:
    """Return how many of the actor's own tickets hold something new to them."""
    mine = _conditions(actor, TicketFilter(view="mine", status=LIVE))
    return await _count(session, actor, *mine, reading.unread_by(actor.agent_id))


async def count_saved(
    session: AsyncSession, actor: Actor, views: Mapping[UUID, Group], now: datetime
) -> dict[UUID, int]:
    """Return how many tickets each saved view holds."""
    return {
        view_id: await _count(
            session, actor, *_conditions(actor, TicketFilter(saved=conditions, now=now))
        )
        for view_id, conditions in views.items()
    }


async def _count(session: AsyncSession, actor: Actor, *conditions: ColumnElement[bool]) -> int:
    """Count up to a bound: what is more than a thousand is told as a thousand."""
    some = select(TicketRow.id).where(visible(actor), *conditions).limit(VIEW_COUNTED).subquery()
    return await session.scalar(select(func.count()).select_from(some)) or 0


def _conditions(actor: Actor, chosen: TicketFilter) -> list[ColumnElement[bool]]:
    found = _of_view(actor, chosen)
    if chosen.status:
        if not set(chosen.status) <= set(STATUSES):
            raise InvalidInputError(f"a status is one of {', '.join(STATUSES)}", field="status")
        found.append(TicketRow.status.in_(chosen.status))
    if chosen.client_id is not None:
        found.append(TicketRow.client_id == chosen.client_id)
    if chosen.queue_id is not None:
        found.append(TicketRow.queue_id == chosen.queue_id)
    if chosen.tag is not None:
        found.append(
            exists().where(TicketTagRow.ticket_id == TicketRow.id, TicketTagRow.tag == chosen.tag)
        )
    return found


def _of_view(actor: Actor, chosen: TicketFilter) -> list[ColumnElement[bool]]:
    """What a view shows; what was put aside is shown where it is asked for."""
    if chosen.saved is not None and chosen.now is not None:
        aside = [] if mentions_field(chosen.saved, "snoozed") else [not_(is_snoozed())]
        return [compiled(chosen.saved, Asked(actor, chosen.now)), *aside]
    match chosen.view:
        case "mine":
            return [TicketRow.assignee_id == actor.agent_id, not_(is_snoozed())]
        case "unassigned":
            return [TicketRow.assignee_id.is_(None), not_(is_snoozed())]
        case "team":
            return [TicketRow.team_id.in_(sorted(actor.team_ids)), not_(is_snoozed())]
        case "mentions":
            return [reading.mentioned(actor.agent_id)]
        case "snoozed":
            return [is_snoozed()]
        case "all":
            return []
        case other:
            raise InvalidInputError(f"there is no view “{other}”: {', '.join(VIEWS)}", field="view")


async def thread_page(
    session: AsyncSession, ticket_id: UUID, *, before: UUID | None, limit: int
) -> tuple[list[MessageRow], UUID | None]:
    """Return a page of the thread, oldest first, and the cursor of the page before it."""
    statement = select(MessageRow).where(MessageRow.ticket_id == ticket_id)
    if before is not None:
        statement = statement.where(MessageRow.place < before)
    rows = list(await session.scalars(statement.order_by(MessageRow.place.desc()).limit(limit + 1)))
    more = len(rows) > limit
    page = rows[:limit][::-1]
    return page, page[0].place if more else None


async def accounts_written_to(session: AsyncSession, client_id: UUID) -> set[UUID]:
    """Return the accounts through which the client has written."""
    found = await session.scalars(
        select(TicketRow.account_id)
        .where(TicketRow.client_id == client_id, TicketRow.account_id.is_not(None))
        .distinct()
    )
    return {one for one in found if one is not None}


async def files_of(
    session: AsyncSession, message_ids: Sequence[UUID]
) -> dict[UUID, list[AttachmentRow]]:
    if not message_ids:
        return {}
    rows = await session.scalars(
        select(AttachmentRow)
        .where(AttachmentRow.message_id.in_(message_ids))
        .order_by(AttachmentRow.id)
    )
    found: dict[UUID, list[AttachmentRow]] = {}
    for row in rows:
        if row.message_id is not None:
            found.setdefault(row.message_id, []).append(row)
    return found


async def by_ids(session: AsyncSession, actor: Actor, ids: Sequence[UUID]) -> list[TicketRow]:
    """Return those of the tickets that the actor may see."""
    if not ids:
        return []
    return list(
        await session.scalars(select(TicketRow).where(TicketRow.id.in_(ids), visible(actor)))
    )


async def followed_by(session: AsyncSession, ticket_id: UUID, actor: Actor) -> list[TicketRow]:
    return list(
        await session.scalars(
            select(TicketRow)
            .where(TicketRow.follows_id == ticket_id, visible(actor))
            .order_by(TicketRow.id)
            .limit(20)
        )
    )


async def client_of(session: AsyncSession, ticket_id: UUID) -> UUID | None:
    """Return whose ticket it is; None when there is none of this id."""
    found: UUID | None = await session.scalar(
        select(TicketRow.client_id).where(TicketRow.id == ticket_id)
    )
    return found


async def last_from_client(session: AsyncSession, ticket_id: UUID) -> MessageRow | None:
    """Return the newest message a person wrote us on this ticket: what a reply answers."""
    found: MessageRow | None = await session.scalar(
        select(MessageRow)
        .where(
            MessageRow.ticket_id == ticket_id,
            MessageRow.kind == "inbound",
            MessageRow.automatic.is_(None),
        )
        .order_by(MessageRow.place.desc())
        .limit(1)
    )
    return found


async def thread_keys(session: AsyncSession, ticket_id: UUID, *, limit: int) -> list[str]:
    """Return the providers' names of the newest messages, oldest first (for References)."""
    rows = await session.scalars(
        select(MessageRow.thread_key)
        .where(MessageRow.ticket_id == ticket_id, MessageRow.thread_key.is_not(None))
        .order_by(MessageRow.place.desc())
        .limit(limit)
    )
    return [key for key in rows if key is not None][::-1]


async def by_thread_key(session: AsyncSession, account_id: UUID, key: str) -> MessageRow | None:
    found: MessageRow | None = await session.scalar(
        select(MessageRow).where(
            MessageRow.thread_key == key,
            MessageRow.account_id == account_id,
            MessageRow.kind == "outbound",
        )
    )
    return found


async def tickets_of_messages(
    session: AsyncSession, actor: Actor, message_ids: Sequence[UUID]
) -> dict[UUID, UUID]:
    """Return on which tickets that the actor may see these messages stand."""
    if not message_ids:
        return {}
    rows = await session.execute(
        select(MessageRow.id, MessageRow.ticket_id)
        .join(TicketRow, TicketRow.id == MessageRow.ticket_id)
        .where(MessageRow.id.in_(message_ids), visible(actor))
    )
    return {row.id: row.ticket_id for row in rows}


async def answered_by(session: AsyncSession, rows: Sequence[MessageRow]) -> dict[UUID, UUID]:
    """Return which message of its ticket each of these names as the one that it answers.

    A mail names all that came before it, which says nothing.
    """
    named = {
        row.id: (row.ticket_id, row.references[-1])
        for row in rows
        if row.kind == "inbound" and row.references and row.channel != "mail"
    }
    if not named:
        return {}
    found = await session.execute(
        select(MessageRow.ticket_id, MessageRow.thread_key, MessageRow.id).where(
            MessageRow.ticket_id.in_({ticket_id for ticket_id, _ in named.values()}),
            MessageRow.thread_key.in_({key for _, key in named.values()}),
        )
    )
    by_name = {(row.ticket_id, row.thread_key): row.id for row in found}
    return {one: by_name[name] for one, name in named.items() if name in by_name}


async def sent_until(
    session: AsyncSession, account_id: UUID, client_id: UUID, until: datetime
) -> list[UUID]:
    """Return the newest unread answers that had gone to the client through the account by then.

    `until` is the provider's time, and what we note as sent is when we heard that it was.
    """
    rows = await session.scalars(
        select(MessageRow.id)
        .join(TicketRow, TicketRow.id == MessageRow.ticket_id)
        .where(
            TicketRow.client_id == client_id,
            MessageRow.kind == "outbound",
            MessageRow.account_id == account_id,
            MessageRow.state.in_(("sent", "delivered")),
            MessageRow.created_at <= until,
            MessageRow.sent_at <= until + READ_CLOCKS_DIFFER,
        )
        .order_by(MessageRow.place.desc())
        .limit(READ_AT_ONCE)
    )
    return list(rows)


async def was_sent_by(
    session: AsyncSession, account_id: UUID, message_id: UUID, *, name: str | None
) -> bool:
    """Say whether this is an answer that goes, or went, out through the account.

    When the provider calls it by another `name` than we know, that was an earlier try of it, which
    says nothing of the later one.
    """
    message = await session.get(MessageRow, message_id)
    if message is None or message.kind != "outbound" or message.account_id != account_id:
        return False
    return name is None or message.thread_key in {None, name}


async def sent_by_names(
    session: AsyncSession, account_id: UUID, names: Sequence[str]
) -> dict[str, UUID]:
    """Return which of our messages the account's provider knows by these names."""
    rows = await session.execute(
        select(MessageRow.thread_key, MessageRow.id).where(
            MessageRow.thread_key.in_(names),
            MessageRow.account_id == account_id,
            MessageRow.kind == "outbound",
        )
    )
    return {row.thread_key: row.id for row in rows}


async def last_heard(
    session: AsyncSession, client_id: UUID, account_ids: Collection[UUID]
) -> dict[UUID, datetime]:
    """Return when the client last wrote through each of these accounts.

    A sign on a message of ours, or the provider's word of another number, is no writing.
    """
    rows = await session.execute(
        select(MessageRow.account_id, func.max(MessageRow.created_at).label("at"))
        .join(TicketRow, TicketRow.id == MessageRow.ticket_id)
        .where(
            TicketRow.client_id == client_id,
            MessageRow.kind == "inbound",
            MessageRow.account_id.in_(account_ids),
            or_(MessageRow.automatic.is_(None), MessageRow.automatic.not_in(NO_WORDS)),
        )
        .group_by(MessageRow.account_id)
    )
    return {row.account_id: row.at for row in rows}


async def history_page(
    session: AsyncSession,
    ticket_id: UUID,
    *,
    before: int | None,
    limit: int,
    private: Collection[str] = (),
) -> list[JournalRow]:
    """Return the newest entries; of the `private` kinds only what everybody was told."""
    statement = select(JournalRow).where(JournalRow.ticket_id == ticket_id)
    if private:
        told = JournalRow.only_agent_id.is_(None)
        statement = statement.where(or_(JournalRow.kind.not_in(sorted(private)), told))
    if before is not None:
        statement = statement.where(JournalRow.seq < before)
    return list(await session.scalars(statement.order_by(JournalRow.seq.desc()).limit(limit)))


async def speaks_through(session: AsyncSession, account_id: UUID) -> bool:
    """Say whether any message came or went through this account."""
    found = select(MessageRow.id).where(MessageRow.account_id == account_id).exists()
    return bool(await session.scalar(select(found)))


async def draft_of(session: AsyncSession, ticket_id: UUID, agent_id: UUID) -> DraftRow | None:
    return await session.get(DraftRow, (ticket_id, agent_id))


async def linked_articles(session: AsyncSession, ticket_id: UUID) -> list[UUID]:
    return list(
        await session.scalars(
            select(TicketArticleRow.article_id)
            .where(TicketArticleRow.ticket_id == ticket_id)
            .order_by(TicketArticleRow.linked_at)
        )
    )


async def canned_replies(session: AsyncSession, actor: Actor) -> list[CannedReplyRow]:
    """Return the shared ones and those of the actor's teams."""
    statement: Select[Any] = select(CannedReplyRow).order_by(CannedReplyRow.shortcut)
    if not actor.may("canned.manage"):
        statement = statement.where(
            or_(
                CannedReplyRow.team_id.is_(None),
                CannedReplyRow.team_id.in_(sorted(actor.team_ids)),
            )
        )
    return list(await session.scalars(statement))


class Title(Struct, frozen=True, kw_only=True):
    """What a ticket is called where only a line of it is shown."""

    id: UUID
    number: int
    subject: str
    preview: str


async def titles(session: AsyncSession, ids: set[UUID]) -> dict[UUID, Title]:
    rows = await _TITLES.rows(session, ids=sorted(ids))
    return {
        ticket_id: Title(id=ticket_id, number=number, subject=subject, preview=preview)
        for ticket_id, number, subject, preview in rows
    }


class Said(Struct, frozen=True, kw_only=True):
    """One message as a line of a timeline."""

    id: UUID
    created_at: datetime
    channel: str
    author_name: str
    preview: str


async def messages_of_client(
    session: AsyncSession,
    actor: Actor,
    client_id: UUID,
    *,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[tuple[Said, Title]]:
    """Return the messages of a client's tickets that the actor may see, newest first."""
    statement = (
        select(MessageRow, TicketRow)
        .join(TicketRow, TicketRow.id == MessageRow.ticket_id)
        .where(TicketRow.client_id == client_id, visible(actor))
        .order_by(MessageRow.created_at.desc(), MessageRow.id.desc())
        .limit(limit)
    )
    if before is not None:
        moment, last_id = before
        statement = statement.where(
            or_(
                MessageRow.created_at < moment,
                and_(MessageRow.created_at == moment, MessageRow.id < last_id),
            )
        )
    found = []
    for message, ticket in await session.execute(statement):
        said = Said(
            id=message.id,
            created_at=message.created_at,
            channel=message.channel,
            author_name=message.author_name,
            preview=preview_of(message.text),
        )
        title = Title(
            id=ticket.id, number=ticket.number, subject=ticket.subject, preview=ticket.preview
        )
        found.append((said, title))
    return found


def visible_ids(actor: Actor) -> Select[UUID]:
    """The ids of the tickets that the actor may see, as a part of another query."""
    return select(TicketRow.id).where(visible(actor))


async def whose(
    session: AsyncSession, ticket_ids: set[UUID]
) -> dict[UUID, tuple[UUID | None, UUID | None]]:
    """Return team and assignee by ticket: what `access.sees` asks for."""
    rows = await _WHOSE.rows(session, ids=sorted(ticket_ids))
    return {ticket_id: (team_id, assignee_id) for ticket_id, team_id, assignee_id in rows}


async def belongs_to_team(session: AsyncSession, team_id: UUID) -> bool:
    """Say whether any ticket or canned answer is this team's."""
    for column in (TicketRow.team_id, CannedReplyRow.team_id):
        if await session.scalar(select(column).where(column == team_id).limit(1)) is not None:
            return True
    return False


async def blobs_in_use(session: AsyncSession, keys: Sequence[str]) -> set[str]:
    """Return those of the blobs that an attachment names."""
    return set(
        await session.scalars(select(AttachmentRow.blob).where(AttachmentRow.blob.in_(keys)))
    )
