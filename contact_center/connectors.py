"""What the house lends to connectors, and how one is made for an account of any channel."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from channels.catalogue import CHANNELS
from channels.channel import KnownOf, SentOf, Surroundings
from channels.deliveries import known_ids, move_cursors
from channels.envelope import Account, KeepCursor, OutboundFile
from contact_center.settings import Settings
from kernel.blobs import BlobStore
from kernel.clock import Clock
from kernel.database import Database
from kernel.guests import Guests
from kernel.lending import lend
from kernel.secrets import Sealer
from tickets.queries import sent_by_names


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

    def sent_of(account_id: UUID) -> SentOf:
        async def sent(names: Sequence[str]) -> dict[str, UUID]:
            async with database.reading() as session:
                return await sent_by_names(session, account_id, names)

        return sent

    def lend_file(file: OutboundFile, span: timedelta) -> str:
        token = lend(sealer, file.blob, file.media_type, clock.now() + span)
        return f"{settings.public_url.rstrip('/')}/lent/{token}"

    around = Surroundings(
        clock=clock,
        sealer=sealer,
        guests=guests,
        public_url=settings.public_url,
        allow_private_hosts=settings.allow_private_hosts,
        cursor_keeper=cursor_keeper,
        keep_file=blobs.put,
        known_of=known_of,
        sent_of=sent_of,
        lend=lend_file,
    )
    return {kind: partial(_made, channel.make, around) for kind, channel in CHANNELS.items()}


def _made(make: Callable[[Account, Surroundings], Any], around: Surroundings, one: Account) -> Any:
    return make(one, around)
