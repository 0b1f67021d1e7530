"""An answer as one push of LINE's, its text and its pictures together; no I/O."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from channels.capabilities import length
from channels.envelope import Outbound, OutboundFile
from channels.errors import MessageRejectedError
from kernel.limits import LINE_PICTURE_BYTES, LINE_PICTURES, LINE_TEXT_CHARS

PICTURES: Final = ("image/jpeg", "image/png")


def body_of(message: Outbound, lend: Callable[[OutboundFile], str]) -> bytes:
    """Return the body; raises MessageRejectedError for what LINE never takes.

    LINE shows pictures from their address: `lend` gives one for a while.
    """
    text = message.text.strip()
    if length(text) > LINE_TEXT_CHARS:
        raise MessageRejectedError(
            f"a text of more than {LINE_TEXT_CHARS:,} characters; send it in parts"
        )
    if not text and not message.files:
        raise MessageRejectedError("there is nothing to send")
    _refuse_files(message.files)
    said: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
    said += [_picture(lend(one)) for one in message.files]
    if message.choices:
        said[-1]["quickReply"] = {"items": [_choice(one) for one in message.choices]}
    return msgspec.json.encode({"to": message.recipient.handle, "messages": said})


def _choice(words: str) -> dict[str, Any]:
    """A press says these words."""
    return {"type": "action", "action": {"type": "message", "label": words, "text": words}}


def _picture(url: str) -> dict[str, str]:
    return {"type": "image", "originalContentUrl": url, "previewImageUrl": url}


def _refuse_files(files: Sequence[OutboundFile]) -> None:
    if len(files) > LINE_PICTURES:
        raise MessageRejectedError(f"more than {LINE_PICTURES} pictures; send them in parts")
    for one in files:
        if one.media_type not in PICTURES:
            raise MessageRejectedError("LINE takes only pictures; send a link to the file")
        if len(one.data) > LINE_PICTURE_BYTES:
            raise MessageRejectedError("LINE does not take a picture so large; make it smaller")
