"""Raw deliveries: stored once under their unique key, dead ones kept for a replay."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from channels.envelope import Delivery
from channels.events import DeadLetterKept
from channels.tables import AccountRow, DeliveryRow
from kernel.errors import NotFoundError
from kernel.ids import new_id
from kernel.journal import record
from kernel.upsert import insert_new

DONE = "done"
DEAD = "dead"


class Kept(Struct, frozen=True, kw_only=True):
    """A delivery with the id of its row and where its bytes lie: in the row or in a blob."""

    id: UUID
    delivery: Delivery
    blob: str | None = None


async def store_new(session: AsyncSession, kept: Sequence[Kept]) -> set[UUID]:
    """Store deliveries nobody has seen; return the ids of those that are new."""
    return await insert_new(
        session,
        DeliveryRow,
        [
            {
                "id": one.id,
                "account_id": one.delivery.account_id,
                "external_id": one.delivery.external_id,
                "received_at": one.delivery.received_at,
                "state": DONE,
                "attempts": 1,
                "raw": None if one.blob else one.delivery.raw,
                "blob": one.blob,
                "error": None,
            }
            for one in kept
        ],
        DeliveryRow.id,
    )


async def keep_dead(session: AsyncSession, kept: Kept, error: str) -> None:
    """Keep what could not be understood where supervisors see it."""
    await store_new(session, [kept])
    await session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id == kept.id)
        .values(state=DEAD, error=error)
        .execution_options(synchronize_session=False)
    )
    record(session, DeadLetterKept(delivery_id=kept.id, account_id=kept.delivery.account_id))


async def move_cursors(
    session: AsyncSession, cursors: Mapping[UUID, str], accounts: Iterable[UUID], now: datetime
) -> None:
    """Note where each listening loop stands and when it last heard something."""
    heard = set(accounts)
    for account_id in sorted(heard | set(cursors)):
        values: dict[str, object] = {"last_in_at": now} if account_id in heard else {}
        if account_id in cursors:
            values["cursor"] = cursors[account_id]
        await session.execute(
            update(AccountRow)
            .where(AccountRow.id == account_id)
            .values(**values)
            .execution_options(synchronize_session=False)
        )


async def dead_page(
    session: AsyncSession, *, before: UUID | None, limit: int
) -> list[tuple[DeliveryRow, str]]:
    statement = (
        select(DeliveryRow, AccountRow.name)
        .join(AccountRow, AccountRow.id == DeliveryRow.account_id)
        .where(DeliveryRow.state == DEAD)
        .order_by(DeliveryRow.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(DeliveryRow.id < before)
    return [(row, name) for row, name in await session.execute(statement)]


async def find_dead(session: AsyncSession, delivery_id: UUID) -> DeliveryRow:
    row = await session.get(DeliveryRow, delivery_id)
    if row is None or row.state != DEAD:
        raise NotFoundError
    return row


async def count_attempt(session: AsyncSession, delivery_id: UUID, error: str) -> None:
    await session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id == delivery_id)
        .values(attempts=DeliveryRow.attempts + 1, error=error)
        .execution_options(synchronize_session=False)
    )


async def revive(session: AsyncSession, delivery_id: UUID) -> bool:
    """A replay succeeded: the dead letter is an ordinary delivery now; False when it was before."""
    revived = await session.scalar(
        update(DeliveryRow)
        .where(DeliveryRow.id == delivery_id, DeliveryRow.state == DEAD)
        .values(state=DONE, error=None)
        .returning(DeliveryRow.id)
        .execution_options(synchronize_session=False)
    )
    return revived is not None


async def forget_dead(session: AsyncSession, delivery_id: UUID) -> None:
    await session.execute(
        delete(DeliveryRow).where(DeliveryRow.id == delivery_id, DeliveryRow.state == DEAD)
    )


async def known_ids(
    session: AsyncSession, account_id: UUID, external_ids: Sequence[str]
) -> set[str]:
    """Return which of these deliveries the account has handed us before."""
    return set(
        await session.scalars(
            select(DeliveryRow.external_id).where(
                DeliveryRow.account_id == account_id, DeliveryRow.external_id.in_(external_ids)
            )
        )
    )


def keep(delivery: Delivery, blob: str | None = None) -> Kept:
    return Kept(id=new_id(), delivery=delivery, blob=blob)


async def blobs_in_use(session: AsyncSession, keys: Sequence[str]) -> set[str]:
    """Return those of the blobs that hold a raw delivery."""
    rows = await session.scalars(select(DeliveryRow.blob).where(DeliveryRow.blob.in_(keys)))
    return {key for key in rows if key is not None}
