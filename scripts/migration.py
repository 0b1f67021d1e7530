"""Writes a migration from the difference between the tables and the last migration."""

import argparse
import asyncio
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from contact_center.migrate import upgrade
from contact_center.revisions import MIGRATIONS, alembic_config
from kernel.clock import SystemClock
from kernel.database import Database

FIRST_SEARCH = """    names = kernel.tables.Table.metadata.naming_convention
    for name in ("article_search", "ticket_search"):
        SearchIndex(name, sa.MetaData(naming_convention=names)).create(op.get_bind())
"""


async def write(message: str, revision: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'now.db'}", SystemClock())
        await upgrade(database)
        async with database.writer.begin() as connection:
            await connection.run_sync(_revise, message, revision)
        await database.close()


def _revise(connection: Connection, message: str, revision: str) -> None:
    command.revision(alembic_config(connection), message, autogenerate=True, rev_id=revision)


def rewrite_first() -> None:
    """Before the first release there is one migration, written anew from the tables."""
    versions = MIGRATIONS / "versions"
    for old in versions.glob("*.py"):
        old.unlink()
    asyncio.run(write("The first schema.", "0001"))
    (made,) = versions.glob("0001*.py")
    text = made.read_text()
    text = text.replace(
        "import kernel.tables\n",
        "import kernel.tables\nfrom kernel.search_index import SearchIndex\n",
    )
    text = text.replace("\n\ndef downgrade", f"{FIRST_SEARCH}\n\ndef downgrade", 1)
    (versions / "0001_first_schema.py").write_text(text)
    if made.name != "0001_first_schema.py":
        made.unlink()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("message", nargs="?", default="")
    parser.add_argument("--revision", help="its number, one more than the last")
    parser.add_argument("--first", action="store_true", help="write the only one anew")
    asked = parser.parse_args()
    if asked.first:
        rewrite_first()
    else:
        asyncio.run(write(asked.message, asked.revision))
