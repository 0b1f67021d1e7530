"""Where the reading of a bot's updates stands, as one line that is stored with what was read."""

from datetime import UTC, datetime

from msgspec import Struct

from kernel.limits import TELEGRAM_OFFSET_TRUSTED


class Position(Struct, frozen=True, kw_only=True):
    """Every update below `offset` is dealt with, as was known at `at`."""

    offset: int
    at: datetime

    def trusted(self, now: datetime) -> int | None:
        """Return the offset while it may be used.

        After a week without an update Telegram begins its ids anew at a random number; an old
        offset above that would confirm, and so lose, what was never read. Without one we are given
        all that is unconfirmed, of which what is known is stored only once anyway.
        """
        return self.offset if now - self.at < TELEGRAM_OFFSET_TRUSTED else None

    def __str__(self) -> str:
        return f"{self.offset}:{int(self.at.timestamp())}"


def read_position(cursor: str | None) -> Position | None:
    """Return the position a cursor names; None when there is none or it cannot be read."""
    parts = (cursor or "").split(":")
    if len(parts) != 2 or not all(part.isascii() and part.isdecimal() for part in parts):
        return None
    offset, seconds = map(int, parts)
    if seconds >= 2**33:
        return None
    return Position(offset=offset, at=datetime.fromtimestamp(seconds, UTC))
