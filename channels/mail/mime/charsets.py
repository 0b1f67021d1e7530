"""Turns the bytes of a mail into text, whatever their sender called the alphabet."""

import codecs
import re
from typing import Final

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
# What mails in Ukrainian, Russian and English come in, the likeliest first.
_LIKELY: Final = ("cp1251", "koi8-u", "cp1252", "cp866", "iso8859-5")
# How often a letter is met in Ukrainian and Russian, in four steps.
_WEIGHTS: Final = {
    letter: weight
    for weight, letters in ((3, "оаеиінт"), (2, "срвлкумдпя"), (1, "ьызбгйчюжхїєш"), (0, "цщфэъґё"))
    for letter in letters
}
_ACCENTED: Final = frozenset("éèêàâäöüßçñôîïáíóúëùûåøæ")
_PRINTERS_SIGNS: Final = frozenset("«»“”„‘’–—…№•©®°§·\u00a0")
_SAMPLE_BYTES: Final = 8 * 1024
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
    """Return `data` as text in the likeliest alphabet for Ukrainian, Russian and English mail.

    Judges the letters as words: general detectors take short Cyrillic lines for other alphabets.
    """
    sample = data[:_SAMPLE_BYTES]
    best = max(_LIKELY, key=lambda codec: _likelihood(sample.decode(codec, "replace")))
    return data.decode(best, "replace")


def _likelihood(text: str) -> int:
    score = 0
    before = " "
    for sign in text:
        if sign > "\x7f":
            score += _weight(before, sign)
        elif sign.isalpha() and "\u0400" <= before <= "\u04ff":
            score -= 3  # no word mixes two scripts
        before = sign
    return score


def _weight(before: str, sign: str) -> int:
    letter = sign.lower()
    if "\u0400" <= letter <= "\u04ff":
        if before.isascii() and before.isalpha():
            return -3
        if sign != letter and before.islower():
            return -2  # nobody writes a capital after a small letter
        return _WEIGHTS.get(letter, -2)
    if letter in _ACCENTED:
        return 2 if before.isascii() else -1
    return 0 if sign in _PRINTERS_SIGNS else -3


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
