"""The flows of accounts in the database. Every function works inside the caller's transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.voice.events import CallFlowChanged
from channels.voice.flow import Flow, read_flow, usual_flow
from channels.voice.tables import CallFlowRow, FlowServiceRow
from kernel.errors import ConflictError
from kernel.journal import record
from kernel.prepared import Lookup
from kernel.setting_changes import note
from kernel.upsert import insert_new

_SERVING: Final = Lookup(
    select(FlowServiceRow.id, FlowServiceRow.flow_id).where(
        FlowServiceRow.id.in_(bindparam("ids", expanding=True))
    )
)


async def flow_of(session: AsyncSession, account_id: UUID) -> tuple[Flow, int]:
    """Return what callers of the account are led through, and its version (0: the usual one)."""
    row = await session.get(CallFlowRow, account_id)
    return (usual_flow(), 0) if row is None else (read_flow(row.body), row.version)


async def change_flow(
    session: AsyncSession,
    account_id: UUID,
    flow: Flow,
    *,
    name: str,
    version: int,
    now: datetime,
) -> int:
    """Replace the flow that was looked at as `version`; return the new one."""
    row = await session.get(CallFlowRow, account_id, with_for_update=True)
    if version != (0 if row is None else row.version):
        raise ConflictError("this flow was changed meanwhile; look at it again")
    body = msgspec.to_builtins(flow)
    if row is None:
        row = CallFlowRow(id=account_id, name=name, body=body, updated_at=now, version=1)
        session.add(row)
    else:
        row.body, row.name, row.updated_at = body, name, now
        row.version += 1
    record(session, CallFlowChanged(account_id=account_id))
    await session.flush()
    return row.version


async def serving(session: AsyncSession, account_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return by messenger account whose flow leads those who begin a conversation there."""
    return {row[0]: row[1] for row in await _SERVING.rows(session, ids=list(account_ids))}


async def served_by(session: AsyncSession, flow_id: UUID) -> list[UUID]:
    """Return the messenger accounts that this flow serves."""
    rows = await session.scalars(
        select(FlowServiceRow.id)
        .where(FlowServiceRow.flow_id == flow_id)
        .order_by(FlowServiceRow.id)
    )
    return list(rows)


async def serve(
    session: AsyncSession, flow_id: UUID, account_ids: Collection[UUID], *, name: str
) -> None:
    """Let the flow serve these messenger accounts and no others; each is served by one flow."""
    served = [str(one) for one in await served_by(session, flow_id)]
    note(session, "flow", flow_id, name, {"serves": (served, sorted(map(str, account_ids)))})
    await session.execute(
        delete(FlowServiceRow)
        .where((FlowServiceRow.flow_id == flow_id) | FlowServiceRow.id.in_(sorted(account_ids)))
        .execution_options(synchronize_session=False)
    )
    await insert_new(
        session,
        FlowServiceRow,
        [{"id": one, "flow_id": flow_id} for one in sorted(set(account_ids))],
        FlowServiceRow.id,
    )


async def retire(session: AsyncSession, account_id: UUID) -> None:
    """The account goes: no flow leads its writers, and its own flow leads nobody."""
    await session.execute(
        delete(FlowServiceRow)
        .where((FlowServiceRow.flow_id == account_id) | (FlowServiceRow.id == account_id))
        .execution_options(synchronize_session=False)
    )
