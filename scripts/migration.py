"""Writes a migration from the difference between the tables and the last migration."""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from contact_center.migrate import alembic_config, upgrade
from kernel.clock import SystemClock
from kernel.database import Database


async def write(message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'now.db'}", SystemClock())
        await upgrade(database)
        async with database.writer.begin() as connection:
            await connection.run_sync(_revise, message)
        await database.close()


def _revise(connection: Connection, message: str) -> None:
    command.revision(alembic_config(connection), message, autogenerate=True)


if __name__ == "__main__":
    asyncio.run(write(" ".join(sys.argv[1:]) or "change"))
