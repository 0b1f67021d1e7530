"""Clients who keep writing: each asks, waits for an answer, goes on, and leaves."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Final, Protocol
from uuid import uuid4

import aiohttp
import aiosmtplib
from msgspec import Struct

from demo.phones import Owner, Phone
from demo.talking import RefusedError, VisitorPage
from demo.words import TONGUES, Question, Tongue, asked

MOST_AT_ONCE: Final = 14
"""So many chats and so many mails are open at most: a busy floor, not a flood."""
_PATIENCE_ROUNDS: Final = 60


class Inboxes(Protocol):
    """Where the clients' own mail lies."""

    def mails(self, user: str) -> list[bytes]: ...


class Town(Struct, frozen=True, kw_only=True):
    """What the clients live in: the shop's page, the mail servers, and how fast time goes."""

    url: str
    widget_key: str
    http: aiohttp.ClientSession
    dice: random.Random
    pace: float
    mailboxes: tuple[str, ...] = ()
    smtp_port: int = 0
    inboxes: Inboxes | None = None
    phones: tuple[Phone, ...] = ()

    async def rest(self, least: float, most: float) -> None:
        await asyncio.sleep(self.dice.uniform(least, most) / self.pace)

    def somebody(self) -> tuple[Tongue, str, Question]:
        tongue = self.dice.choice(TONGUES)
        question = asked(self.dice.choice(tongue.questions), self.dice)
        return tongue, self.dice.choice(tongue.names), question


async def keep_coming(
    town: Town, visit: Callable[[Town], Awaitable[None]], *, least: float, most: float
) -> None:
    """Let clients come for ever, one after a while after the other."""
    room = asyncio.Semaphore(MOST_AT_ONCE)

    async def one() -> None:
        async with room:
            try:
                await visit(town)
            except (RefusedError, aiohttp.ClientError, aiosmtplib.SMTPException, OSError):
                return  # somebody else comes; the center may just be stopping

    async with asyncio.TaskGroup() as group:
        while True:
            if not room.locked():
                group.create_task(one())
            await town.rest(least, most)


async def chat(town: Town) -> None:
    """Open the chat, say one line after each answer, read the last one."""
    tongue, name, question = town.somebody()
    page = VisitorPage(town.http, town.url, town.widget_key)
    await page.enter(name, tongue.locale)
    heard = 0
    for line in question.lines:
        await page.say(str(uuid4()), line)
        answers = await _wait_for(town, page, more_than=heard)
        if answers is None:
            return
        heard = len(answers)
        await page.read(answers[-1]["id"])
        await town.rest(2, 8)


async def _wait_for(
    town: Town, page: VisitorPage, *, more_than: int
) -> list[dict[str, str]] | None:
    for _ in range(_PATIENCE_ROUNDS):
        await town.rest(3, 6)
        answers = await page.answers()
        if len(answers) > more_than:
            return answers
    return None


async def message(town: Town) -> None:
    """Write on any messenger, one line after each answer."""
    tongue, name, question = town.somebody()
    phone = town.dice.choice(town.phones)
    owner = Owner(name, town.dice.randrange(1_000, 1_000_000), tongue.locale)
    for number, line in enumerate(question.lines, start=1):
        await phone.say(owner, line)
        if not await _answered(town, phone, owner, number):
            return
        await phone.look(owner)
        await town.rest(2, 8)


async def _answered(town: Town, phone: Phone, owner: Owner, number: int) -> bool:
    for _ in range(_PATIENCE_ROUNDS):
        await town.rest(3, 6)
        if len(phone.heard(owner)) >= number:
            return True
    return False


async def mail(town: Town) -> None:
    """Write a mail; when an answer lies in the own inbox, reply to it once or twice."""
    _, name, question = town.somebody()
    user = f"client{uuid4().hex[:8]}"
    address = f"{user}@town.example"
    to = town.dice.choice(town.mailboxes)
    await _send(town, f"{name} <{address}>", to, question.subject, question.lines[0])
    for number, line in enumerate(question.lines[1:], start=1):
        answer = await _answer_in(town, user, number)
        if answer is None:
            return
        await town.rest(6, 20)
        await _send(town, f"{name} <{address}>", to, question.subject, line, replying=answer)


async def _answer_in(town: Town, user: str, number: int) -> bytes | None:
    for _ in range(_PATIENCE_ROUNDS):
        await town.rest(4, 8)
        lying = town.inboxes.mails(user) if town.inboxes else []
        if len(lying) >= number:
            return lying[number - 1]
    return None


async def _send(
    town: Town, sender: str, to: str, subject: str, text: str, *, replying: bytes | None = None
) -> None:
    message = EmailMessage()
    message["From"], message["To"] = sender, to
    message["Subject"] = f"Re: {subject}" if replying else subject
    message["Message-ID"] = make_msgid(domain="town.example")
    if replying is not None:
        answered = message_from_bytes(replying, policy=policy.compat32)
        known = " ".join(str(answered.get(name, "")) for name in ("References", "Message-ID"))
        message["In-Reply-To"] = str(answered["Message-ID"])
        message["References"] = " ".join(known.split())
    message.set_content(text)
    await aiosmtplib.send(
        message, hostname="127.0.0.1", port=town.smtp_port, start_tls=False, use_tls=False
    )
