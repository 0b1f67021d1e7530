"""Which rows are settings, and what of them is told: whoever changes one leaves a trace."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from msgspec import Struct, field
from sqlalchemy import inspect
from sqlalchemy.orm import Session

from channels.tables import AccountRow
from channels.voice.tables import CallFlowRow
from desk.tables import CompanyRow
from kernel.setting_changes import note
from kernel.tables import Table
from routing.tables import CalendarRow, DispositionRow, ProfileRow, QueueRow, SkillRow
from staff.tables import AgentRow, RoleRow, TeamRow
from tickets.tables import CannedReplyRow

HIDDEN: Final = "•••"
"""Stands for a secret: that it changed is told, what it was and is never."""
ANOTHER: Final = "••••"
_UNTOLD: Final = frozenset({"id", "version", "created_at", "updated_at", "html_version"})
_SECRET_WORDS: Final = ("secret", "password", "token")


class Kind(Struct, frozen=True, kw_only=True):
    area: Callable[[Any], str]
    name: Callable[[Any], str]
    secret: frozenset[str] = frozenset()
    """Fields of which only that they changed is told."""
    untold: frozenset[str] = field(default_factory=frozenset)
    """Fields that no person sets."""
    apart: frozenset[str] = frozenset()
    """Objects whose entries are told one by one."""


def _kind(area: str, name: str = "name", **more: Any) -> Kind:
    return Kind(area=lambda _: area, name=lambda row: str(getattr(row, name) or ""), **more)


_ACCOUNT_AREAS: Final = {
    "webchat": "widget",
    "telegram": "bot",
    "custom": "messenger",
    "sms": "messenger",
    "whatsapp": "messenger",
    "whatsapp_cloud": "messenger",
    "viber": "messenger",
    "line": "messenger",
    "messenger": "messenger",
    "instagram": "messenger",
    "voice": "telephone",
}

KINDS: Final[Mapping[type[Table], Kind]] = {
    AgentRow: _kind("agent", secret=frozenset({"password_hash"}), apart=frozenset({"capacity"})),
    RoleRow: _kind("role"),
    TeamRow: _kind("team"),
    AccountRow: Kind(
        area=lambda row: _ACCOUNT_AREAS.get(row.kind, "account"),
        name=lambda row: row.name,
        secret=frozenset({"secrets"}),
        apart=frozenset({"settings", "secrets"}),
        untold=frozenset(
            {"public_key", "cursor", "health", "health_detail", "health_at"}
            | {"last_in_at", "last_out_at"}
        ),
    ),
    QueueRow: _kind("queue", apart=frozenset({"rules"})),
    SkillRow: _kind("skill"),
    CalendarRow: _kind("calendar"),
    ProfileRow: _kind("profile"),
    DispositionRow: _kind("disposition"),
    CannedReplyRow: _kind("canned_reply", "title"),
    CallFlowRow: _kind("flow", apart=frozenset({"body"})),
    CompanyRow: _kind("company", untold=frozenset({"steps", "welcomed_at"})),
}


def watch(session: Session) -> None:
    """Note what is about to be flushed; runs before every flush of a writing transaction."""
    for rows, what in (
        (session.new, "added"),
        (session.dirty, "changed"),
        (session.deleted, "removed"),
    ):
        for row in rows:
            kind = KINDS.get(type(row))
            if kind is not None:
                subject_id = None if isinstance(row, CompanyRow) else row.id
                pairs = dict(_pairs(row, kind, what))
                note(session, kind.area(row), subject_id, kind.name(row), pairs, what=what)


def _pairs(row: Table, kind: Kind, what: str) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for attribute in inspect(row).attrs:
        name = attribute.key
        if name in _UNTOLD or name in kind.untold:
            continue
        history = attribute.history
        if what == "removed":
            old, new = getattr(row, name), None
        elif history.has_changes():
            old = history.deleted[0] if history.deleted else None
            new = history.added[0] if history.added else None
        else:
            continue
        yield from _told(name, old, new, kind)


def _told(name: str, old: Any, new: Any, kind: Kind) -> Iterator[tuple[str, tuple[Any, Any]]]:
    hidden = name in kind.secret
    if name not in kind.apart:
        yield name, _hide(old, new) if hidden else (old, new)
        return
    before, now = old or {}, new or {}
    for key in sorted({*before, *now}):
        pair = before.get(key), now.get(key)
        secret = hidden or any(word in key.lower() for word in _SECRET_WORDS)
        yield f"{name}.{key}", _hide(*pair) if secret else pair


def _hide(old: Any, new: Any) -> tuple[Any, Any]:
    """Return marks that differ when the values do."""
    if old == new:
        return None, None
    return (HIDDEN if old else None), (ANOTHER if old and new else HIDDEN if new else None)
