"""Calls, their legs and recordings, what was answered to each of their moments, and flows with
whom they serve."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables import Table


class CallFlowRow(Table):
    """What callers of an account, and writers to others, are led through; without a row callers
    are led through the usual flow, and writers through none."""

    __tablename__ = "call_flow"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """The account's."""
    name: Mapped[str]
    body: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class FlowServiceRow(Table):
    """A messenger account on which who begins a conversation is led through a flow."""

    __tablename__ = "flow_service"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """The messenger account's."""
    flow_id: Mapped[UUID] = mapped_column(ForeignKey("call_flow.id"), index=True)


class CallRow(Table):
    """One call, with everybody who comes into it."""

    __tablename__ = "call"
    __table_args__ = (
        Index("ix_call_open", "ended_at", "state"),
        Index("ix_call_number", "number", "started_at"),
        Index("ix_call_client", "client_id", "started_at"),
        Index("ix_call_account", "account_id", "started_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    sid: Mapped[str | None] = mapped_column(unique=True)
    """The provider's name of the client's leg."""
    direction: Mapped[str]
    """`inbound` or `outbound`."""
    number: Mapped[str]
    """The client's; empty when withheld."""
    own_number: Mapped[str]
    state: Mapped[str]
    """`menu`, `waiting`, `connecting`, `talking`, `voicemail` or `ended`."""
    outcome: Mapped[str] = mapped_column(default="")
    """How it ended: `answered`, `abandoned`, `voicemail`, `callback`, `transferred`, `announced`,
    `turned_away`, `busy`, `no_answer` or `failed`."""
    client_id: Mapped[UUID | None]
    ticket_id: Mapped[UUID | None] = mapped_column(index=True)
    message_id: Mapped[UUID | None] = mapped_column(index=True)
    """Its entry in the ticket's thread."""
    contact_id: Mapped[UUID | None] = mapped_column(index=True)
    queue_id: Mapped[UUID | None]
    agent_id: Mapped[UUID | None]
    """Who speaks, or spoke last, with the client."""
    locale: Mapped[str]
    node: Mapped[str] = mapped_column(default="")
    """Where it stands in the flow."""
    tries: Mapped[int] = mapped_column(default=0)
    turn: Mapped[int] = mapped_column(default=0)
    """How many answers the client's leg was given."""
    recording: Mapped[str] = mapped_column(default="off")
    """`off`, `on` or `paused`."""
    started_at: Mapped[datetime]
    astray: Mapped[bool] = mapped_column(default=False)
    """The center was away while the client waited, and they have asked nothing since: the provider
    may have sent them elsewhere, so whoever hangs up now was missed."""
    waiting_since: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class CallLegRow(Table):
    """Somebody whom we called into a call, or the client who called us."""

    __tablename__ = "call_leg"
    __table_args__ = (Index("ix_call_leg_agent", "agent_id", "state"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("call.id"), index=True)
    sid: Mapped[str | None] = mapped_column(index=True)
    role: Mapped[str]
    """`client`, `agent`, `consulted`, `third` or `supervisor`."""
    agent_id: Mapped[UUID | None]
    name: Mapped[str]
    number: Mapped[str]
    state: Mapped[str]
    """`dialling`, `ringing`, `joined` or `ended`."""
    why: Mapped[str] = mapped_column(default="")
    """Why it ended: `completed`, `busy`, `no_answer`, `failed`, `canceled` or `refused`."""
    mode: Mapped[str] = mapped_column(default="")
    """Of a supervisor: `listen`, `whisper` or `barge`."""
    settled: Mapped[bool] = mapped_column(default=False)
    """What follows from its end was done: the same agent may be called anew."""
    on_hold: Mapped[bool] = mapped_column(default=False)
    muted: Mapped[bool] = mapped_column(default=False)
    began_at: Mapped[datetime]
    since: Mapped[datetime]
    """When it came into its state."""
    joined_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class CallRecordingRow(Table):
    """A recording of a call, or a message that was left; its bytes lie in the house."""

    __tablename__ = "call_recording"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("call.id"), index=True)
    sid: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    """`talk` or `voicemail`."""
    state: Mapped[str]
    """`running`, `paused`, `fetching`, `kept` or `lost`."""
    seconds: Mapped[int] = mapped_column(default=0)
    blob: Mapped[str | None] = mapped_column(index=True)
    size: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    """When it is fetched, or tried again."""
    started_by: Mapped[UUID | None]
    started_at: Mapped[datetime]


class RecordingHeardRow(Table):
    """Somebody listened to a recording."""

    __tablename__ = "recording_heard"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    recording_id: Mapped[UUID] = mapped_column(ForeignKey("call_recording.id"), index=True)
    agent_id: Mapped[UUID]
    at: Mapped[datetime]


class CallMomentRow(Table):
    """What we answered to a moment of a call, so that the same moment told again hears the same."""

    __tablename__ = "call_moment"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    steps: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
