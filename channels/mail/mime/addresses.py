"""Reads addresses: one strict reading for who sent a mail, one lenient for whom it names."""

import re
from typing import Final

import msgspec

from channels.mail.mime.headers import as_source, decoded

ADDRESSES_MAX: Final = 200
_UNSEEN: Final = r"\x7f-\xa0\xad\u200b-\u200f\u2028-\u202f\u205f-\u206f\ufeff"
_ATOM: Final = rf"[^\x00-\x20{_UNSEEN}()<>\[\]:;@\\,\"]"
_LOCAL: Final = rf"{_ATOM}{{1,64}}"
_LABEL: Final = rf"[^\x00-\x2c\x2e\x2f\x3a-\x40\x5b-\x60\x7b-\x7e{_UNSEEN}]{{1,63}}"
_DOMAIN: Final = rf"{_LABEL}(?:\.{_LABEL}){{0,20}}"
_ADDRESS = re.compile(rf"({_LOCAL})@({_DOMAIN})\.?")
_LENIENT = re.compile(rf"<\s*({_LOCAL}@{_DOMAIN})\.?\s*>|({_LOCAL}@{_DOMAIN})")
# A display name: words, quoted strings or comments; no '@', no second route.
_ANGLE = re.compile(r'((?:[^"<>@,:;()\\]|"(?:[^"\\]|\\.)*"|\([^()\\@<>]*\))*)<([^<>]*)>\s*\Z')
_BARE = re.compile(r"([^\s<>()\",:;]+)\s*(?:\(([^()<>@]*)\)\s*)?\Z")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
_GROUP_NAME = re.compile(r"\A[^\"<>@,:;]*:")


class Address(msgspec.Struct, frozen=True):
    """One mailbox: `address` in lower-case domain form, `name` decoded and on one line."""

    address: str
    name: str = ""


def normal(address: str) -> str:
    """Return the form addresses are compared in: lower case, no closing dot."""
    return address.strip().rstrip(".").lower()


def is_address(text: str) -> bool:
    """Tell whether `text` is exactly one plain address that is safe in any header or command."""
    found = _ADDRESS.fullmatch(text)
    if found is None or len(text) > 254:
        return False
    local = found[1]
    return not (local.startswith(".") or local.endswith(".") or ".." in local)


def sole_sender(values: list[bytes]) -> Address | None:
    """Return who sent the mail, or None unless every reader must agree on it.

    Mail programs disagree on `ceo@a <x@b>`, two From headers, lists, groups, comments and
    control characters; whoever can pick the disagreement can pick the sender.
    """
    if len(values) != 1 or b"\x00" in values[0] or b"\r" in values[0]:
        return None
    source = as_source(values[0]).strip()
    if bare := _BARE.match(source):
        return _sure(bare[1], bare[2] or "")
    if angle := _ANGLE.match(source):
        return _sure(angle[2].strip(), _display(angle[1]))
    return _same_twice(source)


def _same_twice(source: str) -> Address | None:
    """Accept `a@b <a@b>`: unquoted against the grammar, yet of one meaning."""
    name, _, rest = source.partition("<")
    name, address = name.strip(), rest.rstrip().removesuffix(">").strip()
    if rest.rstrip().endswith(">") and normal(name) == normal(address):
        return _sure(address, name)
    return None


def _sure(address: str, name: str) -> Address | None:
    address = address.removesuffix(".")
    if not is_address(address) or "=?" in address:
        return None
    return Address(normal(address), decoded(name))


def _display(source: str) -> str:
    return _QUOTED.sub(lambda found: _ESCAPED.sub(r"\1", found[1]), source).strip()


def named(values: list[bytes]) -> tuple[Address, ...]:
    """Return the mailboxes a To, Cc or Reply-To names; what cannot be read is left out."""
    found: dict[str, Address] = {}
    for value in values:
        for piece in _pieces(as_source(value)):
            address = _lenient(piece)
            if address is not None and len(found) < ADDRESSES_MAX:
                found.setdefault(address.address, address)
    return tuple(found.values())


def _lenient(piece: str) -> Address | None:
    angle = piece.rfind("<")
    found = _LENIENT.search(piece, max(angle, 0))
    if found is None:
        return None
    address = found[1] or found[2]
    name = _display(piece[:angle]) if angle > 0 else ""
    return Address(normal(address), decoded(name)) if is_address(address.rstrip(".")) else None


def _pieces(source: str) -> list[str]:
    """Split at commas and semicolons outside quotes; a group's name is dropped."""
    pieces: list[str] = []
    start = 0
    quoted = False
    for found in re.finditer(r'[",;\\]', source):
        mark, at = found[0], found.start()
        if mark == '"' and source[at - 1 : at] != "\\":
            quoted = not quoted
        elif mark in ",;" and not quoted:
            pieces.append(source[start:at])
            start = at + 1
            if len(pieces) > ADDRESSES_MAX * 2:
                return pieces
    pieces.append(source[start:])
    return [_GROUP_NAME.sub("", piece).strip() for piece in pieces]
