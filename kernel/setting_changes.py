"""Who changed which setting when: noted in the transaction that changes it, secrets never."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

import msgspec
from msgspec import Struct, field
from sqlalchemy import Index, Uuid, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, Session, mapped_column

from kernel.ids import new_id
from kernel.limits import SETTING_CHARS
from kernel.tables import Instant, Table

_PENDING: Final = "setting changes"
_acting: ContextVar[UUID | None] = ContextVar("acting", default=None)

Pairs = Mapping[str, tuple[Any, Any]]
"""By field: what it was and what it is."""


class SettingChangeRow(Table):
    """What became of one thing in one transaction; `changes` maps a field to old and new."""

    __tablename__ = "setting_change"
    __table_args__ = (
        Index("ix_setting_change_at", "at", "id"),
        Index("ix_setting_change_subject", "subject_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    """Empty: the operator, on the command line."""
    area: Mapped[str]
    subject_id: Mapped[UUID | None]
    name: Mapped[str]
    """What it was called then."""
    what: Mapped[str]
    """`added`, `changed` or `removed`."""
    changes: Mapped[dict[str, Any]]


class _Noted(Struct):
    name: str
    what: str
    changes: dict[str, list[Any]] = field(default_factory=dict)


@contextmanager
def acting(agent_id: UUID | None) -> Iterator[None]:
    """Whatever settings change inside are this agent's doing."""
    token = _acting.set(agent_id)
    try:
        yield
    finally:
        _acting.reset(token)


def note(
    session: AsyncSession | Session,
    area: str,
    subject_id: UUID | None,
    name: str,
    pairs: Pairs,
    *,
    what: str = "changed",
) -> None:
    """Note what differs in `pairs`; several notes of one thing become one row at the commit."""
    differing = {key: [_plain(old), _plain(new)] for key, (old, new) in pairs.items() if old != new}
    if not differing and what == "changed":
        return
    pending: dict[tuple[str, UUID | None], _Noted] = session.info.setdefault(_PENDING, {})
    noted = pending.setdefault((area, subject_id), _Noted(name, what))
    noted.name = name or noted.name
    noted.what = what if noted.what == "changed" else noted.what
    for key, (old, new) in differing.items():
        first = noted.changes.get(key)
        noted.changes[key] = [first[0] if first else old, new]


def write_changes(session: AsyncSession, now: datetime) -> None:
    """Store what was noted, just before the commit."""
    pending = cast(
        "dict[tuple[str, UUID | None], _Noted]", session.sync_session.info.pop(_PENDING, {})
    )
    for (area, subject_id), noted in pending.items():
        session.add(
            SettingChangeRow(
                id=new_id(),
                at=now,
                actor_id=_acting.get(),
                area=area,
                subject_id=subject_id,
                name=noted.name,
                what=noted.what,
                changes=noted.changes,
            )
        )


class Wanted(Struct, frozen=True, kw_only=True):
    """Which changes are asked for; what is empty does not matter."""

    area: str | None = None
    actor_id: UUID | None = None
    subject_id: UUID | None = None


async def list_changes(
    session: AsyncSession, wanted: Wanted, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[SettingChangeRow]:
    """Return up to `limit` changes older than `after`, newest first."""
    statement = (
        select(SettingChangeRow)
        .order_by(SettingChangeRow.at.desc(), SettingChangeRow.id.desc())
        .limit(limit)
    )
    for name in ("area", "actor_id", "subject_id"):
        if (value := getattr(wanted, name)) is not None:
            statement = statement.where(getattr(SettingChangeRow, name) == value)
    if after is not None:
        statement = statement.where(
            tuple_(SettingChangeRow.at, SettingChangeRow.id)
            < tuple_(literal(after[0], Instant), literal(after[1], Uuid))
        )
    return list(await session.scalars(statement))


def _plain(value: Any) -> Any:
    """Return the value as it is stored; a long text by its beginning."""
    plain = msgspec.to_builtins(value)
    if isinstance(plain, str) and len(plain) > SETTING_CHARS:
        return plain[:SETTING_CHARS] + "…"
    return plain
