"""What mail is among the channels."""

from typing import Any, Final
from urllib.parse import urlsplit

from channels.capabilities import Capabilities, Formatting
from channels.channel import Channel, Surroundings
from channels.envelope import Account
from channels.mail.account import secrets_bound_elsewhere
from kernel.limits import MAIL_BYTES, TEXT_CHARS, UPLOAD_BYTES, UPLOADS_PER_MESSAGE

PURPOSE: Final = "mail thread"


def _make(account: Account, around: Surroundings) -> Any:
    from channels.mail.connector import MailConnector  # noqa: PLC0415 - with its libraries

    return MailConnector(
        account,
        proof_key=around.sealer.proof_key(PURPOSE),
        clock=around.clock,
        guests=around.guests,
        public_host=urlsplit(around.public_url).hostname or "localhost",
        allow_private_hosts=around.allow_private_hosts,
        keep_cursor=around.cursor_keeper(account.id),
    )


CHANNEL: Final = Channel(
    kind="mail",
    name="mail",
    can=Capabilities(
        text_chars=TEXT_CHARS,
        beside_files_chars=TEXT_CHARS,
        files=UPLOADS_PER_MESSAGE,
        file_bytes=UPLOAD_BYTES,
        # In base64 (RFC 2045) they are a third more, and we ourselves take mails of MAIL_BYTES.
        all_files_bytes=MAIL_BYTES * 3 // 4,
        formatting=Formatting.RICH,
        replies=True,
        receipts=("delivered", "failed"),
    ),
    make=_make,
    lasting=False,
    live=False,
    # It goes under the same Message-ID, which mail programs show once.
    repeatable=True,
    bound_elsewhere=secrets_bound_elsewhere,
)
