"""What a channel can carry, as a value that each one declares, and what of a message exceeds it."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from msgspec import Struct

from kernel.errors import InvalidInputError
from kernel.limits import MIB


class Formatting(StrEnum):
    """How much of what an agent formats arrives."""

    PLAIN = "plain"
    RICH = "rich"


class Counting(StrEnum):
    """In what the length of a text is shown while one writes; bounds are in characters always."""

    CHARACTERS = "characters"
    SEGMENTS = "segments"
    """Of SMS, each of which is paid."""


class Capabilities(Struct, frozen=True, kw_only=True):
    """The bounds of one message to a client, and what the channel tells about it afterwards.

    Texts are counted in UTF-16 units, as browsers and most messengers count them.
    """

    text_chars: int
    beside_files_chars: int
    """The longest text that goes out together with files."""
    files: int
    """So many files in one message; 0: none."""
    file_bytes: int
    all_files_bytes: int
    text_bytes: int | None = None
    """The longest text in bytes of UTF-8, where the provider counts those."""
    media: tuple[str, ...] = ("*/*",)
    """Patterns of the media types it takes."""
    formatting: Formatting = Formatting.PLAIN
    counting: Counting = Counting.CHARACTERS
    replies: bool = False
    """A message may name the one it answers, and the client sees which."""
    edits: bool = False
    """A client may change what they wrote, and we hear of it."""
    receipts: tuple[str, ...] = ()
    """What the provider reports of a message that we sent: `delivered`, `read`, `failed`."""
    typing: bool = False
    """The client can be shown that somebody writes."""
    reply_window: timedelta | None = None
    """How long after the client's last word we may write freely; None: always."""
    choices: int = 0
    """So many quick replies under one message; more, or any where it is 0, are written as lines."""
    choice_chars: int = 0
    """The longest of them."""
    choices_text_chars: int = 0
    """The longest text above them; 0: as without."""
    templates: bool = False
    """Outside of the window only texts may be sent that the provider has approved before."""


class Enclosed(Struct, frozen=True, kw_only=True):
    """What must be known of a file to say whether it can be sent."""

    name: str
    media_type: str
    size: int


def refuse_unsendable(
    channel: str, can: Capabilities, text: str, files: Sequence[Enclosed]
) -> None:
    """Raise InvalidInputError, naming the field and the cure, when a message exceeds a bound.

    `channel` is its name in words.
    """
    _refuse_files(channel, can, files)
    _refuse_bytes(channel, can, text)
    chars, most = length(text), can.beside_files_chars if files else can.text_chars
    if chars <= most:
        return
    if files and not most:
        raise InvalidInputError(
            f"on {channel} a text and files do not go together; send the files in a message of"
            " their own",
            field="html",
        )
    if files and chars <= can.text_chars:
        raise InvalidInputError(
            f"on {channel} a text beside files has at most {most:,} characters, and this has"
            f" {chars:,}; send the files in a message of their own",
            field="html",
        )
    raise InvalidInputError(
        f"on {channel} a message has at most {most:,} characters, and this has {chars:,};"
        " send it in parts",
        field="html",
    )


def _refuse_bytes(channel: str, can: Capabilities, text: str) -> None:
    size = octets(text)
    if can.text_bytes is not None and size > can.text_bytes:
        raise InvalidInputError(
            f"on {channel} a message has at most {can.text_bytes:,} bytes, and this has {size:,},"
            " since letters other than English ones count twice; send it in parts",
            field="html",
        )


def octets(text: str) -> int:
    """Return how many bytes a text has on the wire (UTF-8)."""
    return len(text.encode("utf-8", "replace"))


def length(text: str) -> int:
    """Return how many UTF-16 units a text has."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _refuse_files(channel: str, can: Capabilities, files: Sequence[Enclosed]) -> None:
    if len(files) > can.files:
        cure = "send the others in a second message" if can.files else "remove them"
        raise _of_files(f"{channel} takes at most {can.files} files in one message; {cure}")
    for file in files:
        if not any(fnmatchcase(file.media_type, pattern) for pattern in can.media):
            raise _of_files(f"{channel} does not take “{file.name}” ({file.media_type}); remove it")
        if file.size > can.file_bytes:
            raise _of_files(
                f"“{file.name}” has {_mib(file.size)}, and {channel} takes"
                f" {_mib(can.file_bytes)}; make it smaller or send a link to it"
            )
    if sum(file.size for file in files) > can.all_files_bytes:
        raise _of_files(
            f"the files together are larger than the {_mib(can.all_files_bytes)} that {channel}"
            " takes; send some in a second message"
        )


def _of_files(words: str) -> InvalidInputError:
    return InvalidInputError(words, field="attachment_ids")


def _mib(size: int) -> str:
    return f"{size / MIB:,.1f}".removesuffix(".0") + " MB"
