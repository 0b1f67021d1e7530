"""Keeps what a courier has taken up in its hands, for as long as it really works on it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Self
from uuid import UUID

from channels import outbox
from channels.outbox import Leased
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import OverloadedError
from kernel.limits import COURIER_RENEW_SECONDS

logger = logging.getLogger(__name__)


class Holding:
    """The leases of one round: renewed while it lasts, so they may be short.

    A courier that dies lets go of everything within COURIER_LEASE; one that was frozen for longer
    finds out before it sends anything more.
    """

    def __init__(self, database: Database, clock: Clock, leases: Sequence[Leased]) -> None:
        self._database = database
        self._clock = clock
        self._held: dict[UUID, Leased] = {leased.id: leased for leased in leases}
        self._renewed_at = clock.monotonic()
        self._one_at_a_time = asyncio.Lock()

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[Self]:
        """Renew until the block ends."""
        renewing = asyncio.create_task(self._renew_for_ever())
        try:
            yield self
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def has(self, leased: Leased) -> bool:
        """Say, before it is sent, whether the message is still ours."""
        if self._clock.monotonic() - self._renewed_at > COURIER_RENEW_SECONDS:
            await self._renew()
        return leased.id in self._held

    async def let_go(self, leased: Leased) -> None:
        """The message is about to be settled or postponed: its due time is no longer ours."""
        async with self._one_at_a_time:
            self._held.pop(leased.id, None)

    async def _renew_for_ever(self) -> None:
        while True:
            await self._clock.sleep(COURIER_RENEW_SECONDS)
            try:
                await self._renew()
            except OverloadedError:
                logger.warning("leases not renewed: the database is away")

    async def _renew(self) -> None:
        async with self._one_at_a_time:
            if not self._held:
                return
            asked_at = self._clock.monotonic()
            async with self._database.transaction() as session:
                ours = await outbox.renew(session, list(self._held.values()), self._clock.now())
            self._held = {held: leased for held, leased in self._held.items() if held in ours}
            self._renewed_at = asked_at
