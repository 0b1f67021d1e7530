"""Clients who may be one person: they share a number or an address; a human decides."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from clients.naming import MAIL, PHONE_CHANNELS, folded, is_address, is_phone, phone_number
from clients.queries import Brief, briefs
from clients.service import locked_client
from clients.tables import ClientRow, ClientWordRow, IdentityRow, UnlikeRow
from kernel.actor import Actor
from kernel.errors import InvalidInputError
from kernel.limits import LIKELY_CLIENTS
from kernel.upsert import insert_new

JOIN: Final = "client.merge"
"""Who may join two clients may also say that they are two."""


class Shared(Struct, frozen=True, kw_only=True):
    """What two clients have in common."""

    kind: Literal["email", "phone"]
    value: str
    proven: bool
    """Both wrote from it: neither only claimed it."""


class Likely(Struct, frozen=True, kw_only=True):
    client: Brief
    shared: list[Shared]


async def likely_same(session: AsyncSession, client_id: UUID) -> list[Likely]:
    """Return the clients who share a number or an address with this one, the surest first.

    Nobody who was merged, and nobody of whom somebody said that they are two.
    """
    own = (await _marks(session, [client_id])).get(client_id, {})
    if not own:
        return []
    found = await _sharing(session, client_id, own)
    marks = await _marks(session, found)
    shown = await briefs(session, found)
    likely = [
        Likely(client=shown[other], shared=_shared(own, marks.get(other, {}))) for other in found
    ]
    told = [one for one in likely if one.shared]
    return sorted(told, key=lambda one: not any(each.proven for each in one.shared))


async def tell_apart(
    session: AsyncSession, actor: Actor, one: UUID, other: UUID, now: datetime
) -> None:
    """Remember that these two are not one person, whatever they share."""
    actor.require(JOIN)
    if one == other:
        raise InvalidInputError("this is the same client", field="other_id")
    for client_id in sorted((one, other)):
        await locked_client(session, client_id)
    first, second = sorted((one, other))
    await insert_new(
        session,
        UnlikeRow,
        [{"one_id": first, "other_id": second, "said_by": actor.agent_id, "said_at": now}],
        UnlikeRow.one_id,
    )


_Mark = tuple[Literal["email", "phone"], str]


async def _marks(
    session: AsyncSession, client_ids: Sequence[UUID]
) -> dict[UUID, dict[_Mark, bool]]:
    """Return by client the numbers and addresses they are known by, and whether each is proven."""
    found: dict[UUID, dict[_Mark, bool]] = {}
    rows = await session.execute(
        select(ClientRow.id, ClientRow.email, ClientRow.phone).where(ClientRow.id.in_(client_ids))
    )
    for row in rows:
        marks = found.setdefault(row.id, {})
        if row.email:
            marks[("email", folded(row.email))] = False
        if row.phone:
            marks[("phone", phone_number(row.phone))] = False
    names = await session.execute(
        select(
            IdentityRow.client_id, IdentityRow.channel, IdentityRow.handle, IdentityRow.verified
        ).where(
            IdentityRow.client_id.in_(client_ids),
            IdentityRow.channel.in_((MAIL, *PHONE_CHANNELS)),
        )
    )
    for client_id, channel, handle, verified in names:
        mark = _mark_of(channel, handle)
        if mark is not None:
            marks = found.setdefault(client_id, {})
            marks[mark] = marks.get(mark, False) or verified
    return found


def _mark_of(channel: str, handle: str) -> _Mark | None:
    if channel == MAIL:
        return ("email", folded(handle)) if is_address(handle) else None
    return ("phone", handle) if is_phone(handle) else None


async def _sharing(session: AsyncSession, client_id: UUID, own: dict[_Mark, bool]) -> list[UUID]:
    apart = select(UnlikeRow.one_id).where(
        or_(
            and_(UnlikeRow.one_id == client_id, UnlikeRow.other_id == ClientWordRow.client_id),
            and_(UnlikeRow.other_id == client_id, UnlikeRow.one_id == ClientWordRow.client_id),
        )
    )
    rows = await session.scalars(
        select(ClientWordRow.client_id)
        .join(ClientRow, ClientRow.id == ClientWordRow.client_id)
        .where(
            ClientWordRow.word.in_(sorted({folded(value) for _, value in own})),
            ClientWordRow.client_id != client_id,
            ClientRow.merged_into.is_(None),
            ClientRow.kind == "person",
            ~apart.exists(),
        )
        .order_by(ClientWordRow.client_id)
        .distinct()
        .limit(LIKELY_CLIENTS)
    )
    return list(rows)


def _shared(own: dict[_Mark, bool], other: dict[_Mark, bool]) -> list[Shared]:
    return [
        Shared(kind=mark[0], value=mark[1], proven=own[mark] and other[mark])
        for mark in sorted(own.keys() & other.keys())
    ]
