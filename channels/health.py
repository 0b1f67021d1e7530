"""How accounts fare: what they hand us and carry for us, what waits, and what went wrong."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels import deliveries, outbox
from channels.tables import DeliveryRow, OutboxRow
from kernel.limits import ACCOUNT_TROUBLES_LOOKED_AT, ACCOUNT_TROUBLES_SHOWN

HOURS: Final = 24
_HOUR: Final = timedelta(hours=1)
_ENDED_BADLY: Final = ("failed", "uncertain")


class Trouble(Struct, frozen=True, kw_only=True):
    """One thing that went wrong with an account, in the words it was stored with."""

    at: datetime
    way: Literal["in", "out"]
    words: str
    message_id: UUID | None = None
    """Of what was to go out."""


class Figures(Struct, frozen=True, kw_only=True):
    """How one account fares now and fared during the last day."""

    waiting: int = 0
    """Promises that should have left by now, or that are being tried again."""
    oldest_at: datetime | None = None
    """When the first of them was promised: how far the account lags behind."""
    held: int = 0
    """Promises that a person must let go."""
    failed: int = 0
    uncertain: int = 0
    dead: int = 0
    """Deliveries that could not be read and lie in the dead letters."""
    received: list[int] = []
    """Deliveries by hour, the oldest of 24 first."""
    sent: list[int] = []
    """Messages that left, by the hour in which they were promised."""
    troubles: list[Trouble] = []
    """The newest of the last day, newest first."""


NOTHING: Final = Figures(received=[0] * HOURS, sent=[0] * HOURS)


async def figures(session: AsyncSession, now: datetime) -> dict[UUID, Figures]:
    """Return the figures of every account that had anything to do; the others have `NOTHING`."""
    since = now - _HOUR * HOURS
    found: dict[UUID, dict[str, Any]] = defaultdict(dict)
    for part in (
        await _waiting(session, now),
        await _ended(session, since),
        await _dead(session),
        await _received(session, since),
        await _sent(session, since),
        await _troubles(session, since),
    ):
        for account_id, values in part.items():
            found[account_id] |= values
    empty = {"received": [0] * HOURS, "sent": [0] * HOURS}
    return {account_id: Figures(**empty | values) for account_id, values in found.items()}


_Part = Mapping[UUID, Mapping[str, Any]]


async def _waiting(session: AsyncSession, now: datetime) -> _Part:
    rows = await session.execute(
        select(
            OutboxRow.account_id,
            func.count().label("waiting"),
            func.min(OutboxRow.promised_at).label("oldest"),
        )
        .where(
            OutboxRow.state == outbox.WAITING,
            or_(OutboxRow.due_at <= now, OutboxRow.error.is_not(None)),
        )
        .group_by(OutboxRow.account_id)
    )
    return {row.account_id: {"waiting": row.waiting, "oldest_at": row.oldest} for row in rows}


async def _ended(session: AsyncSession, since: datetime) -> _Part:
    rows = await session.execute(
        select(OutboxRow.account_id, OutboxRow.state, func.count().label("found"))
        .where(
            OutboxRow.state.in_((*_ENDED_BADLY, outbox.HELD)),
            or_(OutboxRow.due_at >= since, OutboxRow.state == outbox.HELD),
        )
        .group_by(OutboxRow.account_id, OutboxRow.state)
    )
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row.account_id][row.state] = row.found
    return found


async def _dead(session: AsyncSession) -> _Part:
    rows = await session.execute(
        select(DeliveryRow.account_id, func.count().label("dead"))
        .where(DeliveryRow.state == deliveries.DEAD)
        .group_by(DeliveryRow.account_id)
    )
    return {row.account_id: {"dead": row.dead} for row in rows}


async def _received(session: AsyncSession, since: datetime) -> _Part:
    rows = await session.execute(
        select(DeliveryRow.account_id, *_by_hour(DeliveryRow.received_at, since))
        .where(DeliveryRow.state == deliveries.DONE, DeliveryRow.received_at >= since)
        .group_by(DeliveryRow.account_id)
    )
    return {account_id: {"received": hours} for account_id, *hours in rows}


async def _sent(session: AsyncSession, since: datetime) -> _Part:
    # A promise is due when it is made or later, and both are known: the index is over `due_at`.
    rows = await session.execute(
        select(OutboxRow.account_id, *_by_hour(OutboxRow.promised_at, since))
        .where(OutboxRow.state == outbox.SENT, OutboxRow.due_at >= since)
        .group_by(OutboxRow.account_id)
    )
    return {account_id: {"sent": hours} for account_id, *hours in rows}


def _by_hour(moment: Any, since: datetime) -> list[ColumnElement[int]]:
    """One sum for each hour: the same words for every database, in one pass over the rows."""
    return [
        func.sum(
            case(
                (and_(moment > since + _HOUR * n, moment <= since + _HOUR * (n + 1)), 1),
                else_=0,
            )
        )
        for n in range(HOURS)
    ]


async def _troubles(session: AsyncSession, since: datetime) -> _Part:
    sending = await session.execute(
        select(OutboxRow.account_id, OutboxRow.promised_at, OutboxRow.error, OutboxRow.id)
        .where(
            OutboxRow.state.in_((*_ENDED_BADLY, outbox.WAITING)),
            OutboxRow.due_at >= since,
            OutboxRow.error.is_not(None),
        )
        .order_by(OutboxRow.due_at.desc())
        .limit(ACCOUNT_TROUBLES_LOOKED_AT)
    )
    reading = await session.execute(
        select(DeliveryRow.account_id, DeliveryRow.received_at, DeliveryRow.error)
        .where(DeliveryRow.state == deliveries.DEAD, DeliveryRow.received_at >= since)
        .order_by(DeliveryRow.received_at.desc())
        .limit(ACCOUNT_TROUBLES_LOOKED_AT)
    )
    found: dict[UUID, list[Trouble]] = defaultdict(list)
    for account_id, at, words, message_id in sending:
        found[account_id].append(
            Trouble(at=at, way="out", words=words or "", message_id=message_id)
        )
    for account_id, at, words in reading:
        found[account_id].append(Trouble(at=at, way="in", words=words or ""))
    return {
        account_id: {
            "troubles": sorted(all_of_it, key=lambda one: one.at, reverse=True)[
                :ACCOUNT_TROUBLES_SHOWN
            ]
        }
        for account_id, all_of_it in found.items()
    }
