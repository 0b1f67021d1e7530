"""The PostgreSQL of the tests is a real one, of its own, and can go away and come back."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tests.postgres import PostgresServer, running_postgres

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with running_postgres() as running:
        yield running


async def _tables(url: str, *, also: str = "SELECT 1") -> int:
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.execute(text(also))
        count = await connection.scalar(
            text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        )
    await engine.dispose()
    return int(count or 0)


async def test_every_database_is_empty_and_its_own(server: PostgresServer) -> None:
    first, second = server.new_database(), server.new_database()

    filled = await _tables(first, also="CREATE TABLE thing (id int)")

    assert (filled, await _tables(second)) == (1, 0)


async def test_it_is_away_when_stopped_and_back_with_all_it_had(server: PostgresServer) -> None:
    url = server.new_database()

    server.stop()
    with pytest.raises((OSError, DBAPIError)):
        await _tables(url)
    server.start()

    assert await _tables(url) == 0
