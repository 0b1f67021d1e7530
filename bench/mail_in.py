"""Mails a second through the whole way in, against merely parsing them with the standard library.

The first figure hands mails to the intake as mailboxes do: read in the guests, files and raw mail
synced to the disk, matched, committed, their contacts queued. The second fetches the same mails
from a real Dovecot by IMAP. The reference parses every mail and decodes its body and files.
"""

import asyncio
import email
import shutil
import time
from collections.abc import Sequence
from email import policy
from email.message import EmailMessage
from typing import Any, Final

from sqlalchemy import func, select

from bench.ground import figures
from bench.ground.centers import center, connect
from bench.ground.figures import Figure
from bench.ground.mails import TO, make_mails
from channels.envelope import Delivery
from channels.mail.follow import fingerprint
from channels.tables import AccountRow
from routing.tables import ContactRow
from tests.simulators.mail_servers import running_dovecot
from tickets.tables import AttachmentRow, MessageRow
from web.house import House

MAILS: Final = 1_500
WARM_UP: Final = 100
MAILBOXES: Final = 4
PARCEL: Final = 100
GOAL: Final = 0.6
PARSED_BARELY: Final = 400
DEADLINE_SECONDS: Final = 120.0
LOOK_SECONDS: Final = 0.05


def parse_barely(mails: Sequence[bytes]) -> float:
    """Return mails a second on one core, bodies and files decoded, the best of three rounds."""
    return max(_round(mails) for _ in range(3))


def _round(mails: Sequence[bytes]) -> float:
    started = time.process_time()
    for raw in mails:
        mail = email.message_from_bytes(raw, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        body = mail.get_body(("plain", "html"))
        assert body is not None
        body.get_content()
        for part in mail.iter_attachments():
            part.get_content()
    return len(mails) / (time.process_time() - started)


async def measure() -> list[Figure]:
    mails = make_mails(MAILS + WARM_UP)
    reference = parse_barely(mails[:PARSED_BARELY])
    found = [await _measure_intake(mails, reference)]
    if shutil.which("dovecot", path="/usr/sbin:/usr/bin:/sbin:/bin") is not None:
        found.append(await _measure_imap(mails, reference))
    return found


async def _measure_intake(mails: Sequence[bytes], reference: float) -> Figure:
    async with center() as running:
        house = running.house
        boxes = [await _mailbox(house, 1, number) for number in range(MAILBOXES)]
        await house.intake.accept(_deliveries(boxes[0], mails[:WARM_UP]))
        await _until_stored(house, WARM_UP)
        started = time.perf_counter()
        await asyncio.gather(
            *(
                _hand_over(house, box, mails[WARM_UP + at :: MAILBOXES])
                for at, box in enumerate(boxes)
            )
        )
        took = time.perf_counter() - started
        stored = await _stored(house)
    assert stored["messages"] == MAILS + WARM_UP, stored
    return _figure("mail_in", MAILS / took, reference, stored)


async def _measure_imap(mails: Sequence[bytes], reference: float) -> Figure:
    async with running_dovecot() as dovecot, center() as running:
        for raw in mails[:MAILS]:
            dovecot.drop("help", raw)
        started = time.perf_counter()
        await _mailbox(running.house, dovecot.port, 0)
        await _until_stored(running.house, MAILS)
        took = time.perf_counter() - started
        stored = await _stored(running.house)
    return _figure("mail_in_imap", MAILS / took, reference, stored)


def _figure(name: str, rate: float, reference: float, stored: dict[str, int]) -> Figure:
    return Figure(
        name=name,
        value=rate,
        unit="mails/s",
        n=MAILS,
        reference=reference,
        limit=GOAL,
        limits_ratio=True,
        details={"stored": stored},
    )


async def _mailbox(house: House, port: int, number: int) -> AccountRow:
    """Connect a mailbox; behind port 1 nobody answers, so its mails come by our own hand."""
    settings: dict[str, Any] = {
        "address": TO.replace("help", f"help{number}"),
        "imap_host": "127.0.0.1",
        "imap_port": port,
        "imap_tls": "none",
        "imap_user": "help",
        "smtp_host": "127.0.0.1",
        "smtp_port": 1,
        "smtp_tls": "none",
        "fetch_since": "all",
    }
    return await connect(house, "mail", f"Mailbox {number}", settings)


async def _hand_over(house: House, box: AccountRow, mails: Sequence[bytes]) -> None:
    """As the one who follows a folder does: the next parcel when the last one is committed."""
    deliveries = _deliveries(box, mails)
    for start in range(0, len(deliveries), PARCEL):
        await house.intake.accept(deliveries[start : start + PARCEL])


def _deliveries(box: AccountRow, mails: Sequence[bytes]) -> list[Delivery]:
    now = figures.now()
    return [
        Delivery(account_id=box.id, external_id=fingerprint(raw), raw=raw, received_at=now)
        for raw in mails
    ]


async def _until_stored(house: House, count: int) -> None:
    for _ in range(int(DEADLINE_SECONDS / LOOK_SECONDS)):
        if (await _stored(house))["messages"] >= count:
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise TimeoutError("the mails were not taken in")


async def _stored(house: House) -> dict[str, int]:
    async with house.database.reading() as session:
        return {
            name: await session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in (
                ("messages", MessageRow),
                ("files", AttachmentRow),
                ("contacts", ContactRow),
            )
        }


if __name__ == "__main__":
    figures.run(measure)
