"""What lies in the center and wants a person: letters, promises, files, and who works here."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, select

from channels.deliveries import DEAD
from channels.outbox import HELD, WAITING
from channels.tables import DeliveryRow, OutboxRow
from contact_center.account_checks import AccountCheck
from contact_center.backups.snapshot import referenced_blobs
from contact_center.doctor.finding import Finding, bad, good, warning
from kernel.clock import Clock
from staff.permissions import ADMINISTRATOR
from staff.tables import AgentRow

BLOBS_LOOKED_AT: Final = 20_000
BLOBS_READ: Final = 200
LATE: Final = timedelta(minutes=15)
RECENT: Final = timedelta(days=7)


def examine_contents(connection: Connection, blobs: Path, clock: Clock) -> Iterator[Finding]:
    yield _staff(connection)
    yield _dead_letters(connection)
    yield from _outbox(connection, clock)
    yield _files(connection, blobs)


def examine_accounts(checks: Sequence[AccountCheck]) -> Iterator[Finding]:
    """One finding for each account that was tried."""
    if not checks:
        yield warning("accounts", "none is switched on", "connect a mailbox or make a widget")
    for check in checks:
        what = f"{check.kind}"
        failed = next((step for step in check.steps if not step.ok), None)
        if failed is not None:
            detail = f"{check.name}: {failed.name}: {failed.detail}".rstrip(": ")
            yield bad(what, detail, failed.cure or "correct it in Administration, Channels")
        else:
            yield good(what, f"{check.name}: works ({check.health.replace('_', ' ')})")


def _staff(connection: Connection) -> Finding:
    administrators = connection.scalar(
        select(func.count())
        .select_from(AgentRow)
        .where(AgentRow.active, AgentRow.role_id == ADMINISTRATOR.id)
    )
    if administrators:
        return good("staff", f"{administrators} can administer")
    return warning(
        "staff",
        "nobody can administer",
        "open the address that “serve” prints, or run: "
        "contact-center add-agent --role administrator",
    )


def _dead_letters(connection: Connection) -> Finding:
    dead = connection.scalar(
        select(func.count()).select_from(DeliveryRow).where(DeliveryRow.state == DEAD)
    )
    if dead:
        return warning(
            "letters",
            f"{dead} could not be read and are kept",
            "look at them in Administration, Dead letters; replay or forget them",
        )
    return good("letters", "every one was read")


def _outbox(connection: Connection, clock: Clock) -> Iterator[Finding]:
    """Say what did not go out: failures of the last days, the uncertain and held, what is late."""
    now = clock.now()
    rows = connection.execute(
        select(OutboxRow.state, func.count())
        .where(
            OutboxRow.state.in_(("uncertain", HELD))
            | ((OutboxRow.state == "failed") & (OutboxRow.promised_at > now - RECENT))
        )
        .group_by(OutboxRow.state)
    )
    counts: dict[str, int] = dict(rows.all())
    late = connection.scalar(
        select(func.count())
        .select_from(OutboxRow)
        .where(OutboxRow.state == WAITING, OutboxRow.promised_at < now - LATE)
    )
    told = {
        f"{counts.get('failed', 0)} failed in the last {RECENT.days} days": "failed" in counts,
        f"{counts.get('uncertain', 0)} may or may not have been sent": "uncertain" in counts,
        f"{counts.get(HELD, 0)} are held back since a restore": HELD in counts,
    }
    if any(told.values()):
        yield warning(
            "answers",
            "; ".join(words for words, so in told.items() if so),
            "open their tickets: each says why, and can be sent again",
        )
    else:
        yield good("answers", "none failed")
    if late:
        yield warning(
            "sending",
            f"{late} wait for more than {LATE.seconds // 60} minutes",
            "see that the center runs and that the accounts below work",
        )


def _files(connection: Connection, folder: Path) -> Finding:
    """Look for files that rows name, in the order of their hashes: as good as chance."""
    looked = lost = 0
    for looked, key in enumerate(islice(referenced_blobs(connection), BLOBS_LOOKED_AT), start=1):
        path = folder / key[:2] / key
        lost += not path.is_file() or (looked <= BLOBS_READ and _digest(path) != key)
    if lost:
        return bad(
            "files",
            f"{lost} of {looked} are missing or damaged",
            f"bring {folder} back from a backup of the same time as the database",
        )
    return good("files", f"{looked} looked for, {min(looked, BLOBS_READ)} read: all whole")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
