"""The shape of the sample data: who writes what, when, and in which state it is left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Someone:
    """A client; a mail address makes them write by mail, none by chat."""

    name: str
    locale: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a story, so many minutes after its beginning."""

    minute: int
    who: Literal["client", "agent", "note"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """An article by language: title and Markdown."""

    slug: str
    public: bool
    texts: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A canned reply."""

    shortcut: str
    title: str
    html: str
