"""Which statements a database is asked, by whatever way they go there."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

_VALUE = re.compile(r"'(?:[^']|'')*'|\b\d+\b|NULL")
_WORK = ("SELECT", "INSERT", "UPDATE", "DELETE")


def noted(engine: AsyncEngine) -> list[str]:
    """Return a list that from now on gets each statement which reads or writes rows.

    SQLite itself tells of its own: prepared statements do not pass SQLAlchemy's events. It tells
    of each row of one that runs for many, with its values; here that is one statement.
    """
    statements: list[str] = []

    def note(statement: str) -> None:
        shape = _VALUE.sub("?", statement)
        if shape.startswith(_WORK) and shape not in statements[-1:]:
            statements.append(shape)

    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "checkout", _tracing(note))
    else:
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *facts: note(facts[2]))
    return statements


def _tracing(note: Callable[[str], None]) -> Callable[..., None]:
    def begin(connection: Any, *_: object) -> None:
        connection.driver_connection._conn.set_trace_callback(note)

    return begin
