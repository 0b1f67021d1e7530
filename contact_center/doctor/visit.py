"""The whole examination, in the order in which troubles cause one another."""

from collections.abc import AsyncIterator

from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.account_checks import check_accounts
from contact_center.backups.snapshot import open_database
from contact_center.doctor.contents import examine_accounts, examine_contents
from contact_center.doctor.finding import Finding, Level, bad
from contact_center.doctor.machine import examine_machine
from contact_center.doctor.running import examine_running
from contact_center.doctor.store import examine_clock, examine_store
from contact_center.keys import KEY_FILE
from contact_center.settings import Settings
from contact_center.trouble import CURE, database_trouble
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import CenterError
from kernel.secrets import Sealer, load_master


async def examine(settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    """Yield a finding for everything that could be wrong; nothing is changed.

    What cannot be looked at because something before it is broken is left out.
    """
    for finding in examine_machine(settings):
        yield finding
    try:
        with database_trouble(settings):
            async with open_database(settings, clock) as database:
                async for finding in _examine_database(settings, database, clock):
                    yield finding
    except CenterError as error:
        detail, _, cure = error.message.partition(": " if CURE in error.message else "; ")
        yield bad("database", detail, cure)
    for finding in await examine_running(settings):
        yield finding


async def _examine_database(
    settings: Settings, database: Database, clock: Clock
) -> AsyncIterator[Finding]:
    async with database.reader.connect() as connection:
        found = await connection.run_sync(lambda sync: list(examine_store(sync, clock)))
        for finding in found:
            yield finding
        if any(finding.level is Level.BAD for finding in found if finding.what != "durability"):
            return
        for finding in await _examine_contents(connection, settings, clock):
            yield finding
    key = settings.data_dir / KEY_FILE
    if key.is_file():
        sealer = Sealer(*load_master(key))
        checks = await check_accounts(database, settings, sealer, clock)
        for finding in examine_accounts(checks):
            yield finding


async def _examine_contents(
    connection: AsyncConnection, settings: Settings, clock: Clock
) -> list[Finding]:
    blobs = settings.data_dir / "blobs"
    findings = [await connection.run_sync(examine_clock, clock)]
    findings += await connection.run_sync(lambda sync: list(examine_contents(sync, blobs, clock)))
    return findings
