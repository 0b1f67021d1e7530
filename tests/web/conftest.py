"""A running center, furnished once and copied for every test: migrations run a single time."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.web.chat_scene import Scene, furnish_template, furnished, open_scene
from tests.web.world import World, two_teams


@pytest.fixture(scope="session")
def chat_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("chat") / "template"
    asyncio.run(furnish_template(data_dir))
    return data_dir


@pytest.fixture
async def scene(chat_template: Path, tmp_path: Path) -> AsyncIterator[Scene]:
    async with open_scene(furnished(chat_template, tmp_path / "var")) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(
    chat_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """Two teams, shared by the tests of a module, which leave them as they were."""
    async with two_teams(chat_template, tmp_path_factory.mktemp("world") / "var") as opened:
        yield opened
