"""A database that cannot take anything now is told from one that was asked wrongly."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.exc import DBAPIError

from kernel.clock import SystemClock
from kernel.database import Database
from kernel.errors import OverloadedError


@asynccontextmanager
async def refusing(state: str, words: str) -> AsyncIterator[Database]:
    """A server that answers whoever comes with this error, as PostgreSQL does before it is up."""
    fields = {"S": "FATAL", "V": "FATAL", "C": state, "M": words}
    body = b"".join(f"{name}{value}\0".encode() for name, value in fields.items()) + b"\0"
    answer = b"E" + struct.pack("!i", len(body) + 4) + body

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (length,) = struct.unpack("!i", await reader.readexactly(4))
        await reader.readexactly(length - 4)
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        database = Database(
            f"postgresql+asyncpg://center@127.0.0.1:{port}/center?ssl=disable", SystemClock()
        )
        yield database
        await database.close()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("57P03", "the database system is starting up"),
        ("57P03", "the database system is not yet accepting connections"),
        ("57P03", "the database system is in recovery mode"),
        ("57P03", "das Datenbanksystem startet"),
        ("57P01", "terminating connection due to administrator command"),
        ("53300", "sorry, too many clients already"),
        ("53100", "could not extend file: No space left on device"),
        ("08006", "server closed the connection unexpectedly"),
        ("58030", "could not read file: Input/output error"),
    ],
)
async def test_a_database_that_takes_nothing_now_is_an_overload(state: str, words: str) -> None:
    async with refusing(state, words) as database:
        with pytest.raises(OverloadedError):
            async with database.reading():
                pass


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("28P01", 'password authentication failed for user "center"'),
        ("3D000", 'database "center" does not exist'),
    ],
)
async def test_what_only_an_operator_can_mend_is_none(state: str, words: str) -> None:
    async with refusing(state, words) as database:
        with pytest.raises(DBAPIError, match=words):
            async with database.reading():
                pass


async def test_a_server_that_never_greets_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kernel.database.CONNECT_SECONDS", 0.05)
    hung_up = asyncio.Event()

    async def stay_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        hung_up.set()

    async with (
        await asyncio.start_server(stay_silent, "127.0.0.1", 0) as server,
        asyncio.timeout(5),
    ):
        port = server.sockets[0].getsockname()[1]
        database = Database(
            f"postgresql+asyncpg://center@127.0.0.1:{port}/center?ssl=disable", SystemClock()
        )
        with pytest.raises(OverloadedError):
            async with database.reading():
                pass
        await database.close()
        await hung_up.wait()
