"""Tries connected accounts as an operator asks: each really connects, step by step."""

import asyncio
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from channels import accounts
from channels.envelope import CheckStep
from channels.tables import AccountRow
from contact_center.app import MAIL_GUESTS
from contact_center.connectors import connector_makers
from contact_center.settings import Settings
from desk import connecting
from desk.lines import Lines
from kernel.blobs import BlobStore
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import CenterError
from kernel.guests import Guests
from kernel.secrets import Sealer
from kernel.supervise import Supervisor

AT_ONCE: Final = 8
ACCOUNT_SECONDS: Final = 120.0


class AccountCheck(Struct, frozen=True, kw_only=True):
    """How one account did; `health` is what the running center last said of it."""

    name: str
    kind: str
    enabled: bool
    health: str
    health_detail: str
    steps: Sequence[CheckStep]

    @property
    def ok(self) -> bool:
        return all(step.ok for step in self.steps)


async def check_accounts(
    database: Database, settings: Settings, sealer: Sealer, clock: Clock, *, name: str | None = None
) -> list[AccountCheck]:
    """Try the account of this name, or all that are switched on; no name matching is no result."""
    guests = Guests("channels.mail.guest", MAIL_GUESTS)
    blobs = BlobStore(settings.data_dir / "blobs")
    makers = connector_makers(settings, clock, sealer, database, guests, blobs)
    lines = Lines(database, clock, sealer, Supervisor(clock), makers)
    async with database.reading() as session:
        rows = await accounts.list_accounts(session)
    chosen = [row for row in rows if (row.enabled if name is None else row.name == name)]
    room = asyncio.Semaphore(AT_ONCE)

    async def check(row: AccountRow) -> AccountCheck:
        async with room:
            steps = await _steps(database, lines, sealer, row)
        return AccountCheck(
            name=row.name,
            kind=row.kind,
            enabled=row.enabled,
            health=row.health,
            health_detail=row.health_detail,
            steps=steps,
        )

    return list(await asyncio.gather(*(check(row) for row in chosen)))


async def _steps(
    database: Database, lines: Lines, sealer: Sealer, row: AccountRow
) -> Sequence[CheckStep]:
    try:
        async with asyncio.timeout(ACCOUNT_SECONDS):
            return await connecting.check(
                database,
                lines,
                sealer,
                kind=row.kind,
                settings=row.settings,
                secret_values={},
                account_id=row.id,
            )
    except CenterError as error:
        return [CheckStep(name="settings", ok=False, detail=error.message)]
    except TimeoutError:
        return [CheckStep(name="settings", ok=False, detail="no answer in two minutes")]
