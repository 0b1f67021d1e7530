"""A caller who leaves within a request is no incident."""

import asyncio
import logging
from pathlib import Path

import pytest

from tests.desk_api import DeskApi

pytestmark = pytest.mark.slow


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'center.db'}"


async def test_a_caller_who_hangs_up_within_a_request_is_no_incident(
    desk: DeskApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    _, writer = await asyncio.open_connection("127.0.0.1", desk.url.port)
    head = "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    writer.write(f'{head}Content-Length: 99\r\n\r\n{{"email":'.encode())
    await writer.drain()
    await desk.get("tickets")  # by now the first request waits for its body

    writer.transport.abort()
    await desk.get("tickets")

    assert [one.message for one in caplog.records if one.levelno >= logging.WARNING] == []
