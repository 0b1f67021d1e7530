"""An answer as one request of the Send API, so that it arrives whole or not at all; no I/O."""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

import msgspec

from channels.capabilities import length
from channels.envelope import Outbound, OutboundFile
from channels.errors import MessageRejectedError
from channels.meta.kinds import MESSENGER
from kernel.limits import INSTAGRAM_TEXT_BYTES, META_FILE_BYTES, META_TEXT_CHARS

INSTAGRAM_MEDIA: Final = ("image/jpeg", "image/png", "image/gif", "video/mp4", "audio/*")


def body_of(
    kind: str, message: Outbound, lend: Callable[[OutboundFile], str], *, tagged: bool = False
) -> bytes:
    """Return the body; raises MessageRejectedError for what Meta never takes.

    `tagged`: a person answers later than 24 hours after the client's last word, which Meta allows
    for seven days. Meta fetches a file itself: `lend` gives it an address for a while.
    """
    text = message.text.strip()
    _refuse(kind, text, message.files)
    said: dict[str, Any] = {"text": text}
    if message.choices:
        said["quick_replies"] = [
            {"content_type": "text", "title": one, "payload": one} for one in message.choices
        ]
    if message.files:
        said = {"attachment": _attachment(message.files[0], lend)}
    why = (
        {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
        if tagged
        else {"messaging_type": "RESPONSE"}
    )
    return msgspec.json.encode(
        {"recipient": {"id": message.recipient.handle}, "message": said, **why}
    )


def _refuse(kind: str, text: str, files: tuple[OutboundFile, ...]) -> None:
    if not text and not files:
        raise MessageRejectedError("there is nothing to send")
    if len(files) > 1 or (text and files):
        raise MessageRejectedError("Meta takes a text or one file; send them one after the other")
    if any(len(one.data) > META_FILE_BYTES for one in files):
        raise MessageRejectedError("Meta does not take a file so large; send a link to it")
    if kind == MESSENGER and length(text) > META_TEXT_CHARS:
        raise MessageRejectedError(
            f"a text of more than {META_TEXT_CHARS:,} characters; send it in parts"
        )
    if kind != MESSENGER and len(text.encode()) > INSTAGRAM_TEXT_BYTES:
        raise MessageRejectedError(
            f"a text of more than {INSTAGRAM_TEXT_BYTES:,} bytes; send it in parts"
        )


def _attachment(file: OutboundFile, lend: Callable[[OutboundFile], str]) -> dict[str, Any]:
    """Meta names a file by the end of its address."""
    group = file.media_type.partition("/")[0]
    kind = group if group in {"image", "video", "audio"} else "file"
    return {"type": kind, "payload": {"url": f"{lend(file)}/{quote(file.name, safe='')}"}}
