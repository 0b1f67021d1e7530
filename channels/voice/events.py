"""What can happen to a call."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.entries import Entry


class CallChanged(Entry, frozen=True, kw_only=True):
    """A call is not as it was: who is in it, on hold, muted, recorded, or where it stands."""

    call_id: UUID
    state: str
    outcome: str
    direction: str
    since: datetime
    recording: str
    legs: list[dict[str, Any]]


class CallControlled(Entry, frozen=True, kw_only=True):
    """An agent did something with a call: `what` names it, `detail` whom or how."""

    call_id: UUID
    what: str
    detail: str


class RecordingHeard(Entry, frozen=True, kw_only=True):
    call_id: UUID
    recording_id: UUID
    agent_id: UUID


class CallFlowChanged(Entry, frozen=True, kw_only=True):
    account_id: UUID
