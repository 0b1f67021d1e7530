"""Browsers that asked to be pushed to, and the key of our own that they know us by."""

from datetime import datetime
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from msgspec import Struct
from sqlalchemy import ColumnElement, delete, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from desk.tables import PushJobRow, PushKeyRow, PushSubscriptionRow
from kernel.actor import Actor
from kernel.errors import ForbiddenError, InvalidInputError, NotFoundError
from kernel.ids import new_id
from kernel.limits import PUSH_SUBSCRIPTIONS_PER_AGENT
from kernel.secrets import Sealer, SealError
from kernel.upsert import insert_new
from kernel.urls import check_url
from kernel.web_push import encode, new_key, point_of, read_key, read_recipient, write_key

PURPOSE: Final = "push key"
_ONLY: Final = 1


class NewSubscription(Struct, frozen=True, kw_only=True):
    """What a browser's `PushSubscription.toJSON()` says."""

    endpoint: str
    p256dh: str
    auth: str
    browser: str


async def ensure_key(session: AsyncSession, sealer: Sealer, now: datetime) -> None:
    """Make the key once; two nodes that meet here keep the first one's.

    A key that our master key does not open any more is replaced; browsers subscribe anew to it.
    """
    old = await session.get(PushKeyRow, _ONLY)
    if old is not None:
        try:
            sealer.unseal(PURPOSE, old.sealed)
        except SealError:
            await _forget(session, true())
            await session.delete(old)
            await session.flush()
        else:
            return
    key = new_key()
    row = {
        "id": _ONLY,
        "public": encode(point_of(key.public_key())),
        "sealed": sealer.seal(PURPOSE, write_key(key)),
        "created_at": now,
    }
    await insert_new(session, PushKeyRow, [row], PushKeyRow.id)


async def public_key(session: AsyncSession) -> str:
    """Return what a browser is told of us; `ensure_key` came before."""
    return (await session.get_one(PushKeyRow, _ONLY)).public


async def private_key(session: AsyncSession, sealer: Sealer) -> EllipticCurvePrivateKey:
    """Return the key that signs; SealError when it was sealed with another master key."""
    row = await session.get_one(PushKeyRow, _ONLY)
    return read_key(sealer.unseal(PURPOSE, row.sealed))


async def subscribe(
    session: AsyncSession, actor: Actor, wanted: NewSubscription, now: datetime
) -> PushSubscriptionRow:
    """Push to this browser from now on, as long as it is signed in.

    A browser has one subscription: whoever subscribes in it last has it. The agent's oldest one
    makes room when there are too many.
    """
    if actor.session_id is None:
        raise ForbiddenError("sign in with a browser to be pushed to")
    check_endpoint(wanted.endpoint)
    read_recipient(wanted.p256dh, wanted.auth)
    await _forget(session, PushSubscriptionRow.endpoint == wanted.endpoint)
    await _make_room(session, actor.agent_id)
    row = PushSubscriptionRow(
        id=new_id(),
        agent_id=actor.agent_id,
        session_id=actor.session_id,
        endpoint=wanted.endpoint,
        p256dh=wanted.p256dh,
        auth=wanted.auth,
        browser=wanted.browser,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return row


async def subscriptions_of(session: AsyncSession, agent_id: UUID) -> list[PushSubscriptionRow]:
    return list(
        await session.scalars(
            select(PushSubscriptionRow)
            .where(PushSubscriptionRow.agent_id == agent_id)
            .order_by(PushSubscriptionRow.id)
        )
    )


async def unsubscribe(session: AsyncSession, actor: Actor, subscription_id: UUID) -> None:
    row = await session.get(PushSubscriptionRow, subscription_id)
    if row is None or row.agent_id != actor.agent_id:
        raise NotFoundError("no such subscription")
    await forget(session, subscription_id)


async def forget(session: AsyncSession, subscription_id: UUID) -> None:
    """The browser is gone: it is not pushed to again."""
    await _forget(session, PushSubscriptionRow.id == subscription_id)


def check_endpoint(endpoint: str) -> None:
    """Refuse what is no https address; where it really leads is judged at every connection."""
    if not endpoint.startswith("https://"):
        raise InvalidInputError("an endpoint begins with https://", field="endpoint")
    check_url(endpoint, allow_private=True)


async def _make_room(session: AsyncSession, agent_id: UUID) -> None:
    theirs = await subscriptions_of(session, agent_id)
    for old in theirs[: max(0, len(theirs) - PUSH_SUBSCRIPTIONS_PER_AGENT + 1)]:
        await forget(session, old.id)


async def _forget(session: AsyncSession, which: ColumnElement[bool]) -> None:
    ids = list(await session.scalars(select(PushSubscriptionRow.id).where(which)))
    if ids:
        await session.execute(delete(PushJobRow).where(PushJobRow.subscription_id.in_(ids)))
        await session.execute(delete(PushSubscriptionRow).where(PushSubscriptionRow.id.in_(ids)))
