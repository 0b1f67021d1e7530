"""Turns a parsed mail into an envelope: what it proves, and what it is."""

import hashlib
from typing import Final
from uuid import UUID

from channels.envelope import Automatic, Inbound, InboundFile, Party, Report, Status
from channels.mail.account import MailSettings
from channels.mail.bounces import Bounce
from channels.mail.mime.addresses import Address
from channels.mail.parse import ParsedMail
from channels.mail.proof import vouched
from channels.mail.threads import claimed_message, claimed_ticket, without_plus

UNAUTHENTICATED: Final = "unauthenticated:"
"""Begins the handle of a sender whom mail programs would read differently: never an address."""

_STATUS: Final = {
    "failed": Status.FAILED,
    "delayed": Status.SENT,
    "relayed": Status.SENT,
    "expanded": Status.DELIVERED,
    "delivered": Status.DELIVERED,
}


class Translator:
    """Knows the mailbox's own names and the key that proves our references."""

    def __init__(self, settings: MailSettings, key: bytes) -> None:
        self._own = settings.own_addresses()
        self._trusted = settings.trusted_authserv_id
        self._key = key

    def envelope(self, external_id: str, mail: ParsedMail) -> Inbound | Report:
        """Return a Report for a bounce that proves which message of ours it speaks of, else the
        mail as a message."""
        warnings = mail.warnings
        if mail.bounce is not None:
            message = claimed_message(self._key, mail.bounce.message_ids)
            if message is not None:
                return Report(
                    external_id=external_id,
                    message_id=message,
                    status=_STATUS[mail.bounce.action],
                    reason=_reason(mail.bounce),
                )
            warnings = (*warnings, "bounce_unproven")
        return self._inbound(external_id, mail, warnings)

    def _inbound(self, external_id: str, mail: ParsedMail, warnings: tuple[str, ...]) -> Inbound:
        sender = mail.sender
        return Inbound(
            external_id=external_id,
            sender=_party(sender) if sender else _nobody(mail),
            text=mail.text,
            quoted=mail.quoted,
            html=mail.html,
            subject=mail.subject or None,
            sent_at=mail.sent_at,
            to=tuple(map(_party, mail.to)),
            cc=tuple(map(_party, mail.cc)),
            reply_to=tuple(map(_party, mail.reply_to)),
            thread_key=mail.message_id,
            references=_references(mail),
            ticket_claim=self._claim(mail),
            files=tuple(
                InboundFile(
                    name=one.name,
                    media_type=one.media_type,
                    data=one.data,
                    content_id=one.content_id,
                    inline=one.inline,
                )
                for one in mail.files
            ),
            automatic=self._automatic(mail),
            sender_proven=vouched(sender, mail.authentication, self._trusted),
            attributes=_attributes(sender),
            warnings=warnings,
        )

    def _claim(self, mail: ParsedMail) -> UUID | None:
        references = (*mail.in_reply_to, *reversed(mail.references))
        recipients = (one.address for one in (*mail.to, *mail.cc, *mail.routed_to))
        return claimed_ticket(self._key, references, recipients)

    def _automatic(self, mail: ParsedMail) -> Automatic | None:
        if mail.sender is not None and without_plus(mail.sender.address) in self._own:
            return Automatic.LOOP
        if mail.bounce is not None:
            return Automatic.REPLY
        return Automatic(mail.automatic) if mail.automatic else None


def _party(address: Address) -> Party:
    return Party(handle=address.address, name=address.name)


def _nobody(mail: ParsedMail) -> Party:
    """Keep apart those who cannot be told: one handle for all would share one history."""
    digest = hashlib.sha256(mail.sender_shown.encode("utf-8", "replace")).hexdigest()
    return Party(handle=UNAUTHENTICATED + digest[:16], name=mail.sender_shown)


def _references(mail: ParsedMail) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*mail.references, *mail.in_reply_to)))


def _attributes(sender: Address | None) -> dict[str, str]:
    if sender is None:
        return {}
    return {"email": sender.address} | ({"name": sender.name} if sender.name else {})


def _reason(bounce: Bounce) -> str:
    return ": ".join(part for part in (bounce.recipient, bounce.reason) if part)[:500]
