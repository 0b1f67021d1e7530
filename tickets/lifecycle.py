"""How a ticket's status moves; pure rules, one place."""

from collections.abc import Sequence
from typing import Final

NEW: Final = "new"
OPEN: Final = "open"
WAITING: Final = "waiting"
SOLVED: Final = "solved"
CLOSED: Final = "closed"
STATUSES: Final = (NEW, OPEN, WAITING, SOLVED, CLOSED)
DONE: Final = (SOLVED, CLOSED)
LIVE: Final = (NEW, OPEN, WAITING)

PREVIEW_CHARS: Final = 140


def takes_follow_up(status: str) -> bool:
    """A follow-up reopens what is solved; a closed ticket stays closed and a new one opens."""
    return status != CLOSED


def after_inbound(status: str, *, automatic: bool) -> str:
    """Return the status after the client wrote; an automatic reply never reopens anything."""
    if automatic or status in {NEW, OPEN}:
        return status
    return OPEN


def after_answer(status: str, wished: str | None) -> str:
    """Return the status after an agent answered: their wish, or at least no longer `new`."""
    if wished is not None:
        return wished
    return OPEN if status in {NEW, SOLVED} else status


STATE_ORDER: Final[Sequence[str]] = (
    "paused",
    "scheduled",
    "pending",
    "uncertain",
    "sent",
    "delivered",
    "read",
)
ARRIVED: Final = ("sent", "delivered", "read")
"""A provider has it; a report may be faster than the receipt."""


def further(old: str, new: str) -> bool:
    """Say whether a delivery state may follow another: it only moves forward.

    A failure may follow anything that no reader has confirmed, since bounces come late.
    """
    if old in {"withdrawn", "noted", "received"} or old == new:
        return False
    if new == "failed":
        return old in {"scheduled", "paused", "pending", "uncertain", "sent"}
    if old == "failed":
        return new in {"delivered", "read"}
    return STATE_ORDER.index(new) > STATE_ORDER.index(old)


def preview_of(text: str) -> str:
    """Return the first words of a message on one line."""
    line = " ".join(text.split())
    return line if len(line) <= PREVIEW_CHARS else line[: PREVIEW_CHARS - 1] + "…"
