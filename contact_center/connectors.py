"""How the connector of each kind of account is made from the settings."""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from channels.deliveries import move_cursors
from channels.envelope import Account
from channels.mail.connector import MailConnector
from channels.webchat.connector import WebChatConnector
from contact_center.settings import Settings
from kernel.clock import Clock
from kernel.database import Database
from kernel.guests import Guests
from kernel.secrets import Sealer

MAIL_PURPOSE: Final = "mail thread"


def connector_makers(
    settings: Settings, clock: Clock, sealer: Sealer, database: Database, guests: Guests
) -> dict[str, Callable[[Account], Any]]:
    """Return, by kind, what makes a connector of an account; it is an async context manager."""
    proof_key = sealer.proof_key(MAIL_PURPOSE)

    def mailbox(account: Account) -> MailConnector:
        async def keep_cursor(cursor: str) -> None:
            async with database.transaction() as session:
                await move_cursors(session, {account.id: cursor}, (), clock.now())

        return MailConnector(
            account,
            proof_key=proof_key,
            clock=clock,
            guests=guests,
            public_host=urlsplit(settings.public_url).hostname or "localhost",
            allow_private_hosts=settings.allow_private_hosts,
            keep_cursor=keep_cursor,
        )

    return {"mail": mailbox, "webchat": WebChatConnector}
