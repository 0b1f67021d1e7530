"""The rows of a table as lines of JSON, the same from whichever database they come."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    insert,
    select,
)
from sqlalchemy.types import TypeEngine

from contact_center.backups.archive import ArchiveError, TableFacts
from kernel.limits import MIB
from kernel.tables import Instant

PIECE_BYTES: Final = 4 * MIB
ROWS_AT_ONCE: Final = 500
_OPTIONAL: Final = "?"


class _Word(Struct, frozen=True):
    """One word for a type: what a line holds, and how a database keeps it."""

    told: Any
    kept: type[TypeEngine[Any]]


_WORDS: Final[dict[str, _Word]] = {
    "uuid": _Word(UUID, Uuid),
    "instant": _Word(Annotated[datetime, Meta(tz=True)], Instant),
    "bytes": _Word(bytes, LargeBinary),
    "json": _Word(Any, JSON),
    "truth": _Word(bool, Boolean),
    "whole": _Word(int, BigInteger),
    "real": _Word(float, Float),
    "text": _Word(str, Text),
}
_FAMILIES: Final[tuple[tuple[type[TypeEngine[Any]], str], ...]] = (
    (Uuid, "uuid"),
    (Instant, "instant"),
    (LargeBinary, "bytes"),
    (JSON, "json"),
    (Boolean, "truth"),
    (Integer, "whole"),
    (Float, "real"),
    (String, "text"),
)


def facts_of(table: Table) -> TableFacts:
    """Describe a table of ours in the words of an archive."""
    return TableFacts(
        str(table.name), {str(column.name): _word_of(column) for column in table.columns}
    )


def pieces_of(connection: Connection, table: Table) -> Iterator[tuple[int, bytes]]:
    """Yield the rows of `table` as (how many, lines), a few megabytes each."""
    held, count, size = list[bytes](), 0, 0
    rows = connection.execute(
        select(*table.columns).order_by(*table.primary_key.columns),
        execution_options={"yield_per": ROWS_AT_ONCE},
    )
    for row in rows:
        line = msgspec.json.encode(tuple(row))
        held.append(line)
        count, size = count + 1, size + len(line)
        if size >= PIECE_BYTES:
            yield count, b"\n".join(held)
            held, count, size = [], 0, 0
    if held:
        yield count, b"\n".join(held)


class RowReader:
    """Reads and stores the lines of one table of an archive."""

    def __init__(self, facts: TableFacts) -> None:
        """Raises ArchiveError when the description of the table makes no sense."""
        self.name = facts.name
        words = {name: _described(word) for name, word in facts.columns.items()}
        told = tuple(
            word.told | None if optional else word.told for word, optional in words.values()
        )
        self._decoder = msgspec.json.Decoder(tuple[told])  # type: ignore[valid-type]
        columns = [_column(name, word.kept, optional) for name, (word, optional) in words.items()]
        self._table = Table(self.name, MetaData(), *columns)

    @property
    def numbers(self) -> list[Column[Any]]:
        """The columns that hold whole numbers."""
        return [column for column in self._table.columns if isinstance(column.type, BigInteger)]

    def read(self, lines: bytes) -> list[dict[str, Any]]:
        """Return the rows in `lines`; ArchiveError when one has not the shape of the table."""
        try:
            names = self._table.columns.keys()
            return [
                dict(zip(names, self._decoder.decode(line), strict=True))
                for line in lines.split(b"\n")
            ]
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise ArchiveError(f"a row of {self.name} has not the shape of that table") from error

    def store(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        for start in range(0, len(rows), ROWS_AT_ONCE):
            connection.execute(insert(self._table), list(rows[start : start + ROWS_AT_ONCE]))


def _word_of(column: Column[Any]) -> str:
    for family, word in _FAMILIES:
        if isinstance(column.type, family):
            return word + _OPTIONAL * bool(column.nullable)
    raise TypeError(f"{column} has a type that a backup has no word for")


def _described(word: str) -> tuple[_Word, bool]:
    known = _WORDS.get(word.removesuffix(_OPTIONAL))
    if known is None:
        raise ArchiveError("the archive describes a table in words this version does not know")
    return known, word.endswith(_OPTIONAL)


def _column(name: str, kept: type[TypeEngine[Any]], optional: bool) -> Column[Any]:  # noqa: FBT001
    # A JSON column that may be empty is empty, and does not hold the JSON word "null".
    return Column(name, JSON(none_as_null=optional) if kept is JSON else kept())
