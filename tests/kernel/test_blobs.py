"""What was promised to be kept is there, once, private, and swept only when nobody needs it."""

import asyncio
import hashlib
import os
import resource
import subprocess
import sys
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kernel.blobs import BlobKey, BlobStore, blob_key
from kernel.errors import NotFoundError, OverloadedError

DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


async def nobody_knows(_keys: Collection[BlobKey]) -> Collection[BlobKey]:
    return ()


async def test_parts_are_read_back_in_the_order_they_were_given(store: BlobStore) -> None:
    parts = [os.urandom(size) for size in (0, 1, 70_000, 1_000_000)]

    keys = await store.put_many(parts)

    assert [await store.read(key) for key in keys] == parts
    assert keys == [hashlib.sha256(part).hexdigest() for part in parts]


async def test_equal_bytes_are_one_file_that_is_not_written_again(store: BlobStore) -> None:
    (first,) = await store.put_many([b"same"])
    inode = store.path(first).stat().st_ino

    again = await store.put_many([b"same", b"same"])

    assert again == [first, first]
    assert store.path(first).stat().st_ino == inode


async def test_storing_the_same_part_from_many_sides_at_once_keeps_it_whole(
    store: BlobStore,
) -> None:
    part = os.urandom(200_000)

    keys = await asyncio.gather(*(store.put(part) for _ in range(20)))

    assert len(set(keys)) == 1
    assert await store.verify(keys[0])


async def test_files_are_private_and_named_by_their_hash_alone(
    store: BlobStore, tmp_path: Path
) -> None:
    key = await store.put(b"../../etc/passwd")

    found = [path for path in (tmp_path / "blobs").rglob(key) if path.is_file()]

    assert [path.name for path in found] == [key]
    assert found[0].stat().st_mode & 0o777 == 0o600
    assert found[0].parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["", "../secret.key", "A" * 64, "a" * 63, "a" * 64 + "\n"])
async def test_what_is_no_key_names_no_file(store: BlobStore, name: str) -> None:
    with pytest.raises(NotFoundError):
        blob_key(name)
    with pytest.raises(NotFoundError):
        await store.read(BlobKey(name))


async def test_a_missing_blob_is_not_found(store: BlobStore) -> None:
    with pytest.raises(NotFoundError):
        await store.read(BlobKey("0" * 64))


async def test_verifying_notices_a_changed_byte(store: BlobStore) -> None:
    key = await store.put(b"a signed contract")
    assert await store.verify(key)

    store.path(key).write_bytes(b"a forged contract")

    assert not await store.verify(key)


async def test_an_orphan_is_swept_after_its_grace_and_what_is_known_stays(
    store: BlobStore,
) -> None:
    kept, orphan = await store.put_many([b"kept", b"orphan"])
    asked: list[BlobKey] = []

    async def known(keys: Collection[BlobKey]) -> Collection[BlobKey]:
        asked.extend(keys)
        return [key for key in keys if key == kept]

    early = await store.sweep(known, older_than=datetime.now(UTC) - DAY)
    late = await store.sweep(known, older_than=datetime.now(UTC) + DAY)

    assert (early, late) == (0, 1)
    assert sorted(asked) == sorted([kept, orphan])
    assert await store.read(kept) == b"kept"
    with pytest.raises(NotFoundError):
        await store.read(orphan)


async def test_a_blob_that_is_stored_again_during_a_sweep_stays(store: BlobStore) -> None:
    key = await store.put(b"comes again")
    long_ago = (datetime.now(UTC) - 2 * DAY).timestamp()
    os.utime(store.path(key), (long_ago, long_ago))

    async def known(_keys: Collection[BlobKey]) -> Collection[BlobKey]:
        await store.put(b"comes again")
        return ()

    assert await store.sweep(known, older_than=datetime.now(UTC) - DAY) == 0
    assert await store.read(key) == b"comes again"


async def test_what_a_crash_left_half_written_is_swept(store: BlobStore, tmp_path: Path) -> None:
    left = tmp_path / "blobs" / "arriving" / "half"
    left.write_bytes(b"hal")

    await store.sweep(nobody_knows, older_than=datetime.now(UTC) + DAY)

    assert not left.exists()


async def test_a_disk_that_cannot_be_written_is_an_overload(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "blobs")
    (tmp_path / "blobs" / "arriving").rmdir()

    with pytest.raises(OverloadedError):
        await store.put(b"nowhere to go")


def test_a_write_that_is_cut_short_leaves_no_blob_and_no_rest(tmp_path: Path) -> None:
    """The limit on a file's size stops the write in the middle, as a full disk does."""
    program = """
import asyncio, sys
from pathlib import Path
from kernel.blobs import BlobStore
from kernel.errors import OverloadedError
store = BlobStore(Path(sys.argv[1]))
try:
    asyncio.run(store.put_many([b"small", b"x" * 1_000_000]))
except OverloadedError:
    print("overloaded")
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "blobs")],
        cwd=Path(__file__).parents[2],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
        capture_output=True,
        text=True,
        check=True,
    )

    files = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]

    assert done.stdout == "overloaded\n"
    assert sorted(path.stat().st_size for path in files) == [0, len(b"small")]
