"""Rows in every table of the house, so that a test misses none of them."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    insert,
    select,
    update,
)

from contact_center.backups.snapshot import BLOB_COLUMN
from contact_center.tables import metadata
from kernel.database import Database
from kernel.tables import Instant

ROWS = 7
START = datetime(2030, 1, 7, 9, 0, tzinfo=UTC)
TEXTS = ("", "plain", "Ґанок, їжак, ёлка", "line\nbreak\tand “quotes”", "emoji 🛠", "\\u0000 {}")


async def fill(database: Database, blobs: list[str], *, seed: int = 1) -> None:
    """Put rows into every table; columns that name a blob name one of `blobs`."""
    async with database.writer.begin() as connection:
        await connection.run_sync(_fill, Random(seed), blobs)  # noqa: S311 - the same each time


async def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, in the order of its key."""
    async with database.reader.connect() as connection:
        return {
            table.name: [
                tuple(row)
                for row in await connection.execute(
                    select(*table.columns).order_by(*table.primary_key.columns)
                )
            ]
            for table in metadata.sorted_tables
        }


def _fill(connection: Connection, random: Random, blobs: list[str]) -> None:
    for table in metadata.sorted_tables:
        for number in range(1, ROWS + 1):
            row = {
                column.name: _value(connection, table, column, number, random, blobs)
                for column in table.columns
            }
            connection.execute(insert(table).values(row))
    _point_forward(connection)


def _point_forward(connection: Connection) -> None:
    """Let the first row of a table that refers to itself name the last one."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table is table for key in column.foreign_keys):
                ids = list(connection.scalars(select(table.c.id).order_by(table.c.id)))
                first = update(table).where(table.c.id == ids[0])
                connection.execute(first.values({column.name: ids[-1]}))


def _value(
    connection: Connection,
    table: Table,
    column: Column[Any],
    number: int,
    random: Random,
    blobs: list[str],
) -> Any:
    for key in column.foreign_keys:
        if key.column.table is table:
            return None
        ids = list(connection.scalars(select(key.column).order_by(key.column)))
        return ids[number - 1]
    if column.nullable and random.random() < 0.3:
        return None
    if column.name == BLOB_COLUMN:
        return random.choice(blobs)
    return _plain_value(column, number, random)


def _plain_value(column: Column[Any], number: int, random: Random) -> Any:
    kind = column.type
    if isinstance(kind, Uuid):
        return UUID(int=random.getrandbits(128))
    if isinstance(kind, Instant):
        return START + timedelta(microseconds=random.randrange(10**12))
    if isinstance(kind, LargeBinary):
        return random.randbytes(random.randrange(1, 40))
    if isinstance(kind, JSON):
        return {"text": random.choice(TEXTS), "list": [1, None, 2.5], "more": {"n": number}}
    if isinstance(kind, Boolean):
        return random.random() < 0.5
    if isinstance(kind, Integer):
        return number
    assert isinstance(kind, String), kind
    return f"{random.choice(TEXTS)} {number}"
