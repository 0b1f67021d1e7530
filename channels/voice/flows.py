"""The flows of accounts in the database. Every function works inside the caller's transaction."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from channels.voice.events import CallFlowChanged
from channels.voice.flow import Flow, read_flow, usual_flow
from channels.voice.tables import CallFlowRow
from kernel.errors import ConflictError
from kernel.journal import record


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
