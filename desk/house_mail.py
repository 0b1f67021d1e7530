"""Mail of the house to its own people: through the outbox, by the oldest mailbox that is on."""

from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from channels import accounts, outbox
from channels.envelope import Outbound, Party

MAIL: Final = "mail"


class HouseMail(Struct, frozen=True, kw_only=True):
    to: Party
    subject: str
    text: str
    html: str | None = None


async def house_mailbox(session: AsyncSession) -> UUID | None:
    """Return the mailbox by which the house writes; None while there is none."""
    boxes = [one for one in await accounts.list_accounts(session, kind=MAIL) if one.enabled]
    return min(boxes, key=lambda one: (one.created_at, one.id)).id if boxes else None


def promise_house_mail(
    session: AsyncSession,
    mailbox: UUID,
    mail: HouseMail,
    *,
    key: UUID,
    about: UUID,
    now: datetime,
) -> None:
    """Promise one mail under a key of its own; `about` is what it tells of, which is no ticket:
    an answer to it opens one, as any mail does."""
    outbox.promise(
        session,
        Outbound(
            account_id=mailbox,
            key=key,
            ticket_id=about,
            recipient=mail.to,
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            to=(mail.to,),
            automatic=True,
        ),
        lane=key,
        now=now,
        due_at=now,
    )
