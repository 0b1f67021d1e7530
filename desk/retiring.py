"""Channel accounts that go: forgotten when nothing ever passed through them, archived otherwise."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels import accounts, outbox
from channels.voice import flows
from tickets import queries as ticket_queries
from tickets import service as tickets

REMOVED: Final = "its channel was removed before it was sent"


async def remove(session: AsyncSession, account_id: UUID, *, now: datetime) -> bool:
    """Delete an account that was never used, archive any other; return whether it is archived.

    Its line closes after the commit. Answers that still wait to be sent through an archived
    account fail with the reason, so that nobody takes them for sent.
    """
    row = await accounts.find_account(session, account_id, lock=True)
    await flows.retire(session, row.id)
    spoken = await ticket_queries.speaks_through(session, row.id)
    if not spoken and not await accounts.is_used(session, row.id):
        await accounts.delete_account(session, row)
        return False
    for message_id in await outbox.hold_waiting(session, REMOVED, account_id=row.id):
        await tickets.move_state(session, message_id, "failed", reason=REMOVED, now=now)
    accounts.archive_account(session, row, now)
    return True
