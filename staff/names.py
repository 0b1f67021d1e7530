"""What staff are called and reached by, cleaned before it is stored."""

import re
import unicodedata

from kernel.errors import InvalidInputError
from kernel.limits import NAME_CHARS

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_EMAIL_CHARS = 254
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def clean_name(name: str) -> str:
    """Return one line without control or direction-changing characters, or refuse an empty one."""
    visible = "".join(
        " " if char.isspace() else char
        for char in name
        if char.isspace() or unicodedata.category(char) not in _INVISIBLE
    )
    clean = " ".join(visible.split())[:NAME_CHARS]
    if not clean:
        raise InvalidInputError("give a name", field="name")
    return clean


def clean_email(email: str) -> str:
    """Return the address in the one form accounts are found by, or refuse what is none."""
    clean = unicodedata.normalize("NFC", email.strip()).lower()
    if len(clean) > _EMAIL_CHARS or not _EMAIL.fullmatch(clean) or not clean.isprintable():
        raise InvalidInputError("this is not an e-mail address", field="email")
    return clean
