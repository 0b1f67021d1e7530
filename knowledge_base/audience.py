"""Who may read which articles: the one rule that every query of the room obeys."""

from enum import StrEnum

from sqlalchemy import ColumnElement, and_

from knowledge_base.tables import ArticleRow

DRAFT = "draft"
PUBLISHED = "published"
ARCHIVED = "archived"
"""Removed: nobody reads it any more; its revisions and where it was used are kept."""
INTERNAL = "internal"
PUBLIC = "public"


class Audience(StrEnum):
    """Whom an answer is for."""

    EVERYONE = "everyone"
    """Readers of the help page: published public articles."""
    STAFF = "staff"
    """Agents: published articles, internal ones too."""
    EDITORS = "editors"
    """Those who write: drafts as well, but not what was removed."""


def readable_by(audience: Audience) -> ColumnElement[bool]:
    """Return the condition under which an article may be shown to `audience`."""
    match audience:
        case Audience.EDITORS:
            return ArticleRow.state != ARCHIVED
        case Audience.STAFF:
            return ArticleRow.state == PUBLISHED
        case _:
            return and_(ArticleRow.state == PUBLISHED, ArticleRow.visibility == PUBLIC)
