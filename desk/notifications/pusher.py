"""Carries push messages to the services of the browsers: leased, bounded, dropped when stale."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID, uuid5

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from msgspec import Struct
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from desk.notifications import subscriptions
from desk.notifications.listing import seen_by
from desk.notifications.words import event_words, place_of
from desk.tables import NotificationRow, PushJobRow, PushSubscriptionRow
from kernel.clock import Clock
from kernel.database import Database
from kernel.entries import Noted
from kernel.errors import CenterError
from kernel.http import Credential, HttpClient, RemoteUnavailableError
from kernel.limits import (
    PUSH_ANSWER_BYTES,
    PUSH_BATCH,
    PUSH_DETAIL_CHARS,
    PUSH_FIRST_WAIT,
    PUSH_LEASE,
    PUSH_LIFE,
    PUSH_OFFER_LIFE,
    PUSH_TRIES,
)
from kernel.net import AddressRefusedError
from kernel.secrets import Sealer, Secret
from kernel.supervise import first_of
from kernel.web_push import proof, read_recipient, seal
from staff.actors import standing_of
from staff.tables import AgentRow, SessionRow
from tickets.tables import TicketRow

logger = logging.getLogger(__name__)

GATHER_SECONDS: Final = 0.2
"""What happens together is asked about once; nobody notices a push that is so much later."""
LONGEST_REST_SECONDS: Final = 30.0
GONE: Final = frozenset({404, 410})
TRY_AGAIN: Final = frozenset({408, 425, 429})


class Parcel(Struct, frozen=True, kw_only=True):
    """One message in our hands, and whom it is for."""

    job_id: UUID
    attempts: int
    subscription: PushSubscriptionRow
    text: bytes
    urgent: bool
    life: timedelta


async def promise_pushes(
    session: AsyncSession, pairs: Sequence[tuple[UUID, UUID]], now: datetime
) -> None:
    """Promise, for each notification and its agent, one message to each of their browsers."""
    agents = {agent_id for _, agent_id in pairs}
    if not agents:
        return
    rows = await session.execute(
        select(PushSubscriptionRow.id, PushSubscriptionRow.agent_id).where(
            PushSubscriptionRow.agent_id.in_(sorted(agents))
        )
    )
    browsers: dict[UUID, list[UUID]] = {}
    for subscription_id, agent_id in rows:
        browsers.setdefault(agent_id, []).append(subscription_id)
    for notification_id, agent_id in pairs:
        for subscription_id in browsers.get(agent_id, ()):
            session.add(
                PushJobRow(
                    id=uuid5(subscription_id, str(notification_id)),
                    notification_id=notification_id,
                    subscription_id=subscription_id,
                    due_at=now,
                )
            )


class Pusher:
    """At least once while it is fresh: an offer for a minute, the rest for a day."""

    def __init__(
        self, database: Database, clock: Clock, sealer: Sealer, http: HttpClient, subject: str
    ) -> None:
        self._database = database
        self._clock = clock
        self._sealer = sealer
        self._http = http
        self._subject = subject
        self._nudged = asyncio.Event()

    def hear(self, noted: Sequence[Noted]) -> None:
        if any(one.kind == "Notified" and "push" in one.data["ways"] for one in noted):
            self._nudged.set()

    async def run(self) -> None:
        """Push what is due, for ever."""
        while True:
            self._nudged.clear()
            if not await self.step():
                rest = await self._rest()
                await first_of(self._nudged.wait(), self._clock.sleep(rest))
                await self._clock.sleep(GATHER_SECONDS)

    async def step(self) -> int:
        """Push one batch of what is due; return how many jobs were taken up."""
        now = self._clock.now()
        async with self._database.reading() as session:
            if await session.scalar(select(PushJobRow.id).where(PushJobRow.due_at <= now)) is None:
                return 0
        async with self._database.transaction() as session:
            jobs = await _lease(session, now)
            parcels = [one for job in jobs if (one := await _parcel(session, job, now))]
            kept = {one.job_id for one in parcels}
            await _drop(session, [job.id for job in jobs if job.id not in kept])
            key = await subscriptions.private_key(session, self._sealer) if parcels else None
        if key is not None:
            await asyncio.gather(*(self._push(parcel, key) for parcel in parcels))
        return len(jobs)

    async def _push(self, parcel: Parcel, key: EllipticCurvePrivateKey) -> None:
        """Send one and store how it ended; a service that misbehaves holds up nobody."""
        to = parcel.subscription
        try:
            status = await self._send(parcel, key)
        except AddressRefusedError:
            status = 410  # it leads where no push service is
        except (RemoteUnavailableError, CenterError):
            status = 503
        async with self._database.transaction() as session:
            if status in GONE:
                await subscriptions.forget(session, to.id)
            elif 200 <= status < 300 or not _again(status) or parcel.attempts >= PUSH_TRIES:
                await _drop(session, [parcel.job_id])
            else:
                due_at = self._clock.now() + PUSH_FIRST_WAIT * 4 ** (parcel.attempts - 1)
                await session.execute(
                    update(PushJobRow).where(PushJobRow.id == parcel.job_id).values(due_at=due_at)
                )
        if status >= 300 and status not in GONE:
            logger.warning(
                "a push service refused", extra={"status": status, "tries": parcel.attempts}
            )

    async def _send(self, parcel: Parcel, key: EllipticCurvePrivateKey) -> int:
        to = parcel.subscription
        said = proof(key, to.endpoint, self._subject, self._clock.now())
        answer = await self._http.request(
            "POST",
            to.endpoint,
            headers={
                "Content-Encoding": "aes128gcm",
                "Content-Type": "application/octet-stream",
                "TTL": str(int(parcel.life.total_seconds())),
                "Urgency": "high" if parcel.urgent else "normal",
            },
            body=seal(parcel.text, read_recipient(to.p256dh, to.auth)),
            credential=Credential(
                host=urlsplit(to.endpoint).hostname or "",
                headers={"Authorization": Secret(said)},
            ),
            max_bytes=PUSH_ANSWER_BYTES,
        )
        return answer.status

    async def _rest(self) -> float:
        async with self._database.reading() as session:
            due: datetime | None = await session.scalar(select(func.min(PushJobRow.due_at)))
        if due is None:
            return LONGEST_REST_SECONDS
        return min(max((due - self._clock.now()).total_seconds(), 0.05), LONGEST_REST_SECONDS)


async def _lease(session: AsyncSession, now: datetime) -> list[PushJobRow]:
    """Take what is due in one statement; whoever crashes now tries again after the lease."""
    due = (
        select(PushJobRow.id)
        .where(PushJobRow.due_at <= now)
        .order_by(PushJobRow.due_at, PushJobRow.id)
        .limit(PUSH_BATCH)
        .with_for_update(skip_locked=True)
    )
    taken = await session.scalars(
        update(PushJobRow)
        .where(PushJobRow.id.in_(due), PushJobRow.due_at <= now)
        .values(due_at=now + PUSH_LEASE, attempts=PushJobRow.attempts + 1)
        .returning(PushJobRow)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return sorted(taken.all(), key=lambda job: job.id)


async def _parcel(session: AsyncSession, job: PushJobRow, now: datetime) -> Parcel | None:
    """Return what to send; None when it is stale, read, or not theirs to see any more.

    A browser that was signed out is forgotten here.
    """
    to = await session.get(PushSubscriptionRow, job.subscription_id)
    if to is None:
        return None
    alive = select(SessionRow.id).where(SessionRow.id == to.session_id, SessionRow.expires_at > now)
    if await session.scalar(alive) is None:
        await subscriptions.forget(session, to.id)
        return None
    standing = (await standing_of(session, [to.agent_id])).get(to.agent_id)
    found = (
        await session.execute(
            select(NotificationRow, TicketRow.number, TicketRow.subject, AgentRow.locale)
            .join(AgentRow, AgentRow.id == NotificationRow.agent_id)
            .outerjoin(TicketRow, TicketRow.id == NotificationRow.ticket_id)
            .where(
                NotificationRow.id == job.notification_id,
                NotificationRow.read_at.is_(None),
                seen_by(standing.as_actor(to.agent_id)),
            )
        )
        if standing
        else None
    )
    row = found.one_or_none() if found else None
    if row is None or row[0].at + _life(row[0].event) <= now:
        return None
    notification, number, subject, locale = row
    return Parcel(
        job_id=job.id,
        attempts=job.attempts,
        subscription=to,
        text=_text(notification, number, subject, locale),
        urgent=notification.event == "offer",
        life=_life(notification.event),
    )


def _text(row: NotificationRow, number: int | None, subject: str | None, locale: str) -> bytes:
    """What the service worker shows: title, body, where a click leads, what it replaces."""
    ticket = f"#{number} {subject}" if number is not None else ""
    said: dict[str, Any] = {
        "title": event_words(locale, row.event, row.name),
        "body": "\n".join(part for part in (ticket, row.detail) if part)[:PUSH_DETAIL_CHARS],
        "tag": f"{row.event} {row.ticket_id or ''}",
        "url": place_of(row.event, row.ticket_id),
    }
    return msgspec.json.encode(said)


def _life(event: str) -> timedelta:
    return PUSH_OFFER_LIFE if event == "offer" else PUSH_LIFE


def _again(status: int) -> bool:
    return status >= 500 or status in TRY_AGAIN


async def _drop(session: AsyncSession, job_ids: Sequence[UUID]) -> None:
    if job_ids:
        await session.execute(delete(PushJobRow).where(PushJobRow.id.in_(job_ids)))
