"""Starts the center with one mistake built in, to prove that the kill test would find it.

Nothing of this is reachable from the product: `python -m tests.faults.broken_builds serve`, with
the mistake's name in FAULTS_BUILD, changes the classes of that one process and then serves.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels import deliveries, outbox
from channels.deliveries import DONE, Kept
from channels.envelope import Delivery
from channels.outbox import WAITING, Leased
from channels.tables import AccountRow, DeliveryRow, OutboxRow
from contact_center.cli import main
from desk import holding, intake
from desk.intake import Intake
from desk.lines import Lines
from kernel.ids import new_id
from tickets import arrivals
from tickets.arrivals import Placed


def acknowledge_first() -> None:
    """Say "kept" when the delivery is in memory, not when it is committed."""

    async def accept(self: Intake, given: Sequence[Delivery]) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.add_done_callback(lambda ended: ended.exception())
        self._parcels.put_nowait(intake._Parcel(given, done))

    Intake.accept = accept  # type: ignore[method-assign, assignment]


def no_unique_key() -> None:
    """Store every delivery and every message, whether they have been seen or not."""

    async def store_new(session: AsyncSession, kept: Sequence[Kept]) -> set[UUID]:
        for one in kept:
            session.add(
                DeliveryRow(
                    id=one.id,
                    account_id=one.delivery.account_id,
                    external_id=f"{one.delivery.external_id} {new_id()}",
                    received_at=one.delivery.received_at,
                    state=DONE,
                    attempts=1,
                    raw=None if one.blob else one.delivery.raw,
                    blob=one.blob,
                )
            )
        await session.flush()
        return {one.id for one in kept}

    values_of = arrivals._message_values

    def message_values(one: Placed, now: datetime) -> dict[str, Any]:
        values = values_of(one, now)
        return {**values, "external_id": f"{values['external_id']} {new_id()}"}

    deliveries.store_new = store_new
    arrivals._message_values = message_values


def two_couriers() -> None:
    """No mistake: a second courier carries for each account, as a second node would."""
    open_one = Lines._open

    async def open_both(self: Lines, row: AccountRow) -> None:
        await open_one(self, row)
        line, courier = self._lines.get(row.id), self._courier
        if line is not None and courier is not None:
            self._supervisor.keep(f"second courier {row.id}", lambda: courier.carry_for(line))

    Lines._open = open_both  # type: ignore[method-assign]


def no_lease() -> None:
    """Two couriers, and what one has taken up stays due for the other."""
    two_couriers()

    async def lease_due(
        session: AsyncSession, account_id: UUID, now: datetime, *, limit: int, bulk: bool = False
    ) -> list[Leased]:
        rows = await session.execute(
            select(
                OutboxRow.id,
                OutboxRow.attempts,
                OutboxRow.begun,
                OutboxRow.paid,
                OutboxRow.promised_at,
                OutboxRow.parcel,
            )
            .where(
                OutboxRow.account_id == account_id,
                OutboxRow.state == WAITING,
                OutboxRow.bulk == bulk,
                OutboxRow.due_at <= now,
            )
            .order_by(OutboxRow.id)
            .limit(limit)
        )
        return [outbox._leased(row) for row in rows]

    outbox.lease_due = lease_due


def short_leases() -> None:
    """No mistake: what a killed courier held is due again soon, so the tests need not wait."""
    vars(outbox)["COURIER_LEASE"] = timedelta(seconds=4)
    vars(holding)["COURIER_RENEW_SECONDS"] = 1.0


BUILDS: dict[str, Callable[[], None]] = {
    "acknowledge_first": acknowledge_first,
    "no_unique_key": no_unique_key,
    "no_lease": no_lease,
    "two_couriers": two_couriers,
}


def begin(build: str) -> None:
    """Be the center, with the mistake of that name or with none; never returns."""
    if build:
        short_leases()
        BUILDS[build]()
    main()


if __name__ == "__main__":
    begin(os.environ["FAULTS_BUILD"])
