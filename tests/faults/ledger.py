"""The senders' own books, and the one checker that compares them with what the center keeps."""

import hashlib
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Final

from kernel.blobs import BlobStore, blob_key

WORD: Final = re.compile(r"\b(chat|mail|answer)-([0-9a-z]+)-(\d+)\b")
"""`chat-7-12`: the twelfth thing that conversation 7 said over the chat. Part of every text."""

_ANSWER = re.compile(r"\banswer-[0-9a-z]+-\d+\b")


@dataclass(slots=True)
class Ledger:
    """What was sent and what was acknowledged, written by those who sent it."""

    chat_sent: set[str] = field(default_factory=set)
    chat_acknowledged: list[str] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    """In the mailbox: its server answers for them, so every one must arrive."""
    mail_answers: list[str] = field(default_factory=list)
    chat_answers: list[str] = field(default_factory=list)
    """Answers of which the agent was told: it is kept and will be sent."""
    accepted: list[str] = field(default_factory=list)
    """Contacts of which the agent was told: it is yours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is wrong; empty lists all over mean that every promise was kept."""

    lost: list[str]
    doubled: list[str]
    disordered: list[str]
    strange: list[str]
    """In the center although nobody sent it."""
    unsent: list[str]
    """Promised answers that did not leave."""
    resent: int
    """Copies of answers beyond the first."""
    message_ids: list[str]
    """Answers whose copies carry different Message-IDs."""
    dangling: list[str]
    """Files that a row names and the disk does not have, or has otherwise."""

    def broken(self) -> list[str]:
        """Return the names of the promises that were not kept."""
        names = ("lost", "doubled", "disordered", "strange", "unsent", "message_ids", "dangling")
        return [name for name in names if getattr(self, name)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the center's database says."""

    inbound: list[tuple[str, str]]
    """(conversation, text) in the order of the thread."""
    outbound: list[tuple[str, str]]
    """(text, state)."""
    files: list[str]
    contacts: dict[str, str]
    """Who has or had each contact, by its id."""


def read_kept(database: Path) -> Kept:
    """Read the center's SQLite file from outside."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.execute("BEGIN")
        rows = connection.execute(
            "SELECT author_handle, text FROM message WHERE kind = 'inbound' ORDER BY id"
        ).fetchall()
        answers = connection.execute(
            "SELECT text, state FROM message WHERE kind = 'outbound' ORDER BY id"
        ).fetchall()
        files = connection.execute(
            "SELECT blob FROM attachment UNION SELECT blob FROM delivery WHERE blob IS NOT NULL"
        ).fetchall()
        contacts = connection.execute("SELECT id, agent_id FROM contact").fetchall()
    return Kept(
        inbound=rows,
        outbound=answers,
        files=[blob for (blob,) in files],
        contacts={_plain(contact): _plain(agent) for contact, agent in contacts},
    )


def count_inbound(database: Path) -> int:
    """Return how many messages of clients lie in the center's SQLite file now."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        found = connection.execute("SELECT count(*) FROM message WHERE kind = 'inbound'")
        return int(found.fetchone()[0])


def judge(ledger: Ledger, kept: Kept, taken: Iterable[bytes], blobs: Path | None) -> Verdict:
    """Compare the senders' books, the center's rows, its files and the mails that left it."""
    arrived = [(conversation, _word(text)) for conversation, text in kept.inbound]
    counted = Counter(word for _, word in arrived)
    promised_in = set(ledger.chat_acknowledged) | set(ledger.mails)
    left = _left(taken)
    stored = Counter(_word(text) for text, _ in kept.outbound)
    settled = {_word(text) for text, state in kept.outbound if state in {"sent", "delivered"}}
    answers = [*ledger.mail_answers, *ledger.chat_answers]
    return Verdict(
        lost=sorted(promised_in - counted.keys())
        + [word for word in answers if not stored[word]]
        + [one for one in ledger.accepted if not kept.contacts.get(one)],
        doubled=sorted(word for word, times in (counted + stored).items() if times > 1),
        disordered=_disordered(arrived),
        strange=sorted(counted.keys() - ledger.chat_sent - set(ledger.mails)),
        unsent=[word for word in ledger.mail_answers if word not in left]
        + [word for word in answers if stored[word] and word not in settled],
        resent=sum(len(ids) - 1 for ids in left.values()),
        message_ids=sorted(word for word, ids in left.items() if len(set(ids)) > 1),
        dangling=_dangling(kept.files, blobs) if blobs is not None else [],
    )


def _left(taken: Iterable[bytes]) -> dict[str, list[str]]:
    """Return the Message-IDs under which each answer reached the mail server."""
    left: dict[str, list[str]] = {}
    for mail in taken:
        message = message_from_bytes(mail)
        word = _ANSWER.search(mail.decode("utf-8", "replace"))
        left.setdefault(word[0] if word else "?", []).append(message["Message-ID"])
    return left


def _disordered(arrived: Sequence[tuple[str, str]]) -> list[str]:
    """Return what stands behind something that its sender said later."""
    last: dict[str, int] = {}
    found = []
    for conversation, word in arrived:
        number = int(word.rpartition("-")[2])
        if number < last.get(conversation, 0):
            found.append(word)
        last[conversation] = max(number, last.get(conversation, 0))
    return found


def _dangling(files: Sequence[str], blobs: Path) -> list[str]:
    store = BlobStore(blobs)
    return [
        blob
        for blob in files
        if not (path := store.path(blob_key(blob))).exists() or _digest(path) != blob
    ]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _word(text: str) -> str:
    found = WORD.search(text)
    return found[0] if found else f"? {text[:80]}"


def _plain(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value or "").replace("-", "")
