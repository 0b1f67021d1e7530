"""The fixtures every test may ask for."""

import gc
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest

from contact_center.app import Center, open_center
from contact_center.settings import Settings
from kernel.clock import SystemClock
from kernel.database import Database
from kernel.secrets import Secret
from tests.clock import ManualClock
from tests.desk_api import DeskApi, serving
from tests.memory import write_in_memory
from tests.ports import free_port
from tests.postgres import PostgresServer, running_postgres
from tests.templates import lay_migrated, new_migrated

WHOLE_CENTERS = frozenset({"center", "chat_template"})
"""Fixtures that open every part of a center, of which a test costs a good part of a second."""

BROWSER_SECONDS = 150
"""For a test with a browser: it waits patiently for many things, one after the other."""

write_in_memory()

# Collecting makes thousands of things that all stay, and searching them for garbage over and over
# takes a fifth of its time.
gc.set_threshold(50_000)

# How long an example takes says how busy the machine is, and nothing about what it shows.
# The same tree is shown by the same examples; HYPOTHESIS_PROFILE=searching looks for new ones.
_PATIENT = hypothesis.settings(
    deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("repeatable", _PATIENT, derandomize=True)
hypothesis.settings.register_profile("searching", _PATIENT, max_examples=1_000, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what needs a whole center out of the fast check, and begin with what takes longest."""
    for item in items:
        if WHOLE_CENTERS.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
    items[:] = _dealt(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
    for item in items:
        if item.get_closest_marker("browser") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(BROWSER_SECONDS))


def _dealt(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Put the tests that were granted more time at the head of each worker's share: one that
    begins last would keep everybody waiting.
    """
    marks = {item: item.get_closest_marker("timeout") for item in items}
    granted = {item: mark.args[0] for item, mark in marks.items() if mark is not None}
    long = sorted(granted, key=lambda item: -granted[item])
    rest = [item for item in items if item not in granted]
    share = -(-len(items) // workers)
    dealt: list[pytest.Item] = []
    for worker in range(workers):
        heads = long[worker::workers]
        room = max(0, share - len(heads))
        dealt += [*heads, *rest[:room]]
        rest = rest[room:]
    return dealt + rest


def pytest_collection_finish() -> None:
    """Leave thousands of collected tests out of every search for garbage: a quarter of the time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_loop_crashes(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A restarted loop hides its crash; here it fails the test."""
    yield
    crashes = [one for one in caplog.records if str(one.msg).startswith("loop crashed")]
    assert not crashes, crashes[0].exc_text


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def dialect(request: pytest.FixtureRequest) -> str:
    """Both databases: what asks for it runs on SQLite, and in the slow part on PostgreSQL too."""
    return str(request.param)


@pytest.fixture
def empty_database_url(
    dialect: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """A database without any table."""
    if dialect == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'center.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.new_database()
    yield url
    server.drop(url)


@pytest.fixture
def database_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with every table and no row."""
    if dialect == "sqlite":
        yield lay_migrated(tmp_path / "center.db")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = new_migrated(server)
    yield url
    server.drop(url)


@pytest.fixture
async def database(database_url: str, clock: ManualClock) -> AsyncIterator[Database]:
    """A migrated database whose clock the test moves."""
    opened = Database(database_url, clock)
    yield opened
    await opened.close()


@pytest.fixture
def undo_seconds() -> int:
    """No undo window, so that answers leave at once; a test of undoing sets its own."""
    return 0


@pytest.fixture
def settings(tmp_path: Path, database_url: str, undo_seconds: int) -> Settings:
    return Settings(
        data_dir=tmp_path / "var",
        database_url=Secret(database_url),
        listen_port=free_port(),
        allow_private_hosts=True,
        company_name="Wonder Shop",
        undo_seconds=undo_seconds,
    )


@pytest.fixture
async def center(settings: Settings) -> AsyncIterator[Center]:
    """A whole center, running in this process, on real time."""
    async with open_center(settings, SystemClock()) as running:
        yield running


@pytest.fixture
async def desk(center: Center) -> AsyncIterator[DeskApi]:
    """The center served on a port, and its administrator signed in."""
    async with serving(center) as api:
        yield api
