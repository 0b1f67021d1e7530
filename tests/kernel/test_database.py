"""The database refuses safely when it cannot go on, and numbers the journal without a gap."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from kernel.bookmarks import BookmarkRow, read_bookmark, set_bookmark
from kernel.clock import SystemClock
from kernel.database import READERS, Database
from kernel.entries import Entry, Noted
from kernel.errors import OverloadedError
from kernel.feed import Feed
from kernel.journal import read_after, record
from kernel.one_trip import open_connection
from kernel.upsert import insert_new, put_row
from tests.postgres import running_postgres
from tests.templates import lay_migrated, new_migrated

WRITERS = 20
ENTRIES_EACH = 5
BEGINNING_SECONDS = 0.05
"""By then whoever must wait for the other writer does, unless the machine is very busy: nothing
fails then, a test only shows less."""


class ThingHappened(Entry, frozen=True, kw_only=True):
    writer: int
    place: int


@pytest.fixture
async def other(database: Database, database_url: str) -> AsyncIterator[Database]:
    """A second center on the same database."""
    opened = Database(database_url, SystemClock())
    yield opened
    await opened.close()


async def happen(database: Database, writer: int, *, entries: int = ENTRIES_EACH) -> None:
    async with database.transaction() as session:
        for place in range(entries):
            record(session, ThingHappened(writer=writer, place=place))


async def journal(database: Database) -> list[Noted]:
    async with database.reading() as session:
        return await read_after(session, 0, limit=10_000)


async def test_the_journal_has_no_gap_and_no_double_whoever_writes_at_once(
    database: Database, other: Database
) -> None:
    await asyncio.gather(*(happen((database, other)[n % 2], n) for n in range(WRITERS)))

    entries = await journal(database)

    assert [entry.seq for entry in entries] == list(range(1, WRITERS * ENTRIES_EACH + 1))


async def test_the_entries_of_one_transaction_stand_together_in_their_order(
    database: Database, other: Database
) -> None:
    await asyncio.gather(*(happen((database, other)[n % 2], n) for n in range(WRITERS)))

    entries = await journal(database)

    for start in range(0, len(entries), ENTRIES_EACH):
        block = [entry.data for entry in entries[start : start + ENTRIES_EACH]]
        assert len({each["writer"] for each in block}) == 1
        assert [each["place"] for each in block] == list(range(ENTRIES_EACH))


async def test_what_is_rolled_back_leaves_no_number_out(database: Database) -> None:
    await happen(database, 1, entries=1)
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - one transaction
        async with database.transaction() as session:
            record(session, ThingHappened(writer=2, place=0))
            raise ZeroDivisionError
    await happen(database, 3, entries=1)

    assert [(entry.seq, entry.data["writer"]) for entry in await journal(database)] == [
        (1, 1),
        (2, 3),
    ]


async def test_a_reader_that_saw_a_number_never_misses_one_below_it(
    database: Database, other: Database
) -> None:
    seen = list[int]()

    async def follow() -> None:
        while len(seen) < WRITERS * ENTRIES_EACH:
            async with database.reading() as session:
                entries = await read_after(session, seen[-1] if seen else 0, limit=7)
            seen.extend(entry.seq for entry in entries)
            await asyncio.sleep(0)

    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        group.create_task(follow())
        for number in range(WRITERS):
            group.create_task(happen((database, other)[number % 2], number))

    assert seen == list(range(1, WRITERS * ENTRIES_EACH + 1))


async def test_listeners_are_told_after_the_commit_and_only_then(database: Database) -> None:
    told = list[Sequence[Noted]]()
    database.after_commit(told.append)

    async with database.transaction() as session:
        record(session, ThingHappened(writer=1, place=0))
        await session.flush()
        assert told == []
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - one transaction
        async with database.transaction() as session:
            record(session, ThingHappened(writer=2, place=0))
            raise ZeroDivisionError

    assert [[entry.data["writer"] for entry in batch] for batch in told] == [[1]]


async def test_the_feed_tells_every_entry_once_and_in_order(
    database: Database, other: Database
) -> None:
    feed, told, complete = Feed(database, SystemClock()), list[int](), asyncio.Event()

    def hear(noted: Sequence[Noted]) -> None:
        told.extend(entry.seq for entry in noted)
        if len(told) >= WRITERS * ENTRIES_EACH:
            complete.set()

    feed.subscribe(hear)
    await feed.start()
    running = asyncio.create_task(feed.run())
    await asyncio.gather(*(happen((database, other)[n % 2], n) for n in range(WRITERS)))
    async with asyncio.timeout(10):
        await complete.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert told == list(range(1, WRITERS * ENTRIES_EACH + 1))


async def test_batches_announced_in_disorder_are_told_in_order(
    database: Database, other: Database
) -> None:
    batches, told = list[Sequence[Noted]](), list[int]()
    database.after_commit(batches.append)
    for number in range(3):
        await happen(database, number, entries=2)
    feed = Feed(other, SystemClock())
    feed.subscribe(lambda noted: told.extend(entry.seq for entry in noted))

    for batch in (batches[2], batches[0], batches[1], batches[1]):
        feed.announce(batch)

    assert told == [1, 2, 3, 4, 5, 6]


async def test_the_feed_starts_after_what_there_is(database: Database) -> None:
    await happen(database, 1)
    feed, told = Feed(database, SystemClock()), list[int]()
    feed.subscribe(lambda noted: told.extend(entry.seq for entry in noted))

    await feed.start()
    await happen(database, 2, entries=1)

    assert told == [ENTRIES_EACH + 1]


async def test_a_bookmark_is_nothing_at_first_then_where_it_was_put_last(
    database: Database,
) -> None:
    async with database.transaction() as session:
        before = await read_bookmark(session, "indexer")
        await set_bookmark(session, "indexer", 7)
        await set_bookmark(session, "indexer", 9)
        await set_bookmark(session, "other", 1)

    async with database.reading() as session:
        assert (before, await read_bookmark(session, "indexer")) == (0, 9)


async def test_inserting_tells_which_rows_were_new(database: Database) -> None:
    def rows(*names: str) -> list[dict[str, object]]:
        return [{"name": name, "seq": 1} for name in names]

    async with database.transaction() as session:
        first = await insert_new(session, BookmarkRow, rows("a", "b"), BookmarkRow.name)
        again = await insert_new(session, BookmarkRow, rows("b", "c"), BookmarkRow.name)
        nothing = await insert_new(session, BookmarkRow, [], BookmarkRow.name)

    assert (first, again, nothing) == ({"a", "b"}, {"c"}, set())


async def test_more_rows_than_one_statement_can_take_are_inserted(database: Database) -> None:
    rows = [{"name": str(number), "seq": number} for number in range(20_000)]

    async with database.transaction() as session:
        fresh = await insert_new(session, BookmarkRow, rows, BookmarkRow.name)

    assert len(fresh) == 20_000


async def test_a_row_that_is_put_again_is_changed(database: Database) -> None:
    async with database.transaction() as session:
        await put_row(session, BookmarkRow, {"name": "a", "seq": 1}, key=["name"])
        await put_row(session, BookmarkRow, {"name": "a", "seq": 2}, key=["name"])

    async with database.reading() as session:
        rows = (await session.execute(select(BookmarkRow.name, BookmarkRow.seq))).all()
    assert [tuple(row) for row in rows] == [("a", 2)]


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(lay_migrated(tmp_path / "own.db"), SystemClock())
    yield opened
    await opened.close()


async def test_sqlite_loses_no_update_between_two_that_read_first(sqlite: Database) -> None:
    second = Database(sqlite.url.render_as_string(), SystemClock())

    async def count_up(one: Database) -> None:
        async with one.transaction() as session:
            seen = await read_bookmark(session, "count")
            await asyncio.sleep(0)
            await set_bookmark(session, "count", seen + 1)

    await asyncio.gather(*(count_up((sqlite, second)[n % 2]) for n in range(40)))
    await second.close()

    async with sqlite.reading() as session:
        assert await read_bookmark(session, "count") == 40


async def test_sqlite_syncs_every_commit_and_keeps_readers_from_writing(sqlite: Database) -> None:
    async with sqlite.writer.connect() as writer, sqlite.reader.connect() as reader:
        kept = [
            (await writer.exec_driver_sql(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
        with pytest.raises(OperationalError, match="readonly"):
            await reader.exec_driver_sql("DELETE FROM bookmark")

    assert kept == ["wal", 2, 1]


async def test_readers_do_not_wait_for_the_writer(sqlite: Database) -> None:
    async with sqlite.transaction() as writing:
        await set_bookmark(writing, "half", 1)
        async with asyncio.timeout(2), sqlite.reading() as session:
            assert await read_bookmark(session, "half") == 0


async def fill_until_refused(database: Database) -> int:
    """Write until the database is full; return how many rows were promised to be there."""
    for number in range(10_000):
        try:
            async with database.transaction() as session:
                await set_bookmark(session, f"{number} {'x' * 3_000}", number)
        except OverloadedError:
            return number
    raise AssertionError("the database took everything")


async def test_a_full_disk_refuses_keeps_reading_and_recovers(sqlite: Database) -> None:
    pages = await limit_pages(sqlite, more=20)

    stored = await fill_until_refused(sqlite)
    again = await fill_until_refused(sqlite)
    while_full = await count_bookmarks(sqlite)
    await limit_pages(sqlite, more=2 * pages)
    async with sqlite.transaction() as session:
        await set_bookmark(session, "room again", 1)

    assert stored > 0
    assert again == 0 or again <= stored
    assert while_full == stored
    assert await count_bookmarks(sqlite) == stored + 1
    async with sqlite.reading() as session:
        assert await session.scalar(text("PRAGMA integrity_check")) == "ok"


async def test_a_full_disk_in_the_middle_of_a_transaction_takes_all_of_it_back(
    sqlite: Database,
) -> None:
    told = list[Sequence[Noted]]()
    sqlite.after_commit(told.append)
    await limit_pages(sqlite, more=20)

    with pytest.raises(OverloadedError):  # noqa: PT012 - one transaction
        async with sqlite.transaction() as session:
            record(session, ThingHappened(writer=1, place=0))
            for number in range(10_000):
                await set_bookmark(session, f"{number} {'x' * 3_000}", number)

    assert await count_bookmarks(sqlite) == 0
    assert told == []
    assert await journal(sqlite) == []


async def limit_pages(database: Database, *, more: int) -> int:
    """Let the file grow by so many pages and no further, as a full disk would."""
    async with database.writer.connect() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await connection.exec_driver_sql(f"PRAGMA max_page_count={pages + more}")
    return int(pages)


async def count_bookmarks(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(BookmarkRow)) or 0


async def test_a_locked_database_is_an_overload(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kernel.database.BUSY_SECONDS", 0.05)
    second = Database(sqlite.url.render_as_string(), SystemClock())

    async with sqlite.transaction() as session:
        await set_bookmark(session, "mine", 1)
        with pytest.raises(OverloadedError):
            async with second.transaction() as blocked:
                await set_bookmark(blocked, "theirs", 1)
    await second.close()

    assert await count_bookmarks(sqlite) == 1


async def test_an_error_of_the_caller_stays_their_own(database: Database) -> None:
    with pytest.raises(FileNotFoundError):
        async with database.transaction():
            raise FileNotFoundError
    with pytest.raises(IntegrityError):  # noqa: PT012 - one transaction
        async with database.transaction() as session:
            for _ in range(2):
                await session.execute(insert(BookmarkRow).values(name="same", seq=1))


@pytest.mark.slow
async def test_postgresql_gone_refuses_and_recovers_alone() -> None:
    with running_postgres() as server:
        database = Database(new_migrated(server), SystemClock())
        await happen(database, 1, entries=1)

        async with database.reading() as session:
            server.stop()
            with pytest.raises(OverloadedError):
                async with database.transaction() as other:
                    await set_bookmark(other, "lost", 1)
            await session.invalidate()
        with pytest.raises(OverloadedError):
            await happen(database, 2, entries=1)
        with pytest.raises(OverloadedError):
            await journal(database)

        server.start()
        await happen(database, 3, entries=1)

        # The first entry may be gone: this server does not sync, so that tests are fast.
        assert [entry.data["writer"] for entry in await journal(database)][-1:] == [3]
        await database.close()


@pytest.mark.slow
async def test_postgresql_going_in_the_middle_of_a_transaction_is_an_overload() -> None:
    with running_postgres() as server:
        database = Database(new_migrated(server), SystemClock())

        with pytest.raises(OverloadedError):  # noqa: PT012 - one transaction
            async with database.transaction() as session:
                await set_bookmark(session, "half", 1)
                server.stop()
                await set_bookmark(session, "half", 2)

        server.start()
        assert await count_bookmarks(database) == 0
        await database.close()


async def test_who_writes_again_and_again_lets_others_in_between(sqlite: Database) -> None:
    turns: list[str] = []

    async def write(name: str, times: int) -> None:
        for _ in range(times):
            async with sqlite.transaction() as session:
                turns.append(name)
                await set_bookmark(session, name, len(turns))

    await asyncio.gather(write("much", 10), write("one", 1), write("other", 1))

    assert turns[:3] == ["much", "one", "other"]


async def test_who_reads_again_and_again_lets_others_in_between(sqlite: Database) -> None:
    turns: list[str] = []

    async def read(name: str, times: int) -> None:
        for _ in range(times):
            async with sqlite.reading() as session:
                turns.append(name)
                await read_bookmark(session, name)

    await asyncio.gather(*(read("much", 10) for _ in range(READERS)), read("one", 1))

    assert turns.index("one") <= READERS


async def test_waiting_for_another_writer_holds_up_nobody_else(sqlite: Database) -> None:
    second = Database(sqlite.url.render_as_string(), SystemClock())

    async with sqlite.transaction() as session:
        waiting = asyncio.create_task(happen(second, 1, entries=1))
        await asyncio.sleep(BEGINNING_SECONDS)
        await set_bookmark(session, "meanwhile", 1)
        still_waiting = not waiting.done()
    await waiting
    await second.close()

    assert still_waiting
    assert len(await journal(sqlite)) == 1


async def test_whoever_gives_up_waiting_for_another_writer_leaves_nothing_begun(
    sqlite: Database,
) -> None:
    second = Database(sqlite.url.render_as_string(), SystemClock())

    async with sqlite.transaction() as session:
        waiting = asyncio.create_task(happen(second, 1, entries=1))
        await asyncio.sleep(BEGINNING_SECONDS)
        waiting.cancel()
        await asyncio.sleep(0)  # it hears of it, and its statement waits on in its thread
        await set_bookmark(session, "mine", 1)
    await asyncio.gather(waiting, return_exceptions=True)
    await happen(second, 2, entries=1)
    await happen(sqlite, 3, entries=1)
    await second.close()

    assert [entry.data["writer"] for entry in await journal(sqlite)] == [2, 3]


async def test_many_that_open_a_new_file_at_once_all_have_it(tmp_path: Path) -> None:
    """SQLite lets neither of two wait who switch a file to its write-ahead log together."""
    for number in range(20):
        path = tmp_path / f"{number}.db"
        opened = await asyncio.gather(
            *(open_connection(path, writes=True, busy_seconds=30) for _ in range(8)),
            return_exceptions=True,
        )
        for one in opened:
            assert not isinstance(one, BaseException), one
            await one.close()
