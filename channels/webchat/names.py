"""What visitors say about themselves, made harmless before anybody sees it."""

import re
import unicodedata
from typing import Final

from kernel.limits import CHAT_ATTRIBUTE_CHARS, CHAT_TEXT_CHARS, NAME_CHARS

Fact = str | float | bool | None

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
# Check marks, badges and emoji: in a name they only serve to look like somebody official.
_SYMBOLS: Final = frozenset({"So", "Sk"})
_EMAIL: Final = re.compile(r"[^@\s<>(),;:\\\"\[\]]+@[^@\s<>(),;:\\\"\[\]]+\.[^@\s<>(),;:\\\"\[\]]+")
_EMAIL_CHARS: Final = 254
_NOT_TEXT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean_name(name: str) -> str:
    """Return one plain line without marks that deceive the eye; empty when nothing is left."""
    shown = "".join(
        char if not char.isspace() else " "
        for char in unicodedata.normalize("NFKC", name[: NAME_CHARS * 4])
        if char.isspace() or unicodedata.category(char) not in _INVISIBLE | _SYMBOLS
    )
    return " ".join(shown.split())[:NAME_CHARS].strip()


def clean_email(email: str) -> str:
    """Return the address when it has the form of one, else nothing."""
    plain = email.strip()
    if len(plain) > _EMAIL_CHARS or not plain.isprintable() or not _EMAIL.fullmatch(plain):
        return ""
    return plain


def clean_text(text: str) -> str:
    """Return what was written, without what no database or screen can hold."""
    return _NOT_TEXT.sub("", text.replace("\r\n", "\n")).strip()[:CHAT_TEXT_CHARS]


def clean_fact(value: Fact) -> str:
    """Return a fact about a visitor as one line; empty for what is taken back."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    plain = "".join(char if char.isprintable() else " " for char in str(value))
    return " ".join(plain.split())[:CHAT_ATTRIBUTE_CHARS]


def clean_page(page: str) -> str:
    """Return the address of the page without the query, which may hold secrets."""
    plain = page.partition("?")[0].partition("#")[0][:500]
    return plain if plain.startswith(("http://", "https://")) and plain.isprintable() else ""
