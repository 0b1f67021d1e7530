"""A database with the tables of the knowledge base, and somebody who may write articles."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel import journal
from kernel.actor import Actor
from kernel.clock import SystemClock
from kernel.database import Database
from kernel.ids import new_id
from kernel.tables import Table
from knowledge_base import tables

USED = (journal, tables)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite+aiosqlite:///{tmp_path}/articles.db", SystemClock())
    wanted = [
        table
        for table in Table.metadata.sorted_tables
        if table.name == "journal" or table.name.startswith("article")
    ]
    async with opened.writer.begin() as connection:
        await connection.run_sync(Table.metadata.create_all, tables=wanted)
    yield opened
    async with opened.writer.begin() as connection:
        await connection.run_sync(Table.metadata.drop_all, tables=wanted)
    await opened.close()


@pytest.fixture
def editor() -> Actor:
    return Actor(agent_id=new_id(), name="Olena", permissions=frozenset({"kb.edit", "kb.publish"}))


@pytest.fixture
def writer() -> Actor:
    return Actor(agent_id=new_id(), name="Ivan", permissions=frozenset({"kb.edit"}))
