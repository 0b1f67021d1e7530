"""Speaks IMAP with one mailbox (RFC 3501, IDLE of RFC 2177); every wait ends."""

import asyncio
import contextlib
import logging
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

from aioimaplib import IMAP4
from msgspec import Struct

from channels.errors import BadCredentialsError, MisconfiguredError, ProviderUnavailableError
from channels.mail.account import MailSettings
from channels.mail.imap_words import (
    ARRIVED,
    SIZE,
    STATUS_NUMBER,
    UID,
    fetched,
    moment,
    must,
    quoted,
    said,
    uid_set,
    utf7,
)
from channels.mail.line import Line, T
from channels.mail.servers import Server, in_turn, tls_context, tls_refusal
from kernel.limits import (
    MAIL_COMMAND_SECONDS,
    MAIL_CONNECT_SECONDS,
    MAIL_CUT_BYTES,
    MAIL_POLL_SECONDS,
    MAIL_TRANSFER_SECONDS,
)

_ANSWER_SECONDS = MAIL_COMMAND_SECONDS
_GREETING_SECONDS = MAIL_CONNECT_SECONDS
_GOODBYE_SECONDS: Final = 2.0
# At its debug level the library writes whole mails into the log.
logging.getLogger("aioimaplib").setLevel(logging.WARNING)
_NEWS = (b"EXISTS", b"RECENT", b"EXPUNGE", b"FETCH")
_GROWN = re.compile(rb"\* \d+ EXISTS", re.IGNORECASE)
# Response codes of RFC 5530 that say "later", not "never".
_LATER = re.compile(
    r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|OVERQUOTA)\]|too many|try again", re.IGNORECASE
)


class Folder(Struct, frozen=True):
    """A folder as it was opened: while `validity` stands, a UID names one mail for ever."""

    validity: int
    next_uid: int


class Listed(Struct, frozen=True):
    """What the server says of a mail before it is fetched."""

    uid: int
    size: int
    arrived: datetime


class Mailbox:
    """One signed-in connection."""

    def __init__(self, client: Any, line: Line) -> None:
        self._client = client
        self._line = line
        self._grown = False
        self._hear = client.protocol._handle_line  # noqa: SLF001 - the library has no hook
        client.protocol._handle_line = self._listen  # noqa: SLF001

    async def open_folder(self, name: str) -> Folder:
        """Select a folder; raises MisconfiguredError when there is none of that name."""
        answer = await self._ask(self._client.select(quoted(utf7(name))))
        if answer.result != "OK":
            raise MisconfiguredError(f"folder “{name}” cannot be opened: {said(answer)}")
        numbers = {
            found[1].upper(): int(found[2])
            for line in answer.lines
            for found in STATUS_NUMBER.finditer(bytes(line))
        }
        if b"UIDVALIDITY" not in numbers:
            raise MisconfiguredError("this server does not keep UIDs; it cannot be followed safely")
        uids = await self._search("ALL") if b"UIDNEXT" not in numbers else []
        return Folder(numbers[b"UIDVALIDITY"], numbers.get(b"UIDNEXT", max(uids, default=0) + 1))

    async def uids_after(self, uid: int) -> list[int]:
        """Return the UIDs greater than `uid`, ascending."""
        # "5:*" names the last mail even when its UID is below 5 (RFC 3501, section 6.4.8).
        return [found for found in await self._search(f"UID {uid + 1}:*") if found > uid]

    def _listen(self, line: bytes, command: Any) -> Any:
        """Notice new mail that is told in passing: the library drops most of these lines.

        A server tells of it once, also behind the answer to another command (RFC 3501, 5.2), and
        IDLE is then silent about it.
        """
        if _GROWN.match(line):
            self._grown = True
        return self._hear(line, command)

    async def _search(self, criteria: str) -> list[int]:
        self._grown = False
        answer = await self._ask(self._client.uid_search(criteria, charset=None))
        must(answer)
        return sorted(
            int(word)
            for line in answer.lines[:-1]
            for word in bytes(line).split()
            if word.isdigit()
        )

    async def list_mails(self, uids: Sequence[int]) -> list[Listed]:
        """Return size and arrival of each mail that still exists; ask for few at a time."""
        return [
            Listed(
                int(uid[1]),
                int(size[1]) if (size := SIZE.search(text)) else 0,
                moment(arrived[1]) if (arrived := ARRIVED.search(text)) else datetime.now(UTC),
            )
            for text, _ in await self._fetch(uids, "(UID RFC822.SIZE INTERNALDATE)")
            if (uid := UID.search(text))
        ]

    async def mails(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Return the raw mails that still exist, by UID; flags stay as they are."""
        return {
            int(uid[1]): body
            for text, body in await self._fetch(uids, "(UID BODY.PEEK[])")
            if (uid := UID.search(text))
        }

    async def beginning(self, uid: int) -> bytes:
        """Return the first MAIL_CUT_BYTES of a mail too large to take whole."""
        for text, body in await self._fetch([uid], f"(UID BODY.PEEK[]<0.{MAIL_CUT_BYTES}>)"):
            if UID.search(text):
                return body
        return b""

    async def mark_seen(self, uids: Sequence[int]) -> None:
        must(await self._ask(self._client.uid("STORE", uid_set(uids), "+FLAGS.SILENT (\\Seen)")))

    async def _fetch(self, uids: Sequence[int], what: str) -> list[tuple[bytes, bytes]]:
        """Return for each mail the answer's words and its literal."""
        if not uids:
            return []
        answer = await self._ask(
            self._client.uid("FETCH", uid_set(uids), what), seconds=MAIL_TRANSFER_SECONDS
        )
        must(answer)
        return fetched(answer.lines[:-1])

    async def wait_for_news(self, seconds: float) -> bool:
        """Return True as soon as the folder changed, False when `seconds` went by without news.

        Uses IDLE where the server has it and a shorter wait without knowledge otherwise. Raises
        ProviderUnavailableError as soon as the connection is known to be lost.
        """
        news = self._grown
        if not news and self._client.has_capability("IDLE"):
            news = await self._idle(seconds)
        elif not news:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(seconds, MAIL_POLL_SECONDS)):
                    await self._line.lost.wait()
        # Without a command after IDLE some servers do not show new mail to SEARCH.
        must(await self._ask(self._client.noop()))
        return news

    async def _idle(self, seconds: float) -> bool:
        ended = await self._ask(self._client.idle_start(timeout=seconds + MAIL_COMMAND_SECONDS))
        news = False
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._pushed()
                    news = True
        finally:
            if not self._line.lost.is_set():
                self._client.idle_done()
        await self._ask(ended)
        while not self._client.protocol.idle_queue.empty():
            self._client.protocol.idle_queue.get_nowait()
        return news

    async def _pushed(self) -> None:
        while True:
            lines = await self._ask(self._client.protocol.idle_queue.get(), seconds=None)
            for line in lines:
                if line.upper().startswith(b"BYE"):
                    raise ProviderUnavailableError("the server closed the connection")
                if any(word in line.upper() for word in _NEWS):
                    return

    async def _ask(self, command: Awaitable[T], *, seconds: float | None = 0.0) -> T:
        return await self._line.ask(command, _ANSWER_SECONDS if seconds == 0 else seconds)


@asynccontextmanager
async def open_mailbox(
    settings: MailSettings, password: str, servers: Sequence[Server]
) -> AsyncIterator[Mailbox]:
    """Connect to the first address that greets, and sign in there.

    Raises BadCredentialsError, MisconfiguredError or ProviderUnavailableError, each with the
    server's own reason.
    """
    client, line = await in_turn(servers, lambda server: _connected(settings, server))
    try:
        await _sign_in(client, settings, password, line)
        yield Mailbox(client, line)
        # Only after a clean end: a command left unanswered would keep the goodbye waiting.
        with contextlib.suppress(ProviderUnavailableError):
            await line.ask(client.logout(), _GOODBYE_SECONDS)
    finally:
        await _hang_up(client, line)


async def _connected(settings: MailSettings, server: Server) -> tuple[Any, Line]:
    line = Line()
    client = IMAP4(
        server.ip,
        server.port,
        timeout=MAIL_TRANSFER_SECONDS,
        conn_lost_cb=lambda _: line.lost.set(),
        ssl_context=tls_context(server.host) if settings.imap_tls == "tls" else None,
    )
    try:
        await _greeted(client, server, line)
    except BaseException:
        await _hang_up(client, line)
        raise
    return client, line


async def _greeted(client: Any, server: Server, line: Line) -> None:
    where = f"{server.host}:{server.port}"
    try:
        await line.ask(client.wait_hello_from_server(), _GREETING_SECONDS)
    except ssl.SSLError as error:
        raise tls_refusal(server.host, error) from error
    except OSError as error:
        raise ProviderUnavailableError(
            f"no connection to {where}: {error.strerror or 'no answer'}"
        ) from error


async def _sign_in(client: Any, settings: MailSettings, password: str, line: Line) -> None:
    if client.has_capability("LOGINDISABLED"):
        raise MisconfiguredError("this server takes passwords only over TLS; set imap_tls to “tls”")
    try:
        login = client.login(quoted(settings.imap_user), password)
        answer = await line.ask(login, _ANSWER_SECONDS)
    except ValueError as error:
        raise BadCredentialsError("the password has a line break in it; enter it again") from error
    if answer.result == "OK":
        await line.ask(client.protocol.capability(), _ANSWER_SECONDS)
        return
    why = said(answer)
    if _LATER.search(why):
        raise ProviderUnavailableError(f"the server refuses sign-in for now: {why}")
    raise BadCredentialsError(f"the server refused “{settings.imap_user}”: {why}")


async def _hang_up(client: Any, line: Line) -> None:
    """Make sure that nothing of the client stays."""
    if client.protocol.transport is not None:
        client.protocol.transport.abort()
    await line.end(client._client_task, *client.tasks, *client.protocol.tasks)  # noqa: SLF001
