"""Files of clients that a provider keeps until we fetch them; no I/O, no clock, no log."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from channels.envelope import InboundFile
from kernel.limits import MIB
from kernel.sniff import safe_name


class Fetched(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file that was fetched, or `problem` when it could not be."""

    blob: str = ""
    size: int = 0
    media_type: str = ""
    problem: str = ""
    """`file_too_large`: more than we or the provider fetch; `file_missing`: the provider has it no
    longer; `file_refused`: it lies where we fetch nothing."""


class Named(Protocol):
    """A file that a message brings: `key` names it within the message."""

    @property
    def key(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int:
        """As the provider says; 0: it does not."""


def inbound_files(wanted: Sequence[Named], files: Mapping[str, Fetched]) -> tuple[InboundFile, ...]:
    """Return those that are here, each under a name that is safe anywhere."""
    here = ((one, files[one.key]) for one in wanted if _is_here(one, files))
    return tuple(
        InboundFile(
            name=safe_name(one.name, found.media_type),
            media_type=found.media_type,
            blob=found.blob,
            size=found.size,
        )
        for one, found in here
    )


def with_missing(
    text: str, wanted: Sequence[Named], files: Mapping[str, Fetched]
) -> tuple[str, tuple[str, ...]]:
    """Name in the text what is not here, so that nobody takes it for not sent; and say why."""
    lines, problems = [text] if text else [], []
    for one in wanted:
        if not _is_here(one, files):
            known = files.get(one.key)
            problems.append(known.problem if known else "file_missing")
            size = f", {one.size / MIB:.1f} MB" if one.size else ""
            lines.append(f"[{safe_name(one.name)}{size}]")
    return "\n".join(lines), tuple(dict.fromkeys(problems))


def _is_here(one: Named, files: Mapping[str, Fetched]) -> bool:
    return one.key in files and not files[one.key].problem
