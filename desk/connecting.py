"""Connecting a channel account: settings checked by its channel, tried on request, then saved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels import accounts
from channels.catalogue import CHANNELS
from channels.envelope import Account, CheckStep
from channels.tables import AccountRow
from desk.lines import Lines
from kernel.database import Database
from kernel.errors import CenterError, InvalidInputError
from kernel.ids import new_id
from kernel.secrets import Sealer
from routing import service as routing


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    kind: str
    name: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    queue_id: UUID | None = None
    enabled: bool = True


async def connect(
    session: AsyncSession, lines: Lines, sealer: Sealer, wanted: NewLine, *, now: datetime
) -> AccountRow:
    """Save a new account whose settings can work; its line opens after the commit."""
    _refuse_unworkable(lines, wanted.kind, wanted.name, wanted.settings, wanted.secrets)
    if wanted.queue_id is not None:
        await routing.find_queue(session, wanted.queue_id)
    return await accounts.create_account(session, sealer, wanted, now=now)


async def change(
    session: AsyncSession,
    lines: Lines,
    sealer: Sealer,
    row: AccountRow,
    changes: Mapping[str, Any],
    *,
    version: int,
) -> None:
    """Save changes that can work; a secret given empty is forgotten, one left out is kept.

    Raises InvalidInputError also when a kept secret would go elsewhere than it was saved for.
    """
    settings, given = changes.get("settings", row.settings), changes.get("secrets", {})
    known = accounts.open_account(sealer, row)
    _refuse_unworkable(
        lines, row.kind, changes.get("name", row.name), settings, {**known.secrets, **given}
    )
    _refuse_elsewhere(row, settings, given)
    if changes.get("queue_id") is not None:
        await routing.find_queue(session, changes["queue_id"])
    await accounts.change_account(session, sealer, row, changes, version=version)


async def check(
    database: Database,
    lines: Lines,
    sealer: Sealer,
    *,
    kind: str,
    settings: Mapping[str, Any],
    secret_values: Mapping[str, str],
    account_id: UUID | None,
) -> list[CheckStep]:
    """Really connect with these settings and say how far it came; nothing is saved.

    Secrets left out are those of the saved account, but only for where they were saved for:
    InvalidInputError otherwise, before anybody is connected to.
    """
    row, secrets = None, dict(secret_values)
    if account_id is not None:
        async with database.reading() as session:
            row = await accounts.find_account(session, account_id)
        if row.kind != kind:
            raise InvalidInputError(f"this account is a {row.kind} account", field="kind")
        secrets = {**accounts.open_account(sealer, row).secrets, **secrets}
    try:
        connector = _made(lines, kind, "check", settings, secrets)
    except CenterError as error:
        return [CheckStep(name="settings", ok=False, detail=error.message)]
    if row is not None:
        _refuse_elsewhere(row, settings, secret_values)
    async with connector as opened:
        if not hasattr(opened, "check"):
            return [CheckStep(name="settings", ok=True)]
        steps: list[CheckStep] = await opened.check()
        return steps


def _refuse_elsewhere(
    row: AccountRow, settings: Mapping[str, Any], given: Mapping[str, str]
) -> None:
    """A saved secret is write-only: no change of settings may carry it to another place."""
    moved = CHANNELS[row.kind].bound_elsewhere(row.settings, settings)
    for name, changed in moved.items():
        if name in row.secrets and name not in given:
            raise InvalidInputError(
                f"{changed} is not what this password was saved for; enter {name} again",
                field=name,
            )


def _refuse_unworkable(
    lines: Lines,
    kind: str,
    name: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
) -> None:
    try:
        _made(lines, kind, name, settings, secrets)
    except InvalidInputError:
        raise
    except CenterError as error:
        raise InvalidInputError(error.message, field="settings") from error


def _made(
    lines: Lines, kind: str, name: str, settings: Mapping[str, Any], secrets: Mapping[str, str]
) -> Any:
    account = Account(id=new_id(), kind=kind, name=name, settings=settings, secrets=secrets)
    return lines.make(account)
