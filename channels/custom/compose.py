"""An answer as the JSON that the other system takes, and the proof that it is ours; no I/O."""

from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from channels.capabilities import length
from channels.custom.parse import client_of
from channels.envelope import Outbound, OutboundFile
from channels.errors import MessageRejectedError
from channels.hooked.proof import hmac_sha256
from kernel.limits import CUSTOM_ALL_FILES_BYTES, CUSTOM_FILES, CUSTOM_TEXT_CHARS

TIMESTAMP: Final = "X-Timestamp"
SIGNATURE: Final = "X-Signature"
IDEMPOTENCY: Final = "Idempotency-Key"

_ENCODER: Final = msgspec.json.Encoder()


class To(Struct, frozen=True, kw_only=True):
    id: str
    name: str


class FileOut(Struct, frozen=True, kw_only=True):
    """`data` is base64, as msgspec writes bytes."""

    name: str
    media_type: str
    size: int
    data: bytes


class Answer(Struct, frozen=True, kw_only=True, tag_field="type", tag="answer"):
    """No kind that we take ourselves: sent back to us, it means nothing."""

    id: str
    client: To
    text: str
    author: str
    reply_to: str | None
    files: tuple[FileOut, ...]


def body_of(message: Outbound, public_key: str) -> bytes:
    """Return the body; raises MessageRejectedError for what the channel never carries."""
    client_id = client_of(public_key, message.recipient.handle)
    if client_id is None:
        raise MessageRejectedError("this client is not known there; answer on another channel")
    text = message.text.strip()
    if not text and not message.files:
        raise MessageRejectedError("there is nothing to send")
    if length(text) > CUSTOM_TEXT_CHARS:
        raise MessageRejectedError(
            f"a text of more than {CUSTOM_TEXT_CHARS:,} characters; send it in parts"
        )
    _refuse_files(message.files)
    return _ENCODER.encode(
        Answer(
            id=str(message.key),
            client=To(id=client_id, name=message.recipient.name),
            text=text,
            author=message.author_name,
            reply_to=message.in_reply_to,
            files=tuple(map(_file, message.files)),
        )
    )


def signed(secret: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers that prove a body: HMAC-SHA256 over `timestamp.body`, in hex."""
    stamp = str(int(now.timestamp()))
    return {"Content-Type": "application/json", TIMESTAMP: stamp} | {
        SIGNATURE: signature(secret, stamp, body)
    }


def signature(secret: str, stamp: str, body: bytes) -> str:
    return f"sha256={hmac_sha256(secret, stamp.encode(), b'.', body).hex()}"


def _refuse_files(files: tuple[OutboundFile, ...]) -> None:
    if len(files) > CUSTOM_FILES:
        raise MessageRejectedError(f"more than {CUSTOM_FILES} files; send them in parts")
    if sum(len(one.data) for one in files) > CUSTOM_ALL_FILES_BYTES:
        raise MessageRejectedError("the files are too large together; send them in parts")


def _file(one: OutboundFile) -> FileOut:
    return FileOut(name=one.name, media_type=one.media_type, size=len(one.data), data=one.data)
