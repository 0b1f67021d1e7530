"""What the house lends to connectors, and how one is made for an account of any channel."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from channels.catalogue import CHANNELS
from channels.channel import KnownOf, Surroundings
from channels.deliveries import known_ids, move_cursors
from channels.envelope import Account, KeepCursor
from contact_center.settings import Settings
from kernel.blobs import BlobStore
from kernel.clock import Clock
from kernel.database import Database
from kernel.guests import Guests
from kernel.secrets import Sealer


def connector_makers(
    settings: Settings,
    clock: Clock,
    sealer: Sealer,
    database: Database,
    guests: Guests,
    blobs: BlobStore,
) -> dict[str, Callable[[Account], Any]]:
    """Return, by kind, what makes a connector of an account; it is an async context manager."""

    def cursor_keeper(account_id: UUID) -> KeepCursor:
        async def keep(cursor: str) -> None:
            async with database.transaction() as session:
                await move_cursors(session, {account_id: cursor}, (), clock.now())

        return keep

    def known_of(account_id: UUID) -> KnownOf:
        async def known(external_ids: Sequence[str]) -> set[str]:
            async with database.reading() as session:
                return await known_ids(session, account_id, external_ids)

        return known

    around = Surroundings(
        clock=clock,
        sealer=sealer,
        guests=guests,
        public_url=settings.public_url,
        allow_private_hosts=settings.allow_private_hosts,
        cursor_keeper=cursor_keeper,
        keep_file=blobs.put,
        known_of=known_of,
    )
    return {kind: partial(_made, channel.make, around) for kind, channel in CHANNELS.items()}


def _made(make: Callable[[Account, Surroundings], Any], around: Surroundings, one: Account) -> Any:
    return make(one, around)
