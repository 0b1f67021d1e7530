"""A bot's settings: what cannot work is said at once, and its token goes where it was saved for."""

import logging
import subprocess
import sys
from io import StringIO
from uuid import uuid4

import pytest

from channels.channel import Surroundings
from channels.envelope import Account, Checks, Connector, Hooked, Listens
from channels.errors import MisconfiguredError
from channels.telegram.account import secrets_bound_elsewhere
from channels.telegram.connector import TelegramConnector
from channels.telegram.cursor import read_position
from kernel.log import JsonLines
from tests.channels.scene import Desk, surroundings
from tests.channels.telegram.scene import account
from tests.simulators.telegram import TOKEN, TelegramServer


def made(account: Account, around: Surroundings | None = None) -> TelegramConnector:
    return TelegramConnector(account, around or surroundings(Desk()))


def plain(token: str = TOKEN, **settings: object) -> Account:
    return Account(
        id=uuid4(),
        kind="telegram",
        name="Shop",
        settings=settings,
        secrets={"bot_token": token},
    )


def test_it_is_a_connector_that_listens_is_called_and_can_be_tried() -> None:
    connector: Connector = made(plain())
    listening: Listens = made(plain())
    hooked: Hooked = made(plain())
    checked: Checks = made(plain())

    assert {one.__class__ for one in (connector, listening, hooked, checked)} == {TelegramConnector}


@pytest.mark.parametrize(
    ("token", "settings", "words"),
    [
        ("", {}, "paste the token"),
        ("12345", {}, "this is no bot token"),
        (TOKEN, {"receiving": "pigeon"}, "receiving"),
        (TOKEN, {"unknown": 1}, "unknown"),
        (TOKEN, {"api_url": "ftp://x.example"}, "api_url"),
        (TOKEN, {"api_url": "http://api.example"}, "use https"),
        (TOKEN, {"api_url": "https://127.0.0.1"}, "not a public address"),
        (TOKEN, {"api_url": "https://api.example/?a=1"}, "leave out"),
    ],
    ids=["none", "torn", "way", "unknown", "scheme", "plain", "inside", "query"],
)
def test_what_cannot_work_is_refused_with_the_field(
    token: str, settings: dict[str, object], words: str
) -> None:
    around = surroundings(Desk(), allow_private_hosts=False)

    with pytest.raises(MisconfiguredError, match=words):
        made(plain(token, **settings), around)


def test_a_saved_token_is_asked_for_anew_when_the_server_changes() -> None:
    moved = secrets_bound_elsewhere({}, {"api_url": "https://evil.example"})

    assert moved == {"bot_token": "api_url"}
    assert secrets_bound_elsewhere({}, {"api_url": "https://api.telegram.org"}) == {}


@pytest.mark.parametrize("cursor", [None, "", "1", "1:2:3", "a:b", "1:99999999999999"])
def test_a_cursor_that_cannot_be_read_is_none(cursor: str | None) -> None:
    assert read_position(cursor) is None


async def test_a_webhook_needs_an_address_that_the_world_reaches(server: TelegramServer) -> None:
    around = surroundings(Desk(), public_url="http://desk.example:8080", allow_private_hosts=True)
    private = surroundings(Desk(), public_url="http://desk.example", allow_private_hosts=False)
    async with made(account(server, receiving="webhook"), around) as bot:
        bot._around = private  # the simulator itself stands in the own network

        steps = await bot.check()

    assert [one.ok for one in steps] == [True, False]
    assert "443" in steps[1].detail


async def test_the_token_is_in_no_log_line_whatever_fails(server: TelegramServer) -> None:
    told = StringIO()
    handler = logging.StreamHandler(told)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(handler)
    level = root.level
    root.setLevel(logging.DEBUG)
    try:
        async with made(account(server)) as bot:
            server.fail("getMe", status=401, description=f"Unauthorized {TOKEN}")
            steps = await bot.check()
            broken = RuntimeError(f"cannot reach {server.url}/bot{TOKEN}/getMe")
            logging.getLogger("channels.telegram").error("broken", exc_info=broken)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)

    assert TOKEN not in told.getvalue() + repr(steps) + repr(bot) + repr(account(server))
    assert "***" in told.getvalue()


@pytest.mark.slow
def test_a_center_without_a_bot_starts_without_the_library() -> None:
    script = "import contact_center.app, sys; sys.exit('telegram' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
