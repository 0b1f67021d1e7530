"""Those who write to the center and work in it, and who know that it may be gone at any moment."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.message import EmailMessage
from email.utils import make_msgid
from random import Random
from typing import Any, Final
from uuid import UUID, uuid5

import aiohttp

from tests.faults.ledger import Ledger
from tests.simulators.mail_servers import PASSWORD as MAIL_PASSWORD
from tests.simulators.mail_servers import Dovecot, SmtpServer

ADDRESS: Final = "support@wonder.example"
PASSWORD: Final = "correct horse battery"
NAMESPACE: Final = UUID("7d7b1d5e-6a3c-4f9b-9a51-0d2f4c1b8e11")
ANSWER_SECONDS: Final = 15.0
_PAUSE: Final = 0.05
AWAY: Final = (aiohttp.ClientError, TimeoutError, ConnectionError)


class Budget:
    """How many more messages may be sent: the test lets them go in portions."""

    def __init__(self) -> None:
        self._left = 0
        self._grown = asyncio.Condition()

    async def grow(self, by: int) -> None:
        async with self._grown:
            self._left += by
            self._grown.notify_all()

    async def take(self) -> None:
        async with self._grown:
            await self._grown.wait_for(lambda: self._left > 0)
            self._left -= 1


class Visitor:
    """A widget: says one thing after another, each under its own id until it is acknowledged."""

    def __init__(self, http: aiohttp.ClientSession, chat: str, number: int, ledger: Ledger) -> None:
        self._http = http
        self._chat = chat
        self._number = number
        self._ledger = ledger
        self._token = ""
        self.refusals: list[int] = []
        """Every status other than "kept" that was answered."""

    async def talk(self, messages: int, budget: Budget) -> None:
        for number in range(1, messages + 1):
            await budget.take()
            await self.say(f"chat-{self._number}-{number}")

    async def say(self, word: str) -> None:
        """Return when the center has said that it keeps the message."""
        while not await self.say_once(word):  # noqa: ASYNC110 - a widget, too, has only this
            await asyncio.sleep(_PAUSE)

    async def say_once(self, word: str) -> bool:
        """Try one time; return whether the center said that it keeps the message."""
        self._ledger.chat_sent.add(word)
        body = {"id": str(uuid5(NAMESPACE, word)), "text": f"Hello, this is {word} from the shop."}
        if not (self._token or await self._enter()) or not await self._post("messages", body):
            return False
        self._ledger.chat_acknowledged.append(word)
        return True

    async def _enter(self) -> bool:
        answer = await self._post("session", {})
        self._token = answer["token"] if answer else ""
        return bool(answer)

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        headers = {"Authorization": f"Visitor {self._token}"} if self._token else {}
        with suppress(*AWAY):
            async with self._http.post(
                f"{self._chat}/{path}", json=body, headers=headers
            ) as response:
                if response.status in {200, 201}:
                    answer: dict[str, Any] = await response.json()
                    return answer
                self.refusals.append(response.status)
        return None


class Desk:
    """An agent's console: asks again whatever the center could not answer."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.http = http
        self.url = url
        self.me: dict[str, Any] = {}

    async def once(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Call the API one time; 0 stands for no answer at all."""
        try:
            async with self.http.request(
                method, f"{self.url}/api/v1/{path}", json=body, headers={"Origin": self.url}
            ) as response:
                return response.status, await response.json(content_type=None)
        except AWAY as error:
            return 0, repr(error)

    async def surely(self, method: str, path: str, body: Any = None) -> Any:
        """Call until the center is there and answers well."""
        async with asyncio.timeout(60):
            while True:
                status, answer = await self.once(method, path, body)
                if 200 <= status < 300:
                    return answer
                assert status in {0, 503}, (status, answer)
                await asyncio.sleep(_PAUSE)

    async def set_up(self, token: str) -> None:
        """Make the first account and go to the desk."""
        self.me = await self.surely(
            "POST",
            "setup",
            {
                "token": token,
                "name": "Olena",
                "email": "olena@wonder.example",
                "password": PASSWORD,
            },
        )
        await self.surely("PUT", "presence", {"state": "available"})

    async def hire(self, name: str) -> "Desk":
        """Add a colleague and sign them in, in a browser of their own (the caller closes it)."""
        roles = {one["name"]: one["id"] for one in await self.surely("GET", "roles")}
        email = f"{name.lower()}@wonder.example"
        await self.surely(
            "POST",
            "agents",
            {"name": name, "email": email, "password": PASSWORD, "role_id": roles["supervisor"]},
        )
        colleague = Desk(new_browser(), self.url)
        colleague.me = await colleague.surely(
            "POST", "session", {"email": email, "password": PASSWORD}
        )
        return colleague

    async def connect_mailbox(self, dovecot: Dovecot, smtp: SmtpServer) -> None:
        await self.surely(
            "POST",
            "accounts",
            {
                "kind": "mail",
                "name": "Support",
                "settings": {
                    "address": ADDRESS,
                    "imap_host": "127.0.0.1",
                    "imap_port": dovecot.port,
                    "imap_tls": "none",
                    "imap_user": "support",
                    "smtp_host": "127.0.0.1",
                    "smtp_port": smtp.port,
                    "smtp_tls": "none",
                    "fetch_since": "all",
                    "mark_seen": True,
                },
                "secrets": {"imap_password": MAIL_PASSWORD},
            },
        )

    async def connect_widget(self) -> str:
        """Make a widget whose speed bounds do not hold the test up; return its chat's address."""
        widget = await self.surely(
            "POST",
            "accounts",
            {
                "kind": "webchat",
                "name": "Shop",
                "settings": {
                    "messages_per_minute": 1_000_000,
                    "messages_per_minute_per_address": 1_000_000,
                    "visitors_per_hour_per_address": 1_000_000,
                },
            },
        )
        return f"{self.url}/chat/{widget['public_key']}"


class Agent:
    """Takes what rings, answers it, and goes on; keeps books of what the center promised."""

    def __init__(self, desk: Desk, ledger: Ledger) -> None:
        self._desk = desk
        self._ledger = ledger
        self._numbers = itertools.count(1)
        self._open: dict[str, str] = {}
        """The answer that each contact waits for until the center has kept it."""
        self.answered = 0

    async def work(self) -> None:
        """Work for ever."""
        while True:
            await asyncio.sleep(_PAUSE)
            status, work = await self._desk.once("GET", "work")
            if status != 200:
                continue
            if work["presence"]["state"] != "available":
                # No console is open: a minute after a start the center takes the agent for gone.
                await self._desk.once("PUT", "presence", {"state": "available"})
            for offer in work["offers"]:
                await self._accept(offer)
            for contact in work["contacts"]:
                await self._answer(contact)

    async def _accept(self, offer: dict[str, Any]) -> None:
        status, contact = await self._desk.once("POST", f"offers/{offer['id']}/accept")
        if status == 200:
            self._ledger.accepted.append(contact["id"].replace("-", ""))

    async def _answer(self, contact: dict[str, Any]) -> None:
        word = self._open.setdefault(contact["id"], f"answer-o-{next(self._numbers)}")
        status, _ = await self._desk.once(
            "POST",
            f"tickets/{contact['ticket_id']}/messages",
            {
                "id": str(uuid5(NAMESPACE, word)),
                "kind": "reply",
                "html": f"<p>We know, {word} it is.</p>",
                "set_status": "solved",
            },
        )
        if status == 201:
            mail = contact["channel"] == "mail"
            (self._ledger.mail_answers if mail else self._ledger.chat_answers).append(word)
            self.answered += 1


def new_browser() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        cookie_jar=aiohttp.CookieJar(unsafe=True),
        timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS),
        connector=aiohttp.TCPConnector(limit=0),
    )


@asynccontextmanager
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    async with new_browser() as http:
        yield http


class Postman:
    """Puts mails of many people into the support mailbox, some with files, some large."""

    def __init__(self, dovecot: Dovecot, ledger: Ledger, *, people: int, seed: int) -> None:
        self._dovecot = dovecot
        self._ledger = ledger
        self._random = Random(seed)  # noqa: S311 - a seeded test, no secret
        self._said = [0] * people

    def bring(self, mails: int) -> None:
        """Deliver so many; the first few have files, and a few of the others."""
        for number in range(mails):
            who = self._random.randrange(len(self._said))
            self._said[who] += 1
            word = f"mail-{who}-{self._said[who]}"
            self._ledger.mails.append(word)
            self._dovecot.drop("support", self._mail(who, word, file=number < 3))

    def _mail(self, who: int, word: str, *, file: bool) -> bytes:
        message = EmailMessage()
        message["From"] = f"Client {who} <client{who}@client.example>"
        message["To"] = ADDRESS
        message["Subject"] = f"About my parcel {word}"
        if self._random.random() < 0.9:  # some programs give no Message-ID at all
            message["Message-ID"] = make_msgid(domain="client.example")
        message.set_content(f"Dear shop,\n\nthis is {word}.\n")
        if file or self._random.random() < 0.03:
            data = self._random.randbytes(90_000 if self._random.random() < 0.2 else 2_000)
            message.add_attachment(
                data, maintype="application", subtype="octet-stream", filename=f"{word}.bin"
            )
        return message.as_bytes()
