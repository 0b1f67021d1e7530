"""Articles as the room hands them out: a line of a list, the whole, its history, a suggestion."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from knowledge_base.writing import LOCALES


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """An article as a line of a list, in the reader's language where it has that one."""

    id: UUID
    slug: str
    title: str
    locale: str
    visibility: str
    state: str
    category_id: UUID | None
    excerpt: str
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    locale: str
    title: str
    markdown: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A whole article, every language of it."""

    id: UUID
    slug: str
    category_id: UUID | None
    visibility: str
    state: str
    texts: list[Text]
    created_at: datetime
    updated_at: datetime
    version: int

    def text(self, locale: str) -> Text:
        """Return what it says in `locale`, or in the first language it has."""
        return min(self.texts, key=lambda text: distance(text.locale, locale))


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    id: UUID
    locale: str
    title: str
    markdown: str
    edited_by: UUID
    edited_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """An article that may answer a text; `html` is what it says in the reader's language."""

    article: Brief
    score: float
    html: str


def distance(has: str, wanted: str) -> int:
    """Return how far a language is from the reader's; without theirs, the order of LOCALES."""
    return -1 if has == wanted else LOCALES.index(has)
