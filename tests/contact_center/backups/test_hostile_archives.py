"""An archive is believed only when it is exactly what a backup wrote."""

import asyncio
import hashlib
import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import msgspec
import pytest

from contact_center.backups.archive import ArchiveError, Member, read_members
from contact_center.backups.checking import check_archive
from contact_center.backups.restoring import restore_backup
from contact_center.backups.writing import write_backup
from contact_center.migrate import upgrade
from contact_center.settings import Settings
from kernel.blobs import BlobStore
from kernel.clock import SystemClock
from kernel.database import Database
from kernel.errors import CenterError
from kernel.secrets import make_master
from tests.contact_center.backups.filled import fill

CLOCK = SystemClock()

Change = Callable[[list[Member]], list[Member]]


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> list[Member]:
    """The members of a good backup."""
    return asyncio.run(backed_up(tmp_path_factory.mktemp("good")))


async def backed_up(folder: Path) -> list[Member]:
    settings = Settings(data_dir=folder / "old")
    settings.data_dir.mkdir(mode=0o700)
    make_master(settings.data_dir / "secret.key")
    keys = await BlobStore(settings.data_dir / "blobs").put_many([b"one", b"two", b"three"])
    database = Database(settings.database_url.reveal(), CLOCK)
    await upgrade(database)
    await fill(database, [str(key) for key in keys])
    await database.close()
    await write_backup(settings, folder / "good.tar", CLOCK)
    return list(read_members(folder / "good.tar"))


def packed(path: Path, members: list[Member]) -> Path:
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for member in members:
            info = tarfile.TarInfo(member.name)
            info.size = len(member.data)
            tar.addfile(info, io.BytesIO(member.data))
    return trimmed(path)


def trimmed(path: Path) -> Path:
    """tarfile fills up to twenty blocks; our archives end with two empty ones."""
    path.write_bytes(path.read_bytes().rstrip(b"\0"))
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(bytes(-size % 512 + 1024))
    return path


def signed(members: list[Member]) -> list[Member]:
    """Make the manifest and its hash fit what is there: only the contents are wrong then."""
    found = {member.name: member.data for member in members}
    manifest = msgspec.json.decode(found["manifest.json"])
    manifest["members"] = {
        name: hashlib.sha256(data).hexdigest()
        for name, data in found.items()
        if not name.startswith(("blobs/", "manifest."))
    }
    data = msgspec.json.encode(manifest)
    closing = {"manifest.json": data, "manifest.sha256": hashlib.sha256(data).hexdigest().encode()}
    return [Member(one.name, closing.get(one.name, one.data)) for one in members]


def with_data(name: str, change: Callable[[bytes], bytes]) -> Change:
    def changed(members: list[Member]) -> list[Member]:
        assert name in {member.name for member in members}
        return signed(
            [
                Member(one.name, change(one.data) if one.name == name else one.data)
                for one in members
            ]
        )

    return changed


def without(start: str) -> Change:
    return lambda members: [one for one in members if not one.name.startswith(start)]


def and_also(name: str, data: bytes = b"x", *, before: str = "manifest.json") -> Change:
    def changed(members: list[Member]) -> list[Member]:
        place = [one.name for one in members].index(before)
        return [*members[:place], Member(name, data), *members[place:]]

    return changed


def with_rows_of(name: str, other: str) -> Change:
    def changed(members: list[Member]) -> list[Member]:
        rows = next(one.data for one in members if one.name == other)
        return with_data(name, lambda _: rows)(members)

    return changed


def swapped(first: str, second: str) -> Change:
    def changed(members: list[Member]) -> list[Member]:
        found = {one.name: one for one in members}
        exchange = {first: found[second], second: found[first]}
        return signed([exchange.get(one.name, one) for one in members])

    return changed


AGENTS = "tables/agent/000001.jsonl"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(and_also("../evil"), "does not belong", id="a name that climbs out"),
        pytest.param(and_also("/etc/passwd"), "does not belong", id="an absolute name"),
        pytest.param(and_also("blobs/../../x"), "does not belong", id="a blob that climbs out"),
        pytest.param(and_also("center.db"), "does not belong", id="a file nobody asked for"),
        pytest.param(and_also("blobs/" + "0" * 63), "does not belong", id="a short blob"),
        pytest.param(
            and_also("tables/agent/000009.jsonl", before="secret.key"), "not belong", id="a gap"
        ),
        pytest.param(
            and_also("tables/spies/000001.jsonl", before="secret.key"), "not belong", id="a table"
        ),
        pytest.param(and_also(AGENTS), "not where it belongs", id="rows after the files"),
        pytest.param(and_also("secret.key"), "not where it belongs", id="a second key"),
        pytest.param(and_also("header.json"), "not where it belongs", id="a second header"),
        pytest.param(
            and_also("blobs/" + hashlib.sha256(b"x").hexdigest(), before="secret.key"),
            "not where it belongs",
            id="a file before the key",
        ),
        pytest.param(and_also("blobs/" + "f" * 64), "changed or damaged", id="a wrong blob"),
        pytest.param(without("blobs/"), "does not hold the files", id="no files"),
        pytest.param(without(AGENTS), "not as it was written", id="missing rows"),
        pytest.param(without("secret.key"), "secret.key is not as it was", id="no key"),
        pytest.param(without("manifest.sha256"), "ends too early", id="no hash at the end"),
        pytest.param(without("manifest"), "ends too early", id="cut before the manifest"),
        pytest.param(without("header"), "not a backup", id="no header"),
        pytest.param(
            swapped(AGENTS, "tables/team/000001.jsonl"), "not belong", id="tables in another order"
        ),
        pytest.param(
            with_rows_of(AGENTS, "tables/team/000001.jsonl"), "shape", id="rows of another table"
        ),
        pytest.param(
            with_data(AGENTS, lambda rows: rows[: rows.index(b"\n")]), "many rows", id="fewer rows"
        ),
        pytest.param(with_data(AGENTS, lambda _: b"[1,2]"), "shape", id="rows of another shape"),
        pytest.param(with_data(AGENTS, lambda _: b"\xff"), "shape", id="rows that are no JSON"),
        pytest.param(
            with_data("header.json", lambda data: data.replace(b'"schema":"', b'"schema":"9')),
            "restore with that version",
            id="a schema of the future",
        ),
        pytest.param(
            with_data("header.json", lambda data: data.replace(b'"format":1', b'"format":2')),
            "restore with that version",
            id="a format of the future",
        ),
        pytest.param(
            with_data("header.json", lambda data: data.replace(b'"agent"', b'"agents"')),
            "tables of this backup",
            id="a table of another name",
        ),
        pytest.param(
            with_data(
                "header.json",
                lambda data: data.replace(b'"password_hash":"text"', b'"password_hash":"whole"'),
            ),
            "columns of this backup",
            id="a column of another type",
        ),
        pytest.param(with_data("header.json", lambda _: b"{}"), "not a backup", id="empty header"),
        pytest.param(
            with_data("secret.key", lambda _: b"not a key\n"), "not a key", id="a key that is none"
        ),
    ],
)
async def test_nothing_is_restored_from_an_archive_with(
    members: list[Member], tmp_path: Path, change: Change, says: str
) -> None:
    bad = packed(tmp_path / "bad.tar", change(members))
    new = Settings(data_dir=tmp_path / "new")

    with pytest.raises(CenterError, match=says):
        await restore_backup(new, bad, CLOCK)

    assert not new.data_dir.exists() or list(new.data_dir.iterdir()) == []
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE],
    ids=["symlink", "hard link", "folder", "pipe", "device"],
)
def test_only_plain_files_are_read(tmp_path: Path, kind: bytes) -> None:
    info = tarfile.TarInfo("blobs/" + "0" * 64)
    info.type, info.linkname = kind, "/etc/passwd"
    with tarfile.open(tmp_path / "bad.tar", "w", format=tarfile.USTAR_FORMAT) as tar:
        tar.addfile(info)

    with pytest.raises(ArchiveError, match="does not belong"):
        list(read_members(trimmed(tmp_path / "bad.tar")))


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT], ids=["pax", "gnu"])
def test_long_names_by_an_extension_are_not_followed(tmp_path: Path, form: int) -> None:
    with tarfile.open(tmp_path / "bad.tar", "w", format=form) as tar:
        tar.addfile(tarfile.TarInfo("x" * 300))

    with pytest.raises(ArchiveError, match="does not belong"):
        list(read_members(trimmed(tmp_path / "bad.tar")))


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04 a zip", b"x" * 5_000, bytes(512), bytes(1_023)],
    ids=["nothing", "a zip", "junk", "half an end", "an end cut short"],
)
def test_what_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "bad.tar").write_bytes(data)

    with pytest.raises(ArchiveError):
        check_archive(tmp_path / "bad.tar")


def test_what_follows_the_end_is_refused(members: list[Member], tmp_path: Path) -> None:
    good = packed(tmp_path / "good2.tar", members)
    with good.open("ab") as file:
        file.write(b"more")

    with pytest.raises(ArchiveError, match="does not end"):
        check_archive(good)


@pytest.mark.slow
def test_a_flipped_bit_or_a_lost_end_is_found_wherever_it_is(
    members: list[Member], tmp_path: Path
) -> None:
    good = packed(tmp_path / "good2.tar", members).read_bytes()
    check_archive(tmp_path / "good2.tar")
    random = Random(7)  # noqa: S311 - the same each time
    offset, spans = 0, list[tuple[int, int]]()
    for member in members:
        spans.append((offset + 512, len(member.data)))
        offset += 512 + len(member.data) + (-len(member.data) % 512)

    for start, length in spans:
        place = start + random.randrange(length)
        bad = bytearray(good)
        bad[place] ^= 1 << random.randrange(8)
        (tmp_path / "bad.tar").write_bytes(bad)
        with pytest.raises(ArchiveError):
            check_archive(tmp_path / "bad.tar")
        (tmp_path / "bad.tar").write_bytes(good[:place])
        with pytest.raises(ArchiveError):
            check_archive(tmp_path / "bad.tar")


async def test_rows_that_refer_to_nothing_are_not_restored(
    members: list[Member], tmp_path: Path
) -> None:
    def orphaned(rows: bytes) -> bytes:
        agent = msgspec.json.decode(rows.split(b"\n")[0])
        return rows.replace(str(agent[3]).encode(), b"00000000-0000-0000-0000-000000000000")

    header = msgspec.json.decode(members[0].data)
    columns = next(table["columns"] for table in header["tables"] if table["name"] == "agent")
    assert list(columns)[3] == "role_id"
    bad = packed(tmp_path / "bad.tar", with_data(AGENTS, orphaned)(members))
    new = Settings(data_dir=tmp_path / "new")

    with pytest.raises(ArchiveError, match="do not fit together"):
        await restore_backup(new, bad, CLOCK)

    assert list(new.data_dir.iterdir()) == []
