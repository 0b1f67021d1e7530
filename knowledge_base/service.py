"""The verbs of the knowledge base. Every function works inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec import UNSET, UnsetType
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.actor import Actor
from kernel.errors import ConflictError, InvalidInputError, NotFoundError
from kernel.html import VERSION
from kernel.ids import new_id
from kernel.journal import record
from kernel.upsert import put_row
from knowledge_base.audience import DRAFT, INTERNAL, PUBLIC, PUBLISHED
from knowledge_base.events import ArticleChanged
from knowledge_base.tables import (
    ARTICLE_SEARCH,
    ArticleRevisionRow,
    ArticleRow,
    ArticleTextRow,
    CategoryRow,
)
from knowledge_base.writing import Written, check_locales, check_slug, slug_of

EDIT = "kb.edit"
PUBLISH = "kb.publish"
_SLUG_TRIES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleChange:
    """What is to change; `version` is that of the article as the editor saw it."""

    version: int
    texts: Sequence[Written] = ()
    """The texts that are new or changed; other languages stay as they are."""
    slug: str | UnsetType = UNSET
    category_id: UUID | UnsetType | None = UNSET
    visibility: str | UnsetType = UNSET
    state: str | UnsetType = UNSET


async def create(
    session: AsyncSession,
    actor: Actor,
    *,
    texts: Sequence[Written],
    slug: str = "",
    category_id: UUID | None = None,
    visibility: str = INTERNAL,
    now: datetime,
) -> UUID:
    """Store a new article as a draft and return its id.

    Without a slug it is made from the first title. Raises InvalidInputError when the slug is
    taken, there is no such category, or there is no text.
    """
    actor.require(EDIT)
    if not texts:
        raise InvalidInputError("write the article in at least one language", field="texts")
    check_locales(texts)
    _check_visibility(visibility)
    await _check_category(session, category_id)
    row = ArticleRow(
        id=new_id(),
        slug=await _new_slug(session, slug, texts[0].title),
        category_id=category_id,
        visibility=visibility,
        state=DRAFT,
        created_at=now,
        updated_at=now,
        version=1,
    )
    session.add(row)
    await session.flush()
    await _store_texts(session, row.id, texts, by=actor.agent_id, now=now)
    record(session, ArticleChanged(actor_id=actor.agent_id, article_id=row.id, what="created"))
    return row.id


async def edit(
    session: AsyncSession, actor: Actor, article_id: UUID, change: ArticleChange, *, now: datetime
) -> None:
    """Change an article; each changed text is kept as a revision.

    What readers can see changes at once when the article is published, so that and a change of
    who may read it need the permission to publish. Raises ConflictError when somebody changed the
    article first, NotFoundError when there is none.
    """
    actor.require(EDIT)
    before = await session.get(ArticleRow, article_id)
    if before is None:
        raise NotFoundError(f"no article {article_id}")
    if _reaches_readers(before, change):
        actor.require(PUBLISH)
    values = await _checked(session, before, change)
    changed = await session.execute(
        update(ArticleRow)
        .where(ArticleRow.id == article_id, ArticleRow.version == change.version)
        .values(**values, version=ArticleRow.version + 1, updated_at=now)
        .returning(ArticleRow.id)
        .execution_options(synchronize_session=False)
    )
    if changed.first() is None:
        raise ConflictError
    session.expire(before)
    await _store_texts(session, article_id, change.texts, by=actor.agent_id, now=now)
    what = {PUBLISHED: "published", DRAFT: "unpublished"}.get(str(values.get("state")), "edited")
    record(session, ArticleChanged(actor_id=actor.agent_id, article_id=article_id, what=what))


async def publish(
    session: AsyncSession, actor: Actor, article_id: UUID, *, version: int, now: datetime
) -> None:
    """Let readers see the article."""
    change = ArticleChange(version=version, state=PUBLISHED)
    await edit(session, actor, article_id, change, now=now)


async def unpublish(
    session: AsyncSession, actor: Actor, article_id: UUID, *, version: int, now: datetime
) -> None:
    """Take the article back: from this commit on only editors see it."""
    await edit(session, actor, article_id, ArticleChange(version=version, state=DRAFT), now=now)


def _reaches_readers(before: ArticleRow, change: ArticleChange) -> bool:
    """Say whether readers would see the difference, now or by the change itself."""
    if change.state not in {UNSET, before.state}:
        return True
    return before.state == PUBLISHED and bool(
        change.texts
        or change.slug not in {UNSET, before.slug}
        or change.visibility not in {UNSET, before.visibility}
    )


async def _checked(
    session: AsyncSession, before: ArticleRow, change: ArticleChange
) -> dict[str, object]:
    """Return the columns to set, or refuse."""
    check_locales(change.texts)
    values: dict[str, object] = {}
    if change.slug is not UNSET and change.slug != before.slug:
        check_slug(change.slug)
        values["slug"] = await _new_slug(session, change.slug, "")
    if change.category_id is not UNSET:
        await _check_category(session, change.category_id)
        values["category_id"] = change.category_id
    if change.visibility is not UNSET:
        _check_visibility(change.visibility)
        values["visibility"] = change.visibility
    if change.state is not UNSET:
        if change.state not in {DRAFT, PUBLISHED}:
            raise InvalidInputError("an article is a draft or published", field="state")
        values["state"] = change.state
    return values


def _check_visibility(visibility: str) -> None:
    if visibility not in {INTERNAL, PUBLIC}:
        raise InvalidInputError("an article is internal or public", field="visibility")


async def _check_category(session: AsyncSession, category_id: UUID | None) -> None:
    if category_id is not None and await session.get(CategoryRow, category_id) is None:
        raise InvalidInputError("there is no such category", field="category_id")


async def _new_slug(session: AsyncSession, slug: str, title: str) -> str:
    """Return `slug` if it is free, or a free one made from `title`."""
    if slug:
        check_slug(slug)
        if await _taken(session, slug):
            raise InvalidInputError("another article has this address", field="slug")
        return slug
    wanted = slug_of(title)
    for number in range(1, _SLUG_TRIES):
        tried = wanted if number == 1 else f"{wanted}-{number}"
        if not await _taken(session, tried):
            return tried
    return f"{wanted}-{new_id().hex[-8:]}"


async def _taken(session: AsyncSession, slug: str) -> bool:
    return await session.scalar(select(ArticleRow.id).where(ArticleRow.slug == slug)) is not None


async def _store_texts(
    session: AsyncSession, article_id: UUID, texts: Sequence[Written], *, by: UUID, now: datetime
) -> None:
    known = {
        row.locale: row
        for row in await session.scalars(
            select(ArticleTextRow).where(ArticleTextRow.article_id == article_id)
        )
    }
    changed = {
        known[text.locale].id if text.locale in known else new_id(): text
        for text in texts
        if not _says_the_same(known.get(text.locale), text)
    }
    for text_id, text in changed.items():
        await put_row(session, ArticleTextRow, _text_row(text_id, article_id, text), key=("id",))
        await session.execute(insert(ArticleRevisionRow), _revision(article_id, text, by, now))
    await ARTICLE_SEARCH.put(session, [text.indexed(one) for one, text in changed.items()])
    for row in known.values():
        session.expire(row)


def _says_the_same(row: ArticleTextRow | None, text: Written) -> bool:
    return row is not None and (row.title, row.markdown) == (text.title, text.markdown)


def _text_row(text_id: UUID, article_id: UUID, text: Written) -> dict[str, object]:
    return {
        "id": text_id,
        "article_id": article_id,
        "locale": text.locale,
        "title": text.title,
        "markdown": text.markdown,
        "html": text.html,
        "html_version": VERSION,
        "excerpt": text.excerpt,
    }


def _revision(article_id: UUID, text: Written, by: UUID, now: datetime) -> dict[str, object]:
    return {
        "id": new_id(),
        "article_id": article_id,
        "locale": text.locale,
        "title": text.title,
        "markdown": text.markdown,
        "edited_by": by,
        "edited_at": now,
    }
