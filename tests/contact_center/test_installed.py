"""What is deployed: the wheel holds everything, and runs far from the checkout."""

import asyncio
import subprocess
import sys
import zipfile
from pathlib import Path

import aiohttp
import pytest

from scripts.shell import ROOT
from tests.contact_center.served import environment, serving
from tests.postgres import PostgresServer

pytestmark = pytest.mark.slow

ROOMS = {
    *("channels", "clients", "contact_center", "desk", "kernel"),
    *("knowledge_base", "routing", "staff", "supervision", "tickets", "web"),
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = ["-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run([sys.executable, *build], cwd=ROOT, check=True, timeout=60)
    (made,) = folder.glob("*.whl")
    return made


def test_the_wheel_holds_the_program_its_pages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())

    assert {name.split("/")[0] for name in names if "dist-info" not in name} == ROOMS
    assert {
        "web/static/console/index.html",
        "web/static/widget/widget.js",
        "contact_center/migrations/versions/0001_first_schema.py",
        "contact_center/migrations/env.py",
    } <= names
    assert not [name for name in names if name.startswith(("web/console/", "web/widget/"))]
    assert any(name.endswith("dist-info/entry_points.txt") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


async def test_it_runs_from_the_wheel_alone_on_postgresql(
    wheel: Path, tmp_path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed, elsewhere = tmp_path / "installed", tmp_path / "elsewhere"
    elsewhere.mkdir()
    with zipfile.ZipFile(wheel) as opened:
        await asyncio.to_thread(opened.extractall, installed)
    monkeypatch.chdir(elsewhere)
    database = postgres.new_database()
    # The PostgreSQL of the tests is made to be fast, not to survive a power cut.
    env = environment(tmp_path / "var", database_url=database, database_allow_unsafe_commits="true")
    env = {**env, "PYTHONPATH": str(installed)}

    found: dict[str, int] = {}
    async with serving(env) as served, aiohttp.ClientSession() as ask:
        where = Path(f"/proc/{served.process.pid}/cwd").resolve()
        for path in ("/", "/widget.js", "/readyz", "/help", "/api/openapi.json"):
            async with ask.get(served.url + path) as answer:
                found[path] = answer.status

    assert set(found.values()) == {200}
    assert where == elsewhere


def test_an_image_is_built_of_every_room_of_the_wheel() -> None:
    let_in = (ROOT / ".dockerignore").read_text().splitlines()

    assert {f"!{room}" for room in ROOMS} <= set(let_in)
