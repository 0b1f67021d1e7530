"""A running center, furnished once and copied for every test: migrations run a single time."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web.chat_scene import Scene, furnish_template, furnished, open_scene


@pytest.fixture(scope="session")
def chat_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("chat") / "template"
    asyncio.run(furnish_template(data_dir))
    return data_dir


@pytest.fixture
async def scene(chat_template: Path, tmp_path: Path) -> AsyncIterator[Scene]:
    async with open_scene(furnished(chat_template, tmp_path / "var")) as opened:
        yield opened
