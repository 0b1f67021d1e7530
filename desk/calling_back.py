"""Clients who are to be called back: asked for, due in time, needless once they write."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels.voice.destinations import plain
from desk.dispatch import Dispatcher
from desk.quiet_hours import quiet_for
from desk.routing_facts import micros
from kernel.clock import Clock
from kernel.database import Database
from kernel.entries import Noted
from kernel.errors import CenterError
from kernel.supervise import first_of
from routing import callbacks
from routing.callbacks import Wish
from routing.tables import CallbackRow, ContactRow
from tickets import queries as ticket_queries

logger = logging.getLogger(__name__)

LONGEST_REST_SECONDS: Final = 60.0
BY_CLIENT: Final = "client"


async def ask_to_call(
    session: AsyncSession, contact: ContactRow, wish: Wish, *, by: UUID | None, now: datetime
) -> CallbackRow:
    """Turn the contact into a callback; what its client writes from now on makes it needless."""
    last = await ticket_queries.last_from_client(session, contact.ticket_id)
    after = last.id if last else None
    return await callbacks.ask(session, contact, wish, by=by, after_message_id=after, now=now)


class CallingBack:
    """Lets callbacks fall due and drops those that nobody needs; the rule lies in the database."""

    def __init__(self, database: Database, clock: Clock, dispatcher: Dispatcher) -> None:
        self._database = database
        self._clock = clock
        self._dispatcher = dispatcher
        self._nudged = asyncio.Event()
        self._concerned: set[UUID] = set()
        """The contacts, tickets and clients of every callback there is."""
        self._next: datetime | None = None

    def hear(self, noted: Sequence[Noted]) -> None:
        """Subscribe this to the feed."""
        for entry in noted:
            if entry.kind in {"CallbackAsked", "CallbackCancelled"} or self._concerns(entry):
                self._nudged.set()

    def _concerns(self, entry: Noted) -> bool:
        match entry.kind:
            case "MessageAdded":
                return entry.ticket_id in self._concerned and entry.data["kind"] == "inbound"
            case "ContactQueued":
                return entry.client_id in self._concerned
            case "ContactEnded":
                return entry.contact_id in self._concerned
            case _:
                return False

    async def run(self) -> None:
        """See to callbacks as they fall due or become needless, for ever."""
        while True:
            self._nudged.clear()
            await self.look()
            await first_of(self._nudged.wait(), self._clock.sleep(self._rest()))

    async def look(self) -> None:
        """See to every callback once."""
        async with self._database.reading() as session:
            rows = await callbacks.everything(session)
            asking = [row.id for row in rows if await self._asks(session, row)]
        self._concerned = {one for row in rows for one in (row.ticket_id, row.client_id)}
        self._concerned |= {row.contact_id for row in rows if row.contact_id is not None}
        planned = [row.due_at for row in rows if row.contact_id is None and row.due_at is not None]
        self._next = min(planned, default=None)
        for callback_id in asking:
            await self._see_to(callback_id)

    async def _asks(self, session: AsyncSession, row: CallbackRow) -> bool:
        """Say whether something is to be done about it: most wait, and nothing is written then."""
        return (
            self._is_due(row)
            or await callbacks.is_over(session, row)
            or await self._needless(session, row)
        )

    def _is_due(self, row: CallbackRow) -> bool:
        due_at = row.due_at if row.contact_id is None else None
        return due_at is not None and due_at <= self._clock.now()

    async def _see_to(self, callback_id: UUID) -> None:
        again: ContactRow | None = None
        async with self._database.transaction() as session:
            row = await session.get(CallbackRow, callback_id, with_for_update=True)
            if row is None:
                return
            place = row.virtual_arrival
            if await callbacks.is_over(session, row):
                await session.delete(row)
            elif await self._needless(session, row):
                if row.contact_id is None:
                    again = await callbacks.come_again(session, row)
                await callbacks.cancel(session, row, reason=BY_CLIENT)
            elif self._is_due(row):
                await self._fall_due(session, row)
        if again is not None and place < again.virtual_arrival:
            await self._keep_place(again, place)

    async def _fall_due(self, session: AsyncSession, row: CallbackRow) -> None:
        """Let it wait for an agent, unless it is quiet hours where its client is."""
        now = self._clock.now()
        until = await quiet_for(session, row.client_id, plain(row.number), now)
        if until is None:
            await callbacks.fall_due(session, row, now)
        else:
            row.due_at = until
            self._nudged.set()

    async def _needless(self, session: AsyncSession, row: CallbackRow) -> bool:
        """The client wrote on the ticket after it was asked for, or came again elsewhere."""
        last = await ticket_queries.last_from_client(session, row.ticket_id)
        wrote = last is not None and last.id != row.after_message_id
        if row.contact_id is not None:
            # Elsewhere: the router gives the new contact this one's place and ends it.
            return wrote
        return wrote or await callbacks.come_again(session, row) is not None

    async def _keep_place(self, contact: ContactRow, place: datetime) -> None:
        try:
            await self._dispatcher.move(
                contact.id, contact.queue_id, virtual_arrival_us=micros(place)
            )
        except CenterError as refused:
            logger.info("place of a callback not kept", extra={"cause": refused.message})

    def _rest(self) -> float:
        if self._next is None:
            return LONGEST_REST_SECONDS
        left = (self._next - self._clock.now()).total_seconds()
        return min(max(left, 0.01), LONGEST_REST_SECONDS)
