"""Says of each contact's journal entry whose ticket it is about: routing knows no tickets."""

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.journal import pending
from tickets import queries as ticket_queries


async def tell_whose(session: AsyncSession) -> None:
    """Put the ticket's team and assignee on entries about contacts that do not carry them.

    Runs at the end of a transaction, so it is the ticket as it will be; without it a live screen
    could not keep such an entry from another team.
    """
    entries = pending(session)
    asked = {
        entry.ticket_id
        for entry in entries
        if entry.contact_id is not None
        and entry.ticket_id is not None
        and entry.team_id is None
        and entry.assignee_id is None
    }
    if not asked:
        return
    whose = await ticket_queries.whose(session, asked)
    entries[:] = [
        replace(entry, team_id=whose[entry.ticket_id][0], assignee_id=whose[entry.ticket_id][1])
        if entry.contact_id is not None and entry.ticket_id in asked and entry.ticket_id in whose
        else entry
        for entry in entries
    ]
