"""The one way in: deliveries become messages of tickets and contacts of queues, many per commit."""

import asyncio
import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from msgspec import Struct, structs
from sqlalchemy.ext.asyncio import AsyncSession

from channels import deliveries as kept_deliveries
from channels.deliveries import Kept
from channels.envelope import (
    ASIDE,
    Automatic,
    Delivery,
    Envelope,
    Inbound,
    InboundFile,
    Party,
    Reach,
    ReadUntil,
    Report,
)
from channels.errors import UnreadableDeliveryError
from clients import queries as clients
from clients.identities import Arriving, ResolvedClient, resolve_many
from clients.reach import let_in_again, note_reach
from desk import menus
from desk.lines import Line, Lines
from kernel.blobs import BlobStore, blob_key
from kernel.clock import Clock
from kernel.crash import crash_here
from kernel.database import Database
from kernel.errors import CenterError, NotFoundError, OverloadedError
from kernel.limits import INTAKE_BATCH, INTAKE_WAITING, LAST_IN_EVERY, RAW_INLINE_BYTES
from kernel.settling import settled
from routing import service as routing
from routing.homes import default_of, queue_homes
from routing.service import NewContact
from tickets import queries as ticket_queries
from tickets import service as tickets
from tickets.arrivals import Arrival, File, Person, Placed, place_arrivals

logger = logging.getLogger(__name__)

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class Item(Struct, kw_only=True):
    """One delivery on its way in: what it said, or why it cannot be understood."""

    line: Line
    kept: Kept
    envelopes: Sequence[Envelope] = ()
    error: str | None = None


class _Parcel(Struct, eq=False):
    """What one caller handed over, and whom to tell when it is committed."""

    deliveries: Sequence[Delivery]
    done: asyncio.Future[None]


class _Belt:
    """What waits for the next step, joined: while a commit is under way all that comes meanwhile
    becomes the next one, so that many senders share a sync. At most INTAKE_BATCH deliveries wait,
    or one larger parcel alone."""

    def __init__(self) -> None:
        self._parcels: list[_Parcel] = []
        self._items: list[Item] = []
        self._changed = asyncio.Condition()

    async def put(self, parcels: Sequence[_Parcel], items: Sequence[Item]) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self._has_room(len(items)))
            self._parcels.extend(parcels)
            self._items.extend(items)
            self._changed.notify_all()

    async def take(self) -> tuple[list[_Parcel], list[Item]]:
        """Return all that waits, in its order, as soon as there is any."""
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self._parcels))
            taken = self._parcels, self._items
            self._parcels, self._items = [], []
            self._changed.notify_all()
            return taken

    def _has_room(self, count: int) -> bool:
        return not self._parcels or len(self._items) + count <= INTAKE_BATCH


class Intake:
    """Drains waiting deliveries in batches: translated first, then one transaction for all.

    A batch that fails as a whole is taken in delivery by delivery, so one that breaks us ends as
    a dead letter by itself and its neighbours are stored. Callers hear "stored" only after the
    commit.
    """

    def __init__(self, database: Database, clock: Clock, blobs: BlobStore, lines: Lines) -> None:
        self._database = database
        self._clock = clock
        self._blobs = blobs
        self._lines = lines
        self._parcels: asyncio.Queue[_Parcel] = asyncio.Queue()
        self._open: set[_Parcel] = set()
        self._waiting = 0
        self._heard_at: dict[UUID, datetime] = {}
        """When an account was last noted as heard; the busiest are not noted with every word."""

    @property
    def waiting(self) -> int:
        """How many deliveries wait for their commit."""
        return self._waiting

    async def accept(self, deliveries: Sequence[Delivery]) -> None:
        """Return once every delivery is committed; refuse before storing when too many wait."""
        if not deliveries:
            return
        if self._waiting + len(deliveries) > INTAKE_WAITING:
            raise OverloadedError
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting += len(deliveries)
        parcel = _Parcel(deliveries, done)
        self._open.add(parcel)
        self._parcels.put_nowait(parcel)
        try:
            await done
        finally:
            self._open.discard(parcel)
            self._waiting -= len(deliveries)

    async def run(self) -> None:
        """Take in for ever, in three steps at once: a batch is translated while the files of the
        one before it are synced and the one before that is committed, each in its order."""
        read, ready = _Belt(), _Belt()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read_all(read))
                group.create_task(self._keep_files(read, ready))
                group.create_task(self._store_all(ready))
        finally:
            # Whoever still waits for an answer is told that nothing was promised.
            while not self._parcels.empty():
                self._parcels.get_nowait()
            _finish(list(self._open), OverloadedError())

    async def replay(self, delivery_id: UUID) -> None:
        """Try a dead letter once more; it stays one, with the new reason, when that fails."""
        async with self._database.reading() as session:
            row = await kept_deliveries.find_dead(session, delivery_id)
        raw = row.raw if row.raw is not None else await self._blobs.read(blob_key(row.blob or ""))
        line = self._lines.need(row.account_id)
        delivery = Delivery(
            account_id=row.account_id,
            external_id=row.external_id,
            raw=raw,
            received_at=row.received_at,
        )
        (answer,) = await line.connector.read([delivery])
        if isinstance(answer, Exception):
            async with self._database.transaction() as session:
                await kept_deliveries.count_attempt(session, row.id, _words(answer))
            raise UnreadableDeliveryError(f"still unreadable: {_words(answer)}")
        item = Item(line=line, kept=Kept(id=row.id, delivery=delivery), envelopes=answer)
        await self._store_files([item])
        try:
            await self._revive(item)
        except CenterError:
            raise
        except Exception as error:
            logger.exception("a replayed delivery could not be stored")
            words = f"{type(error).__name__}: {_words(error)}"
            async with self._database.transaction() as session:
                await kept_deliveries.count_attempt(session, row.id, words)
            raise UnreadableDeliveryError(f"it can be read, but not stored: {words}") from error

    async def _revive(self, item: Item) -> None:
        async with self._database.transaction() as session:
            if not await kept_deliveries.revive(session, item.kept.id):
                raise NotFoundError("somebody else has replayed this already")
            await self._take_in(session, [item], self._clock.now())

    async def _read_all(self, read: _Belt) -> None:
        while True:
            parcels = self._deliverable(await self._next_parcels())
            if not parcels:
                continue
            with _refusing(parcels):
                await read.put(parcels, await self._read(parcels))

    async def _keep_files(self, read: _Belt, ready: _Belt) -> None:
        while True:
            parcels, items = await read.take()
            with _refusing(parcels):
                crash_here("intake.after_reading_before_files")
                await self._store_files(items)
                crash_here("intake.after_files_before_rows")
                await ready.put(parcels, items)

    def _deliverable(self, parcels: Sequence[_Parcel]) -> list[_Parcel]:
        """Refuse what came for a channel that is switched off; its neighbours go on."""
        known = []
        for parcel in parcels:
            if all(self._lines.get(one.account_id) is not None for one in parcel.deliveries):
                known.append(parcel)
            else:
                _finish([parcel], NotFoundError("this channel is switched off"))
        return known

    async def _next_parcels(self) -> list[_Parcel]:
        parcels = [await self._parcels.get()]
        count = len(parcels[0].deliveries)
        while count < INTAKE_BATCH and not self._parcels.empty():
            parcel = self._parcels.get_nowait()
            parcels.append(parcel)
            count += len(parcel.deliveries)
        return parcels

    async def _read(self, parcels: Sequence[_Parcel]) -> list[Item]:
        """Translate everything, each account's deliveries in one call, keeping the order."""
        all_deliveries = [one for parcel in parcels for one in parcel.deliveries]
        by_account: dict[UUID, list[int]] = {}
        for place, delivery in enumerate(all_deliveries):
            by_account.setdefault(delivery.account_id, []).append(place)
        items: dict[int, Item] = {}
        for account_id, places in by_account.items():
            line = self._lines.need(account_id)
            answers = await line.connector.read([all_deliveries[place] for place in places])
            for place, answer in zip(places, answers, strict=True):
                item = Item(line=line, kept=kept_deliveries.keep(all_deliveries[place]))
                if isinstance(answer, Exception):
                    item.error = _words(answer)
                else:
                    item.envelopes = answer
                items[place] = item
        return [items[place] for place in sorted(items)]

    async def _store_files(self, items: Sequence[Item]) -> None:
        """Write every file and large raw delivery of the batch durably, before any row names it."""
        parts: list[bytes] = []
        for item in items:
            if len(item.kept.delivery.raw) > RAW_INLINE_BYTES:
                parts.append(item.kept.delivery.raw)
            parts.extend(file.data for file in _files_of(item) if file.blob is None)
        keys = iter(await self._blobs.put_many(parts))
        for item in items:
            if len(item.kept.delivery.raw) > RAW_INLINE_BYTES:
                item.kept = structs.replace(item.kept, blob=str(next(keys)))
            item.envelopes = [_with_stored(envelope, keys) for envelope in item.envelopes]

    async def _store_all(self, ready: _Belt) -> None:
        while True:
            parcels, items = await ready.take()
            try:
                await self._store(items)
            except CenterError as error:
                _finish(parcels, error)
            except BaseException:
                _finish(parcels, OverloadedError())
                raise
            else:
                crash_here("intake.after_commit_before_ack")
                _finish(parcels, None)

    async def _store(self, items: Sequence[Item]) -> None:
        try:
            await settled(lambda: self._commit(items))
        except OverloadedError:
            raise
        except Exception as error:
            if len(items) == 1:
                logger.exception("a delivery could not be stored; kept as a dead letter")
                await self._bury(items[0], f"{type(error).__name__}: {_words(error)}")
                return
            logger.warning("a batch failed; taking it in one by one", extra={"cause": repr(error)})
            for item in items:
                await self._store([item])

    async def _commit(self, items: Sequence[Item]) -> None:
        now = self._clock.now()
        async with self._database.transaction(quick=True) as session:
            fresh = await kept_deliveries.store_new(session, [item.kept for item in items])
            new = [item for item in items if item.kept.id in fresh]
            for item in new:
                if item.error is not None:
                    await kept_deliveries.keep_dead(session, item.kept, item.error)
            await self._take_in(session, [item for item in new if item.error is None], now)
            await self._move_cursors(session, items, now)
            crash_here("intake.before_commit")

    async def _bury(self, item: Item, error: str) -> None:
        async with self._database.transaction() as session:
            await kept_deliveries.keep_dead(session, item.kept, error)
            await self._move_cursors(session, [item], self._clock.now())

    async def _move_cursors(
        self, session: AsyncSession, items: Sequence[Item], now: datetime
    ) -> None:
        """Note where mailboxes stand, and of everybody, now and then, that they were heard."""
        cursors = {
            item.line.account.id: item.kept.delivery.cursor
            for item in items
            if item.kept.delivery.cursor is not None
        }
        heard = {item.line.account.id for item in items}
        due = {one for one in heard if self._heard_at.get(one, _NEVER) + LAST_IN_EVERY <= now}
        await kept_deliveries.move_cursors(session, cursors, due, now)
        self._heard_at |= dict.fromkeys(due, now)

    async def _take_in(self, session: AsyncSession, items: Sequence[Item], now: datetime) -> None:
        """Join what was said to clients, tickets and queues: a few statements for all of it."""
        said = [
            (item, envelope)
            for item in items
            for envelope in item.envelopes
            if isinstance(envelope, Inbound)
        ]
        if said:
            await _take_in_messages(session, said, now)
        await let_in_again(session, _let_us_in(said))
        for item in items:
            for envelope in item.envelopes:
                if isinstance(envelope, Report):
                    await _take_in_report(session, item.line, envelope, now)
                elif isinstance(envelope, ReadUntil):
                    await _take_in_reading(session, item.line, envelope, now)
                elif isinstance(envelope, Reach):
                    kind = item.line.traits.people
                    await note_reach(
                        session,
                        kind,
                        envelope.handle,
                        envelope.unreachable,
                        opted_out=envelope.opted_out,
                    )


async def _take_in_messages(
    session: AsyncSession, said: Sequence[tuple[Item, Inbound]], now: datetime
) -> None:
    people = await resolve_many(session, [_arriving(item, one) for item, one in said], now)
    all_queues = await queue_homes(session)
    default = default_of(all_queues)
    queues = {queue.id: queue for queue in all_queues}
    arrivals = []
    for item, one in said:
        client = people[(item.line.traits.people, one.sender.handle)]
        if client.blocked:
            continue
        queue = queues.get(item.line.queue_id) if item.line.queue_id else None
        queue = queue or default
        team_id = queue.team_id if queue else None
        arrivals.append(_arrival(item, one, client, queue.id if queue else None, team_id))
    if arrivals:
        placed = await place_arrivals(session, arrivals, now)
        await _queue_up(session, placed, set(queues), now)
        lines = {item.line.account.id: item.line for item, _ in said}
        await menus.lead(session, placed, lines, queues, now)


async def _queue_up(
    session: AsyncSession, placed: Sequence[Placed], queues: Collection[UUID], now: datetime
) -> None:
    """One contact per ticket that waits for a person; an automatic message makes none.

    It waits in the ticket's own queue, unless that one was removed meanwhile.
    """
    waiting = {
        one.ticket.id: one
        for one in placed
        if one.arrival.automatic is None and one.arrival.queue_id is not None
    }
    known = await routing.tickets_with_contact(session, list(waiting))
    fresh = [
        NewContact(
            ticket_id=one.ticket.id,
            client_id=one.ticket.client_id,
            queue_id=queue_id,
            channel=one.arrival.channel,
            account_id=one.arrival.account_id,
            preferred_agent_id=one.ticket.assignee_id,
            team_id=one.ticket.team_id,
            assignee_id=one.ticket.assignee_id,
        )
        for one in waiting.values()
        if one.ticket.id not in known and (queue_id := _own_queue(one, queues)) is not None
    ]
    await routing.queue_contacts(session, fresh, now)


def _let_us_in(said: Sequence[tuple[Item, Inbound]]) -> set[tuple[str, str]]:
    """Return who wrote where clients can shut us out: whoever writes is reached again."""
    return {
        (item.line.traits.people, one.sender.handle)
        for item, one in said
        if item.line.traits.shuts_out
    }


def _own_queue(one: Placed, queues: Collection[UUID]) -> UUID | None:
    own = one.ticket.queue_id
    return own if own in queues else one.arrival.queue_id


async def _take_in_report(session: AsyncSession, line: Line, report: Report, now: datetime) -> None:
    message_id = report.message_id
    if message_id is None and report.thread_key is not None:
        message = await ticket_queries.by_thread_key(session, line.account.id, report.thread_key)
        message_id = message.id if message else None
    if message_id is None and report.claimed_id is not None:
        # It may come before the provider's answer to us, which would tell its own name.
        own = await ticket_queries.was_sent_by(
            session, line.account.id, report.claimed_id, name=report.thread_key
        )
        message_id = report.claimed_id if own else None
    if message_id is not None:
        await tickets.move_state(
            session, message_id, report.status.value, reason=report.reason, now=now
        )


async def _take_in_reading(
    session: AsyncSession, line: Line, read: ReadUntil, now: datetime
) -> None:
    client_id = await clients.find_by_handle(session, line.traits.people, read.handle)
    if client_id is None:
        return
    for message_id in await ticket_queries.sent_until(
        session, line.account.id, client_id, read.until
    ):
        await tickets.move_state(session, message_id, "read", now=now)


def _arriving(item: Item, one: Inbound) -> Arriving:
    return Arriving(
        channel=item.line.traits.people,
        handle=one.sender.handle,
        also=one.also,
        name=one.sender.name or one.attributes.get("name", ""),
        attributes=one.attributes,
        verified=one.sender_proven,
    )


def _arrival(
    item: Item, one: Inbound, client: ResolvedClient, queue_id: UUID | None, team_id: UUID | None
) -> Arrival:
    return Arrival(
        delivery_id=item.kept.id,
        account_id=item.line.account.id,
        channel=item.line.account.kind,
        external_id=one.external_id,
        author=Person(
            client_id=client.id,
            handle=one.sender.handle,
            name=_storable(one.sender.name) or client.name,
        ),
        text=_storable(one.text),
        quoted=_storable(one.quoted),
        html=None if one.html is None else _storable(one.html),
        subject=None if one.subject is None else _storable(one.subject),
        thread_key=one.thread_key,
        references=one.references,
        ticket_claim=one.ticket_claim,
        continues=item.line.traits.lasting,
        queue_id=queue_id,
        team_id=team_id,
        automatic=one.automatic.value if one.automatic else None,
        aside=one.automatic in ASIDE,
        moved=one.automatic is Automatic.MOVED,
        sender_proven=one.sender_proven,
        warnings=one.warnings,
        to=_parties(one.to),
        cc=_parties(one.cc),
        reply_to=_parties(one.reply_to),
        files=tuple(
            File(
                blob=file.blob or "",
                name=_storable(file.name),
                media_type=file.media_type,
                size=file.size,
                content_id=file.content_id,
                inline=file.inline,
            )
            for file in one.files
        ),
    )


def _storable(text: str) -> str:
    """Drop NUL: PostgreSQL keeps it in no text, and nobody can see it."""
    return text.replace("\x00", "")


def _parties(parties: Sequence[Party]) -> tuple[dict[str, str], ...]:
    return tuple({"handle": party.handle, "name": party.name} for party in parties)


def _files_of(item: Item) -> Iterator[InboundFile]:
    for envelope in item.envelopes:
        if isinstance(envelope, Inbound):
            yield from envelope.files


def _with_stored(envelope: Envelope, keys: Iterator[object]) -> Envelope:
    if not isinstance(envelope, Inbound) or not envelope.files:
        return envelope
    return structs.replace(envelope, files=tuple(_stored(file, keys) for file in envelope.files))


def _stored(file: InboundFile, keys: Iterator[object]) -> InboundFile:
    if file.blob is not None:
        return file
    return replace(file, blob=str(next(keys)), size=len(file.data), data=b"")


@contextmanager
def _refusing(parcels: Sequence[_Parcel]) -> Iterator[None]:
    """Tell whoever waits when their deliveries cannot be taken now; the next batch goes on."""
    try:
        yield
    except (CenterError, OSError) as error:
        logger.warning("deliveries refused", extra={"cause": repr(error)})
        _finish(parcels, error)
    except BaseException:
        _finish(parcels, OverloadedError())
        raise


def _finish(parcels: Sequence[_Parcel], error: Exception | None) -> None:
    for parcel in parcels:
        if parcel.done.done():
            continue
        if error is None:
            parcel.done.set_result(None)
        else:
            parcel.done.set_exception(error)


def _words(error: Exception) -> str:
    return error.message if isinstance(error, CenterError) else str(error)[:500]
