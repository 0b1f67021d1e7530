"""Whose center this is and how far its first hour came, as said in the console."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from msgspec import UNSET, Struct, UnsetType
from sqlalchemy.ext.asyncio import AsyncSession

from desk.events import CompanyChanged
from desk.quiet_hours import QuietHours, check, quiet_hours_of
from desk.tables import CompanyRow
from kernel.errors import InvalidInputError
from kernel.journal import record

STEPS: Final = ("company", "channel", "colleague", "message")
"""The first hour after the first account, in its order."""

_ONLY: Final = 1


class Company(Struct, frozen=True, kw_only=True):
    """Name and language, from the console or else from the operator; and the steps behind us."""

    name: str
    default_locale: str
    steps: tuple[str, ...] = ()
    welcomed: bool = False
    tells_reading: bool = True
    """Agents see which supervisor reads their conversation along."""
    quiet_hours: QuietHours | None = None
    """When nobody is written to or called first; None: at no time."""


class CompanyChange(Struct, frozen=True, kw_only=True):
    name: str | UnsetType = UNSET
    default_locale: str | UnsetType = UNSET
    steps: Collection[str] | UnsetType = UNSET
    welcomed: bool | UnsetType = UNSET
    tells_reading: bool | UnsetType = UNSET
    quiet_hours: QuietHours | UnsetType | None = UNSET


async def read_company(session: AsyncSession, usual: Company) -> Company:
    """Return what the console said; `usual`, the operator's settings, fills what it left open."""
    row = await session.get(CompanyRow, _ONLY)
    if row is None:
        return usual
    return Company(
        name=row.name or usual.name,
        default_locale=row.default_locale or usual.default_locale,
        steps=tuple(row.steps),
        welcomed=row.welcomed_at is not None,
        tells_reading=row.tells_reading is not False,
        quiet_hours=quiet_hours_of(row),
    )


async def change_company(
    session: AsyncSession, change: CompanyChange, usual: Company, *, by: UUID, now: datetime
) -> Company:
    """Apply what is given; raises InvalidInputError for an empty name or an unknown step."""
    row = await session.get(CompanyRow, _ONLY, with_for_update=True)
    if row is None:
        row = CompanyRow(id=_ONLY, name=None, default_locale=None, steps=[], welcomed_at=None)
        row.tells_reading, row.quiet_hours = None, None
        session.add(row)
    _apply(row, change, now)
    await session.flush()
    company = await read_company(session, usual)
    record(
        session,
        CompanyChanged(actor_id=by, name=company.name, default_locale=company.default_locale),
    )
    return company


def _apply(row: CompanyRow, change: CompanyChange, now: datetime) -> None:
    if change.name is not UNSET:
        row.name = " ".join(change.name.split())
        if not row.name:
            raise InvalidInputError("give a name", field="name")
    if change.default_locale is not UNSET:
        row.default_locale = change.default_locale
    if change.steps is not UNSET:
        unknown = sorted(set(change.steps) - set(STEPS))
        if unknown:
            raise InvalidInputError(f"there is no step “{unknown[0]}”", field="steps")
        row.steps = [step for step in STEPS if step in change.steps]
    if change.tells_reading is not UNSET:
        row.tells_reading = change.tells_reading
    if change.quiet_hours is not UNSET:
        if change.quiet_hours is not None:
            check(change.quiet_hours)
        row.quiet_hours = msgspec.to_builtins(change.quiet_hours)
    if change.welcomed is not UNSET:
        row.welcomed_at = (row.welcomed_at or now) if change.welcomed else None
