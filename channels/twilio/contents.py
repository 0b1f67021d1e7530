"""The words of a message from Twilio as an agent shall read them; no I/O, no clock."""

from collections.abc import Mapping
from typing import Final

Fields = Mapping[str, str]

_SHOWN: Final = frozenset(
    {"", "text", "image", "audio", "voice", "video", "document", "sticker", "location", "contacts",
     "button", "interactive"}
)  # fmt: skip
"""Kinds of WhatsApp messages whose meaning stands in the fields that we read."""


def words_of(fields: Fields) -> str:
    """Return what was written, the button that was pressed, and a place in words."""
    parts = [
        fields.get("Body", "") or fields.get("ButtonText", "") or fields.get("ListTitle", ""),
        _place(fields),
    ]
    return "\n".join(part for part in parts if part.strip())


def kind_of(fields: Fields) -> str:
    """Return the provider's own word for what it is when nothing of it can be shown."""
    kind = fields.get("MessageType", "").strip()[:40]
    return kind or ("whatsapp" if fields.get("From", "").startswith("whatsapp:") else "sms")


def is_unknown(fields: Fields) -> bool:
    return fields.get("MessageType", "") not in _SHOWN


def _place(fields: Fields) -> str:
    try:
        at = float(fields["Latitude"]), float(fields["Longitude"])
    except (KeyError, ValueError):
        return ""
    if not (-90 <= at[0] <= 90 and -180 <= at[1] <= 180):
        return ""
    spot = f"{at[0]:.6f}", f"{at[1]:.6f}"
    named = [fields.get("Label", ""), fields.get("Address", ""), ", ".join(spot)]
    link = f"https://www.openstreetmap.org/?mlat={spot[0]}&mlon={spot[1]}#map=16/{'/'.join(spot)}"
    return "\n".join([*(part for part in named if part), link])
