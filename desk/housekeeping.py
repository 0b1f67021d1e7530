"""What the house forgets by itself: ended sessions, uploads never sent, files nothing refers to."""

import logging
from collections.abc import Collection
from datetime import timedelta
from typing import Final

from channels import deliveries
from channels.voice import kept as kept_recordings
from channels.webchat import visitors
from desk.notifications import listing
from kernel.blobs import BlobKey, BlobStore
from kernel.clock import Clock
from kernel.database import Database
from kernel.limits import NOTIFICATIONS_KEPT
from staff import sessions
from tickets import queries as ticket_queries
from tickets import service as tickets

logger = logging.getLogger(__name__)

EVERY: Final = timedelta(hours=1)
GRACE: Final = timedelta(days=1)
"""Far longer than any transaction lives between writing a file and naming it."""


class Housekeeper:
    def __init__(self, database: Database, clock: Clock, blobs: BlobStore) -> None:
        self._database = database
        self._clock = clock
        self._blobs = blobs

    async def run(self) -> None:
        """Tidy up once an hour, for ever."""
        while True:
            await self._clock.sleep(EVERY.total_seconds())
            await self.tidy()

    async def tidy(self) -> int:
        """Forget what has expired; return how many files were removed."""
        now = self._clock.now()
        async with self._database.transaction() as session:
            await sessions.forget_expired(session, now)
            await tickets.forget_uploads(session, before=now - GRACE)
            await listing.forget_old(session, before=now - NOTIFICATIONS_KEPT)
        removed = await self._blobs.sweep(self._referred, older_than=now - GRACE)
        if removed:
            logger.info("unused files removed", extra={"files": removed})
        return removed

    async def _referred(self, keys: Collection[BlobKey]) -> Collection[BlobKey]:
        """Return those of the files that something still names."""
        names = [str(key) for key in keys]
        async with self._database.reading() as session:
            found = (
                await ticket_queries.blobs_in_use(session, names)
                | await deliveries.blobs_in_use(session, names)
                | await visitors.blobs_in_use(session, names)
                | await kept_recordings.blobs_in_use(session, names)
            )
        return [key for key in keys if str(key) in found]
