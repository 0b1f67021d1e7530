"""The knowledge base: articles, their history, categories, and suggestions beside a ticket."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Literal, cast
from typing import Any as Whatever
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from kernel.limits import PAGE_ROWS, PAGE_ROWS_MAX
from knowledge_base import articles, categories, queries, service
from knowledge_base.audience import Audience
from knowledge_base.service import ArticleChange
from knowledge_base.writing import Written, write
from tickets import queries as ticket_queries
from tickets import service as tickets
from web.routes import Call, delete, get, patch, post, put
from web.shapes import (
    ArticleBrief,
    ArticlePatch,
    ArticleTextBody,
    ArticleTextView,
    ArticleView,
    CategoryView,
    Cursor,
    Done,
    Locale,
    NewArticle,
    NewCategory,
    Page,
    RevisionView,
    Suggestion,
)

MESSAGES_READ = 10
TEXT_READ = 8_000


class ArticleQuery(Struct, forbid_unknown_fields=True):
    q: Annotated[str, Meta(max_length=200)] = ""
    state: Literal["draft", "published"] | None = None
    visibility: Literal["internal", "public"] | None = None
    category_id: UUID | None = None
    locale: Locale = "en"
    cursor: Cursor | None = None
    limit: Annotated[int, Meta(ge=1, le=PAGE_ROWS_MAX)] = PAGE_ROWS


class SuggestionQuery(Struct, forbid_unknown_fields=True):
    locale: Locale = "en"


async def list_articles(call: Call, query: ArticleQuery) -> Page[ArticleBrief]:
    """Articles, the last changed first; with words, the best match first"""
    async with call.house.database.reading() as session:
        if query.q.strip():
            found = await queries.search(
                session, _audience(call), query.q, locale=query.locale, limit=query.limit
            )
            following = None
        else:
            found, following = await queries.list_articles(
                session,
                _audience(call),
                locale=query.locale,
                category_id=query.category_id,
                state=query.state,
                visibility=query.visibility,
                after=query.cursor,
                limit=query.limit,
            )
    return Page([article_brief(one) for one in found], following)


async def get_article(call: Call) -> ArticleView:
    """An article in all its languages"""
    async with call.house.database.reading() as session:
        return article_view(await queries.find_article(session, call.id(), _audience(call)))


async def post_article(call: Call, body: NewArticle) -> ArticleView:
    """Write a new article; it begins as a draft"""
    texts = await _written(body.texts)
    async with call.house.database.transaction() as session:
        article_id = await service.create(
            session,
            call.actor,
            texts=texts,
            slug=body.slug,
            category_id=body.category_id,
            visibility=body.visibility,
            now=call.house.clock.now(),
        )
        return article_view(await queries.find_article(session, article_id, _audience(call)))


async def patch_article(call: Call, body: ArticlePatch) -> ArticleView:
    """Change, publish or take back an article; every edit is kept"""
    texts = [] if body.texts is msgspec.UNSET else await _written(body.texts)
    change = ArticleChange(
        version=body.version,
        texts=texts,
        slug=body.slug,
        category_id=body.category_id,
        visibility=body.visibility,
        state=body.state,
    )
    async with call.house.database.transaction() as session:
        await service.edit(session, call.actor, call.id(), change, now=call.house.clock.now())
        return article_view(await queries.find_article(session, call.id(), _audience(call)))


async def delete_article(call: Call) -> Done:
    """Remove an article for everybody; its edits and where it was used are kept"""
    async with call.house.database.transaction() as session:
        await service.archive(session, call.actor, call.id(), now=call.house.clock.now())
    return Done()


async def list_revisions(call: Call) -> list[RevisionView]:
    """Every edit of an article, the newest first"""
    async with call.house.database.reading() as session:
        await queries.find_article(session, call.id(), _audience(call))
        found = await queries.revisions(session, call.id())
    return [
        RevisionView(
            id=one.id,
            locale=one.locale,
            title=one.title,
            markdown=one.markdown,
            edited_by=one.edited_by,
            edited_at=one.edited_at,
        )
        for one in found
    ]


async def suggest_articles(call: Call, query: SuggestionQuery) -> list[Suggestion]:
    """Articles that may help with this ticket, by what the client wrote"""
    async with call.house.database.reading() as session:
        ticket = await tickets.find_ticket(session, call.id(), seen_by=call.actor)
        rows, _ = await ticket_queries.thread_page(
            session, ticket.id, before=None, limit=MESSAGES_READ
        )
        said = [row.text for row in rows if row.kind == "inbound"]
        text = " ".join([ticket.subject, *said])[-TEXT_READ:]
        linked = set(await ticket_queries.linked_articles(session, ticket.id))
        found = await queries.suggest(session, text, locale=query.locale)
    return [
        Suggestion(
            article=article_brief(one.article),
            score=one.score,
            linked=one.article.id in linked,
            html=one.html,
        )
        for one in found
    ]


async def link_article(call: Call) -> Done:
    """Remember that an article was used on a ticket"""
    async with call.house.database.transaction() as session:
        ticket = await tickets.find_ticket(session, call.id(), seen_by=call.actor)
        article = await queries.find_article(session, call.id("article_id"), Audience.STAFF)
        await tickets.link_article(
            session,
            ticket,
            article.id,
            agent_id=call.actor.agent_id,
            now=call.house.clock.now(),
        )
    return Done()


async def unlink_article(call: Call) -> Done:
    """Forget that an article was used on a ticket"""
    async with call.house.database.transaction() as session:
        ticket = await tickets.find_ticket(session, call.id(), seen_by=call.actor)
        await tickets.unlink_article(
            session, ticket, call.id("article_id"), agent_id=call.actor.agent_id
        )
    return Done()


async def list_categories(call: Call) -> list[CategoryView]:
    """The categories in their order"""
    async with call.house.database.reading() as session:
        return [
            _category(one) for one in await categories.list_categories(session, _audience(call))
        ]


async def post_category(call: Call, body: NewCategory) -> CategoryView:
    """Make a category"""
    async with call.house.database.transaction() as session:
        made = await categories.add_category(
            session, call.actor, names=body.names, position=body.position
        )
    return _category(made)


async def patch_category(call: Call, body: NewCategory) -> CategoryView:
    """Rename or move a category"""
    async with call.house.database.transaction() as session:
        changed = await categories.change_category(
            session, call.actor, call.id(), names=body.names, position=body.position
        )
    return _category(changed)


async def delete_category(call: Call) -> Done:
    """Remove a category; its articles stay"""
    async with call.house.database.transaction() as session:
        await categories.remove_category(session, call.actor, call.id())
    return Done()


def article_brief(one: articles.Brief) -> ArticleBrief:
    return ArticleBrief(
        id=one.id,
        slug=one.slug,
        title=one.title,
        locale=one.locale,
        visibility=cast("Whatever", one.visibility),
        state=cast("Whatever", one.state),
        category_id=one.category_id,
        excerpt=one.excerpt,
        updated_at=one.updated_at,
    )


def article_view(one: articles.Article) -> ArticleView:
    return ArticleView(
        id=one.id,
        slug=one.slug,
        category_id=one.category_id,
        visibility=cast("Whatever", one.visibility),
        state=cast("Whatever", one.state),
        texts=[
            ArticleTextView(
                locale=cast("Whatever", text.locale),
                title=text.title,
                markdown=text.markdown,
                html=text.html,
            )
            for text in one.texts
        ],
        created_at=one.created_at,
        updated_at=one.updated_at,
        version=one.version,
    )


def _category(one: categories.Category) -> CategoryView:
    return CategoryView(id=one.id, names=one.names, position=one.position)


def _audience(call: Call) -> Audience:
    """Drafts are for those who write."""
    return Audience.EDITORS if call.actor.may("kb.edit") else Audience.STAFF


async def _written(texts: Sequence[ArticleTextBody]) -> list[Written]:
    """Render and analyse off the loop: an article may be long."""
    return [
        await asyncio.to_thread(write, text.locale, text.title, text.markdown) for text in texts
    ]


ROUTES = [
    get("/articles", list_articles),
    post("/articles", post_article, "kb.edit", status=201),
    get("/articles/{id}", get_article),
    patch("/articles/{id}", patch_article, "kb.edit"),
    delete("/articles/{id}", delete_article, "kb.publish"),
    get("/articles/{id}/revisions", list_revisions, "kb.edit"),
    get("/tickets/{id}/suggestions", suggest_articles),
    put("/tickets/{id}/articles/{article_id}", link_article, "ticket.reply"),
    delete("/tickets/{id}/articles/{article_id}", unlink_article, "ticket.reply"),
    get("/categories", list_categories),
    post("/categories", post_category, "kb.edit", status=201),
    patch("/categories/{id}", patch_category, "kb.edit"),
    delete("/categories/{id}", delete_category, "kb.edit"),
]
