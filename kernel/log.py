"""Writes the log: one line of JSON per record, without secrets, and without what people wrote."""

import logging
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TextIO
from urllib.parse import quote

import msgspec

from kernel.limits import LOG_CAUSES, LOG_FRAMES, LOG_ITEMS, LOG_SECRETS, LOG_VALUE_CHARS
from kernel.secrets import Secret

MASK: Final = "***"
WITHHELD: Final = "(withheld)"
_SHORTEST_SECRET = 6  # shorter ones would black out ordinary words

# Facts under these names are what people wrote or what lets one in: never logged, whoever tries.
_PRIVATE = frozenset(
    {
        "authorization",
        "body",
        "cookie",
        "content",
        "data",
        "email",
        "handle",
        "headers",
        "html",
        "message_text",
        "params",
        "password",
        "payload",
        "phone",
        "preview",
        "query",
        "raw",
        "recipient",
        "secret",
        "sender",
        "subject",
        "text",
        "token",
    }
)
_RECORD_FACTS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_ROOMS = frozenset(
    {
        "channels",
        "clients",
        "contact_center",
        "desk",
        "kernel",
        "knowledge_base",
        "routing",
        "staff",
        "supervision",
        "tickets",
        "web",
    }
)
# C1 controls and direction marks, which JSON lets through and terminals obey.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Scrubber:
    """Replaces every secret it was told by `***`, also in the ways one is written in a URL."""

    def __init__(self) -> None:
        self._secrets: dict[str, None] = {}
        self._pattern: re.Pattern[str] | None = None

    def hide(self, *secrets: Secret) -> None:
        """Never let these texts through; beyond a bound the ones told first are forgotten."""
        for secret in secrets:
            text = secret.reveal()
            if len(text) >= _SHORTEST_SECRET:
                self._secrets.pop(text, None)
                self._secrets[text] = None
        while len(self._secrets) > LOG_SECRETS:
            del self._secrets[next(iter(self._secrets))]
        spellings = {each for text in self._secrets for each in (text, quote(text, safe=""))}
        longest_first = sorted(spellings, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if spellings else None

    def clean(self, text: str) -> str:
        return text if self._pattern is None else self._pattern.sub(MASK, text)


scrubber: Final = Scrubber()
"""What this process must not tell; `hide` adds to it."""


def hide(*secrets: Secret) -> None:
    """Keep these secrets out of every log line from now on."""
    scrubber.hide(*secrets)


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, the facts, and the error if any."""

    def format(self, record: logging.LogRecord) -> str:
        line = msgspec.json.encode(_facts(record), enc_hook=repr).decode()
        return _UNSAFE.sub(_escaped, line)


class PlainLines(logging.Formatter):
    """The same facts for a person's eyes; still one line per record, but for a trace."""

    def format(self, record: logging.LogRecord) -> str:
        facts = _facts(record)
        time, level, name, message = (
            str(facts.pop(key)) for key in ("time", "level", "logger", "message")
        )
        error = facts.pop("error", None)
        tail = " ".join(f"{key}={value}" for key, value in facts.items())
        line = f"{time[11:19]} {level:<7} {name}: {message} {tail}".rstrip()
        lines = [line, *(_told(error) if error else ())]
        return "\n".join(_UNSAFE.sub(_escaped, each) for each in lines)


def configure(level: str = "info", stream: TextIO | None = None, *, pretty: bool = False) -> None:
    """Make the root logger write to `stream` (standard error), replacing what was there.

    Our rooms log from `level` on; libraries only warnings, since some of them log at lower levels
    all that goes over the wire.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(PlainLines() if pretty else JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for room in _ROOMS:
        logging.getLogger(room).setLevel(level.upper())
    logging.captureWarnings(capture=True)


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": _clean(_message(record)),
    }
    for key, value in vars(record).items():
        if key not in _RECORD_FACTS:
            facts[_clean(key)] = WITHHELD if key.lower() in _PRIVATE else _plain(value)
    if record.exc_info and record.exc_info[1] is not None:
        facts["error"] = _error(record.exc_info[1], LOG_CAUSES)
    return facts


def _message(record: logging.LogRecord) -> str:
    """Return the sentence; a library's, with whatever it put into it, is cut at its first line."""
    try:
        text = record.getMessage()
    except Exception:  # noqa: BLE001 - a badly written log call must not stop what it tells about
        text = str(record.msg)
    if record.name.partition(".")[0] in _ROOMS:
        return text
    return next(iter(text.splitlines()), "")


def _plain(value: Any, depth: int = 3) -> Any:
    """Return a fact as JSON can have it, scrubbed and bounded; bytes only by their number."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return f"({len(value)} bytes)"
    if isinstance(value, Mapping) and depth:
        return {
            _clean(str(key)): WITHHELD if str(key).lower() in _PRIVATE else _plain(each, depth - 1)
            for key, each in list(value.items())[:LOG_ITEMS]
        }
    if isinstance(value, list | tuple | set | frozenset) and depth:
        return [_plain(each, depth - 1) for each in list(value)[:LOG_ITEMS]]
    return _clean(str(value))


def _error(error: BaseException, causes: int) -> dict[str, Any]:
    """Return the type, the first line of what it says, where it rose, and what caused it.

    The first line only: what follows is often the very data that could not be handled, such as
    the parameters of a statement.
    """
    told: dict[str, Any] = {
        "type": type(error).__qualname__,
        "message": _clean(next(iter(str(error).splitlines()), "")),
        "trace": list(_frames(error)),
    }
    if isinstance(error, BaseExceptionGroup) and causes:
        told["parts"] = [_error(each, causes - 1) for each in error.exceptions[:LOG_ITEMS]]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and causes:
        told["cause"] = _error(cause, causes - 1)
    return told


def _frames(error: BaseException) -> Iterable[str]:
    frames = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename}:{trace.tb_lineno} in {code.co_qualname}")
        trace = trace.tb_next
    return frames[-LOG_FRAMES:]


def _told(error: Mapping[str, Any]) -> Iterable[str]:
    yield f"    {error['type']}: {error['message']}"
    yield from (f"      {frame}" for frame in error["trace"])
    for inner in (*error.get("parts", ()), *filter(None, [error.get("cause")])):
        yield from _told(inner)


def _clean(text: str) -> str:
    """Return `text` without secrets; cut after they are gone, so that none is half shown."""
    clean = scrubber.clean(text)
    return clean if len(clean) <= LOG_VALUE_CHARS else clean[:LOG_VALUE_CHARS] + "…"


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"
