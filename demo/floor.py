"""Puts the demonstration together: servers, center, staff, then everybody who moves in it."""

import asyncio
import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
from msgspec import Struct, field

from channels.catalogue import CHANNELS
from demo.agents import ScriptedAgent
from demo.center import Served, serving
from demo.clients import Town, chat, keep_coming, mail, message
from demo.menu import greeting_flow
from demo.phone_page import serving_phones
from demo.phones import Connectable, Phone, TelegramPhone, running_phones
from demo.staff import PASSWORD, STAFF, Colleague
from demo.talking import Desk
from demo.telephones import SHOP, TelephoneLine, Telephones, owners
from tests.ports import free_port
from tests.simulators.mail_servers import PASSWORD as MAIL_PASSWORD
from tests.simulators.mail_servers import Dovecot, SmtpServer, running_dovecot, running_smtp
from tests.simulators.twilio_legs import Pace
from tests.simulators.twilio_voice import running_voice

_SHOP: Final = "windowsill.example"
_ORDERS: Final = "Orders"
_CONNECT_SECONDS: Final = 60.0
_MAILBOXES: Final = (("Support", "support"), ("Orders", "orders"))


class Floor(Struct, kw_only=True):
    """A demonstration that runs."""

    url: str
    widget_key: str
    phones_url: str
    agents: Sequence[ScriptedAgent] = field(default_factory=list)


class _Post(Struct, frozen=True):
    """The mail servers of the shop and of all its clients."""

    dovecot: Dovecot
    smtp: SmtpServer


@asynccontextmanager
async def open_floor(
    *,
    port: int = 0,
    pace: float = 1.0,
    with_mail: bool = True,
    seed: int | None = None,
    helpers: int | None = None,
) -> AsyncIterator[Floor]:
    """Run everything until the block ends, then stop it all and throw its data away.

    `pace` 2 is twice as busy. `seed` makes the clients' choices the same again. `helpers` lets only
    so many of the scripted agents come to work.
    """
    dice = random.Random(seed)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(_passing_folder())
        post = await _open_post(stack) if with_mail else None
        phones = await stack.enter_async_context(running_phones())
        network = await stack.enter_async_context(
            running_voice(Pace(speed=1.0, by_itself=True), SHOP)
        )
        # Providers call an address that must be known before the center is there.
        served = await stack.enter_async_context(serving(folder / "var", port or free_port()))
        widget_key = await _furnish(served, post, [*phones, TelephoneLine(network)])
        telephones = Telephones(network, owners())
        phones_url = await stack.enter_async_context(serving_phones(phones, telephones.routes()))
        http = await stack.enter_async_context(
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        )
        town = _town(served, widget_key, http, dice, pace, post, phones)
        agents = [
            ScriptedAgent(who=one, url=served.url, dice=dice, pace=pace)
            for one in [one for one in STAFF if one.scripted][:helpers]
        ]
        works = [agent.work for agent in agents]
        await stack.enter_async_context(_busy([*works, *_crowds(town)]))
        yield Floor(url=served.url, widget_key=widget_key, phones_url=phones_url, agents=agents)


@contextmanager
def _passing_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="contact-center-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _open_post(stack: AsyncExitStack) -> _Post:
    """Whatever the SMTP server takes lands in the recipient's inbox, the shop's or a client's."""
    dovecot = await stack.enter_async_context(running_dovecot())

    def deliver(recipient: str, letter: bytes) -> None:
        dovecot.drop(recipient.partition("@")[0].partition("+")[0], letter)

    return _Post(dovecot, await stack.enter_async_context(running_smtp(deliver=deliver)))


@asynccontextmanager
async def _busy(works: Sequence[Callable[[], Coroutine[Any, Any, None]]]) -> AsyncIterator[None]:
    """Keep all of them going; whoever fails ends the demonstration with its reason."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work()) for work in works]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


def _crowds(town: Town) -> list[Callable[[], Coroutine[Any, Any, None]]]:
    crowds: list[Callable[[], Coroutine[Any, Any, None]]] = [
        lambda: keep_coming(town, chat, least=6, most=16),
        lambda: keep_coming(town, message, least=10, most=24),
    ]
    if town.mailboxes:
        crowds.append(lambda: keep_coming(town, mail, least=8, most=22))
    return crowds


def _town(
    served: Served,
    widget_key: str,
    http: aiohttp.ClientSession,
    dice: random.Random,
    pace: float,
    post: _Post | None,
    phones: Sequence[Phone],
) -> Town:
    plain = {
        "url": served.url,
        "widget_key": widget_key,
        "http": http,
        "dice": dice,
        "pace": pace,
        "phones": tuple(phones),
    }
    if post is None:
        return Town(**plain)  # type: ignore[arg-type]
    return Town(
        **plain,  # type: ignore[arg-type]
        mailboxes=tuple(f"{user}@{_SHOP}" for _, user in _MAILBOXES),
        smtp_port=post.smtp.port,
        inboxes=post.dovecot,
    )


async def _furnish(served: Served, post: _Post | None, phones: Sequence[Connectable]) -> str:
    """Hire everybody, connect the channels, add the sample data; return the widget's key."""
    async with Desk(served.url) as desk:
        chief, *others = STAFF
        first = {"name": chief.name, "email": chief.email, "password": PASSWORD}
        await desk.call("POST", "setup", {"token": served.setup_token, **first})
        await desk.call("PATCH", "center", {"welcomed": True})
        await desk.call("PATCH", "me", {"phone": chief.phone})
        members = await _hire(desk, others)
        body = {"name": _ORDERS, "member_ids": members, "service_target_seconds": 900}
        queue = await desk.call("POST", "queues", body)
        if post is not None:
            for (name, user), queue_id in zip(_MAILBOXES, (None, queue["id"]), strict=True):
                await desk.call("POST", "accounts", _mailbox(name, user, post, queue_id))
        widget = await desk.call("POST", "accounts", _widget())
        calls = await _seat_for_calls(desk, members)
        for phone in [one for one in phones if one.kind in CHANNELS]:
            queue_id = calls if phone.kind == TelephoneLine.kind else None
            account_id = await _connect(desk, served.url, phone, queue_id)
            if phone.kind == TelegramPhone.kind:
                await _greet_on(desk, account_id, queue["id"])
        await desk.call("POST", "samples", {})
        return str(widget["public_key"])


async def _seat_for_calls(desk: Desk, others: Sequence[str]) -> str:
    """Make a queue for calls, which the administrator serves and nothing else.

    Whoever has a chat is offered no call, so on a busy floor somebody must be free for them.
    """
    (support,) = [one for one in await desk.call("GET", "queues") if one["name"] != _ORDERS]
    body = {"version": support["version"], "member_ids": list(others)}
    await desk.call("PATCH", f"queues/{support['id']}", body)
    me = (await desk.call("GET", "session"))["agent"]["id"]
    made = await desk.call(
        "POST",
        "queues",
        {"name": "Calls", "member_ids": [me, *others], "service_target_seconds": 20},
    )
    return str(made["id"])


async def _greet_on(desk: Desk, account_id: str, orders: str) -> None:
    """Let whoever begins to write there be asked what it is about."""
    body = {"flow": greeting_flow(orders), "version": 0, "serves": [account_id]}
    await desk.call("PUT", f"accounts/{account_id}/flow", body)


async def _connect(desk: Desk, url: str, phone: Connectable, queue_id: str | None) -> str:
    """Connect a messenger, and wait until the center says that it is; return its account."""
    body = {
        "queue_id": queue_id,
        "kind": phone.kind,
        "name": phone.name,
        "settings": phone.settings,
        "secrets": phone.secrets,
    }
    made = await desk.call("POST", "accounts", body)
    phone.connected(f"{url}/hooks/{phone.kind}/{made['public_key']}")
    async with asyncio.timeout(_CONNECT_SECONDS):
        while True:
            accounts = await desk.call("GET", "accounts")
            if any(one["id"] == made["id"] and one["health"] == "connected" for one in accounts):
                return str(made["id"])
            await asyncio.sleep(0.1)


async def _hire(desk: Desk, staff: Sequence[Colleague]) -> list[str]:
    roles = {one["name"]: one["id"] for one in await desk.call("GET", "roles")}
    ids = []
    for one in staff:
        body = {
            "name": one.name,
            "email": one.email,
            "password": PASSWORD,
            "role_id": roles[one.role],
            "locale": one.locale,
            "capacity": {"mail": 4, "webchat": 4},
        }
        made = await desk.call("POST", "agents", body)
        if one.phone:
            told = {"version": made["version"], "phone": one.phone}
            await desk.call("PATCH", f"agents/{made['id']}", told)
        ids.append(str(made["id"]))
    return ids


def _mailbox(name: str, user: str, post: _Post, queue_id: str | None) -> dict[str, Any]:
    return {
        "kind": "mail",
        "name": name,
        "queue_id": queue_id,
        "settings": {
            "address": f"{user}@{_SHOP}",
            "display_name": "Windowsill",
            "imap_host": "127.0.0.1",
            "imap_port": post.dovecot.port,
            "imap_tls": "none",
            "imap_user": user,
            "smtp_host": "127.0.0.1",
            "smtp_port": post.smtp.port,
            "smtp_tls": "none",
            "fetch_since": "all",
        },
        "secrets": {"imap_password": MAIL_PASSWORD},
    }


def _widget() -> dict[str, Any]:
    return {
        "kind": "webchat",
        "name": "Shop chat",
        "settings": {
            "colour": "#2f8f63",
            # All its visitors come from this machine.
            "visitors_per_hour_per_address": 100_000,
            "messages_per_minute_per_address": 100_000,
        },
    }
