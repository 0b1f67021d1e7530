"""Visitors: who holds which token, what they say of themselves, what they are about to send."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from msgspec import Struct, field
from sqlalchemy import Table, Uuid, bindparam, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from channels.webchat.identity import SignedUser
from channels.webchat.tables import ChatUploadRow, ChatVisitorRow
from kernel.errors import InvalidInputError
from kernel.ids import new_id
from kernel.limits import CHAT_ATTRIBUTES, CHAT_USER_IDLE, CHAT_VISITOR_IDLE
from kernel.prepared import Lookup

# The ORM takes many bound updates only by primary key; the plain table takes them as they are.
_VISITOR: Final = cast("Table", ChatVisitorRow.__table__)
_BY_TOKEN: Final = Lookup(
    select(_VISITOR).where(
        _VISITOR.c.token_hash == bindparam("hashed"),
        _VISITOR.c.account_id == bindparam("account", type_=Uuid()),
        _VISITOR.c.revoked_at.is_(None),
    )
)


class Visitor(Struct, frozen=True, kw_only=True):
    """One browser of one visitor, as the chat sees it."""

    id: UUID
    account_id: UUID
    handle: str
    name: str
    email: str
    verified: bool
    locale: str
    page: str
    attributes: Mapping[str, str] = field(default_factory=dict)


class LastSeen(Struct, frozen=True, kw_only=True):
    """When a visitor was last here, and what they had told of themselves by then."""

    name: str
    email: str
    locale: str
    seen_at: datetime


class Upload(Struct, frozen=True, kw_only=True):
    id: UUID
    blob: str
    name: str
    media_type: str
    size: int


def token_hash(token: str) -> str:
    """A token is 256 random bits: one plain hash is enough to make the table useless to a thief."""
    return hashlib.sha256(token.encode()).hexdigest()


def user_handle(public_key: str, user: SignedUser) -> str:
    """Return what a signed-in user is known by; the same person on another widget is another."""
    return f"{public_key}:user:{user.subject}"


async def find_visitor(
    session: AsyncSession, account_id: UUID, hashed: str, now: datetime
) -> Visitor | None:
    """Return who holds this token; one unused for too long opens nothing any more."""
    rows = await _BY_TOKEN.named(session, hashed=hashed, account=account_id)
    if not rows:
        return None
    (row,) = rows
    idle = CHAT_USER_IDLE if row.verified else CHAT_VISITOR_IDLE
    return visitor_of(row) if now - row.seen_at < idle else None


async def make_visitor(
    session: AsyncSession,
    *,
    account_id: UUID,
    public_key: str,
    user: SignedUser | None,
    locale: str,
    page: str,
    consented: bool = False,
    now: datetime,
) -> tuple[Visitor, str]:
    """Make a visitor and return it with its token, which is told this once and never kept."""
    token = secrets.token_urlsafe(32)
    visitor_id = new_id()
    row = ChatVisitorRow(
        id=visitor_id,
        account_id=account_id,
        token_hash=token_hash(token),
        handle=user_handle(public_key, user) if user else f"{public_key}:visitor:{visitor_id.hex}",
        name=user.name if user else "",
        email=user.email if user else "",
        verified=user is not None,
        locale=locale,
        page=page,
        attributes={},
        consented_at=now if consented else None,
        identity_jti=user.jti if user else None,
        created_at=now,
        seen_at=now,
        revoked_at=None,
    )
    session.add(row)
    await session.flush()
    return visitor_of(row), token


async def renew_visitor(
    session: AsyncSession,
    visitor: Visitor,
    *,
    user: SignedUser | None,
    locale: str,
    page: str,
    now: datetime,
) -> Visitor:
    """The same browser came back; a signed user's facts are those of the newest signature."""
    row = await session.get_one(ChatVisitorRow, visitor.id)
    row.locale, row.page, row.seen_at = locale, page or row.page, now
    if user is not None:
        row.name, row.email, row.identity_jti = user.name, user.email, user.jti
    return visitor_of(row)


async def introduce(
    session: AsyncSession, visitor: Visitor, *, name: str, email: str, now: datetime
) -> Visitor:
    """Note what the visitor says of themselves; what the site has signed stays as it is."""
    row = await session.get_one(ChatVisitorRow, visitor.id)
    if not row.verified:
        row.name, row.email = name or row.name, email or row.email
    row.seen_at = now
    return visitor_of(row)


async def describe(
    session: AsyncSession, visitor: Visitor, attributes: Mapping[str, str], now: datetime
) -> Visitor:
    """Note what the page tells of the visitor, over what it told before."""
    row = await session.get_one(ChatVisitorRow, visitor.id)
    merged = {**row.attributes, **attributes}
    if len(merged) > CHAT_ATTRIBUTES:
        raise InvalidInputError(f"at most {CHAT_ATTRIBUTES} attributes", field="attributes")
    row.attributes, row.seen_at = merged, now
    return visitor_of(row)


async def revoke(session: AsyncSession, visitor_id: UUID, now: datetime) -> None:
    """The token opens nothing any more, and neither does the identity that made it."""
    await session.execute(
        update(ChatVisitorRow)
        .where(ChatVisitorRow.id == visitor_id, ChatVisitorRow.revoked_at.is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )


async def is_spent(session: AsyncSession, account_id: UUID, jti: str) -> bool:
    """Say whether somebody who showed this identity has signed out since."""
    return bool(
        await session.scalar(
            select(
                exists().where(
                    ChatVisitorRow.account_id == account_id,
                    ChatVisitorRow.identity_jti == jti,
                    ChatVisitorRow.revoked_at.is_not(None),
                )
            )
        )
    )


async def mark_seen(session: AsyncSession, seen: Mapping[UUID, datetime]) -> None:
    """Note when visitors were last here, many in one statement."""
    if seen:
        await session.execute(
            update(_VISITOR)
            .where(_VISITOR.c.id == bindparam("visitor"))
            .values(seen_at=bindparam("moment")),
            [{"visitor": visitor, "moment": seen[visitor]} for visitor in sorted(seen)],
        )


async def last_seen(session: AsyncSession, account_id: UUID | None, handle: str) -> LastSeen | None:
    """Return when and as whom a visitor was last here, in whichever browser."""
    row = await session.scalar(
        select(ChatVisitorRow)
        .where(ChatVisitorRow.account_id == account_id, ChatVisitorRow.handle == handle)
        .order_by(ChatVisitorRow.seen_at.desc())
        .limit(1)
    )
    if row is None:
        return None
    return LastSeen(name=row.name, email=row.email, locale=row.locale, seen_at=row.seen_at)


async def add_upload(
    session: AsyncSession,
    visitor_id: UUID,
    *,
    blob: str,
    name: str,
    media_type: str,
    size: int,
    now: datetime,
) -> Upload:
    row = ChatUploadRow(
        id=new_id(),
        visitor_id=visitor_id,
        blob=blob,
        name=name,
        media_type=media_type,
        size=size,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return _upload(row)


async def uploads_of(
    session: AsyncSession, visitor_id: UUID, ids: Sequence[UUID]
) -> dict[UUID, Upload]:
    """Return those of the uploads that are this visitor's own; others do not exist for them."""
    rows = await session.scalars(
        select(ChatUploadRow).where(
            ChatUploadRow.id.in_(ids), ChatUploadRow.visitor_id == visitor_id
        )
    )
    return {row.id: _upload(row) for row in rows}


async def forget_uploads(session: AsyncSession, *, before: datetime) -> None:
    """Forget uploads that never became part of a message, and those that long have."""
    await session.execute(delete(ChatUploadRow).where(ChatUploadRow.created_at < before))


def visitor_of(row: Any) -> Visitor:
    return Visitor(
        id=row.id,
        account_id=row.account_id,
        handle=row.handle,
        name=row.name,
        email=row.email,
        verified=row.verified,
        locale=row.locale,
        page=row.page,
        attributes=row.attributes,
    )


def _upload(row: ChatUploadRow) -> Upload:
    return Upload(id=row.id, blob=row.blob, name=row.name, media_type=row.media_type, size=row.size)


async def blobs_in_use(session: AsyncSession, keys: Sequence[str]) -> set[str]:
    """Return those of the blobs that a visitor's upload names."""
    return set(
        await session.scalars(select(ChatUploadRow.blob).where(ChatUploadRow.blob.in_(keys)))
    )
