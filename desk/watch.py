"""Watches the limits of the floor: raises alerts, ends them, and tells whom it should by mail."""

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from desk.alert_mail import Crossing, Reader, promise_mails
from desk.dispatch import Dispatcher
from desk.house_mail import house_mailbox
from desk.measuring import Measured, Why, measure
from kernel.clock import Clock
from kernel.crash import crash_here
from kernel.database import Database
from kernel.limits import ALERT_LOOK_SECONDS
from routing import service as routing
from staff import queries as staff
from supervision import service
from supervision.tables import ThresholdRow
from supervision.thresholds import Judge, Kind, Verdict

logger = logging.getLogger(__name__)


class FloorWatch:
    """Every node looks; that a limit has one alert at a time is kept by the database, so of what
    two nodes raise one is stored, told and mailed.
    """

    def __init__(self, database: Database, clock: Clock, why: Why) -> None:
        self._database = database
        self._clock = clock
        self._why = why
        self._judges: dict[tuple[UUID, int], Judge] = {}
        """By limit and its version: a changed one is looked at afresh."""

    async def run(self) -> None:
        """Look every few seconds, for ever."""
        while True:
            await self.look()
            await self._clock.sleep(ALERT_LOOK_SECONDS)

    async def look(self) -> None:
        """Measure every limit once, and do what follows."""
        now = self._clock.now()
        async with self._database.reading() as session:
            limits = [one for one in await service.list_thresholds(session) if one.enabled]
            if not limits:
                self._judges.clear()
                return
            lasting = {one.open_of for one in await service.open_alerts(session)}
            asked = {(one.queue_id, Kind(one.kind)) for one in limits}
            measured = await measure(session, asked, self._why, now)
        self._judges = {key: self._judge(key, one) for one in limits for key in [_key(one)]}
        for limit in limits:
            found = measured.get((limit.queue_id, Kind(limit.kind)), Measured(value=None))
            verdict = self._judges[_key(limit)].look(
                found.value, is_open=limit.id in lasting, now=now
            )
            if verdict is Verdict.RAISE:
                await self._raise(limit, found, now)
            elif verdict is Verdict.END:
                async with self._database.transaction() as session:
                    await service.end_alerts(session, [limit.id], now)

    def _judge(self, key: tuple[UUID, int], limit: ThresholdRow) -> Judge:
        return self._judges.get(key) or Judge(Kind(limit.kind), limit.most)

    async def _raise(self, limit: ThresholdRow, found: Measured, now: datetime) -> None:
        value = round(found.value or 0)
        async with self._database.transaction() as session:
            alert_id = await service.raise_alert(
                session, limit, value, contacts=found.contacts, now=now
            )
            if alert_id is None:
                return
            readers, mailbox = await _readers(session, limit), await house_mailbox(session)
            if readers and mailbox is not None:
                queue = await routing.find_queue(session, limit.queue_id)
                crossing = Crossing(
                    alert_id=alert_id,
                    kind=Kind(limit.kind),
                    queue=queue.name,
                    most=limit.most,
                    value=value,
                )
                promise_mails(session, crossing, readers, mailbox, now)
            crash_here("watch.before_commit")
        if readers and mailbox is None:
            logger.warning("an alert was not mailed: no mailbox is connected")


def _key(limit: ThresholdRow) -> tuple[UUID, int]:
    return limit.id, limit.version


async def _readers(session: AsyncSession, limit: ThresholdRow) -> Sequence[Reader]:
    """Return who is told by mail and still works here."""
    cards = await staff.agents_by_ids(session, [UUID(one) for one in limit.mail_to])
    return [
        Reader(name=card.name, email=card.email, locale=card.locale)
        for _, card in sorted(cards.items())
        if card.active
    ]


def standing_of(dispatcher: Dispatcher) -> Why:
    """Return how to ask the dispatcher where a contact stands."""
    return lambda contact_id: dispatcher.why(contact_id)[0]
