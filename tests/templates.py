"""Databases with every table in them, migrated once in each process and copied for each test."""

import asyncio
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from contact_center.migrate import upgrade
from kernel.clock import SystemClock
from kernel.database import Database
from tests.postgres import PostgresServer


def lay_migrated(file: Path) -> str:
    """Put a migrated SQLite database there (its folder is made) and return its URL."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_bytes(_sqlite_bytes())
    return f"sqlite+aiosqlite:///{file}"


def new_migrated(server: PostgresServer) -> str:
    """Make a migrated database on this server and return its URL."""
    return server.new_database(template=_postgres_template(server))


@cache
def _sqlite_bytes() -> bytes:
    folder = Path(tempfile.mkdtemp(prefix="migrated-"))
    try:
        _migrate(f"sqlite+aiosqlite:///{folder / 'center.db'}")
        return (folder / "center.db").read_bytes()
    finally:
        shutil.rmtree(folder)


@cache
def _postgres_template(server: PostgresServer) -> str:
    url = server.new_database()
    _migrate(url)
    return urlsplit(url).path.lstrip("/")


def _migrate(url: str) -> None:
    """Migrate in a thread of its own: a fixture may be asked for while a loop runs."""

    async def migrate() -> None:
        database = Database(url, SystemClock())
        await upgrade(database)
        await database.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, migrate()).result()
