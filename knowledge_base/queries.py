"""What is asked of the knowledge base: lists, one article, its history, search and suggestions.

Every query takes the audience and obeys `readable_by`; what an audience may not read is to it as
if it did not exist.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.analyser import question, words
from kernel.cursors import make_cursor, read_cursor
from kernel.errors import NotFoundError
from kernel.limits import (
    ARTICLE_REVISIONS_PAGE,
    ARTICLE_SUGGESTIONS,
    PAGE_ROWS,
    PAGE_ROWS_MAX,
    SEARCH_RESEMBLING_WORDS,
)
from knowledge_base.articles import Article, Brief, Revision, Suggestion, Text, distance
from knowledge_base.audience import Audience, readable_by
from knowledge_base.tables import ARTICLE_SEARCH, ArticleRevisionRow, ArticleRow, ArticleTextRow
from knowledge_base.writing import LOCALES, shown_html


async def list_articles(
    session: AsyncSession,
    audience: Audience,
    *,
    locale: str = "en",
    category_id: UUID | None = None,
    state: str | None = None,
    visibility: str | None = None,
    after: str | None = None,
    limit: int = PAGE_ROWS,
) -> tuple[list[Brief], str | None]:
    """Return one page, the last changed first, and the cursor of the next."""
    limit = min(limit, PAGE_ROWS_MAX)
    statement = select(ArticleRow.id, ArticleRow.updated_at).where(readable_by(audience))
    if category_id is not None:
        statement = statement.where(ArticleRow.category_id == category_id)
    if state is not None:
        statement = statement.where(ArticleRow.state == state)
    if visibility is not None:
        statement = statement.where(ArticleRow.visibility == visibility)
    key = tuple_(ArticleRow.updated_at, ArticleRow.id)
    if after is not None:
        statement = statement.where(key < read_cursor(after))
    order = (ArticleRow.updated_at.desc(), ArticleRow.id.desc())
    rows = (await session.execute(statement.order_by(*order).limit(limit + 1))).all()
    page = rows[:limit]
    found = await briefs(session, [row.id for row in page], audience=audience, locale=locale)
    more = make_cursor(page[-1].updated_at, page[-1].id) if len(rows) > limit else None
    return found, more


async def briefs(
    session: AsyncSession,
    ids: Sequence[UUID],
    *,
    audience: Audience = Audience.STAFF,
    locale: str = "en",
) -> list[Brief]:
    """Return those of `ids` that the audience may read, in the order given."""
    if not ids:
        return []
    rows = await session.execute(
        select(
            ArticleRow.id,
            ArticleRow.slug,
            ArticleRow.visibility,
            ArticleRow.state,
            ArticleRow.category_id,
            ArticleRow.updated_at,
            ArticleTextRow.locale,
            ArticleTextRow.title,
            ArticleTextRow.excerpt,
        )
        .join(ArticleTextRow, ArticleTextRow.article_id == ArticleRow.id)
        .where(ArticleRow.id.in_(list(ids)), readable_by(audience))
    )
    languages: defaultdict[UUID, list[Brief]] = defaultdict(list)
    for row in rows:
        languages[row.id].append(Brief(**row._mapping))  # noqa: SLF001 - a row's public dict
    return [_nearest(languages[one], locale) for one in dict.fromkeys(ids) if one in languages]


async def find_article(session: AsyncSession, article_id: UUID, audience: Audience) -> Article:
    """Return the article; raises NotFoundError also for one the audience may not read."""
    return await _article(session, audience, ArticleRow.id == article_id)


async def find_by_slug(session: AsyncSession, slug: str, audience: Audience) -> Article:
    """Return the article at an address; raises NotFoundError as `find_article` does."""
    return await _article(session, audience, ArticleRow.slug == slug)


async def revisions(
    session: AsyncSession, article_id: UUID, *, before: UUID | None = None
) -> list[Revision]:
    """Return up to ARTICLE_REVISIONS_PAGE edits, the newest first: for editors only."""
    statement = select(ArticleRevisionRow).where(ArticleRevisionRow.article_id == article_id)
    if before is not None:
        statement = statement.where(ArticleRevisionRow.id < before)
    statement = statement.order_by(ArticleRevisionRow.id.desc()).limit(ARTICLE_REVISIONS_PAGE)
    return [
        Revision(
            id=row.id,
            locale=row.locale,
            title=row.title,
            markdown=row.markdown,
            edited_by=row.edited_by,
            edited_at=row.edited_at,
        )
        for row in await session.scalars(statement)
    ]


async def search(
    session: AsyncSession,
    audience: Audience,
    text: str,
    *,
    locale: str = "en",
    limit: int = PAGE_ROWS,
) -> list[Brief]:
    """Return the articles that say what was asked, in any language, the best match first.

    The last word of `text` may be unfinished. A text of common words only finds nothing.
    """
    asked = question(text)
    if not asked:
        return []
    limit = min(limit, PAGE_ROWS_MAX)
    # An article has at most one text per language, so this many texts are enough articles.
    best = ARTICLE_SEARCH.best(
        _dialect(session), asked, _readable_texts(audience), limit=limit * len(LOCALES)
    ).subquery("best")
    owners = await session.scalars(
        select(ArticleTextRow.article_id)
        .join(best, best.c.id == ArticleTextRow.id)
        .order_by(best.c.rank.desc(), ArticleTextRow.id.desc())
    )
    ids = list(dict.fromkeys(owners))[:limit]
    return await briefs(session, ids, audience=audience, locale=locale)


async def suggest(
    session: AsyncSession,
    text: str,
    *,
    audience: Audience = Audience.STAFF,
    locale: str = "en",
    limit: int = ARTICLE_SUGGESTIONS,
) -> list[Suggestion]:
    """Return the articles that share the most telling words with `text`, the closest first."""
    alike = await ARTICLE_SEARCH.resembling(
        session,
        words(text, limit=SEARCH_RESEMBLING_WORDS),
        _readable_texts(audience),
        limit=limit * len(LOCALES),
    )
    owners = await _owners(session, [one.id for one in alike])
    scores: dict[UUID, float] = {}
    for one in alike:
        scores.setdefault(owners[one.id], one.score)
    shown = await briefs(session, list(scores)[:limit], audience=audience, locale=locale)
    html = await _html(session, shown)
    return [Suggestion(article=one, score=scores[one.id], html=html[one.id]) for one in shown]


def _readable_texts(audience: Audience) -> Select[UUID]:
    return (
        select(ArticleTextRow.id)
        .join(ArticleRow, ArticleRow.id == ArticleTextRow.article_id)
        .where(readable_by(audience))
    )


async def _article(
    session: AsyncSession, audience: Audience, which: ColumnElement[bool]
) -> Article:
    row = await session.scalar(select(ArticleRow).where(which, readable_by(audience)))
    if row is None:
        raise NotFoundError("there is no such article")
    texts = await session.scalars(select(ArticleTextRow).where(ArticleTextRow.article_id == row.id))
    return Article(
        id=row.id,
        slug=row.slug,
        category_id=row.category_id,
        visibility=row.visibility,
        state=row.state,
        texts=[
            Text(
                locale=text.locale,
                title=text.title,
                markdown=text.markdown,
                html=shown_html(text.html, text.markdown, text.html_version),
            )
            for text in sorted(texts, key=lambda text: LOCALES.index(text.locale))
        ],
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )


async def _owners(session: AsyncSession, text_ids: Collection[UUID]) -> dict[UUID, UUID]:
    rows = await session.execute(
        select(ArticleTextRow.id, ArticleTextRow.article_id).where(
            ArticleTextRow.id.in_(list(text_ids))
        )
    )
    return {row.id: row.article_id for row in rows}


async def _html(session: AsyncSession, shown: Iterable[Brief]) -> dict[UUID, str]:
    languages = {one.id: one.locale for one in shown}
    rows = await session.execute(
        select(
            ArticleTextRow.article_id,
            ArticleTextRow.locale,
            ArticleTextRow.markdown,
            ArticleTextRow.html,
            ArticleTextRow.html_version,
        ).where(ArticleTextRow.article_id.in_(list(languages)))
    )
    return {
        row.article_id: shown_html(row.html, row.markdown, row.html_version)
        for row in rows
        if languages[row.article_id] == row.locale
    }


def _nearest(languages: Iterable[Brief], locale: str) -> Brief:
    return min(languages, key=lambda one: distance(one.locale, locale))


def _dialect(session: AsyncSession) -> str:
    return session.get_bind().dialect.name
