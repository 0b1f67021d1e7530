"""A whole center in this process, in a folder and a database of its own, for one measurement."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

from bench.ground.folders import passing_folder
from channels.tables import AccountRow
from contact_center.app import Center, open_center
from contact_center.settings import Settings
from desk import connecting
from desk.connecting import NewLine
from kernel.clock import SystemClock
from kernel.secrets import Secret
from tests.postgres import PostgresServer, running_postgres
from web.house import House

DATABASE: Final = "BENCH_DATABASE"
"""Set to `postgres` in the environment, every center of the benchmarks lives in a PostgreSQL."""
_TRIES: Final = 1_000
_START_SECONDS: Final = "30"


class SyncedServer(PostgresServer):
    """The server of the tests, which syncs nothing, started as one in earnest: all synced."""

    def start(self) -> None:
        options = f"-c listen_addresses= -k {self.folder}"
        log = str(self.folder / "log")
        self._pg_ctl("start", "-w", "-t", _START_SECONDS, "-l", log, "-o", options)


def on_postgres() -> bool:
    return os.environ.get(DATABASE, "sqlite").startswith("postgres")


@contextmanager
def database_url(folder: Path) -> Iterator[str]:
    """SQLite in `folder`, or a PostgreSQL of our own that syncs as one in earnest does."""
    if not on_postgres():
        yield f"sqlite+aiosqlite:///{folder / 'center.db'}"
        return
    with running_postgres() as server:
        server.stop()
        synced = SyncedServer(server.programs, server.folder, server.console)
        synced.start()
        yield synced.new_database()


@asynccontextmanager
async def center() -> AsyncIterator[Center]:
    """Open a center; what it says on the log is left out unless it is an error."""
    logging.getLogger().setLevel(logging.ERROR)
    with passing_folder() as folder, database_url(folder) as url:
        settings = Settings(
            data_dir=folder / "var",
            database_url=Secret(url),
            allow_private_hosts=True,
            company_name="Wonder Shop",
        )
        async with open_center(settings, SystemClock()) as running:
            yield running


async def connect(house: House, kind: str, name: str, settings: dict[str, Any]) -> AccountRow:
    """Make an account and return when its line is open."""
    async with house.database.transaction() as session:
        row = await connecting.connect(
            session,
            house.lines,
            house.sealer,
            NewLine(
                kind=kind,
                name=name,
                settings=settings,
                secrets={"imap_password": "correct-horse"} if kind == "mail" else {},
            ),
            now=house.clock.now(),
        )
    for _ in range(_TRIES):
        if house.lines.get(row.id) is not None:
            return row
        await asyncio.sleep(0.01)
    raise TimeoutError(f"the line of {name} did not open")
