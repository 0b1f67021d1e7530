"""A system of one's own: what cannot work is said at once, with the field and the cure."""

from typing import Any
from uuid import UUID

import pytest

from channels.custom.channel import CHANNEL
from channels.custom.connector import CustomConnector
from channels.envelope import Account, Checks, Connector, Hooked
from channels.errors import MisconfiguredError
from tests.channels.scene import Desk, surroundings
from tests.simulators.custom import SECRET


def made(secret: str = SECRET, **settings: Any) -> CustomConnector:
    account = Account(
        id=UUID(int=6),
        kind="custom",
        name="App",
        settings={"url": "https://app.example/answers", **settings},
        secrets={"signing_secret": secret},
    )
    return CustomConnector(account, surroundings(Desk(), allow_private_hosts=False))


def test_it_is_a_connector_that_is_called_and_can_be_tried() -> None:
    connector: Connector = made()
    hooked: Hooked = made()
    checked: Checks = made()

    assert {one.__class__ for one in (connector, hooked, checked)} == {CustomConnector}


@pytest.mark.parametrize(
    ("secret", "settings", "words"),
    [
        ("", {}, "make one"),
        ("short", {}, "at least 32 random characters"),
        ("a" * 64, {}, "random"),
        ("ї" * 40 + SECRET, {}, "ASCII"),
        (SECRET, {"url": "ftp://app.example"}, "url"),
        (SECRET, {"url": "http://app.example"}, "use https"),
        (SECRET, {"url": "https://127.0.0.1/x"}, "not a public address"),
        (SECRET, {"url": "https://app.example/#here"}, "leave out"),
        (SECRET, {"file_hosts": ["not a host"]}, "file_hosts"),
        (SECRET, {"file_hosts": ["127.1"]}, "file_hosts"),
        (SECRET, {"unknown": 1}, "unknown"),
    ],
    ids=[
        *("none", "short", "same", "letters", "scheme", "plain", "inside", "fragment"),
        *("host", "number", "unknown"),
    ],
)
def test_what_cannot_work_is_refused_with_the_field(
    secret: str, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(MisconfiguredError, match=words):
        made(secret, **settings)


def test_a_client_of_one_system_is_not_reached_through_another() -> None:
    assert CHANNEL.reaches("key:u-42", "key")
    assert CHANNEL.reaches("key:u:42", "key")
    assert not CHANNEL.reaches("key:u-42", "other")
    assert not CHANNEL.reaches("u-42", "u-42")
