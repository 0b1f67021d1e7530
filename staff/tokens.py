"""API tokens: an agent's key for programs, with its own scopes and an end."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.actor import Actor
from kernel.errors import InvalidInputError, NotFoundError
from kernel.ids import new_id
from kernel.journal import record
from kernel.limits import API_TOKEN_LIFE_MAX, SESSION_TOUCH, TOKENS_PER_AGENT
from staff.actors import actor_from, with_agent
from staff.credentials import API_TOKEN, new_token, token_hash
from staff.events import SessionEnded
from staff.names import clean_name
from staff.permissions import TOKEN_OWN, known, require_cover, require_oneself
from staff.tables import ApiTokenRow


class TokenCard(Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    token: str | None = None
    """Only in the answer to its creation."""


_FIND: Final = with_agent(
    ApiTokenRow,
    ApiTokenRow.agent_id,
    ApiTokenRow.id.label("token_id"),
    ApiTokenRow.scopes,
    ApiTokenRow.expires_at,
).where(ApiTokenRow.token_hash == bindparam("token_hash"))


async def create_token(
    session: AsyncSession,
    actor: Actor,
    *,
    name: str,
    scopes: list[str],
    life: timedelta,
    now: datetime,
) -> TokenCard:
    """Make a token for oneself that may do at most what its maker may now, or later less."""
    actor.require(TOKEN_OWN)
    asked = known(scopes, field="scopes")
    require_cover(actor, asked)
    if not timedelta() < life <= API_TOKEN_LIFE_MAX:
        raise InvalidInputError(f"at most {API_TOKEN_LIFE_MAX.days} days", field="days")
    await _refuse_too_many(session, actor.agent_id, now)
    token, hashed = new_token(API_TOKEN)
    row = ApiTokenRow(
        id=new_id(),
        token_hash=hashed,
        agent_id=actor.agent_id,
        name=clean_name(name),
        scopes=sorted(asked),
        created_at=now,
        expires_at=now + life,
        used_at=None,
    )
    session.add(row)
    await session.flush()
    return _card(row, token)


async def actor_of_token(session: AsyncSession, token: str, now: datetime) -> Actor | None:
    """Return who acts by this token: the agent, with the scopes their role still grants."""
    rows = list((await session.execute(_FIND, {"token_hash": token_hash(API_TOKEN, token)})).all())
    if not rows or now >= rows[0].expires_at:
        return None
    return actor_from(rows, scopes=rows[0].scopes, token_id=rows[0].token_id)


async def mark_used(session: AsyncSession, token_id: UUID, now: datetime) -> None:
    """Note when a token was last used, to the minute."""
    await session.execute(
        update(ApiTokenRow)
        .where(
            ApiTokenRow.id == token_id,
            or_(ApiTokenRow.used_at.is_(None), ApiTokenRow.used_at <= now - SESSION_TOUCH),
        )
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )


async def list_tokens(session: AsyncSession, actor: Actor) -> list[TokenCard]:
    """Return the actor's own tokens, expired ones too, without the tokens themselves."""
    require_oneself(actor)
    rows = await session.scalars(
        select(ApiTokenRow)
        .where(ApiTokenRow.agent_id == actor.agent_id)
        .order_by(ApiTokenRow.created_at.desc())
    )
    return [_card(row) for row in rows]


async def revoke_token(session: AsyncSession, actor: Actor, token_id: UUID) -> None:
    """End one of the actor's own tokens at once."""
    require_oneself(actor)
    ended = await session.scalar(
        delete(ApiTokenRow)
        .where(ApiTokenRow.id == token_id, ApiTokenRow.agent_id == actor.agent_id)
        .returning(ApiTokenRow.id)
        .execution_options(synchronize_session=False)
    )
    if ended is None:
        raise NotFoundError("no such token")
    record(
        session,
        SessionEnded(actor_id=actor.agent_id, only_agent_id=actor.agent_id, token_id=token_id),
    )


async def _refuse_too_many(session: AsyncSession, agent_id: UUID, now: datetime) -> None:
    live = await session.scalar(
        select(func.count())
        .select_from(ApiTokenRow)
        .where(ApiTokenRow.agent_id == agent_id, ApiTokenRow.expires_at > now)
    )
    if (live or 0) >= TOKENS_PER_AGENT:
        raise InvalidInputError(f"you have {TOKENS_PER_AGENT} tokens; revoke one first")


def _card(row: ApiTokenRow, token: str | None = None) -> TokenCard:
    return TokenCard(
        id=row.id,
        name=row.name,
        scopes=row.scopes,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        token=token,
    )
