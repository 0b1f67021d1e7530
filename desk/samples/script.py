"""The shape of the sample data: who writes what, when, and in which state it is left."""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct


class Someone(Struct, frozen=True, kw_only=True):
    """A client; a mail address makes them write by mail, none by chat."""

    name: str
    locale: str
    email: str = ""


class Line(Struct, frozen=True):
    """One message of a story, so many minutes after its beginning."""

    minute: int
    who: Literal["client", "agent", "note"]
    text: str


class Story(Struct, frozen=True, kw_only=True):
    """One ticket from its first word to the state it is left in."""

    client: Someone
    subject: str
    hours_ago: float
    lines: Sequence[Line]
    status: str
    priority: str = "normal"
    tags: Sequence[str] = ()
    assigned: bool = True
    waits: bool = False
    """Its last word waits in the queue for an agent."""


class Leaf(Struct, frozen=True, kw_only=True):
    """An article by language: title and Markdown."""

    slug: str
    public: bool
    texts: Mapping[str, tuple[str, str]]


class Phrase(Struct, frozen=True, kw_only=True):
    """A canned reply."""

    shortcut: str
    title: str
    html: str
