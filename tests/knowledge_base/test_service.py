"""Articles are written, edited without losing an edit, published and taken back."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from kernel.actor import Actor
from kernel.database import Database
from kernel.entries import Noted
from kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from kernel.ids import new_id
from knowledge_base import categories, queries, service
from knowledge_base.articles import Article
from knowledge_base.audience import Audience
from knowledge_base.service import ArticleChange
from knowledge_base.writing import slug_of, write

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
REFUND = write("en", "Refund to a card", "Money comes **back** in ten days.")


async def create(database: Database, editor: Actor, *, slug: str = "") -> UUID:
    async with database.transaction() as session:
        return await service.create(session, editor, texts=[REFUND], slug=slug, now=NOW)


async def edit(database: Database, actor: Actor, article: UUID, change: ArticleChange) -> None:
    async with database.transaction() as session:
        await service.edit(session, actor, article, change, now=LATER)


async def read(database: Database, article: UUID) -> Article:
    async with database.reading() as session:
        return await queries.find_article(session, article, Audience.EDITORS)


async def test_a_new_article_is_an_internal_draft(database: Database, editor: Actor) -> None:
    article = await read(database, await create(database, editor))

    assert (article.state, article.visibility, article.version) == ("draft", "internal", 1)
    assert article.slug == "refund-to-a-card"
    assert article.texts[0].html == "<p>Money comes <strong>back</strong> in ten days.</p>\n"
    assert article.created_at == article.updated_at == NOW


async def test_a_second_article_of_one_title_gets_an_address_of_its_own(
    database: Database, editor: Actor
) -> None:
    await create(database, editor)

    second = await read(database, await create(database, editor))

    assert second.slug == "refund-to-a-card-2"


async def test_a_taken_address_is_refused(database: Database, editor: Actor) -> None:
    await create(database, editor, slug="refunds")

    with pytest.raises(InvalidInputError) as refusal:
        await create(database, editor, slug="refunds")

    assert refusal.value.field == "slug"


@pytest.mark.parametrize("slug", ["Refunds", "a/b", "-a", "a--b", "повернення", "a" * 81, "a b"])
async def test_an_address_that_does_not_read_well_is_refused(
    database: Database, editor: Actor, slug: str
) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        await create(database, editor, slug=slug)

    assert refusal.value.field == "slug"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Як повернути гроші?", "iak-povernuty-hroshi"),
        ("Счёт и оплата", "schet-y-oplata"),
        ("  Hello,  World! ", "hello-world"),
        ("a" * 200, "a" * 80),
    ],
)
def test_an_address_is_made_in_latin_letters(title: str, slug: str) -> None:
    assert slug_of(title) == slug


def test_a_title_without_letters_still_has_an_address() -> None:
    assert slug_of("???").startswith("article-")


async def test_every_edit_is_kept_with_its_author(
    database: Database, editor: Actor, writer: Actor
) -> None:
    article = await create(database, editor)

    text = write("en", "Refunds", "Now in five days.")
    await edit(database, writer, article, ArticleChange(version=1, texts=[text]))

    async with database.reading() as session:
        kept = await queries.revisions(session, article)
    assert [one.markdown for one in kept] == ["Now in five days.", REFUND.markdown]
    assert [one.edited_by for one in kept] == [writer.agent_id, editor.agent_id]
    assert [one.edited_at for one in kept] == [LATER, NOW]


async def test_a_language_can_be_added_without_touching_the_others(
    database: Database, editor: Actor
) -> None:
    article = await create(database, editor)

    text = write("uk", "Повернення на картку", "Гроші прийдуть за десять днів.")
    await edit(database, editor, article, ArticleChange(version=1, texts=[text]))

    after = await read(database, article)
    assert [one.locale for one in after.texts] == ["en", "uk"]
    assert (after.text("uk").title, after.text("ru").title) == (text.title, REFUND.title)
    assert after.version == 2


async def test_saving_the_same_words_is_no_edit(database: Database, editor: Actor) -> None:
    article = await create(database, editor)

    await edit(database, editor, article, ArticleChange(version=1, texts=[REFUND]))

    async with database.reading() as session:
        assert len(await queries.revisions(session, article)) == 1


async def test_the_second_of_two_editors_is_told_of_the_conflict(
    database: Database, editor: Actor
) -> None:
    article = await create(database, editor)
    first = write("en", "First", "one")
    await edit(database, editor, article, ArticleChange(version=1, texts=[first]))

    change = ArticleChange(version=1, texts=[write("en", "Second", "two")])
    with pytest.raises(ConflictError):
        await edit(database, editor, article, change)

    assert (await read(database, article)).texts[0].title == "First"
    async with database.reading() as session:
        assert len(await queries.revisions(session, article)) == 2


async def test_publishing_needs_its_own_permission(
    database: Database, editor: Actor, writer: Actor
) -> None:
    article = await create(database, writer)

    with pytest.raises(ForbiddenError):
        await edit(database, writer, article, ArticleChange(version=1, state="published"))
    await edit(database, editor, article, ArticleChange(version=1, state="published"))

    assert (await read(database, article)).state == "published"


async def test_what_readers_see_is_changed_by_publishers_only(
    database: Database, editor: Actor, writer: Actor
) -> None:
    article = await create(database, editor)
    async with database.transaction() as session:
        await service.publish(session, editor, article, version=1, now=NOW)

    for change in (
        ArticleChange(version=2, texts=[write("en", "Other", "words")]),
        ArticleChange(version=2, visibility="public"),
        ArticleChange(version=2, slug="elsewhere"),
    ):
        with pytest.raises(ForbiddenError):
            await edit(database, writer, article, change)
    await edit(database, writer, article, ArticleChange(version=2, visibility="internal"))


async def test_nobody_writes_without_the_permission(database: Database) -> None:
    reader = Actor(agent_id=new_id(), name="Reader", permissions=frozenset())

    with pytest.raises(ForbiddenError):
        await create(database, reader)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (ArticleChange(version=1, visibility="secret"), "visibility"),
        (ArticleChange(version=1, state="gone"), "state"),
        (ArticleChange(version=1, category_id=new_id()), "category_id"),
        (ArticleChange(version=1, texts=[REFUND, REFUND]), "texts"),
        (ArticleChange(version=1, slug=""), "slug"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_bad_change_is_refused_by_its_field(
    database: Database, editor: Actor, change: ArticleChange, field: str
) -> None:
    article = await create(database, editor)

    with pytest.raises(InvalidInputError) as refusal:
        await edit(database, editor, article, change)

    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("locale", "title", "markdown", "field"),
    [
        ("de", "Titel", "", "locale"),
        ("en", "  ", "", "title"),
        ("en", "a" * 301, "", "title"),
        ("en", "Long", "a" * 200_001, "markdown"),
    ],
    ids=["locale", "empty title", "long title", "long text"],
)
def test_a_bad_text_is_refused_by_its_field(
    locale: str, title: str, markdown: str, field: str
) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        write(locale, title, markdown)

    assert refusal.value.field == field


async def test_an_unknown_article_cannot_be_edited(database: Database, editor: Actor) -> None:
    with pytest.raises(NotFoundError):
        await edit(database, editor, new_id(), ArticleChange(version=1))


async def test_an_article_needs_a_text(database: Database, editor: Actor) -> None:
    async def create_empty() -> None:
        async with database.transaction() as session:
            await service.create(session, editor, texts=[], now=NOW)

    with pytest.raises(InvalidInputError):
        await create_empty()


async def test_what_happens_to_an_article_is_noted(database: Database, editor: Actor) -> None:
    noted: list[Noted] = []
    database.after_commit(noted.extend)

    article = await create(database, editor)
    await edit(database, editor, article, ArticleChange(version=1, state="published"))
    await edit(database, editor, article, ArticleChange(version=2, state="draft"))

    assert [one.kind for one in noted] == ["ArticleChanged"] * 3
    assert [one.data["what"] for one in noted] == ["created", "published", "unpublished"]
    assert {one.actor_id for one in noted} == {editor.agent_id}


async def test_a_category_is_added_renamed_moved_and_removed(
    database: Database, editor: Actor
) -> None:
    async with database.transaction() as session:
        money = await categories.add_category(session, editor, names={"en": "Money"}, position=2)
        await categories.add_category(session, editor, names={"uk": "Доставка"}, position=1)
        article = await service.create(
            session, editor, texts=[REFUND], category_id=money.id, now=NOW
        )
        await categories.change_category(
            session, editor, money.id, names={"en": "Payments", "uk": "Оплата"}, position=0
        )

    async with database.reading() as session:
        shown = await categories.list_categories(session, Audience.STAFF)
    assert [one.name("uk") for one in shown] == ["Оплата", "Доставка"]
    assert [one.name("ru") for one in shown] == ["Payments", "Доставка"]

    async with database.transaction() as session:
        await categories.remove_category(session, editor, money.id)
    assert (await read(database, article)).category_id is None


@pytest.mark.parametrize("names", [{}, {"de": "Geld"}, {"en": " "}, {"en": "a" * 121}])
async def test_a_category_needs_a_proper_name(
    database: Database, editor: Actor, names: dict[str, str]
) -> None:
    async def add() -> None:
        async with database.transaction() as session:
            await categories.add_category(session, editor, names=names)

    with pytest.raises(InvalidInputError):
        await add()


async def test_an_unknown_category_cannot_be_renamed(database: Database, editor: Actor) -> None:
    async def rename() -> None:
        async with database.transaction() as session:
            await categories.change_category(
                session, editor, new_id(), names={"en": "Money"}, position=0
            )

    with pytest.raises(NotFoundError):
        await rename()


async def test_a_removed_article_is_gone_for_everybody_and_keeps_its_edits(
    database: Database, editor: Actor
) -> None:
    article = await create(database, editor)
    await edit(database, editor, article, ArticleChange(version=1, state="published"))

    async with database.transaction() as session:
        await service.archive(session, editor, article, now=LATER)

    async with database.reading() as session:
        for audience in Audience:
            with pytest.raises(NotFoundError):
                await queries.find_article(session, article, audience)
            assert (await queries.list_articles(session, audience))[0] == []
            assert await queries.search(session, audience, "refund") == []
        assert [one.title for one in await queries.revisions(session, article)] == [REFUND.title]
    with pytest.raises(NotFoundError):
        await edit(database, editor, article, ArticleChange(version=3, state="published"))


async def test_the_address_of_a_removed_article_is_free(database: Database, editor: Actor) -> None:
    article = await create(database, editor, slug="refunds")
    async with database.transaction() as session:
        await service.archive(session, editor, article, now=LATER)

    second = await read(database, await create(database, editor, slug="refunds"))

    assert second.slug == "refunds"


async def test_only_who_may_publish_removes(
    database: Database, editor: Actor, writer: Actor
) -> None:
    article = await create(database, editor)

    with pytest.raises(ForbiddenError):
        async with database.transaction() as session:
            await service.archive(session, writer, article, now=LATER)

    assert (await read(database, article)).state == "draft"
