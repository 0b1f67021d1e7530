"""Texts of Twilio's Content API with what WhatsApp says of them, as templates; no I/O."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import msgspec
from msgspec import Struct

from channels.templates import APPROVED, Template

_TYPES: Final = (
    *("twilio/text", "twilio/quick-reply", "twilio/call-to-action", "twilio/media"),
    *("twilio/card", "whatsapp/card", "twilio/list-picker"),
)


class Action(Struct, frozen=True):
    title: str = ""
    url: str = ""


class Shown(Struct, frozen=True):
    """One form of a content; what a form has not is empty."""

    body: str = ""
    title: str = ""
    subtitle: str = ""
    header_text: str = ""
    footer: str = ""
    actions: tuple[Action, ...] = ()


class Approval(Struct, frozen=True):
    status: str = ""
    category: str = ""
    name: str = ""


class Content(Struct, frozen=True):
    sid: str
    friendly_name: str = ""
    language: str = ""
    variables: Mapping[str, Any] = msgspec.field(default_factory=dict)
    types: Mapping[str, Any] = msgspec.field(default_factory=dict)
    approval_requests: Any = None


def content_server(api_url: str) -> str:
    """Return where the Content API is beside the main one (`api.` becomes `content.`)."""
    parts = urlsplit(api_url)
    if not parts.netloc.startswith("api."):
        return api_url
    return urlunsplit(parts._replace(netloc=f"content.{parts.netloc.removeprefix('api.')}"))


def template_of(content: Content) -> Template | None:
    """Return a content as a template; None for what cannot be one."""
    kind = next((one for one in _TYPES if one in content.types), "")
    shown = _converted(content.types.get(kind), Shown)
    if shown is None:
        return None
    approval = _approval(content.approval_requests)
    return Template(
        external_id=content.sid,
        name=approval.name or content.friendly_name or content.sid,
        language=content.language,
        category=approval.category.lower(),
        status=APPROVED if approval.status.lower() == APPROVED else _word(approval.status),
        header=shown.title or shown.header_text,
        body=shown.body,
        footer=shown.subtitle or shown.footer,
        buttons=tuple(
            f"{one.title} → {one.url}" if one.url else one.title for one in shown.actions
        ),
        examples={key: str(value) for key, value in content.variables.items() if value},
        unusable=_unusable(approval, kind),
    )


def _unusable(approval: Approval, kind: str) -> str:
    if approval.category.lower() == "authentication":
        return "it carries a one-time code, which a program makes"
    return "" if kind != "twilio/list-picker" else "WhatsApp takes lists within the window alone"


def _approval(told: Any) -> Approval:
    """Twilio tells one, or a list of them."""
    one = told[0] if isinstance(told, list) and told else told
    return _converted(one, Approval) or Approval()


def _word(status: str) -> str:
    return status.lower() or "not submitted"


def _converted(told: Any, kind: type[Any]) -> Any:
    try:
        return msgspec.convert(told, kind, strict=False) if told is not None else None
    except msgspec.ValidationError:
        return None
