"""Turns the bytes of a mail into text, whatever their sender called the alphabet."""

import codecs
import re
from typing import Final

from charset_normalizer import from_bytes

# The names senders use that Python does not know, or knows as a narrower alphabet than was meant
# (https://encoding.spec.whatwg.org/#names-and-labels).
_MEANT: Final = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "ascii",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "unicode-1-1-utf-7": "utf-7",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-ukrainian": "mac_cyrillic",
    "utf8mb4": "utf-8",
    "unicode": "utf-16",
    "koi8r": "koi8-r",
    "koi8u": "koi8-u",
}
# Codecs of Python that are not alphabets, or are slower than linear on hostile input.
_NOT_ALPHABETS: Final = frozenset(
    {"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
)
# Left to itself the detector takes short Cyrillic mails for Big5; these are the alphabets that
# mails in Ukrainian, Russian and English come in.
_LIKELY: Final = ["cp1251", "koi8_u", "cp1252", "cp866", "iso8859_5", "mac_cyrillic", "cp1250"]
_SAMPLE_BYTES: Final = 16 * 1024
_HIGH: Final = re.compile(rb"[\x80-\xff]+")
_LETTERS: Final = re.compile(rb"[A-Za-z]+")
_known: dict[str, str | None] = {}


def decode(data: bytes, declared: str = "") -> str:
    """Return `data` as text; never raises, guesses when the declared alphabet cannot be true."""
    if data.isascii() and not _shifts(declared):
        return data.decode("ascii")
    codec = _codec(declared)
    if codec in {None, "ascii", "cp1252"}:
        return _narrow(data, codec)
    assert codec is not None  # noqa: S101 - for the type checker: None was handled above
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return _repaired(data, codec)


def _repaired(data: bytes, codec: str) -> str:
    """A few broken characters in the right alphabet read better than a wrong alphabet."""
    text = data.decode(codec, "replace")
    return text if text.count("\ufffd") * 20 <= len(text) else guess(data)


def _narrow(data: bytes, codec: str | None) -> str:
    """Nothing declared, or the default label that mail programs put on everything."""
    try:
        return data.decode("utf-8")
    except UnicodeError:
        pass
    if codec == "cp1252" and _mostly_latin(data):
        return data.decode("cp1252", "replace")
    return guess(data)


def _mostly_latin(data: bytes) -> bool:
    sample = data[:_SAMPLE_BYTES]
    high = sum(map(len, _HIGH.findall(sample)))
    return high <= sum(map(len, _LETTERS.findall(sample)))


def guess(data: bytes) -> str:
    """Return `data` as text in the likeliest alphabet for Ukrainian, Russian and English mail."""
    best = from_bytes(data[:_SAMPLE_BYTES], cp_isolation=_LIKELY, enable_fallback=False).best()
    return data.decode(best.encoding if best is not None else "cp1251", "replace")


def _shifts(declared: str) -> bool:
    """Tell whether plain ASCII bytes mean other letters in this alphabet (UTF-7, ISO-2022, HZ)."""
    name = declared.strip().strip("\"'").lower()
    return name.startswith(("utf-7", "utf7", "iso-2022", "unicode", "hz", "utf-16", "utf-32"))


def _codec(declared: str) -> str | None:
    name = declared.strip().strip("\"'").lower()[:40]
    if name not in _known:
        if len(_known) > 500:
            _known.clear()
        _known[name] = _look_up(name)
    return _known[name]


def _look_up(name: str) -> str | None:
    name = _MEANT.get(name, name)
    if name.startswith("cp-"):
        name = "cp" + name[3:]
    if not name or not name.isascii():
        return None
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    is_text = getattr(found, "_is_text_encoding", True)
    return found.name if is_text and found.name not in _NOT_ALPHABETS else None
