"""An answer as one request of the Cloud API, so that it arrives whole or not at all; no I/O."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from channels.capabilities import length
from channels.envelope import Outbound, OutboundFile, TemplateUse
from channels.errors import MessageRejectedError
from kernel.limits import (
    WHATSAPP_BUTTON_CHARS,
    WHATSAPP_BUTTONS,
    WHATSAPP_BUTTONS_TEXT_CHARS,
    WHATSAPP_CAPTION_CHARS,
    WHATSAPP_FILE_BYTES,
    WHATSAPP_PICTURE_BYTES,
    WHATSAPP_ROW_CHARS,
    WHATSAPP_ROWS,
    WHATSAPP_TEXT_CHARS,
)

PICTURES: Final = ("image/jpeg", "image/png")
SOUNDS: Final = ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg")
FILMS: Final = ("video/mp4", "video/3gpp")
DOCUMENTS: Final = (
    *("application/pdf", "text/plain", "application/msword", "application/vnd.ms-excel"),
    *("application/vnd.ms-powerpoint", "application/vnd.openxmlformats-officedocument.*"),
)
_NUMBER: Final = re.compile(r"\+[0-9]{6,15}")
_USER: Final = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,140}")
_CHOOSE: Final = "☰"
"""On the button that opens a list: a sign, since the client's language is not known here."""

Lend = Callable[[OutboundFile], str]


def body_of(message: Outbound, lend: Lend) -> bytes:
    """Return the body; raises MessageRejectedError for what WhatsApp never takes.

    WhatsApp fetches a file itself: `lend` gives it an address for a while.
    """
    return msgspec.json.encode(
        {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            **_recipient(message.recipient.handle.strip()),
            "biz_opaque_callback_data": str(message.key),
            **_content(message, lend),
        }
    )


def seen_body(wamid: str, *, typing: bool = False) -> bytes:
    """Return the request that shows the client that their messages, up to this one, were read, and
    with `typing` that somebody answers."""
    shown = {"typing_indicator": {"type": "text"}} if typing else {}
    return msgspec.json.encode(
        {"messaging_product": "whatsapp", "status": "read", "message_id": wamid, **shown}
    )


def _recipient(handle: str) -> dict[str, str]:
    """Numbers and business-scoped ids are named in fields of their own."""
    if _NUMBER.fullmatch(handle):
        return {"to": handle.removeprefix("+")}
    if _USER.fullmatch(handle):
        return {"recipient": handle}
    raise MessageRejectedError("this client has no WhatsApp here; answer on another channel")


def _content(message: Outbound, lend: Lend) -> dict[str, Any]:
    if message.template is not None:
        return {"type": "template", "template": _template(message.template)}
    text = message.text.strip()
    if message.files:
        return _file(message.files, text, lend)
    if not text:
        raise MessageRejectedError("there is nothing to send")
    if length(text) > WHATSAPP_TEXT_CHARS:
        raise MessageRejectedError(
            f"a text of more than {WHATSAPP_TEXT_CHARS:,} characters; send it in parts"
        )
    if message.choices:
        return _interactive(text, message.choices)
    return {"type": "text", "text": {"body": text, "preview_url": True}}


def _file(files: Sequence[OutboundFile], text: str, lend: Lend) -> dict[str, Any]:
    if len(files) > 1:
        raise MessageRejectedError("WhatsApp takes one file; send them one after the other")
    file = files[0]
    if len(file.data) > WHATSAPP_FILE_BYTES:
        raise MessageRejectedError("WhatsApp does not take a file so large; send a link to it")
    if length(text) > WHATSAPP_CAPTION_CHARS:
        raise MessageRejectedError(
            f"a text of more than {WHATSAPP_CAPTION_CHARS:,} characters beside a file; send it"
            " by itself"
        )
    kind = _kind(file)
    if kind == "audio" and text:
        raise MessageRejectedError("WhatsApp takes no text beside a sound; send it by itself")
    described: dict[str, str] = {"link": lend(file), **({"caption": text} if text else {})}
    if kind == "document":
        described["filename"] = file.name
    return {"type": kind, kind: described}


def _kind(file: OutboundFile) -> str:
    if file.media_type in PICTURES and len(file.data) <= WHATSAPP_PICTURE_BYTES:
        return "image"
    if file.media_type in SOUNDS:
        return "audio"
    return "video" if file.media_type in FILMS else "document"


def _interactive(text: str, choices: Sequence[str]) -> dict[str, Any]:
    """Up to three short ones are buttons, up to ten a list; the desk offers no others."""
    if length(text) > WHATSAPP_BUTTONS_TEXT_CHARS or len(choices) > WHATSAPP_ROWS:
        raise MessageRejectedError("too much to stand beside quick replies; send them as text")
    short = all(length(one) <= WHATSAPP_BUTTON_CHARS for one in choices)
    if len(choices) <= WHATSAPP_BUTTONS and short:
        kind: str = "button"
        buttons = [
            {"type": "reply", "reply": {"id": f"choice-{at}", "title": one}}
            for at, one in enumerate(choices)
        ]
        action: dict[str, Any] = {"buttons": buttons}
    else:
        kind = "list"
        rows = [
            {"id": f"choice-{at}", "title": one[:WHATSAPP_ROW_CHARS]}
            for at, one in enumerate(choices)
        ]
        action = {"button": _CHOOSE, "sections": [{"rows": rows}]}
    interactive = {"type": kind, "body": {"text": text}, "action": action}
    return {"type": "interactive", "interactive": interactive}


def _template(use: TemplateUse) -> dict[str, Any]:
    """Name it with its values, component by component (see `templates.py` for their keys)."""
    parts: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for key, value in use.values.items():
        place, _, name = key.partition(".")
        at, _, rest = name.partition(".") if place == "button" else ("", "", name)
        parts.setdefault((place, at), []).append(_parameter(place, rest, value))
    components = [_component(place, at, found) for (place, at), found in sorted(parts.items())]
    named: dict[str, Any] = {"name": use.name, "language": {"code": use.language}}
    return {**named, "components": components} if components else named


def _component(place: str, at: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    if place != "button":
        return {"type": place, "parameters": parameters}
    kind = "copy_code" if "coupon_code" in parameters[0] else "url"
    return {"type": "button", "sub_type": kind, "index": at, "parameters": parameters}


def _parameter(place: str, name: str, value: str) -> dict[str, Any]:
    if place == "button" and name == "code":
        return {"type": "coupon_code", "coupon_code": value}
    if place == "header" and name in {"image", "video", "document"}:
        return {"type": name, name: {"link": value}}
    if name.isdecimal() or place == "button":
        return {"type": "text", "text": value}
    return {"type": "text", "parameter_name": name, "text": value}
