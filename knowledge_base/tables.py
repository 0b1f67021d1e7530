"""Articles: what they say in each language, every edit of them, and the shelves they stand on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.html import VERSION
from kernel.search_index import SearchIndex
from kernel.stored_html import UNKNOWN
from kernel.tables import Table

ARTICLE_SEARCH = SearchIndex("article_search", Table.metadata)
"""One entry per text of an article, drafts too; its id is that of the text."""


class CategoryRow(Table):
    __tablename__ = "article_category"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    names: Mapped[dict[str, str]]
    """The name in each locale it has one in."""
    position: Mapped[int]


class ArticleRow(Table):
    __tablename__ = "article"
    __table_args__ = (Index("ix_article_recent", "updated_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    category_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("article_category.id", ondelete="SET NULL"), index=True
    )
    visibility: Mapped[str]
    """`internal` or `public`."""
    state: Mapped[str]
    """`draft`, `published` or `archived`."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class ArticleTextRow(Table):
    """What an article says in one locale, as written and as shown."""

    __tablename__ = "article_text"
    __table_args__ = (UniqueConstraint("article_id", "locale"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    article_id: Mapped[UUID] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    locale: Mapped[str]
    title: Mapped[str]
    markdown: Mapped[str]
    html: Mapped[str]
    html_version: Mapped[int] = mapped_column(default=VERSION, server_default=str(UNKNOWN))
    """The rules by which `html` was cleaned; with other ones `markdown` is rendered anew."""
    excerpt: Mapped[str]


class ArticleRevisionRow(Table):
    """One edit as it was saved; ids are UUIDv7, so their order is the order of the edits."""

    __tablename__ = "article_revision"
    __table_args__ = (Index("ix_article_revision_article", "article_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    article_id: Mapped[UUID] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    locale: Mapped[str]
    title: Mapped[str]
    markdown: Mapped[str]
    edited_by: Mapped[UUID]
    edited_at: Mapped[datetime]
