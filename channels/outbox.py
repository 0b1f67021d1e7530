"""Promised outgoing envelopes: written with the promise, taken under a lease, settled once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import func, select, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from channels.envelope import Outbound
from channels.tables import OutboxRow
from kernel.ids import new_id
from kernel.limits import COURIER_LEASE

WAITING = "waiting"
SENT = "sent"
HELD = "held"
SCHEDULED = "scheduled"
PAUSED = "paused"
ASKED_FOR = ("failed", "uncertain", HELD, SCHEDULED, PAUSED)
UNTOUCHED = (WAITING, SCHEDULED, PAUSED)
"""No courier has anything to do with these, as long as nobody has tried them."""


class FileRef(Struct, frozen=True, kw_only=True):
    """A file of an outgoing envelope, by its blob."""

    blob: str
    name: str
    media_type: str
    content_id: str | None = None


class Leased(Struct, frozen=True, kw_only=True):
    """One row in our hands; `attempt` is its fence: a later lease has a higher one."""

    id: UUID
    attempt: int
    begun: bool
    """An earlier attempt was cut off while the provider had it."""
    paid: bool
    """An earlier attempt was counted as spent."""
    promised_at: datetime
    parcel: Outbound
    files: tuple[FileRef, ...]


class Later(Struct, frozen=True, kw_only=True):
    """A promise for a later day; with `yields` it pauses when the client writes before."""

    yields: bool
    asked_id: UUID | None
    """The newest word of the client so far."""


def promise(
    session: AsyncSession,
    envelope: Outbound,
    *,
    lane: UUID,
    now: datetime,
    due_at: datetime,
    files: Sequence[FileRef] = (),
    later: Later | None = None,
) -> None:
    """Put the envelope into the outbox of this same transaction; `envelope.key` is its id.

    What is promised for later holds up nothing that is promised meanwhile.
    """
    session.add(
        OutboxRow(
            id=envelope.key,
            account_id=envelope.account_id,
            lane=lane,
            place=new_id(),
            state=SCHEDULED if later else WAITING,
            bulk=envelope.bulk,
            due_at=due_at,
            promised_at=now,
            yields=later.yields if later else False,
            asked_id=later.asked_id if later else None,
            parcel={
                "envelope": msgspec.to_builtins(envelope),
                "files": msgspec.to_builtins(list(files)),
            },
        )
    )


async def lease_due(
    session: AsyncSession, account_id: UUID, now: datetime, *, limit: int, bulk: bool = False
) -> list[Leased]:
    """Take due rows in one statement, pushing their due time past the lease.

    Only the head of each lane is taken, so a conversation keeps its order while one that cannot
    be delivered holds up nobody else. What is sent to very many (`bulk`) is taken apart from all
    else: it waits for what stands before it in its lane, and nothing waits for it.
    """
    earlier = aliased(OutboxRow)
    holds_up = true() if bulk else earlier.bulk == bulk
    due = (
        select(OutboxRow.id)
        .where(
            OutboxRow.account_id == account_id,
            OutboxRow.state == WAITING,
            OutboxRow.bulk == bulk,
            OutboxRow.due_at <= now,
            ~select(earlier.id)
            .where(
                earlier.lane == OutboxRow.lane,
                earlier.state == WAITING,
                earlier.place < OutboxRow.place,
                holds_up,
            )
            .exists(),
        )
        .order_by(OutboxRow.due_at, OutboxRow.place)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = await session.execute(
        update(OutboxRow)
        # By nothing but their ids: told more, SQLite looks through everything that waits.
        .where(OutboxRow.id.in_(due))
        .values(due_at=now + COURIER_LEASE, attempts=OutboxRow.attempts + 1)
        .returning(
            OutboxRow.id,
            OutboxRow.place,
            OutboxRow.attempts,
            OutboxRow.begun,
            OutboxRow.paid,
            OutboxRow.promised_at,
            OutboxRow.parcel,
        )
        .execution_options(synchronize_session=False)
    )
    return [_leased(row) for row in sorted(rows, key=lambda row: row.place)]


async def renew(session: AsyncSession, leases: Sequence[Leased], now: datetime) -> set[UUID]:
    """Hold on to these for another lease; return those that nobody else has taken meanwhile."""
    ours = {leased.id: leased.attempt for leased in leases}
    rows = await session.execute(
        update(OutboxRow)
        .where(
            tuple_(OutboxRow.id, OutboxRow.attempts).in_(sorted(ours.items())),
            OutboxRow.state == WAITING,
        )
        .values(due_at=now + COURIER_LEASE)
        .returning(OutboxRow.id)
        .execution_options(synchronize_session=False)
    )
    return set(rows.scalars())


async def next_due(
    session: AsyncSession, account_id: UUID, *, bulk: bool = False
) -> datetime | None:
    found: datetime | None = await session.scalar(
        select(func.min(OutboxRow.due_at)).where(
            OutboxRow.account_id == account_id,
            OutboxRow.state == WAITING,
            OutboxRow.bulk == bulk,
        )
    )
    return found


async def settle(
    session: AsyncSession, leased: Leased, *, state: str, error: str | None = None
) -> bool:
    """End the promise; False when the lease was lost to somebody else meanwhile."""
    return await _held(session, leased, {"state": state, "error": error})


async def begin(session: AsyncSession, leased: Leased) -> bool:
    """Note, before a provider is asked that knows no repetition, that it may have the message
    from now on; False when the lease was lost."""
    return await _held(session, leased, {"begun": True, "paid": True})


async def postpone(
    session: AsyncSession, leased: Leased, *, due_at: datetime, error: str, begun: bool = False
) -> bool:
    """Try again at `due_at`; False when the lease was lost. With `begun` the provider may have it
    already, which is found out first."""
    return await _held(session, leased, {"due_at": due_at, "error": error, "begun": begun})


async def withdraw(session: AsyncSession, message_id: UUID) -> bool:
    """Take a promise back that no courier has touched; False when it is too late."""
    taken = await session.scalar(
        update(OutboxRow)
        .where(OutboxRow.id == message_id, OutboxRow.state.in_(UNTOUCHED), OutboxRow.attempts == 0)
        .values(state="withdrawn")
        .returning(OutboxRow.id)
        .execution_options(synchronize_session=False)
    )
    return taken is not None


async def promise_again(
    session: AsyncSession, message_id: UUID, now: datetime, *, undelivered: bool = False
) -> bool:
    """Send what failed, ended uncertain, is held, paused or for later: an agent asked for it.

    `undelivered`: its provider took it and reported later that it did not arrive.
    """
    states = (*ASKED_FOR, SENT) if undelivered else ASKED_FOR
    taken = await session.scalar(
        update(OutboxRow)
        .where(OutboxRow.id == message_id, OutboxRow.state.in_(states))
        .values(state=WAITING, due_at=now, promised_at=now, error=None, begun=False, paid=False)
        .returning(OutboxRow.id)
        .execution_options(synchronize_session=False)
    )
    return taken is not None


async def hold_waiting(
    session: AsyncSession, reason: str, *, account_id: UUID | None = None
) -> list[UUID]:
    """Keep every promise, or those of one account, from being carried until a person asks.

    Returns their messages.
    """
    mine = OutboxRow.account_id == account_id if account_id is not None else true()
    held = await session.scalars(
        update(OutboxRow)
        .where(OutboxRow.state.in_((WAITING, SCHEDULED)), mine)
        .values(state=HELD, error=reason)
        .returning(OutboxRow.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(held)


async def release(session: AsyncSession, message_id: UUID, now: datetime) -> bool:
    """Let a scheduled promise leave now; False when it is no longer scheduled."""
    return await _turn(session, message_id, {"state": WAITING, "due_at": now, "promised_at": now})


async def pause(session: AsyncSession, message_id: UUID) -> bool:
    """Keep a scheduled promise until a person decides; False when it is no longer scheduled."""
    return await _turn(session, message_id, {"state": PAUSED})


async def lanes_scheduled(session: AsyncSession) -> set[UUID]:
    """Return the conversations in which something waits for its day."""
    return set(
        await session.scalars(select(OutboxRow.lane).where(OutboxRow.state == SCHEDULED).distinct())
    )


async def next_release(session: AsyncSession) -> datetime | None:
    found: datetime | None = await session.scalar(
        select(func.min(OutboxRow.due_at)).where(OutboxRow.state == SCHEDULED)
    )
    return found


async def _turn(session: AsyncSession, message_id: UUID, values: dict[str, Any]) -> bool:
    taken = await session.scalar(
        update(OutboxRow)
        .where(OutboxRow.id == message_id, OutboxRow.state == SCHEDULED)
        .values(**values)
        .returning(OutboxRow.id)
        .execution_options(synchronize_session=False)
    )
    return taken is not None


async def due_times(session: AsyncSession, message_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """Return, for promises nobody has taken up yet, when they become due."""
    if not message_ids:
        return {}
    rows = await session.execute(
        select(OutboxRow.id, OutboxRow.due_at).where(
            OutboxRow.id.in_(message_ids), OutboxRow.state.in_(UNTOUCHED), OutboxRow.attempts == 0
        )
    )
    return {row.id: row.due_at for row in rows}


async def _held(session: AsyncSession, leased: Leased, values: dict[str, Any]) -> bool:
    taken = await session.scalar(
        update(OutboxRow)
        .where(
            OutboxRow.id == leased.id,
            OutboxRow.attempts == leased.attempt,
            OutboxRow.state == WAITING,
        )
        .values(**values)
        .returning(OutboxRow.id)
        .execution_options(synchronize_session=False)
    )
    return taken is not None


def _leased(row: Any) -> Leased:
    return Leased(
        id=row.id,
        attempt=row.attempts,
        begun=row.begun,
        paid=row.paid,
        promised_at=row.promised_at,
        parcel=msgspec.convert(row.parcel["envelope"], Outbound),
        files=tuple(msgspec.convert(one, FileRef) for one in row.parcel["files"]),
    )
