"""Where the reading of a mailbox stands, as one line that is stored with what was read."""

from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace


class Position(Struct, frozen=True, kw_only=True):
    """All mails of `folder` up to `uid` are dealt with, as long as `validity` stands.

    `floor` is the arrival of the newest mail that was there before the mailbox was connected and
    is not ours to read (None: all are). Only UIDs up to `reread` are judged by it: those are mails
    read again under new UIDs after a change of UIDVALIDITY.
    """

    validity: int
    uid: int
    folder: str
    floor: datetime | None = None
    reread: int = 0

    def at(self, uid: int) -> "Position":
        return replace(self, uid=uid)

    def __str__(self) -> str:
        floor = int(self.floor.timestamp()) if self.floor else 0
        return f"{self.validity}:{self.uid}:{self.reread}:{floor}:{self.folder}"


def read_position(cursor: str | None) -> Position | None:
    """Return the position a cursor names; None when there is none or it cannot be read."""
    parts = (cursor or "").split(":", 4)
    if len(parts) != 5 or not all(part.isascii() and part.isdecimal() for part in parts[:4]):
        return None
    validity, uid, reread, seconds = map(int, parts[:4])
    floor = datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 2**33 else None
    return Position(validity=validity, uid=uid, reread=reread, folder=parts[4], floor=floor)
