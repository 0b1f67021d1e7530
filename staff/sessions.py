"""Signed-in browsers: opened, recognised, listed and ended; kept here, not in the cookie."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.actor import Actor
from kernel.errors import NotFoundError
from kernel.ids import new_id
from kernel.journal import record
from kernel.limits import SESSION_IDLE, SESSION_LIFE, SESSION_TOUCH, SESSIONS_PER_AGENT
from kernel.prepared import Lookup
from staff.actors import actor_from, with_agent
from staff.credentials import SESSION, new_token, token_hash
from staff.events import SessionEnded
from staff.permissions import require_oneself
from staff.tables import ApiTokenRow, SessionRow

_ADDRESS_CHARS = 64
_BROWSER_CHARS = 300


class Terms(Struct, frozen=True, kw_only=True):
    """How long a session lasts when nobody uses it, and at most."""

    idle: timedelta = SESSION_IDLE
    life: timedelta = SESSION_LIFE


class Place(Struct, frozen=True, kw_only=True):
    """Where somebody signs in from; shown to them in the list of their sessions."""

    address: str
    browser: str


class SignedIn(Struct, frozen=True, kw_only=True):
    """A live session. `stale`: used, but not marked as used for a minute; call `touch`."""

    actor: Actor
    stale: bool


class SessionCard(Struct, frozen=True, kw_only=True):
    id: UUID
    created_at: datetime
    seen_at: datetime
    address: str
    browser: str
    current: bool


DEFAULT_TERMS: Final = Terms()

_FIND: Final = Lookup(
    with_agent(
        SessionRow,
        SessionRow.agent_id,
        SessionRow.id.label("session_id"),
        SessionRow.seen_at,
        SessionRow.idle_seconds,
        SessionRow.expires_at,
    ).where(SessionRow.token_hash == bindparam("token_hash"))
)


async def open_session(
    session: AsyncSession,
    agent_id: UUID,
    place: Place,
    now: datetime,
    *,
    terms: Terms = DEFAULT_TERMS,
) -> str:
    """Open a session and return its token, which is stored nowhere.

    An agent has at most `SESSIONS_PER_AGENT`; the one longest unused makes room.
    """
    token, hashed = new_token(SESSION)
    await _make_room(session, agent_id, now)
    session.add(
        SessionRow(
            id=new_id(),
            token_hash=hashed,
            agent_id=agent_id,
            created_at=now,
            seen_at=now,
            idle_seconds=int(terms.idle.total_seconds()),
            expires_at=now + terms.life,
            address=_storable(place.address, _ADDRESS_CHARS),
            browser=_storable(place.browser, _BROWSER_CHARS),
        )
    )
    await session.flush()
    return token


async def signed_in(session: AsyncSession, token: str, now: datetime) -> SignedIn | None:
    """Return whose session this token opens, or None when it opens none any more; reads only."""
    rows = await _FIND.named(session, token_hash=token_hash(SESSION, token))
    if not rows or not _lives(rows[0].seen_at, rows[0].idle_seconds, rows[0].expires_at, now):
        return None
    return SignedIn(
        actor=actor_from(rows, session_id=rows[0].session_id),
        stale=now - rows[0].seen_at >= SESSION_TOUCH,
    )


async def actor_of_session(session: AsyncSession, token: str, now: datetime) -> Actor | None:
    found = await signed_in(session, token, now)
    return found.actor if found else None


async def touch(session: AsyncSession, session_id: UUID, now: datetime) -> None:
    """Mark a session as used now, which begins its idle time anew; never revives an ended one."""
    await session.execute(
        update(SessionRow)
        .where(SessionRow.id == session_id, SessionRow.seen_at < now)
        .values(seen_at=now)
        .execution_options(synchronize_session=False)
    )


async def list_sessions(session: AsyncSession, actor: Actor, now: datetime) -> list[SessionCard]:
    """Return the actor's own live sessions, the last used first."""
    require_oneself(actor)
    rows = await session.scalars(
        select(SessionRow)
        .where(SessionRow.agent_id == actor.agent_id)
        .order_by(SessionRow.seen_at.desc())
    )
    return [
        SessionCard(
            id=row.id,
            created_at=row.created_at,
            seen_at=row.seen_at,
            address=row.address,
            browser=row.browser,
            current=row.id == actor.session_id,
        )
        for row in rows
        if _lives(row.seen_at, row.idle_seconds, row.expires_at, now)
    ]


async def end_session(session: AsyncSession, actor: Actor, session_id: UUID) -> None:
    """End one of the actor's own sessions at once, its live sockets too."""
    require_oneself(actor)
    ended = await session.scalar(
        delete(SessionRow)
        .where(SessionRow.id == session_id, SessionRow.agent_id == actor.agent_id)
        .returning(SessionRow.id)
        .execution_options(synchronize_session=False)
    )
    if ended is None:
        raise NotFoundError("no such session")
    record(
        session,
        SessionEnded(actor_id=actor.agent_id, only_agent_id=actor.agent_id, session_id=session_id),
    )


async def sign_out(session: AsyncSession, agent_id: UUID, *, by: UUID) -> int:
    """End every session of an agent at once and return how many; API tokens stay."""
    ended = await session.scalars(
        delete(SessionRow)
        .where(SessionRow.agent_id == agent_id)
        .returning(SessionRow.id)
        .execution_options(synchronize_session=False)
    )
    ids = sorted(ended)
    for session_id in ids:
        record(session, SessionEnded(actor_id=by, only_agent_id=agent_id, session_id=session_id))
    return len(ids)


async def end_everything(session: AsyncSession, agent_id: UUID, *, by: UUID | None) -> None:
    """End every session and API token of an agent at once."""
    for table in (SessionRow, ApiTokenRow):
        await session.execute(
            delete(table)
            .where(table.agent_id == agent_id)
            .execution_options(synchronize_session=False)
        )
    record(session, SessionEnded(actor_id=by, only_agent_id=agent_id))


async def forget_expired(session: AsyncSession, now: datetime) -> None:
    """Remove sessions and API tokens that are past their life; a housekeeping step."""
    for table in (SessionRow, ApiTokenRow):
        await session.execute(
            delete(table)
            .where(table.expires_at <= now)
            .execution_options(synchronize_session=False)
        )


def _lives(seen_at: datetime, idle_seconds: int, expires_at: datetime, now: datetime) -> bool:
    return now < expires_at and now < seen_at + timedelta(seconds=idle_seconds)


def _storable(text: str, chars: int) -> str:
    """Keep what can be shown: a header may hold any bytes."""
    return "".join(char for char in text[:chars] if char.isprintable())


async def _make_room(session: AsyncSession, agent_id: UUID, now: datetime) -> None:
    await session.execute(
        delete(SessionRow)
        .where(SessionRow.agent_id == agent_id, SessionRow.expires_at <= now)
        .execution_options(synchronize_session=False)
    )
    surplus = (
        select(SessionRow.id)
        .where(SessionRow.agent_id == agent_id)
        .order_by(SessionRow.seen_at.desc())
        .offset(SESSIONS_PER_AGENT - 1)
    )
    for old in list(await session.scalars(surplus)):
        await session.execute(delete(SessionRow).where(SessionRow.id == old))
        record(session, SessionEnded(only_agent_id=agent_id, session_id=old))
