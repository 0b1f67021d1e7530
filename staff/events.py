"""What can happen to the people who work here."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.journal import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffChanged(Entry):
    """An agent, team or role is new, changed or gone; rights may have changed with it."""

    what: str
    """`agent`, `team` or `role`."""
    subject_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceChanged(Entry):
    """`actor_id` is whoever set it; empty when the house did."""

    agent_id: UUID
    state: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded(Entry):
    """Told to one agent only: hang up what was signed in with this session or token.

    Both empty: every session and token of the agent.
    """

    session_id: UUID | None = None
    token_id: UUID | None = None
