"""A client as agents see them."""

from typing import Any, cast
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from clients import queries
from clients.finding import Listed
from clients.queries import Brief, ClientPage
from web.shapes import ClientBrief, ClientView, IdentityView, ListedClient, MergeView, NoteView


async def client_view(session: AsyncSession, client_id: UUID) -> ClientView:
    return shown(await queries.client_page(session, client_id))


def shown(page: ClientPage) -> ClientView:
    return ClientView(
        id=page.id,
        kind=cast("Any", page.kind),
        name=page.name,
        email=page.email,
        phone=page.phone,
        locale=page.locale,
        organisation=brief(page.organisation) if page.organisation else None,
        members=[brief(one) for one in page.members],
        attributes=page.attributes,
        identities=[
            IdentityView(
                id=one.id,
                channel=one.channel,
                handle=one.handle,
                name=one.name,
                verified=one.verified,
                unreachable=one.unreachable,
                opted_out=one.opted_out,
            )
            for one in page.identities
        ],
        notes=[
            NoteView(id=one.id, author_id=one.author_id, text=one.text, created_at=one.created_at)
            for one in page.notes
        ],
        merges=[
            MergeView(
                id=one.id,
                source_id=one.source_id,
                source_name=one.source_name,
                merged_at=one.merged_at,
                merged_by=one.merged_by,
            )
            for one in page.merges
        ],
        blocked=page.blocked,
        left_alone=page.left_alone,
        created_at=page.created_at,
        version=page.version,
    )


def listed(one: Listed) -> ListedClient:
    return ListedClient(
        **msgspec.structs.asdict(brief(one)), phone=one.phone, channels=one.channels
    )


def brief(one: Brief) -> ClientBrief:
    return ClientBrief(
        id=one.id,
        name=one.name,
        kind=one.kind,
        email=one.email,
        blocked=one.blocked,
        left_alone=one.left_alone,
    )
