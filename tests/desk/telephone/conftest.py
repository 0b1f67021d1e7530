"""One center with a telephone for all tests of a module, which leave nobody on the line."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.desk.telephone.scene import Office, open_office


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with open_office(tmp_path_factory.mktemp("telephone")) as opened:
        yield opened
