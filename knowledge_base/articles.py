"""Articles as the room hands them out: a line of a list, the whole, its history, a suggestion."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from knowledge_base.writing import LOCALES


class Brief(Struct, frozen=True, kw_only=True):
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


class Text(Struct, frozen=True, kw_only=True):
    locale: str
    title: str
    markdown: str
    html: str


class Article(Struct, frozen=True, kw_only=True):
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


class Revision(Struct, frozen=True, kw_only=True):
    id: UUID
    locale: str
    title: str
    markdown: str
    edited_by: UUID
    edited_at: datetime


class Suggestion(Struct, frozen=True, kw_only=True):
    """An article that may answer a text; `html` is what it says in the reader's language."""

    article: Brief
    score: float
    html: str


def distance(has: str, wanted: str) -> int:
    """Return how far a language is from the reader's; without theirs, the order of LOCALES."""
    return -1 if has == wanted else LOCALES.index(has)
