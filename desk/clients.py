"""Where clients meet tickets and contacts: a merge moves both, a timeline shows both."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from clients import merging, timeline
from clients import queries as client_queries
from kernel.actor import Actor
from routing import service as routing
from staff import queries as staff
from tickets import queries as ticket_queries
from tickets import service as tickets

WISHES: Final = frozenset({"left_alone", "left_alone_over"})


class _Belongings:
    """What tickets and routing keep about a client."""

    async def move(
        self, session: AsyncSession, source_id: UUID, target_id: UUID
    ) -> dict[str, list[str]]:
        moved = await tickets.move_tickets_of(session, source_id=source_id, target_id=target_id)
        held = await routing.move_contacts_of(session, source_id=source_id, target_id=target_id)
        return {"tickets": [str(one) for one in moved], "contacts": [str(one) for one in held]}

    async def move_back(
        self,
        session: AsyncSession,
        moved: Mapping[str, list[str]],
        source_id: UUID,
        target_id: UUID,
    ) -> None:
        await tickets.move_tickets_of(
            session,
            source_id=target_id,
            target_id=source_id,
            only=[UUID(one) for one in moved.get("tickets", ())],
        )
        await routing.move_contacts_of(
            session,
            source_id=target_id,
            target_id=source_id,
            only=[UUID(one) for one in moved.get("contacts", ())],
        )


_BELONGINGS = _Belongings()


async def merge(
    session: AsyncSession, actor: Actor, *, source_id: UUID, target_id: UUID, now: datetime
) -> UUID:
    """Make the source part of the target, tickets and all; return the target."""
    done = await merging.merge(
        session, actor, source_id=source_id, target_id=target_id, others=_BELONGINGS, now=now
    )
    return done.target_id


async def undo_merge(session: AsyncSession, actor: Actor, merge_id: UUID, *, now: datetime) -> UUID:
    """Give the source back exactly what it brought; return it."""
    done = await merging.undo_merge(session, actor, merge_id, others=_BELONGINGS, now=now)
    return done.source_id


class Happening(Struct, frozen=True, kw_only=True):
    """One line of a client's timeline."""

    at: datetime
    id: UUID
    kind: str
    title: str
    detail: str
    ticket_id: UUID | None = None
    channel: str | None = None


async def timeline_page(
    session: AsyncSession,
    actor: Actor,
    client_id: UUID,
    *,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Happening]:
    """Return what happened with a client, newest first; of tickets only those the actor sees."""
    client_id = await client_queries.find_client_id(session, client_id)
    own = await timeline.moments(session, client_id, before=before, limit=limit)
    said = await ticket_queries.messages_of_client(
        session, actor, client_id, before=before, limit=limit
    )
    names = await staff.agents_by_ids(session, {one.by for one in own if one.kind in WISHES})
    found = [
        Happening(
            at=one.at,
            id=one.id,
            kind=_kind(one.kind),
            title=one.kind,
            detail=names[one.by].name if one.by in names else one.text,
        )
        for one in own
    ]
    found += [
        Happening(
            at=message.created_at,
            id=message.id,
            kind="message",
            title=f"#{title.number} {title.subject}",
            detail=f"{message.author_name}: {message.preview}",
            ticket_id=title.id,
            channel=message.channel,
        )
        for message, title in said
    ]
    return sorted(found, key=lambda one: (one.at, one.id), reverse=True)[:limit]


def _kind(kind: str) -> str:
    if kind in WISHES:
        return "wish"
    return "note" if kind == "note" else "merge"
