"""Readers find what they may read, in any form of its words, and never learn of the rest."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from kernel.actor import Actor
from kernel.database import Database
from kernel.errors import InvalidInputError, NotFoundError
from knowledge_base import categories, queries, service
from knowledge_base.audience import Audience
from knowledge_base.service import ArticleChange
from knowledge_base.writing import write

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVERY = list(Audience)


async def put(
    database: Database,
    editor: Actor,
    title: str,
    markdown: str = "",
    *,
    locale: str = "en",
    visibility: str = "public",
    state: str = "published",
    category_id: UUID | None = None,
    minutes: int = 0,
) -> UUID:
    now = NOW + timedelta(minutes=minutes)
    async with database.transaction() as session:
        article = await service.create(
            session,
            editor,
            texts=[write(locale, title, markdown)],
            visibility=visibility,
            category_id=category_id,
            now=now,
        )
        if state == "published":
            await service.publish(session, editor, article, version=1, now=now)
    return article


async def search(
    database: Database, asked: str, audience: Audience = Audience.EVERYONE, locale: str = "en"
) -> list[str]:
    async with database.reading() as session:
        found = await queries.search(session, audience, asked, locale=locale)
    return [one.title for one in found]


@pytest.mark.parametrize(
    ("state", "visibility", "readers"),
    [
        ("published", "public", {Audience.EVERYONE, Audience.STAFF, Audience.EDITORS}),
        ("published", "internal", {Audience.STAFF, Audience.EDITORS}),
        ("draft", "public", {Audience.EDITORS}),
        ("draft", "internal", {Audience.EDITORS}),
    ],
)
async def test_every_way_to_an_article_obeys_the_same_rule(
    database: Database, editor: Actor, state: str, visibility: str, readers: set[Audience]
) -> None:
    article = await put(database, editor, "Secret refund", state=state, visibility=visibility)

    for audience in EVERY:
        found = await _ways(database, article, audience)
        assert set(found.values()) == {audience in readers}, (audience, found)


async def _ways(database: Database, article: UUID, audience: Audience) -> dict[str, bool]:
    async with database.reading() as session:
        page, _ = await queries.list_articles(session, audience)
        ways = {
            "list": bool(page),
            "briefs": bool(await queries.briefs(session, [article], audience=audience)),
            "search": bool(await queries.search(session, audience, "secret refund")),
            "prefix": bool(await queries.search(session, audience, "sec")),
            "suggest": bool(await queries.suggest(session, "A secret refund", audience=audience)),
        }
        for way, finding in (
            ("id", queries.find_article(session, article, audience)),
            ("slug", queries.find_by_slug(session, "secret-refund", audience)),
        ):
            try:
                ways[way] = bool(await finding)
            except NotFoundError:
                ways[way] = False
    return ways


async def test_an_article_taken_back_is_gone_for_readers_at_once(
    database: Database, editor: Actor
) -> None:
    article = await put(database, editor, "Refund")
    async with database.transaction() as session:
        await service.unpublish(session, editor, article, version=2, now=NOW)

    assert await search(database, "refund") == []
    assert await search(database, "refund", Audience.STAFF) == []


async def test_words_of_an_old_version_find_nothing(database: Database, editor: Actor) -> None:
    article = await put(database, editor, "Refund", "Costs were confidential")
    text = write("en", "Refund", "Costs are open")
    async with database.transaction() as session:
        change = ArticleChange(version=2, texts=[text])
        await service.edit(session, editor, article, change, now=NOW)

    assert await search(database, "confidential") == []
    assert await search(database, "open") == ["Refund"]


async def test_readers_are_told_only_of_shelves_with_something_for_them(
    database: Database, editor: Actor
) -> None:
    async with database.transaction() as session:
        shelves = [
            await categories.add_category(session, editor, names={"en": name}, position=place)
            for place, name in enumerate(("Open", "Internal", "Drafts", "Empty"))
        ]
    await put(database, editor, "One", category_id=shelves[0].id)
    await put(database, editor, "Two", category_id=shelves[1].id, visibility="internal")
    await put(database, editor, "Three", category_id=shelves[2].id, state="draft")

    async with database.reading() as session:
        readers = await categories.list_categories(session, Audience.EVERYONE)
        staff = await categories.list_categories(session, Audience.STAFF)

    assert [one.name("en") for one in readers] == ["Open"]
    assert len(staff) == 4


@pytest.mark.parametrize(
    ("locale", "title", "asked"),
    [
        ("uk", "Як повернути посилку", "повернення посилок"),
        ("uk", "Зміна пароля", "змінити паролі"),
        ("uk", "Рахунки та картки", "рахунок карткою"),
        ("ru", "Как вернуть заказ", "возврат заказов вернуть"),
        ("ru", "Ошибки при оплате картой", "ошибка оплаты карты"),
        ("en", "Cancelling a subscription", "cancel subscriptions"),
    ],
)
async def test_search_knows_word_forms(
    database: Database, editor: Actor, locale: str, title: str, asked: str
) -> None:
    await put(database, editor, title, "возврат", locale=locale)
    await put(database, editor, "Something else", "entirely")

    assert await search(database, asked, locale=locale) == [title]


async def test_an_article_is_shown_in_the_readers_language_whatever_language_was_asked_in(
    database: Database, editor: Actor
) -> None:
    article = await put(database, editor, "Refund", "Money back")
    text = write("uk", "Повернення коштів", "Гроші назад")
    async with database.transaction() as session:
        change = ArticleChange(version=2, texts=[text])
        await service.edit(session, editor, article, change, now=NOW)

    assert await search(database, "гроші", locale="en") == ["Refund"]
    assert await search(database, "money", locale="uk") == ["Повернення коштів"]
    assert await search(database, "money", locale="ru") == ["Refund"]


@pytest.mark.parametrize("asked", ["", "  ", "the", '"', "a* OR b", "'; DROP TABLE article; --"])
async def test_a_question_without_an_answer_finds_nothing(
    database: Database, editor: Actor, asked: str
) -> None:
    await put(database, editor, "Refund")

    assert await search(database, asked) == []


async def test_lists_come_page_by_page_the_last_changed_first(
    database: Database, editor: Actor
) -> None:
    for number in range(5):
        await put(database, editor, f"Article {number}", minutes=number // 2)

    titles: list[str] = []
    after: str | None = None
    async with database.reading() as session:
        for _ in range(3):
            page, after = await queries.list_articles(
                session, Audience.EVERYONE, after=after, limit=2
            )
            titles += [one.title for one in page]

    assert titles == [f"Article {number}" for number in (4, 3, 2, 1, 0)]
    assert after is None


async def test_a_list_can_be_narrowed(database: Database, editor: Actor) -> None:
    async with database.transaction() as session:
        shelf = await categories.add_category(session, editor, names={"en": "Money"})
    await put(database, editor, "Shelved", category_id=shelf.id)
    await put(database, editor, "Draft", state="draft")
    await put(database, editor, "Internal", visibility="internal")

    async with database.reading() as session:
        shelved, _ = await queries.list_articles(session, Audience.EDITORS, category_id=shelf.id)
        drafts, _ = await queries.list_articles(session, Audience.EDITORS, state="draft")
        inner, _ = await queries.list_articles(session, Audience.EDITORS, visibility="internal")

    assert [one.title for one in shelved + drafts + inner] == ["Shelved", "Draft", "Internal"]


async def test_a_forged_cursor_is_refused(database: Database) -> None:
    async with database.reading() as session:
        with pytest.raises(InvalidInputError):
            await queries.list_articles(session, Audience.EVERYONE, after="1.x' OR 1=1")


async def test_briefs_keep_the_order_they_were_asked_in(database: Database, editor: Actor) -> None:
    ids = [await put(database, editor, title) for title in ("One", "Two", "Three")]

    async with database.reading() as session:
        found = await queries.briefs(session, [ids[2], ids[0], ids[2], ids[1]])

    assert [one.title for one in found] == ["Three", "One", "Two"]


async def test_articles_are_suggested_from_the_words_of_a_ticket(
    database: Database, editor: Actor
) -> None:
    await put(database, editor, "Зміна пароля", "Як **відновити** вхід до кабінету", locale="uk")
    await put(database, editor, "Повернення коштів", "Гроші повертаємо на картку", locale="uk")
    await put(database, editor, "Терміни доставки", "Коли прийде посилка", locale="uk")

    text = "Доброго дня! Забув паролі, не можу зайти в кабінет. Допоможіть відновити, дякую."
    async with database.reading() as session:
        suggested = await queries.suggest(session, text, locale="uk")

    assert [one.article.title for one in suggested] == ["Зміна пароля"]
    assert "<strong>відновити</strong>" in suggested[0].html
    assert 0 < suggested[0].score <= 1


async def test_a_ticket_about_nothing_known_suggests_nothing(
    database: Database, editor: Actor
) -> None:
    await put(database, editor, "Refund", "Money")

    async with database.reading() as session:
        assert await queries.suggest(session, "Weather tomorrow?") == []
        assert await queries.suggest(session, "") == []
