"""Connected accounts: made, changed, sealed, and how they are doing."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from channels.envelope import Account, Health
from channels.events import AccountChanged
from channels.tables import AccountRow
from kernel.errors import ConflictError, NotFoundError
from kernel.ids import new_id
from kernel.journal import record
from kernel.secrets import Sealer

PURPOSE = "account"


async def find_account(
    session: AsyncSession, account_id: UUID, *, lock: bool = False
) -> AccountRow:
    row = await session.get(AccountRow, account_id, with_for_update=lock or None)
    if row is None or row.archived_at is not None:
        raise NotFoundError
    return row


async def find_by_key(session: AsyncSession, public_key: str) -> AccountRow | None:
    found: AccountRow | None = await session.scalar(
        select(AccountRow).where(AccountRow.public_key == public_key)
    )
    return found


async def list_accounts(session: AsyncSession, *, kind: str | None = None) -> list[AccountRow]:
    """Return the accounts in use or switched off, by name; archived ones are not among them."""
    statement = (
        select(AccountRow)
        .where(AccountRow.archived_at.is_(None))
        .order_by(AccountRow.name, AccountRow.id)
    )
    if kind is not None:
        statement = statement.where(AccountRow.kind == kind)
    return list(await session.scalars(statement))


class Wanted(Protocol):
    """What a new account is made of."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def settings(self) -> Mapping[str, Any]: ...
    @property
    def secrets(self) -> Mapping[str, str]: ...
    @property
    def queue_id(self) -> UUID | None: ...
    @property
    def enabled(self) -> bool: ...


async def create_account(
    session: AsyncSession, sealer: Sealer, wanted: Wanted, *, now: datetime
) -> AccountRow:
    row = AccountRow(
        id=new_id(),
        kind=wanted.kind,
        name=wanted.name,
        public_key=secrets.token_urlsafe(12),
        enabled=wanted.enabled,
        settings=dict(wanted.settings),
        secrets=seal_all(sealer, wanted.secrets),
        queue_id=wanted.queue_id,
        cursor=None,
        health=(Health.CONNECTING if wanted.enabled else Health.OFF).value,
        health_at=now,
        last_in_at=None,
        last_out_at=None,
        created_at=now,
        archived_at=None,
    )
    session.add(row)
    await session.flush()
    note_change(session, row)
    return row


async def change_account(
    session: AsyncSession,
    sealer: Sealer,
    row: AccountRow,
    changes: Mapping[str, Any],
    *,
    version: int,
) -> None:
    """Apply changes; secrets that are not named keep their value, empty ones are forgotten."""
    if row.version != version:
        raise ConflictError
    for name in ("name", "settings", "queue_id", "enabled"):
        if name in changes:
            setattr(row, name, changes[name])
    if changes.get("secrets"):
        kept = {name: one for name, one in row.secrets.items() if name not in changes["secrets"]}
        row.secrets = {**kept, **seal_all(sealer, changes["secrets"])}
    row.version += 1
    if not row.enabled:
        row.health, row.health_detail = Health.OFF.value, ""
    note_change(session, row)


async def is_used(session: AsyncSession, account_id: UUID) -> bool:
    """Say whether any row of the channels belongs to this account: mail, visitors, promises."""
    columns = [
        key.parent
        for table in AccountRow.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table is AccountRow.__table__
    ]
    found = [select(column).where(column == account_id).exists() for column in columns]
    return bool(await session.scalar(select(or_(*found))))


async def delete_account(session: AsyncSession, row: AccountRow) -> None:
    """Remove an account that was never used; its line closes after the commit."""
    await session.delete(row)
    record(session, AccountChanged(account_id=row.id, health=Health.OFF.value, detail=""))


def archive_account(session: AsyncSession, row: AccountRow, now: datetime) -> None:
    """Switch an account off for good and forget its secrets; what came through it stays."""
    row.enabled = False
    row.archived_at = now
    row.secrets = {}
    row.health, row.health_detail, row.health_at = Health.OFF.value, "", now
    row.version += 1
    note_change(session, row)


async def forget_secrets(session: AsyncSession) -> int:
    """Drop the secrets of every account, which no key opens any more; return of how many."""
    rows = [row for row in await list_accounts(session) if row.secrets]
    for row in rows:
        row.secrets = {}
        row.version += 1
        note_change(session, row)
    return len(rows)


async def tell_health(
    session: AsyncSession, account_id: UUID, health: Health, detail: str, now: datetime
) -> None:
    row = await session.get(AccountRow, account_id)
    if row is None or row.archived_at is not None:
        return
    if (row.health, row.health_detail) == (health.value, detail):
        return
    row.health, row.health_detail, row.health_at = health.value, detail, now
    note_change(session, row)


async def touch_out(session: AsyncSession, account_id: UUID, now: datetime) -> None:
    await session.execute(
        update(AccountRow)
        .where(AccountRow.id == account_id)
        .values(last_out_at=now)
        .execution_options(synchronize_session=False)
    )


def note_change(session: AsyncSession, row: AccountRow) -> None:
    record(session, AccountChanged(account_id=row.id, health=row.health, detail=row.health_detail))


def seal_all(sealer: Sealer, values: Mapping[str, str]) -> dict[str, str]:
    return {name: sealer.seal(PURPOSE, value) for name, value in values.items() if value}


def open_account(sealer: Sealer, row: AccountRow) -> Account:
    """Return the account as its connector needs it, secrets unsealed."""
    return Account(
        id=row.id,
        kind=row.kind,
        name=row.name,
        settings=row.settings,
        secrets={name: sealer.unseal(PURPOSE, sealed) for name, sealed in row.secrets.items()},
        cursor=row.cursor,
        public_key=row.public_key,
    )
