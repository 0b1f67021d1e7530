"""What can happen to the knowledge base."""

from dataclasses import dataclass
from uuid import UUID

from kernel.journal import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleChanged(Entry):
    """An article was written, edited, published, taken back or removed."""

    article_id: UUID
    what: str
    """`created`, `edited`, `published`, `unpublished` or `archived`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryChanged(Entry):
    """A category is new, changed or gone."""

    category_id: UUID
