"""What an answer wears when it leaves: pictures by name inside the text, the signature below it."""

import html as entities
import re
from collections.abc import Collection
from typing import Final
from uuid import UUID

from tickets.service import picture_name

_PICTURE: Final = re.compile(r'(<img\b[^>]*?\ssrc=")/api/v1/attachments/([0-9a-f-]{36})(")')
_SIGN: Final = "-- "
"""The line above a signature by which mail readers know it (RFC 3676, section 4.3)."""


def pictures_named(html: str, attached: Collection[UUID]) -> tuple[str, list[UUID]]:
    """Call the pictures that the editor shows by their names; return the text and which they are.

    Only what is attached to this very answer is a picture of it.
    """
    found: dict[UUID, None] = {}

    def name(match: re.Match[str]) -> str:
        try:
            picture = UUID(match[2])
        except ValueError:
            return match[0]
        if picture not in attached:
            return match[0]
        found[picture] = None
        return f"{match[1]}cid:{picture_name(picture)}{match[3]}"

    return _PICTURE.sub(name, html), list(found)


def signed(html: str | None, signature: str) -> str | None:
    if html is None or not signature:
        return html
    lines = "<br>".join(entities.escape(line) for line in signature.splitlines())
    return f"{html}<p>{_SIGN}<br>{lines}</p>"


def signed_text(text: str, signature: str) -> str:
    return f"{text.rstrip()}\n\n{_SIGN}\n{signature}\n" if signature else text
