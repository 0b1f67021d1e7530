"""The mail channel: one mailbox read by IMAP and answered by SMTP."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import ClassVar, Final, Self

import msgspec

from channels.envelope import (
    Account,
    CheckStep,
    Deliver,
    Delivery,
    Envelope,
    Health,
    KeepCursor,
    Outbound,
    Receipt,
    Tell,
)
from channels.errors import (
    BadCredentialsError,
    MisconfiguredError,
    ProviderUnavailableError,
    UnreadableDeliveryError,
)
from channels.mail.account import MailSettings, read_settings
from channels.mail.check import check_mailbox
from channels.mail.compose import compose
from channels.mail.cursor import read_position
from channels.mail.follow import Follower
from channels.mail.guest import DECODER
from channels.mail.imap import open_mailbox
from channels.mail.servers import find_servers
from channels.mail.smtp import Submission
from channels.mail.translate import Translator
from kernel.clock import Clock
from kernel.errors import CenterError
from kernel.guests import Guests

_HEALTH_OF: Final = {
    BadCredentialsError: Health.BAD_CREDENTIALS,
    MisconfiguredError: Health.MISCONFIGURED,
    ProviderUnavailableError: Health.WAITING,
}


class MailConnector:
    """Speaks for one mailbox; raises MisconfiguredError at once when its settings cannot work.

    `guests` run `channels.mail.guest`. `keep_cursor` stores the position of the first look, when
    there is no delivery to carry it; without it, mail that comes while the center is down before
    the very first delivery counts as old.
    """

    kind: ClassVar[str] = "mail"

    def __init__(
        self,
        account: Account,
        *,
        proof_key: bytes,
        clock: Clock,
        guests: Guests,
        public_host: str = "localhost",
        allow_private_hosts: bool = False,
        keep_cursor: KeepCursor | None = None,
    ) -> None:
        self._settings: MailSettings = read_settings(
            account.settings, allow_private_hosts=allow_private_hosts
        )
        self._secrets = account.secrets
        self._key = proof_key
        self._clock = clock
        self._guests = guests
        self._host = public_host
        self._allow_private = allow_private_hosts
        self._translator = Translator(self._settings, proof_key)
        self._follower = Follower(
            account.id, self._settings, clock, read_position(account.cursor), keep_cursor
        )
        self._submission = self._new_submission()

    def _new_submission(self) -> Submission:
        password = self._secrets.get("smtp_password", "")
        return Submission(self._settings, password, allow_private=self._allow_private)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._submission.close()

    def resume(self, cursor: str | None) -> None:
        """Go on from a stored cursor at the next `listen`; None keeps what is known."""
        position = read_position(cursor)
        if position is not None:
            self._follower.position = position

    async def listen(self, deliver: Deliver, tell: Tell) -> None:
        """Follow the folder until cancelled or the connection fails.

        Never advances before `deliver` returned; raises the error that `tell` was told of.
        """
        tell(Health.CONNECTING, "connecting to the mail server")
        try:
            servers = await find_servers(
                self._settings.imap_host,
                self._settings.imap_port,
                self._settings.imap_tls,
                allow_private=self._allow_private,
            )
            password = self._secrets.get("imap_password", "")
            async with open_mailbox(self._settings, password, servers) as mailbox:
                await self._follower.follow(
                    mailbox, deliver, lambda: tell(Health.CONNECTED, "waiting for mail")
                )
        except (BadCredentialsError, MisconfiguredError, ProviderUnavailableError) as error:
            tell(_HEALTH_OF[type(error)], error.message)
            raise

    async def read(self, deliveries: Sequence[Delivery]) -> list[Sequence[Envelope] | Exception]:
        """Translate each mail in a child process; one that breaks it yields its error."""
        answers = await self._guests.call([delivery.raw for delivery in deliveries])
        return [
            self._read_one(delivery, answer)
            for delivery, answer in zip(deliveries, answers, strict=True)
        ]

    def _read_one(
        self, delivery: Delivery, answer: bytes | Exception
    ) -> Sequence[Envelope] | Exception:
        if isinstance(answer, CenterError):
            return UnreadableDeliveryError(answer.message)
        if isinstance(answer, Exception):
            return answer
        try:
            mail = DECODER.decode(answer)
        except msgspec.MsgspecError:
            return UnreadableDeliveryError("the parser answered something else than a mail")
        return [self._translator.envelope(delivery.external_id, mail)]

    async def send(self, message: Outbound) -> Receipt:
        """Hand the mail to the SMTP server; the receipt names its Message-ID.

        A second try after a lost answer may reach the client twice under the same Message-ID,
        which mail programs show once.
        """
        # In a thread: encoding large files would hold up everybody else's loop.
        mail = await asyncio.to_thread(
            compose,
            message,
            self._settings,
            key=self._key,
            host=self._host,
            now=self._clock.now(),
        )
        await self._submission.hand_over(mail.sender, mail.recipients, mail.data)
        return Receipt(mail.message_id)

    async def check(self) -> list[CheckStep]:
        """Try every step of fetching and sending; stops at the first failure of each."""
        submission = self._new_submission()
        try:
            return await check_mailbox(
                self._settings,
                self._secrets.get("imap_password", ""),
                submission,
                allow_private=self._allow_private,
            )
        finally:
            await submission.close()
