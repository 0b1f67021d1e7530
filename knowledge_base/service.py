"""The verbs of the knowledge base. Every function works inside the caller's transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.actor import Actor
from kernel.errors import ConflictError, InvalidInputError, NotFoundError
from kernel.html import VERSION
from kernel.ids import new_id
from kernel.journal import record
from kernel.upsert import insert_new, put_row
from knowledge_base.audience import ARCHIVED, DRAFT, INTERNAL, PUBLIC, PUBLISHED
from knowledge_base.events import ArticleChanged
from knowledge_base.tables import (
    ARTICLE_SEARCH,
    ArticleRevisionRow,
    ArticleRow,
    ArticleTextRow,
    CategoryRow,
)
from knowledge_base.writing import Written, check_locales, check_slug, slug_choices

EDIT = "kb.edit"
PUBLISH = "kb.publish"


class ArticleChange(Struct, frozen=True, kw_only=True):
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
    article_id = await _store_new(
        session,
        slug_choices(slug, texts[0].title),
        {
            "id": new_id(),
            "category_id": category_id,
            "visibility": visibility,
            "state": DRAFT,
            "created_at": now,
            "updated_at": now,
            "version": 1,
        },
    )
    await _store_texts(session, article_id, texts, by=actor.agent_id, now=now)
    record(session, ArticleChanged(actor_id=actor.agent_id, article_id=article_id, what="created"))
    return article_id


async def _store_new(
    session: AsyncSession, slugs: Iterable[str], values: Mapping[str, object]
) -> UUID:
    """Insert the article under the first address that is free at the moment it is inserted.

    Another editor may take an address between a look and the insert, so there is no look: the
    database waits for the other's commit and says whether the address is taken.
    """
    for slug in slugs:
        made = await insert_new(session, ArticleRow, [{**values, "slug": slug}], ArticleRow.id)
        for article_id in made:
            return UUID(str(article_id))
    raise InvalidInputError("another article has this address", field="slug")


async def edit(
    session: AsyncSession, actor: Actor, article_id: UUID, change: ArticleChange, *, now: datetime
) -> None:
    """Change an article; each changed text is kept as a revision.

    What readers can see changes at once when the article is published, so that and a change of
    who may read it need the permission to publish. Raises ConflictError when somebody changed the
    article first, NotFoundError when there is none.
    """
    actor.require(EDIT)
    before = await _standing(session, article_id)
    if _reaches_readers(before, change):
        actor.require(PUBLISH)
    values = await _checked(session, before, change)
    await _change_row(session, before, values, version=change.version, now=now)
    await _store_texts(session, article_id, change.texts, by=actor.agent_id, now=now)
    what = {PUBLISHED: "published", DRAFT: "unpublished"}.get(str(values.get("state")), "edited")
    record(session, ArticleChanged(actor_id=actor.agent_id, article_id=article_id, what=what))


async def archive(session: AsyncSession, actor: Actor, article_id: UUID, *, now: datetime) -> None:
    """Remove an article for everybody; its revisions and where it was used are kept.

    Its address is free again. Raises NotFoundError when there is none, ForbiddenError without the
    permission to publish.
    """
    actor.require(EDIT)
    actor.require(PUBLISH)
    before = await _standing(session, article_id)
    values = {"state": ARCHIVED, "slug": f"archived-{article_id.hex}"}
    await _change_row(session, before, values, version=before.version, now=now)
    texts = await session.scalars(
        select(ArticleTextRow.id).where(ArticleTextRow.article_id == article_id)
    )
    await ARTICLE_SEARCH.remove(session, texts)
    record(session, ArticleChanged(actor_id=actor.agent_id, article_id=article_id, what=ARCHIVED))


async def _standing(session: AsyncSession, article_id: UUID) -> ArticleRow:
    row = await session.get(ArticleRow, article_id)
    if row is None or row.state == ARCHIVED:
        raise NotFoundError("there is no such article")
    return row


async def _change_row(
    session: AsyncSession,
    before: ArticleRow,
    values: Mapping[str, object],
    *,
    version: int,
    now: datetime,
) -> None:
    """Change the row of this version; refuse when another editor was first, with it or its slug."""
    try:
        async with session.begin_nested():
            changed = await session.execute(
                update(ArticleRow)
                .where(ArticleRow.id == before.id, ArticleRow.version == version)
                .values(**values, version=ArticleRow.version + 1, updated_at=now)
                .returning(ArticleRow.id)
                .execution_options(synchronize_session=False)
            )
    except IntegrityError as error:
        raise InvalidInputError("another article has this address", field="slug") from error
    if changed.first() is None:
        raise ConflictError
    session.expire(before)


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
        values["slug"] = change.slug
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
