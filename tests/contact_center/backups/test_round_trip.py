"""A backup holds what there was at one moment; restored, on either database, it is that again."""

import asyncio
import itertools
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Select, func, select

from channels import outbox
from channels.tables import OutboxRow
from contact_center.backups.archive import read_members
from contact_center.backups.checking import check_archive
from contact_center.backups.restoring import HELD_BACK, restore_backup
from contact_center.backups.writing import write_backup
from contact_center.migrate import upgrade
from contact_center.settings import Settings
from contact_center.tables import metadata
from kernel.analyser import question, terms
from kernel.blobs import BlobStore, blob_key
from kernel.bookmarks import BookmarkRow, set_bookmark
from kernel.clock import SystemClock
from kernel.database import Database
from kernel.errors import SettingsError
from kernel.ids import new_id
from kernel.search_index import Indexed
from kernel.secrets import Secret, load_master, make_master
from staff.tables import ApiTokenRow, SessionRow, TeamRow
from tests.clock import ManualClock
from tests.contact_center.backups.filled import ROWS, everything, fill
from tests.postgres import PostgresServer
from tests.templates import lay_migrated
from tickets.searching import INDEX
from tickets.tables import MessageRow

pytestmark = pytest.mark.slow

CLOCK = SystemClock()
MADE_SAFE = {"outbox", "message", "session", "api_token", "journal"}

ON_BOTH = pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)]
)
Place = Callable[[str, str], Settings]


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Place:
    """Make the settings of a center of its own: a name, and which database it has."""

    def make(name: str, database: str) -> Settings:
        data_dir = tmp_path / name
        if database == "sqlite":
            return Settings(data_dir=data_dir)
        server: PostgresServer = request.getfixturevalue("postgres")
        return Settings(data_dir=data_dir, database_url=Secret(server.new_database()))

    return make


def opened(settings: Settings) -> Database:
    return Database(settings.database_url.reveal(), CLOCK)


async def filled_center(settings: Settings, *, blobs: int = 5) -> dict[str, bytes]:
    """Fill every table and store files, and return the files by their keys."""
    settings.data_dir.mkdir(mode=0o700)
    make_master(settings.data_dir / "secret.key")
    files = [f"file {number}".encode() * 1_000 for number in range(blobs)]
    keys = await BlobStore(settings.data_dir / "blobs").put_many([*files, b"named by no row"])
    database = opened(settings)
    if database.dialect == "sqlite":
        lay_migrated(settings.data_dir / "center.db")
    await upgrade(database)
    await fill(database, [str(key) for key in keys[:-1]])
    await database.close()
    return {str(key): data for key, data in zip(keys, files, strict=False)}


async def rows_of(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    database = opened(settings)
    found = await everything(database)
    await database.close()
    return found


@pytest.mark.parametrize(
    ("from_where", "to_where"),
    [
        ("sqlite", "sqlite"),
        pytest.param("sqlite", "postgres", marks=pytest.mark.slow),
        pytest.param("postgres", "sqlite", marks=pytest.mark.slow),
        pytest.param("postgres", "postgres", marks=pytest.mark.slow),
    ],
)
async def test_every_row_of_every_table_comes_back(
    place: Place, tmp_path: Path, from_where: str, to_where: str
) -> None:
    old, new = place("old", from_where), place("new", to_where)
    await filled_center(old)
    before = await rows_of(old)

    await write_backup(old, tmp_path / "backup.tar", CLOCK)
    await restore_backup(new, tmp_path / "backup.tar", CLOCK)

    after = await rows_of(new)
    assert set(before) == {table.name for table in metadata.sorted_tables}
    assert all(before.values())
    assert {name: after[name] for name in after if name not in MADE_SAFE} == {
        name: before[name] for name in before if name not in MADE_SAFE
    }


async def test_files_that_rows_name_come_back_and_no_others(place: Place, tmp_path: Path) -> None:
    old, new = place("old", "sqlite"), place("new", "sqlite")
    files = await filled_center(old)
    named = {row[0] for row in await blob_names(old)}

    written = await write_backup(old, tmp_path / "backup.tar", CLOCK)
    await restore_backup(new, tmp_path / "backup.tar", CLOCK)

    restored = {path.name: path for path in (new.data_dir / "blobs").glob("??/*")}
    assert set(restored) == named
    assert all(path.read_bytes() == files[name] for name, path in restored.items())
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in restored.values())
    assert (written.blobs, written.lost_blobs) == (len(named), 0)


async def blob_names(settings: Settings) -> list[tuple[str]]:
    found = await rows_of(settings)
    return [
        (str(row[list(table.columns.keys()).index("blob")]),)
        for table in metadata.sorted_tables
        if "blob" in table.columns
        for row in found[table.name]
        if row[list(table.columns.keys()).index("blob")] is not None
    ]


async def test_the_key_comes_along_and_opens_what_it_sealed(place: Place, tmp_path: Path) -> None:
    old, new = place("old", "sqlite"), place("new", "sqlite")
    await filled_center(old)

    await write_backup(old, tmp_path / "backup.tar", CLOCK)
    await restore_backup(new, tmp_path / "backup.tar", CLOCK)

    assert load_master(new.data_dir / "secret.key") == load_master(old.data_dir / "secret.key")
    assert (new.data_dir / "secret.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "backup.tar").stat().st_mode & 0o777 == 0o600


async def test_a_backup_without_the_key_takes_the_one_laid_ready(
    place: Place, tmp_path: Path
) -> None:
    old, new = place("old", "sqlite"), place("new", "sqlite")
    await filled_center(old)
    key = load_master(old.data_dir / "secret.key")
    new.data_dir.mkdir()
    shutil.copy(old.data_dir / "secret.key", new.data_dir)

    await write_backup(old, tmp_path / "backup.tar", CLOCK, with_key=False)
    restored = await restore_backup(new, tmp_path / "backup.tar", CLOCK)

    assert not restored.has_key
    assert "secret.key" not in {member.name for member in read_members(tmp_path / "backup.tar")}
    assert load_master(new.data_dir / "secret.key") == key


@ON_BOTH
async def test_what_waited_to_be_sent_waits_for_a_person_and_nobody_is_signed_in(
    place: Place, tmp_path: Path, database: str
) -> None:
    old, new = place("old", "sqlite"), place("new", database)
    await filled_center(old)
    message_id = await promise_one(old)

    await write_backup(old, tmp_path / "backup.tar", CLOCK)
    restored = await restore_backup(new, tmp_path / "backup.tar", CLOCK)

    rows = await facts(
        new,
        select(OutboxRow.state).where(OutboxRow.id == message_id),
        select(MessageRow.state).where(MessageRow.id == message_id),
        select(MessageRow.state_reason).where(MessageRow.id == message_id),
        select(func.count()).select_from(OutboxRow).where(OutboxRow.state == "waiting"),
        select(func.count()).select_from(SessionRow),
        select(func.count()).select_from(ApiTokenRow),
    )
    assert rows == ["held", "uncertain", HELD_BACK, 0, 0, 0]
    assert restored.held == 1


async def test_what_is_held_is_sent_when_a_person_asks(place: Place, tmp_path: Path) -> None:
    old, new = place("old", "sqlite"), place("new", "sqlite")
    await filled_center(old)
    message_id = await promise_one(old)
    await write_backup(old, tmp_path / "backup.tar", CLOCK)
    await restore_backup(new, tmp_path / "backup.tar", CLOCK)
    database = opened(new)
    due = select(OutboxRow.account_id).where(OutboxRow.id == message_id)

    async with database.transaction() as session:
        account_id = (await session.scalars(due)).one()
        before = await outbox.lease_due(session, account_id, CLOCK.now(), limit=10)
        asked = await outbox.promise_again(session, message_id, CLOCK.now())
        state = await session.scalar(select(OutboxRow.state).where(OutboxRow.id == message_id))
    await database.close()

    assert (before, asked, state) == ([], True, "waiting")


async def promise_one(settings: Settings) -> UUID:
    """Make one message wait in the outbox."""
    database = opened(settings)
    async with database.transaction() as session:
        message = (await session.scalars(select(MessageRow).limit(1))).one()
        message.state = "pending"
        promise = (await session.scalars(select(OutboxRow).limit(1))).one()
        promise.id, promise.state = message.id, "waiting"
        found = message.id
    await database.close()
    return found


async def facts(settings: Settings, *questions: Select[Any]) -> list[Any]:
    database = opened(settings)
    async with database.reading() as session:
        answers = [await session.scalar(question) for question in questions]
    await database.close()
    return answers


@ON_BOTH
async def test_a_backup_is_of_one_moment_though_others_write(
    place: Place, tmp_path: Path, database: str
) -> None:
    old, new = place("old", database), place("new", "sqlite")
    await filled_center(old)
    working = opened(old)
    wrote = asyncio.Event()

    async def write_on() -> None:
        for number in itertools.count(1_000):
            async with working.transaction() as session:
                await set_bookmark(session, "written", number)
                session.add(TeamRow(id=new_id(), name=f"team {number}", created_at=CLOCK.now()))
            wrote.set()

    writing = asyncio.create_task(write_on())
    await wrote.wait()
    await write_backup(old, tmp_path / "backup.tar", CLOCK)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await working.close()
    await restore_backup(new, tmp_path / "backup.tar", CLOCK)

    last = select(BookmarkRow.seq).where(BookmarkRow.name == "written")
    teams = select(func.count()).where(TeamRow.name.like("team %"))
    counted, bookmark = await facts(new, teams, last)
    assert bookmark == 999 + counted > 999


@ON_BOTH
async def test_numbering_goes_on_after_what_was_restored(
    place: Place, tmp_path: Path, database: str
) -> None:
    old, new = place("old", "sqlite"), place("new", database)
    await filled_center(old)

    await write_backup(old, tmp_path / "backup.tar", CLOCK)
    await restore_backup(new, tmp_path / "backup.tar", CLOCK)

    await index_one(new)


async def index_one(settings: Settings) -> None:
    """Index a new ticket and find it: the numbers before it are taken."""
    database, ticket_id = opened(settings), new_id()
    async with database.transaction() as session:
        await INDEX.put(session, [Indexed(ticket_id, ["parcel"], ["lost"])])
    async with database.reading() as session:
        table = INDEX.table
        numbers = list(await session.scalars(select(table.c.number).order_by(table.c.number)))
        newest = await session.scalar(select(table.c.number).where(table.c.id == ticket_id))
    await database.close()
    assert newest == numbers[-1]
    assert len(numbers) == len(set(numbers)) > 1


async def test_words_are_found_after_a_restore(place: Place, tmp_path: Path) -> None:
    old, new = place("old", "sqlite"), place("new", "sqlite")
    await filled_center(old)
    database, ticket_id = opened(old), new_id()
    async with database.transaction() as session:
        await INDEX.put(session, [Indexed(ticket_id, terms("The parcel is lost"), [])])
    await database.close()

    await write_backup(old, tmp_path / "backup.tar", CLOCK)
    await restore_backup(new, tmp_path / "backup.tar", CLOCK)

    found = INDEX.match("sqlite", question("lost parcels"))
    assert await facts(new, select(found.c.id)) == [ticket_id]


async def test_a_file_that_is_gone_or_changed_is_counted_and_the_rest_is_kept(
    place: Place, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old, new = place("old", "sqlite"), place("new", "sqlite")
    await filled_center(old)
    gone, changed, *whole = sorted({row[0] for row in await blob_names(old)})
    store = BlobStore(old.data_dir / "blobs")
    store.path(blob_key(gone)).unlink()
    store.path(blob_key(changed)).write_bytes(b"a flipped bit")

    written = await write_backup(old, tmp_path / "backup.tar", CLOCK)
    restored = await restore_backup(new, tmp_path / "backup.tar", CLOCK)

    assert (written.lost_blobs, restored.lost_blobs, restored.blobs) == (2, 2, len(whole))
    told = [record.__dict__["blob"] for record in caplog.records if "damaged" in record.msg]
    assert told == [gone, changed]


async def test_a_folder_gets_a_file_named_by_the_time(place: Place, tmp_path: Path) -> None:
    old = place("old", "sqlite")
    await filled_center(old, blobs=1)

    written = await write_backup(old, tmp_path, ManualClock())

    assert written.path == tmp_path / "contact-center-20300107-090000.tar"
    assert check_archive(written.path).manifest.rows["agent"] == ROWS


async def test_a_backup_does_not_replace_a_file(place: Place, tmp_path: Path) -> None:
    old = place("old", "sqlite")
    await filled_center(old, blobs=1)
    (tmp_path / "backup.tar").write_text("last week's")

    with pytest.raises(FileExistsError):
        await write_backup(old, tmp_path / "backup.tar", CLOCK)

    assert (tmp_path / "backup.tar").read_text() == "last week's"


async def test_a_backup_that_fails_leaves_no_file(place: Place, tmp_path: Path) -> None:
    old = place("old", "sqlite")
    await filled_center(old, blobs=1)
    (old.data_dir / "secret.key").unlink()
    (tmp_path / "target").mkdir()

    with pytest.raises(SettingsError, match="no key at"):
        await write_backup(old, tmp_path / "target" / "backup.tar", CLOCK)

    assert list((tmp_path / "target").iterdir()) == []


async def test_where_there_is_no_center_there_is_no_backup(place: Place, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no database"):
        await write_backup(place("none", "sqlite"), tmp_path / "backup.tar", CLOCK)


@pytest.mark.parametrize("what", ["data directory", "database"])
async def test_nothing_is_restored_over_something(place: Place, tmp_path: Path, what: str) -> None:
    old = place("old", "sqlite")
    await filled_center(old, blobs=1)
    await write_backup(old, tmp_path / "backup.tar", CLOCK)
    before = await rows_of(old)
    into = old
    if what == "database":
        url = Secret(f"sqlite:///{old.data_dir / 'center.db'}")
        into = Settings(data_dir=tmp_path / "new", database_url=url)

    with pytest.raises(SettingsError, match="is not empty"):
        await restore_backup(into, tmp_path / "backup.tar", CLOCK)

    assert await rows_of(old) == before
    assert what != "database" or list(into.data_dir.iterdir()) == []
