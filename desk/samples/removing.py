"""Takes the sample data out again: exactly what was marked, with all that hangs on it."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct, field
from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from channels import accounts
from channels.tables import AccountRow
from channels.webchat.tables import ChatVisitorRow
from clients.tables import ClientRow, MergeRow, UnlikeRow
from desk.events import SamplesChanged
from desk.tables import SampleRow
from kernel.actor import Actor
from kernel.journal import record
from kernel.tables import Table
from knowledge_base.tables import ARTICLE_SEARCH, ArticleRow, ArticleTextRow
from routing import service as routing
from routing.tables import ContactRow
from supervision.tallying import forget_contacts
from tickets import searching
from tickets.events import CannedReplyChanged
from tickets.tables import MessageRow, TicketRow

_LOG: Final = "journal"
"""What happened stays noted: the journal is never rewritten."""


class Removed(Struct, kw_only=True):
    """How many of each table went, and how many stayed because real work hangs on them."""

    gone: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)


async def remove_samples(session: AsyncSession, *, actor: Actor, now: datetime) -> Removed:
    """Remove what was marked. A client or an account that has real tickets by now stays.

    A sample that was merged with a real client is a part of that merge and stays, too.
    """
    marked: dict[str, set[UUID]] = {}
    for row in await session.scalars(select(SampleRow)):
        marked.setdefault(row.kind, set()).add(row.id)
    removed = Removed()
    await _clear_tickets(session, marked.get("ticket", set()), removed, now)
    await _clear_shelf(session, marked, removed)
    await _clear_clients(session, marked.get("client", set()), removed)
    await _clear_accounts(session, marked.get("account", set()), removed)
    await session.execute(delete(SampleRow))
    record(session, SamplesChanged(actor_id=actor.agent_id, present=False))
    return removed


async def _clear_tickets(
    session: AsyncSession, tickets: set[UUID], removed: Removed, now: datetime
) -> None:
    for ticket_id in sorted(tickets):
        contact = await routing.open_contact_of(session, ticket_id)
        if contact is not None:
            await routing.end_contact(session, contact, state="flowed_out", now=now)
    await session.flush()
    own = {
        "ticket_id": tickets,
        "lane": tickets,
        "message_id": await _ids(session, MessageRow.id, MessageRow.ticket_id.in_(tickets)),
        "contact_id": await _ids(session, ContactRow.id, ContactRow.ticket_id.in_(tickets)),
    }
    await forget_contacts(session, sorted(own["contact_id"]))
    await searching.INDEX.remove(session, tickets)
    await session.execute(
        update(TicketRow)
        .where(TicketRow.follows_id.in_(tickets))
        .values(follows_id=None)
        .execution_options(synchronize_session=False)
    )
    await _clear_parts(session, own)
    await _clear(session, "ticket", tickets, removed)


async def _clear_shelf(
    session: AsyncSession, marked: Mapping[str, set[UUID]], removed: Removed
) -> None:
    articles = marked.get("article", set())
    texts = await _ids(session, ArticleTextRow.id, ArticleTextRow.article_id.in_(articles))
    await ARTICLE_SEARCH.remove(session, texts)
    await _clear_parts(session, {"article_id": articles})
    await _clear(session, "article", articles, removed)
    phrases = marked.get("canned_reply", set())
    await _clear(session, "canned_reply", phrases, removed)
    for phrase_id in sorted(phrases):
        record(session, CannedReplyChanged(canned_reply_id=phrase_id))
    shelves = marked.get("article_category", set())
    used = await _ids(session, ArticleRow.category_id, ArticleRow.category_id.in_(shelves))
    await _clear(session, "article_category", shelves, removed, kept=used)


async def _clear_clients(session: AsyncSession, clients: set[UUID], removed: Removed) -> None:
    """A client stays with tickets of their own, or as a part of a merge, which can be undone."""
    source, target = MergeRow.source_id, MergeRow.target_id
    await session.execute(delete(MergeRow).where(source.in_(clients), target.in_(clients)))
    one, other = UnlikeRow.one_id, UnlikeRow.other_id
    await session.execute(delete(UnlikeRow).where(or_(one.in_(clients), other.in_(clients))))
    used = await _ids(session, TicketRow.client_id, TicketRow.client_id.in_(clients))
    for end in (source, target):
        used |= await _ids(session, end, end.in_(clients))
    outside = ClientRow.id.not_in(clients)
    for link in (ClientRow.organisation_id, ClientRow.merged_into):
        used |= await _ids(session, link, link.in_(clients), outside)
    await _clear_parts(session, {"client_id": clients - used})
    await _clear(session, "client", clients, removed, kept=used)


async def _clear_accounts(session: AsyncSession, marked: set[UUID], removed: Removed) -> None:
    """An account through which somebody really wrote stays, switched off."""
    used = await _ids(session, TicketRow.account_id, TicketRow.account_id.in_(marked))
    used |= await _ids(session, MessageRow.account_id, MessageRow.account_id.in_(marked))
    free = marked - used
    visitors = await _ids(session, ChatVisitorRow.id, ChatVisitorRow.account_id.in_(free))
    await _clear_parts(session, {"visitor_id": visitors})
    await _clear_parts(session, {"account_id": free})
    for row in await session.scalars(select(AccountRow).where(AccountRow.id.in_(marked))):
        row.enabled = False
        row.version += 1
        accounts.note_change(session, row)
    await session.flush()
    await _clear(session, "account", marked, removed, kept=used)


async def _clear_parts(session: AsyncSession, own: Mapping[str, Collection[UUID]]) -> None:
    """Delete every row of any room that belongs to one of these by the name of its column.

    Tables with a foreign key go before those they point to. The rooms' own columns are named
    alike everywhere, so a table that is added later is cleared as well.
    """
    for table in reversed(Table.metadata.sorted_tables):
        named = [table.c[name].in_(list(ids)) for name, ids in own.items() if name in table.c]
        if named and table.name != _LOG:
            await session.execute(delete(table).where(or_(*named)))


async def _clear(
    session: AsyncSession,
    kind: str,
    ids: set[UUID],
    removed: Removed,
    *,
    kept: Iterable[UUID] = (),
) -> None:
    """Delete the things themselves, all but those that are `kept`, and count both."""
    table = Table.metadata.tables[kind]
    staying = ids.intersection(kept)
    gone = await session.scalars(
        delete(table).where(table.c.id.in_(list(ids - staying))).returning(table.c.id)
    )
    removed.gone[kind] = len(gone.all())
    removed.kept[kind] = len(staying)


async def _ids(session: AsyncSession, column: Any, *where: ColumnElement[bool]) -> set[UUID]:
    return set(await session.scalars(select(column).where(*where)))
