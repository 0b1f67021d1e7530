"""Saved passwords go only to the server they were saved for, whoever changes the mailbox."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from contact_center.app import open_center
from contact_center.settings import Settings
from kernel.clock import SystemClock
from tests.desk_api import DeskApi, RefusedError, serving
from tests.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")
SAVED = "correct-horse"


@asynccontextmanager
async def _listening() -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that notes what it is told, and lets everybody come as far as signing in."""
    came: list[bytes] = []

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(b"somebody came")
        writer.write(b"* OK IMAP4rev1 ready\r\n")
        while line := await reader.readline():
            came.append(line)
            tag, _, command = line.partition(b" ")
            known = command.startswith(b"CAPABILITY")
            answer = b"* CAPABILITY IMAP4rev1\r\n%s OK done\r\n" if known else b"%s NO\r\n"
            writer.write(answer % tag)
        writer.close()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], came


def _settings(**more: Any) -> dict[str, Any]:
    return {
        "address": "support@desk.example",
        "imap_host": "127.0.0.1",
        "imap_port": 1993,
        "imap_tls": "none",
        "imap_user": "support",
        "smtp_host": "127.0.0.1",
        "smtp_port": 1587,
        "smtp_tls": "none",
        "smtp_user": "support",
    } | more


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(
    chat_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[DeskApi]:
    """An administrator of a center that speaks to real mail servers, one for this module."""
    data_dir = tmp_path_factory.mktemp("accounts") / "var"
    shutil.copytree(chat_template, data_dir)
    settings = Settings(data_dir=data_dir, listen_port=free_port(), allow_private_hosts=True)
    async with open_center(settings, SystemClock()) as center, serving(center) as api:
        yield api


@pytest_asyncio.fixture(loop_scope="module")
async def mailbox(office: DeskApi) -> dict[str, Any]:
    """A mailbox with both passwords saved; switched off, so that nothing connects by itself."""
    saved: dict[str, Any] = await office.post(
        "accounts",
        {
            "kind": "mail",
            "name": "Support",
            "settings": _settings(),
            "secrets": {"imap_password": SAVED, "smtp_password": SAVED},
            "enabled": False,
        },
    )
    return saved


async def test_a_saved_password_is_never_tried_on_another_server(
    office: DeskApi, mailbox: dict[str, Any]
) -> None:
    async with _listening() as (port, came):
        for side in ("imap", "smtp"):
            with pytest.raises(RefusedError) as refused:
                await office.post(
                    "accounts/check",
                    {
                        "kind": "mail",
                        "settings": _settings(**{f"{side}_port": port}),
                        "account_id": mailbox["id"],
                    },
                )
            assert (refused.value.status, refused.value.field) == (422, f"{side}_password")

    assert came == []


async def test_a_saved_password_is_not_moved_to_another_server(
    office: DeskApi, mailbox: dict[str, Any]
) -> None:
    for change in ({"imap_host": "127.0.0.2"}, {"imap_user": "boss"}, {"imap_port": 1994}):
        with pytest.raises(RefusedError) as refused:
            await office.patch(
                f"accounts/{mailbox['id']}",
                {"version": mailbox["version"], "settings": _settings(**change), "enabled": True},
            )
        assert (refused.value.status, refused.value.field) == (422, "imap_password")

    kept = next(one for one in await office.get("accounts") if one["id"] == mailbox["id"])
    assert kept["settings"] == mailbox["settings"]
    assert not kept["enabled"]


async def test_a_mailbox_moves_when_its_password_is_entered_again(
    office: DeskApi, mailbox: dict[str, Any]
) -> None:
    moved = await office.patch(
        f"accounts/{mailbox['id']}",
        {
            "version": mailbox["version"],
            "settings": _settings(imap_host="127.0.0.2"),
            "secrets": {"imap_password": "another-horse"},
        },
    )

    assert moved["settings"]["imap_host"] == "127.0.0.2"
    assert moved["secrets_set"] == ["imap_password", "smtp_password"]


async def test_a_password_given_empty_is_forgotten(
    office: DeskApi, mailbox: dict[str, Any]
) -> None:
    changed = await office.patch(
        f"accounts/{mailbox['id']}",
        {
            "version": mailbox["version"],
            "settings": _settings(smtp_user=""),
            "secrets": {"smtp_password": ""},
        },
    )

    assert changed["secrets_set"] == ["imap_password"]


async def test_the_saved_password_is_tried_where_it_belongs(office: DeskApi) -> None:
    async with _listening() as (port, came):
        mailbox = await office.post(
            "accounts",
            {
                "kind": "mail",
                "name": "Support",
                "settings": _settings(imap_port=port),
                "secrets": {"imap_password": SAVED},
                "enabled": False,
            },
        )

        checked = await office.post(
            "accounts/check",
            {
                "kind": "mail",
                "settings": _settings(imap_port=port, display_name="Help"),
                "account_id": mailbox["id"],
            },
        )

    assert [(step["name"], step["ok"]) for step in checked["steps"]][:2] == [
        ("imap_connect", True),
        ("imap_sign_in", False),
    ]
    assert any(SAVED.encode() in line for line in came)


async def test_passwords_of_a_mailbox_are_not_tried_as_something_else(
    office: DeskApi, mailbox: dict[str, Any]
) -> None:
    with pytest.raises(RefusedError) as refused:
        await office.post(
            "accounts/check", {"kind": "webchat", "settings": {}, "account_id": mailbox["id"]}
        )

    assert (refused.value.status, refused.value.field) == (422, "kind")
