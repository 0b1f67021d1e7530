"""The templates of a WhatsApp Business Account, as its Graph API lists them; no I/O."""

from typing import Final

from msgspec import Struct

from channels.meta.graph import Refused
from channels.templates import APPROVED, Template, keyed

FIELDS: Final = "name,language,status,category,components,id"
_FILES: Final = frozenset({"IMAGE", "VIDEO", "DOCUMENT"})
_PLAIN: Final = frozenset({"QUICK_REPLY", "PHONE_NUMBER", "VOICE_CALL", "REQUEST_CONTACT_INFO"})


class Button(Struct, frozen=True):
    type: str = ""
    text: str = ""
    url: str = ""


class Named(Struct, frozen=True):
    param_name: str = ""
    example: str = ""


class Example(Struct, frozen=True):
    body_text: tuple[tuple[str, ...], ...] = ()
    header_text: tuple[str, ...] = ()
    body_text_named_params: tuple[Named, ...] = ()
    header_text_named_params: tuple[Named, ...] = ()


class Component(Struct, frozen=True):
    type: str = ""
    format: str = ""
    text: str = ""
    buttons: tuple[Button, ...] = ()
    example: Example = Example()


class Listed(Struct, frozen=True):
    name: str
    language: str
    status: str = ""
    category: str = ""
    id: str = ""
    components: tuple[Component, ...] = ()


class Cursors(Struct, frozen=True):
    after: str = ""


class Paging(Struct, frozen=True):
    cursors: Cursors = Cursors()
    next: str = ""


class TemplatePage(Refused, frozen=True):
    data: tuple[Listed, ...] = ()
    paging: Paging = Paging()

    @property
    def after(self) -> str:
        """Where the next page begins; empty: this was the last one."""
        return self.paging.cursors.after if self.paging.next else ""


def template_of(listed: Listed) -> Template:
    """Return a template with its variables keyed by component, as `compose.py` takes them apart."""
    parts = {one.type.upper(): one for one in listed.components}
    header, body = parts.get("HEADER", Component()), parts.get("BODY", Component())
    shown = parts.get("BUTTONS", Component()).buttons
    kind = header.format.lower()
    return Template(
        external_id=listed.id,
        name=listed.name,
        language=listed.language,
        category=listed.category.lower(),
        status=_status(listed.status),
        header=keyed(header.text, "header"),
        body=keyed(body.text, "body"),
        footer=parts.get("FOOTER", Component()).text,
        buttons=tuple(_button(at, one) for at, one in enumerate(shown)),
        links=(f"header.{kind}",) if header.format.upper() in _FILES else (),
        examples=_examples(header, body),
        unusable=_unusable(listed, header, set(parts)),
    )


def _status(word: str) -> str:
    return APPROVED if word.upper() == "APPROVED" else word.lower() or "unknown"


def _button(at: int, one: Button) -> str:
    if one.type.upper() == "URL":
        return f"{one.text} → {keyed(one.url, f'button.{at}')}"
    if one.type.upper() == "COPY_CODE":
        return f"{one.text} → {{{{button.{at}.code}}}}"
    return one.text


def _examples(header: Component, body: Component) -> dict[str, str]:
    found: dict[str, str] = {}
    for place, texts, named in (
        ("header", header.example.header_text, header.example.header_text_named_params),
        ("body", next(iter(body.example.body_text), ()), body.example.body_text_named_params),
    ):
        found.update({f"{place}.{at}": text for at, text in enumerate(texts, 1)})
        found.update({f"{place}.{one.param_name}": one.example for one in named})
    return found


def _unusable(listed: Listed, header: Component, parts: set[str]) -> str:
    if listed.category.upper() == "AUTHENTICATION":
        return "it carries a one-time code, which a program makes"
    if header.format.upper() not in {"", "TEXT", *_FILES}:
        return f"its header is a {header.format.lower()}"
    if parts - {"HEADER", "BODY", "FOOTER", "BUTTONS"}:
        return "it has parts that only a program can fill"
    shown = {button.type.upper() for one in listed.components for button in one.buttons} - {
        *_PLAIN,
        "URL",
        "COPY_CODE",
    }
    return "its buttons need a program" if shown else ""
