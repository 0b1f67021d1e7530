"""Canned answers: kept texts with placeholders, filled in one pass from a closed list."""

import html
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import ConflictError, InvalidInputError, NotFoundError
from kernel.html import VERSION, from_editor
from kernel.ids import new_id
from kernel.journal import record
from tickets.events import CannedReplyChanged
from tickets.tables import CannedReplyRow

PLACEHOLDERS: Final = frozenset(
    {"client.name", "client.first_name", "agent.name", "ticket.number", "ticket.subject", "company"}
)
_PLACEHOLDER: Final = re.compile(r"\{\{\s*([^{}]{1,40}?)\s*\}\}")


async def create_canned(
    session: AsyncSession, values: Mapping[str, Any], now: datetime
) -> CannedReplyRow:
    await _refuse_taken(session, values["shortcut"], None)
    row = CannedReplyRow(id=new_id(), updated_at=now, **{**values, "html": _clean(values["html"])})
    session.add(row)
    await session.flush()
    record(session, CannedReplyChanged(canned_reply_id=row.id))
    return row


async def change_canned(
    session: AsyncSession,
    canned_id: UUID,
    changes: Mapping[str, Any],
    *,
    version: int,
    now: datetime,
) -> CannedReplyRow:
    row = await find_canned(session, canned_id)
    if row.version != version:
        raise ConflictError
    if "shortcut" in changes:
        await _refuse_taken(session, changes["shortcut"], row.id)
    for name, value in changes.items():
        setattr(row, name, _clean(value) if name == "html" else value)
    if "html" in changes:
        row.html_version = VERSION
    row.version += 1
    row.updated_at = now
    record(session, CannedReplyChanged(canned_reply_id=row.id))
    return row


async def remove_canned(session: AsyncSession, canned_id: UUID) -> None:
    row = await find_canned(session, canned_id)
    await session.delete(row)
    record(session, CannedReplyChanged(canned_reply_id=canned_id))


async def find_canned(session: AsyncSession, canned_id: UUID) -> CannedReplyRow:
    row = await session.get(CannedReplyRow, canned_id)
    if row is None:
        raise NotFoundError
    return row


def fill(text: str, facts: Mapping[str, str]) -> str:
    """Put the facts, escaped, into their places; what a fact contains is not looked at again."""
    return _PLACEHOLDER.sub(
        lambda found: html.escape(facts[found[1]]) if found[1] in facts else found[0], text
    )


def _clean(text: str) -> str:
    unknown = sorted(set(_PLACEHOLDER.findall(text)) - PLACEHOLDERS)
    if unknown:
        raise InvalidInputError(
            f"there is no placeholder “{unknown[0]}”; use one of {', '.join(sorted(PLACEHOLDERS))}",
            field="html",
        )
    return from_editor(text).html


async def _refuse_taken(session: AsyncSession, shortcut: str, own_id: UUID | None) -> None:
    taken = await session.scalar(
        select(CannedReplyRow.id).where(CannedReplyRow.shortcut == shortcut)
    )
    if taken is not None and taken != own_id:
        raise InvalidInputError("this shortcut is taken", field="shortcut")
