"""What a child process does with a mail: bytes in, the parsed mail as msgpack out."""

import msgspec

from channels.mail.parse import ParsedMail, parse_mail

_ENCODER = msgspec.msgpack.Encoder()
DECODER = msgspec.msgpack.Decoder(ParsedMail)
"""Reads what `handle` returns; anything of another shape is refused."""


def handle(job: bytes) -> bytes:
    return _ENCODER.encode(parse_mail(job))
