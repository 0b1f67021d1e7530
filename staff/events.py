"""What can happen to the people who work here."""

from datetime import datetime
from uuid import UUID

from kernel.entries import Entry


class StaffChanged(Entry, frozen=True, kw_only=True):
    """An agent, team or role is new, changed or gone; rights may have changed with it."""

    what: str
    """`agent`, `team` or `role`."""
    subject_id: UUID


class PresenceChanged(Entry, frozen=True, kw_only=True):
    """`actor_id` is whoever set it; empty when the house did."""

    agent_id: UUID
    state: str
    reason: str
    since: datetime


class PresenceForced(Entry, frozen=True, kw_only=True):
    """Somebody else (`by`, in words) set it, with a note; told to that agent only."""

    agent_id: UUID
    state: str
    reason: str
    note: str
    by: str
    signed_out: bool


class SessionEnded(Entry, frozen=True, kw_only=True):
    """Told to one agent only: hang up what was signed in with this session or token.

    Both empty: every session and token of the agent.
    """

    session_id: UUID | None = None
    token_id: UUID | None = None
