"""Which statements a database is asked, by whatever way they go there."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

_WORK = ("SELECT", "INSERT", "UPDATE", "DELETE")


def noted(engine: AsyncEngine) -> list[str]:
    """Return a list that from now on gets each statement which reads or writes rows.

    A statement that runs for many rows is one. On SQLite each is one errand of the connection,
    which prepared statements run without SQLAlchemy's knowing; SQLite itself tells its words.
    """
    statements: list[str] = []

    def note(statement: str) -> None:
        if statement.startswith(_WORK):
            statements.append(statement)

    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "checkout", lambda held, *_: _listen(held, note))
    else:
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *facts: note(facts[2]))
    return statements


def _listen(held: Any, note: Callable[[str], None]) -> None:
    """Note the first statement of every errand of this connection."""
    line = held.driver_connection
    if "run" in vars(line):
        return
    run, heard = line.run, list[str]()

    async def counted(work: Callable[[Any], None]) -> None:
        heard.clear()
        await run(work)
        for statement in heard[:1]:
            note(statement)

    line.run = counted
    line._conn.set_trace_callback(heard.append)
