"""The words of IMAP (RFC 3501): what answers say and how arguments are written."""

import base64
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from channels.errors import ProviderUnavailableError

_WORDS_CHARS: Final = 200
STATUS_NUMBER = re.compile(rb"\[(UIDVALIDITY|UIDNEXT) (\d{1,20})\]", re.IGNORECASE)
UID = re.compile(rb"\bUID (\d{1,10})", re.IGNORECASE)
SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,12})", re.IGNORECASE)
ARRIVED = re.compile(rb'\bINTERNALDATE "([^"]{10,40})"', re.IGNORECASE)
_FETCHED = re.compile(rb"\d+ FETCH \(", re.IGNORECASE)
_QUOTED = re.compile(rb'BODY\[\](?:<0>)? "((?:[^"\\]|\\.)*)"', re.IGNORECASE | re.DOTALL)


def fetched(lines: Sequence[bytes | bytearray]) -> list[tuple[bytes, bytes]]:
    """Return for each mail of a FETCH answer its words and its literal (a bytearray here)."""
    found: list[tuple[bytes, bytes]] = []
    for line in lines:
        if isinstance(line, bytearray):
            if found:
                found[-1] = (found[-1][0], bytes(line))
        elif _FETCHED.match(line):
            short = _QUOTED.search(line)
            found.append((line, re.sub(rb"\\(.)", rb"\1", short[1]) if short else b""))
        elif found:
            found[-1] = (found[-1][0] + b" " + line, found[-1][1])
    return found


def must(answer: Any) -> None:
    if answer.result != "OK":
        raise ProviderUnavailableError(f"the mail server refused a command: {said(answer)}")


def said(answer: Any) -> str:
    """Return the server's own last words, plain and short."""
    line = bytes(answer.lines[-1]) if answer.lines else b""
    text = "".join(sign if sign.isprintable() else " " for sign in line.decode("utf-8", "replace"))
    return text.strip()[:_WORDS_CHARS] or "no reason given"


def moment(value: bytes) -> datetime:
    """Read INTERNALDATE (`17-Jul-1996 02:44:25 -0700`)."""
    try:
        return parsedate_to_datetime(value.decode("ascii").replace("-", " ", 2)).astimezone(UTC)
    except (ValueError, TypeError, IndexError):
        return datetime.now(UTC)


def uid_set(uids: Sequence[int]) -> str:
    return ",".join(map(str, uids))


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def utf7(name: str) -> str:
    """Write a folder's name in modified UTF-7 (RFC 3501, section 5.1.3)."""
    out: list[str] = []
    for plain, other in re.findall(r"([ -~]+)|([^ -~]+)", name):
        if plain:
            out.append(plain.replace("&", "&-"))
        else:
            letters = base64.b64encode(other.encode("utf-16-be")).decode("ascii")
            out.append(f"&{letters.rstrip('=').replace('/', ',')}-")
    return "".join(out)
