"""Hands mail to an SMTP server over one kept connection, and says which kind of no it got."""

import asyncio
import contextlib
import ssl
from collections.abc import Sequence
from typing import Final, NoReturn

import aiosmtplib
from aiosmtplib import errors

from channels.errors import (
    BadCredentialsError,
    MessageRejectedError,
    MisconfiguredError,
    ProviderUnavailableError,
)
from channels.mail.account import MailSettings
from channels.mail.servers import Server, find_servers, in_turn, tls_context, tls_refusal
from kernel.errors import CenterError
from kernel.limits import MAIL_COMMAND_SECONDS, MAIL_CONNECT_SECONDS, MAIL_TRANSFER_SECONDS, MIB
from kernel.net import Lookup

_WORDS_CHARS: Final = 300
_GOODBYE_SECONDS: Final = 2.0
_CLOSING: Final = 421
_START_INPUT: Final = 354
_COMPLETED: Final = 250
_LARGE_BYTES: Final = MIB


class Submission:
    """One account's way out; a broken connection is opened anew by the next mail."""

    def __init__(
        self,
        settings: MailSettings,
        password: str,
        *,
        allow_private: bool,
        lookup: Lookup | None = None,
    ) -> None:
        self._lookup = lookup
        self._settings = settings
        self._password = password
        self._allow_private = allow_private
        self._client: aiosmtplib.SMTP | None = None
        self._one_at_a_time = asyncio.Lock()

    async def hand_over(self, sender: str, recipients: Sequence[str], mail: bytes) -> str:
        """Return the server's words once it has taken the mail for every recipient.

        Raises ProviderUnavailableError (4xx, timeouts, lost connections), MessageRejectedError
        (5xx), BadCredentialsError or MisconfiguredError. After a connection lost behind DATA the
        server may have taken the mail; a second try carries the same Message-ID.
        """
        async with self._one_at_a_time:
            try:
                return await self._transfer(sender, recipients, mail)
            except CenterError:
                raise
            except BaseException as error:  # noqa: BLE001 - explained and raised
                if not (isinstance(error, errors.SMTPResponseException) and error.code >= 500):
                    self._drop()  # only after a plain refusal is the connection still good
                _explain(error)

    async def _transfer(self, sender: str, recipients: Sequence[str], mail: bytes) -> str:
        kept = self._client
        client = await self._connected()
        try:
            async with asyncio.timeout(MAIL_TRANSFER_SECONDS):
                return await _transact(client, sender, recipients, mail)
        except errors.SMTPSenderRefused as error:
            # Some servers take so many mails per connection and close it at the next one.
            if error.code != _CLOSING or client is not kept:
                raise
        self._drop()
        client = await self._connected()
        async with asyncio.timeout(MAIL_TRANSFER_SECONDS):
            return await _transact(client, sender, recipients, mail)

    async def connect(self) -> None:
        """Connect and sign in, to see whether it works."""
        async with self._one_at_a_time:
            await self._connected()

    async def close(self) -> None:
        client = self._client
        if client is not None and client.is_connected:
            with contextlib.suppress(errors.SMTPException, OSError, TimeoutError):
                async with asyncio.timeout(_GOODBYE_SECONDS):
                    await client.quit()
        self._drop()

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected and await self._alive():
            return self._client
        self._drop()
        self._client = client = await in_turn(await self._servers(), self._opened)
        try:
            async with asyncio.timeout(MAIL_CONNECT_SECONDS):
                await self._sign_in(client)
        except BaseException as error:  # noqa: BLE001 - explained and raised
            self._drop()
            _explain(error, host=self._settings.smtp_host)
        return client

    async def _opened(self, server: Server) -> aiosmtplib.SMTP:
        client = self._new_client(server)
        try:
            async with asyncio.timeout(MAIL_CONNECT_SECONDS):
                await client.connect()
        except BaseException as error:  # noqa: BLE001 - explained and raised
            client.close()
            _explain(error, host=self._settings.smtp_host)
        return client

    async def _alive(self) -> bool:
        """A server may have closed a kept connection without our noticing yet."""
        assert self._client is not None  # noqa: S101 - the caller looked
        try:
            async with asyncio.timeout(MAIL_CONNECT_SECONDS):
                await self._client.rset()
        except (errors.SMTPException, OSError, TimeoutError):
            return False
        return True

    async def _servers(self) -> list[Server]:
        return await find_servers(
            self._settings.smtp_host,
            self._settings.smtp_port,
            self._settings.smtp_tls,
            allow_private=self._allow_private,
            lookup=self._lookup,
        )

    def _new_client(self, server: Server) -> aiosmtplib.SMTP:
        settings = self._settings
        encrypted = settings.smtp_tls != "none"
        return aiosmtplib.SMTP(
            hostname=server.ip,
            port=server.port,
            timeout=MAIL_COMMAND_SECONDS,
            use_tls=settings.smtp_tls == "tls",
            start_tls=settings.smtp_tls == "starttls",
            tls_context=tls_context(server.host) if encrypted else None,
            local_hostname=_own_name(settings.address),
        )

    async def _sign_in(self, client: aiosmtplib.SMTP) -> None:
        if self._settings.smtp_user:
            await client.login(self._settings.smtp_user, self._password)


def _own_name(address: str) -> str:
    """Greet with our mail domain: the machine's own name says nothing and leaks much."""
    domain = address.rpartition("@")[2]
    return domain if domain.isascii() else domain.encode("idna").decode("ascii")


async def _transact(
    client: aiosmtplib.SMTP, sender: str, recipients: Sequence[str], mail: bytes
) -> str:
    """One mail transaction: all recipients or none (RFC 5321, section 3.3)."""
    options = []
    if not all(map(str.isascii, (sender, *recipients))):
        if not client.supports_extension("smtputf8"):
            raise MessageRejectedError("the mail server takes no addresses with such letters")
        options = ["SMTPUTF8"]
    encoding = "utf-8" if "SMTPUTF8" in options else "ascii"
    try:
        await client.mail(sender, options=options, encoding=encoding)
        for recipient in recipients:
            await client.rcpt(recipient, encoding=encoding)
        return await _hand_in(client, mail)
    except errors.SMTPResponseException as error:
        if error.code >= 500:
            with contextlib.suppress(errors.SMTPException, OSError):
                await client.rset()
        raise


async def _hand_in(client: aiosmtplib.SMTP, mail: bytes) -> str:
    """Send the mail itself (RFC 5321, section 4.1.1.4).

    The library mends line ends and dots with patterns that hold up the loop for a second on a
    mail of 35 MB. Our lines end rightly already; only dots at their beginning are doubled.
    """
    if len(mail) < _LARGE_BYTES or client.protocol is None or not mail.endswith(b"\r\n"):
        return (await client.data(mail, timeout=MAIL_TRANSFER_SECONDS)).message
    begun = await client.execute_command(b"DATA")
    if begun.code != _START_INPUT:
        raise errors.SMTPDataError(begun.code, begun.message)
    protocol = client.protocol
    protocol._response_pending = True  # noqa: SLF001 - as its own data command does
    protocol.write(mail.replace(b"\r\n.", b"\r\n..") + b".\r\n")
    taken = await protocol.read_response(timeout=MAIL_TRANSFER_SECONDS)
    if taken.code != _COMPLETED:
        raise errors.SMTPDataError(taken.code, taken.message)
    return taken.message


def _explain(error: BaseException, *, host: str = "the mail server") -> NoReturn:
    """Raise the error of our tree that says what this one means."""
    match error:
        case errors.SMTPResponseException():
            raise _refusal(error)
        case ssl.SSLError():
            raise tls_refusal(host, error)
        case errors.SMTPNotSupported():
            raise MisconfiguredError(f"the server cannot do this: {error.message[:_WORDS_CHARS]}")
        case errors.SMTPException() | OSError():
            _explain_loss(error, host)
        case ValueError():
            raise MessageRejectedError("an address is not one that can be sent to")
    raise error


def _refusal(error: errors.SMTPResponseException) -> CenterError:
    """Sort the server's no: 4xx is later, 5xx is never, and some are about us, not the mail."""
    said = _said(error)
    match error:
        case errors.SMTPAuthenticationError() if error.code >= 500:
            return BadCredentialsError(f"the server refused user or password: {said}")
        case errors.SMTPRecipientRefused() if error.code >= 500 and error.code != 530:
            return MessageRejectedError(f"{error.recipient}: {said}")
        case errors.SMTPConnectResponseError() | errors.SMTPHeloError():
            return ProviderUnavailableError(f"the server takes no mail now: {said}")
    if error.code == 530:
        return BadCredentialsError(f"the server wants a sign-in: {said}")
    return MessageRejectedError(said) if error.code >= 500 else ProviderUnavailableError(said)


def _explain_loss(error: BaseException, host: str) -> NoReturn:
    cause = error.__cause__
    if isinstance(cause, ssl.SSLError):
        raise tls_refusal(host, cause)
    if "STARTTLS" in str(error):
        raise MisconfiguredError(f"{host} offers no STARTTLS; use smtp_tls “tls” with port 465")
    raise ProviderUnavailableError(
        f"the connection to the mail server failed: {type(error).__name__}"
    ) from error


def _said(error: errors.SMTPResponseException) -> str:
    """Return the server's own words; what is no SMTP is not repeated, it may be somebody else's."""
    if not 200 <= error.code < 600:
        return "its answer is not SMTP"
    text = "".join(sign if sign.isprintable() else " " for sign in error.message)
    return f"{error.code} {text.strip()[:_WORDS_CHARS]}"
