"""`serve` says where it is, refuses in one sentence, and stops in time."""

import asyncio
import re
import signal
import socket
from pathlib import Path

import aiohttp
import pytest

from tests.contact_center.served import Ran, environment, run, serving
from tests.postgres import PostgresServer

pytestmark = pytest.mark.slow


def sentence(ran: Ran) -> str:
    """Return the one sentence of a refusal: no traceback, nothing else but log lines."""
    lines = [line for line in ran.err.splitlines() if not line.startswith("{")]
    assert ran.status == 1, ran
    assert len(lines) == 1, ran.err
    return lines[0]


async def test_it_serves_at_the_address_it_prints_and_ends_well_when_told(tmp_path: Path) -> None:
    async with serving(environment(tmp_path / "var")) as center:
        async with aiohttp.ClientSession() as http, http.get(f"{center.url}/readyz") as answer:
            told = await answer.json()
        center.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            status = await center.process.wait()

    assert told["status"] == "ready"
    assert status == 0


async def test_the_word_for_the_first_administrator_is_printed_until_there_is_one(
    tmp_path: Path,
) -> None:
    env = environment(tmp_path / "var")
    async with serving(env) as center:
        assert center.process.stderr is not None
        rest = await center.process.stderr.readuntil(b"setup?token=")
    who = ("--name", "Ann", "--email", "ann@example.com", "--role", "administrator")
    await run(env, "add-agent", *who, "--password", "three blue parcels")
    async with serving(env) as center:
        center.process.send_signal(signal.SIGTERM)
        _, after = await center.process.communicate()

    assert b"Nobody works here yet" in rest
    assert b"token" not in center.told + after


async def test_an_open_console_does_not_hold_up_the_end(tmp_path: Path) -> None:
    async with serving(environment(tmp_path / "var")) as center:
        port = int(center.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        center.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(25):
            status = await center.process.wait()
        writer.close()

    assert status == 0


async def test_a_taken_port_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ran = await run(environment(tmp_path / "var", listen_port=port), "serve")

    assert re.search(rf"port {port}: another program has it; .*set listen_port", sentence(ran))
    assert not (tmp_path / "var").exists()


async def test_an_address_of_another_machine_is_refused(tmp_path: Path) -> None:
    ran = await run(environment(tmp_path / "var", listen_host="192.0.2.1"), "serve")

    assert "listen_host is not an address of this machine" in sentence(ran)


async def test_two_centers_do_not_share_a_directory(tmp_path: Path) -> None:
    env = environment(tmp_path / "var")
    async with serving(env):
        ran = await run(env, "serve")

    assert "another center runs on" in sentence(ran)


async def test_after_a_kill_the_next_start_finds_the_directory_free(tmp_path: Path) -> None:
    env = environment(tmp_path / "var")
    async with serving(env) as center:
        center.process.send_signal(signal.SIGKILL)
        await center.process.wait()
    async with serving(env) as center:
        assert center.url.startswith("http://127.0.0.1:")


REFUSALS = {
    "a directory that cannot be": ({"data_dir": "/proc/nowhere/var"}, "cannot be written"),
    "a server that is away": (
        {"database_url": "postgresql://desk:hunter2@127.0.0.1:1/desk"},
        r"cannot use the database postgresql\S*127.0.0.1:1/desk .*database_url is right",
    ),
    "a server nobody knows": (
        {"database_url": "postgresql://desk:hunter2@nowhere.invalid/desk"},
        "cannot use the database .*nowhere.invalid/desk",
    ),
    "a socket that is not there": (
        {"database_url": "postgresql://desk:hunter2@/desk?host=/nowhere"},
        "cannot use the database",
    ),
    "an option no driver has": (
        {"database_url": "postgresql://desk:hunter2@127.0.0.1:1/desk?colour=red"},
        "unexpected keyword argument 'colour'",
    ),
    "a file that is no database": (
        {"database_url": f"sqlite:///{Path(__file__)}"},
        "is not a SQLite database",
    ),
    "a setting nobody has": ({"listen_prot": 80}, "did you mean"),
}


@pytest.mark.parametrize(("settings", "says"), REFUSALS.values(), ids=REFUSALS)
async def test_it_does_not_start_with(
    tmp_path: Path, settings: dict[str, object], says: str
) -> None:
    ran = await run(environment(**{"data_dir": tmp_path / "var", **settings}), "serve")

    assert re.search(says, sentence(ran))
    assert "hunter2" not in ran.err


async def test_a_database_that_does_not_exist_or_lets_nobody_in_is_named(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    url = postgres.url("nothing").replace("+asyncpg", "")

    ran = await run(environment(tmp_path / "var", database_url=url), "serve")

    assert re.search(r"/nothing \(database .nothing. does not exist\)", sentence(ran))


async def test_a_postgresql_that_may_forget_commits_is_refused_before_anything_is_made(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    url = postgres.new_database().replace("+asyncpg", "")

    ran = await run(environment(tmp_path / "var", database_url=url), "serve")

    assert re.search(
        r"fsync and full_page_writes and synchronous_commit off: .*set it on in postgresql\.conf",
        sentence(ran),
    )
    assert not list((tmp_path / "var").iterdir())


async def test_the_first_start_on_postgresql_serves(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    url = postgres.new_database().replace("+asyncpg", "")
    env = environment(tmp_path / "var", database_url=url, database_allow_unsafe_commits="true")

    async with (
        serving(env) as center,
        aiohttp.ClientSession() as http,
        http.get(f"{center.url}/readyz") as answer,
    ):
        assert (await answer.json())["status"] == "ready"
