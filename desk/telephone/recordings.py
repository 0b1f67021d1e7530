"""Recordings and messages that were left: told by the provider, fetched, kept in the house."""

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.errors import MessageRejectedError
from channels.voice import calls
from channels.voice.legs import Moment
from channels.voice.tables import CallRecordingRow, CallRow
from desk.lines import Line, Lines
from desk.telephone.queueing import come_to_queue
from kernel.blobs import BlobStore
from kernel.clock import Clock
from kernel.crash import crash_here
from kernel.database import Database
from kernel.errors import CenterError
from kernel.ids import new_id
from kernel.limits import VOICE_FETCH_TRIES, VOICE_FETCH_WAIT
from kernel.sniff import media_type
from routing import service as routing
from tickets import arrivals

logger = logging.getLogger(__name__)

VOICEMAIL = "voicemail"
TALK = "talk"


async def left(
    session: AsyncSession, line: Line, call: CallRow, moment: Moment, now: datetime
) -> None:
    """Keep the message somebody left: it waits in the queue at the place they had."""
    if not moment.recording or await _known(session, moment.recording) is not None:
        return
    session.add(_row(call, moment, VOICEMAIL, now))
    call.outcome = VOICEMAIL
    if await _waits(session, call):
        return  # they were missed before they were heard
    legs = await calls.legs(session, call)
    await come_to_queue(
        session,
        call,
        queue_id=call.queue_id or line.queue_id,
        name=legs[0].name if legs else "",
        now=now,
        virtual_arrival=call.waiting_since,
    )


async def _waits(session: AsyncSession, call: CallRow) -> bool:
    if call.contact_id is None:
        return False
    contact = await routing.find_contact(session, call.contact_id)
    return contact.state in routing.OPEN_STATES


async def told(session: AsyncSession, line: Line, moment: Moment, now: datetime) -> None:
    """A recording is ready, or there is none after all."""
    row = await _known(session, moment.recording)
    if row is None:
        call = await _call(session, line, moment)
        if call is None or moment.event != "completed":
            return
        missed = call.outcome in {"abandoned", VOICEMAIL} and not call.answered_at
        if call.state == VOICEMAIL or missed:
            # They hung up while they spoke, or spoke elsewhere: each message counts all the same.
            await left(session, line, call, moment, now)
            await session.flush()
            row = await _known(session, moment.recording)
        else:
            row = _row(call, moment, TALK, now)
            session.add(row)
    if row is None or row.state in {"kept", "lost"}:
        return
    row.state = "fetching" if moment.event == "completed" else "lost"
    row.seconds = moment.seconds or row.seconds
    row.due_at = now if row.state == "fetching" else None


async def _call(session: AsyncSession, line: Line, moment: Moment) -> CallRow | None:
    if moment.call_id is None:
        return None
    call = await session.get(CallRow, moment.call_id, with_for_update=True)
    return call if call is not None and call.account_id == line.account.id else None


async def is_known(session: AsyncSession, sid: str) -> bool:
    """Whether nothing more is to be told of this recording."""
    row = await _known(session, sid)
    return row is not None and row.state not in {"running", "paused"}


async def _known(session: AsyncSession, sid: str) -> CallRecordingRow | None:
    found: CallRecordingRow | None = await session.scalar(
        select(CallRecordingRow).where(CallRecordingRow.sid == sid)
    )
    return found


def _row(call: CallRow, moment: Moment, kind: str, now: datetime) -> CallRecordingRow:
    return CallRecordingRow(
        id=new_id(),
        call_id=call.id,
        sid=moment.recording,
        kind=kind,
        state="fetching",
        seconds=moment.seconds,
        due_at=now,
        started_at=now,
    )


class Fetching:
    """Brings recordings into the house once the provider has them, which may then forget them."""

    def __init__(self, database: Database, clock: Clock, blobs: BlobStore, lines: Lines) -> None:
        self._database = database
        self._clock = clock
        self._blobs = blobs
        self._lines = lines

    async def fetch_due(self) -> datetime | None:
        """Fetch what is due; return when something is due next."""
        now = self._clock.now()
        async with self._database.reading() as session:
            rows = list(
                await session.execute(
                    select(
                        CallRecordingRow.id,
                        CallRecordingRow.sid,
                        CallRow.account_id,
                        CallRecordingRow.state,
                    )
                    .join(CallRow, CallRow.id == CallRecordingRow.call_id)
                    .where(CallRecordingRow.due_at <= now)
                    .order_by(CallRecordingRow.due_at)
                    .limit(20)
                )
            )
        for recording_id, sid, account_id, state in rows:
            if state == "kept" or await self._fetch(recording_id, sid, account_id):
                await self._forget(recording_id, sid, account_id)
        async with self._database.reading() as session:
            found: datetime | None = await session.scalar(
                select(CallRecordingRow.due_at)
                .where(CallRecordingRow.due_at.is_not(None))
                .order_by(CallRecordingRow.due_at)
                .limit(1)
            )
        return found

    async def _fetch(self, recording_id: UUID, sid: str, account_id: UUID) -> bool:
        """Bring one into the house; return whether it lies here now."""
        line = self._lines.get(account_id)
        provider: Any = line.connector if line is not None else None
        data: bytes | None = None
        if provider is not None:
            try:
                data = await provider.fetch_recording(sid)
            except CenterError as error:
                logger.warning("a recording was not fetched", extra={"cause": error.message})
        if not data:
            await self._later(recording_id)
            return False
        blob = str(await self._blobs.put(data))
        crash_here("telephone.after_fetching_before_keeping")
        async with self._database.transaction() as session:
            await _keep(session, recording_id, blob, data, self._clock.now())
        return True

    async def _forget(self, recording_id: UUID, sid: str, account_id: UUID) -> None:
        """Let the provider forget what lies here; it is due until that is done."""
        line = self._lines.get(account_id)
        provider: Any = line.connector if line is not None else None
        try:
            if provider is not None:
                await provider.forget_recording(sid)
        except MessageRejectedError:
            pass  # it is gone already
        except CenterError as error:
            logger.warning("a recording was not removed", extra={"cause": error.message})
            await self._later(recording_id)
            return
        async with self._database.transaction() as session:
            row = await session.get_one(CallRecordingRow, recording_id, with_for_update=True)
            row.due_at = None

    async def _later(self, recording_id: UUID) -> None:
        """Try again, ever more rarely, until it must be given up."""
        async with self._database.transaction() as session:
            row = await session.get_one(CallRecordingRow, recording_id, with_for_update=True)
            row.tries += 1
            if row.tries >= VOICE_FETCH_TRIES:
                row.state, row.due_at = "kept" if row.blob else "lost", None
            else:
                row.due_at = self._clock.now() + VOICE_FETCH_WAIT * 2**row.tries


async def _keep(
    session: AsyncSession, recording_id: UUID, blob: str, data: bytes, now: datetime
) -> None:
    row = await session.get_one(CallRecordingRow, recording_id)
    # The call first, as whoever tells of its recordings locks it, too.
    call = await calls.find_call(session, row.call_id, lock=True)
    await session.refresh(row, with_for_update=True)
    if row.state == "kept":
        return
    row.state, row.blob, row.size, row.tries = "kept", blob, len(data), 0
    if row.kind == VOICEMAIL and call.message_id is not None and call.ticket_id is not None:
        file = arrivals.File(
            blob=blob, name="voicemail.wav", media_type=media_type(data, "voicemail.wav"),
            size=len(data),
        )  # fmt: skip
        await arrivals.add_file(
            session, message_id=call.message_id, ticket_id=call.ticket_id, file=file, now=now
        )
    await calls.note_change(session, call, now)
