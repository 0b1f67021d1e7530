"""What can happen to the knowledge base."""

from uuid import UUID

from kernel.entries import Entry


class ArticleChanged(Entry, frozen=True, kw_only=True):
    """An article was written, edited, published, taken back or removed."""

    article_id: UUID
    what: str
    """`created`, `edited`, `published`, `unpublished` or `archived`."""


class CategoryChanged(Entry, frozen=True, kw_only=True):
    """A category is new, changed or gone."""

    category_id: UUID
