"""One line of the doctor's report."""

from enum import StrEnum

from msgspec import Struct


class Level(StrEnum):
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


class Finding(Struct, frozen=True):
    """What was looked at, how it is, and, when it is not good, what mends it."""

    level: Level
    what: str
    detail: str = ""
    cure: str = ""

    def __str__(self) -> str:
        line = f"{self.level:<8} {self.what:<12} {self.detail}".rstrip()
        return f"{line}\n{'':<22}-> {self.cure}" if self.cure else line


def good(what: str, detail: str = "") -> Finding:
    return Finding(Level.GOOD, what, detail)


def warning(what: str, detail: str, cure: str) -> Finding:
    return Finding(Level.WARNING, what, detail, cure)


def bad(what: str, detail: str, cure: str) -> Finding:
    return Finding(Level.BAD, what, detail, cure)
