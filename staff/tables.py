"""Who works here, what they may do, how they sign in, and whether they are at their desk."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables import Table


class RoleRow(Table):
    __tablename__ = "role"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    permissions: Mapped[list[str]]
    builtin: Mapped[bool]


class AgentRow(Table):
    __tablename__ = "agent"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role_id: Mapped[UUID] = mapped_column(ForeignKey("role.id"))
    password_hash: Mapped[str]
    active: Mapped[bool]
    locale: Mapped[str]
    signature: Mapped[str] = mapped_column(default="")
    capacity: Mapped[dict[str, int]]
    """How many contacts at once, by channel."""
    phone: Mapped[str] = mapped_column(default="")
    """Where calls reach them: `+` and digits, `sip:…` or `browser`; empty: nowhere."""
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class TeamRow(Table):
    __tablename__ = "team"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class TeamMemberRow(Table):
    __tablename__ = "team_member"

    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"), primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), primary_key=True, index=True)


class SessionRow(Table):
    """One signed-in browser; the cookie's token lies here only as a hash."""

    __tablename__ = "session"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    idle_seconds: Mapped[int]
    """It also ends when not used for so long."""
    expires_at: Mapped[datetime]
    address: Mapped[str]
    browser: Mapped[str]


class ApiTokenRow(Table):
    __tablename__ = "api_token"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), index=True)
    name: Mapped[str]
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PresenceRow(Table):
    __tablename__ = "presence"

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), primary_key=True)
    state: Mapped[str]
    """`available`, `away` or `offline`."""
    reason: Mapped[str]
    since: Mapped[datetime]
    idle_since: Mapped[datetime]
    """When they last became free for a contact; who waits longest comes first."""
