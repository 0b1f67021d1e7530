"""The full-text index: what is put is found, by who may see it, and a query cannot break out."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Column, Integer, MetaData, Select, Table, Uuid, insert, select

from kernel.analyser import question, terms, words
from kernel.clock import SystemClock
from kernel.database import Database
from kernel.ids import new_id
from kernel.search_index import Indexed, SearchIndex, is_search_internal

METADATA = MetaData()
INDEX = SearchIndex("thing_search", METADATA)
THING = Table(
    "thing", METADATA, Column("id", Uuid, primary_key=True), Column("team", Integer, nullable=False)
)
EVERYTHING: Select[UUID] = select(THING.c.id)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite+aiosqlite:///{tmp_path}/search.db", SystemClock())
    async with opened.writer.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield opened
    async with opened.writer.begin() as connection:
        await connection.run_sync(METADATA.drop_all)
    await opened.close()


async def put(database: Database, title: str, body: str = "", *, team: int = 1) -> UUID:
    thing = new_id()
    async with database.transaction() as session:
        await session.execute(insert(THING), {"id": thing, "team": team})
        await INDEX.put(session, [Indexed(thing, terms(title), terms(body))])
    return thing


async def found(
    database: Database, asked: str, *, visible: Select[UUID] = EVERYTHING, typing: bool = True
) -> list[UUID]:
    wanted = question(asked, typing=typing)
    async with database.reading() as session:
        rows = await session.execute(INDEX.best(database.dialect, wanted, visible, limit=50))
        return [row[0] for row in rows]


async def test_an_entry_is_found_by_another_form_of_its_words(database: Database) -> None:
    thing = await put(database, "Повернення коштів", "Гроші прийдуть на картку")
    await put(database, "Зміна пароля", "Відкрийте налаштування")

    assert await found(database, "повернень карткою") == [thing]


async def test_every_word_must_be_there(database: Database) -> None:
    await put(database, "Refund", "to the card")

    assert await found(database, "refund cash") == []


async def test_a_title_counts_more_than_a_body(database: Database) -> None:
    in_title = await put(database, "Refund rules", "How it works")
    in_body = await put(database, "Payment rules", "About a refund")
    await put(database, "Delivery", "Other things")
    await put(database, "Cards", "More other things")

    assert await found(database, "refund") == [in_title, in_body]


async def test_the_last_word_may_be_unfinished(database: Database) -> None:
    thing = await put(database, "Subscription prices")

    assert await found(database, "prices subscr") == [thing]
    assert await found(database, "subscr prices") == []


async def test_what_is_put_again_is_found_by_its_new_words_only(database: Database) -> None:
    thing = await put(database, "Old words")

    async with database.transaction() as session:
        await INDEX.put(session, [Indexed(thing, terms("Fresh"), []), Indexed(thing, ["new"], [])])

    assert await found(database, "new") == [thing]
    assert await found(database, "old") == await found(database, "fresh") == []


async def test_what_is_added_keeps_the_words_before_it(database: Database) -> None:
    thing = await put(database, "Subject", "first message")

    async with database.transaction() as session:
        await INDEX.add(session, [Indexed(thing, [], ["second"]), Indexed(thing, [], ["third"])])

    assert await found(database, "subject first second third") == [thing]


async def test_what_is_added_first_is_simply_put(database: Database) -> None:
    thing = await put(database, "Something")

    async with database.transaction() as session:
        await INDEX.remove(session, [thing, new_id()])
        await INDEX.add(session, [Indexed(thing, ["fresh"], [])])

    assert await found(database, "fresh") == [thing]


async def test_what_is_removed_is_not_found(database: Database) -> None:
    thing = await put(database, "Gone")

    async with database.transaction() as session:
        await INDEX.remove(session, [thing])

    assert await found(database, "gone") == []


async def test_nothing_is_indexed_by_a_transaction_that_fails(database: Database) -> None:
    async def put_and_fail() -> None:
        async with database.transaction() as session:
            await INDEX.put(session, [Indexed(new_id(), ["half"], [])])
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        await put_and_fail()

    async with database.reading() as session:
        matches = INDEX.match(database.dialect, question("half"))
        assert (await session.execute(select(matches.c.id))).all() == []


async def test_only_what_is_visible_is_found(database: Database) -> None:
    mine = await put(database, "Secret order", team=1)
    await put(database, "Secret order", team=2)

    assert await found(database, "order", visible=EVERYTHING.where(THING.c.team == 1)) == [mine]


async def test_old_visible_matches_are_not_crowded_out_by_new_invisible_ones(
    database: Database,
) -> None:
    mine = await put(database, "Common word", team=1)
    async with database.transaction() as session:
        others = [new_id() for _ in range(600)]
        await session.execute(insert(THING), [{"id": one, "team": 2} for one in others])
        await INDEX.put(session, [Indexed(one, terms("Common word"), []) for one in others])

    assert await found(database, "common", visible=EVERYTHING.where(THING.c.team == 1)) == [mine]


async def test_matches_can_be_joined_by_hand(database: Database) -> None:
    thing = await put(database, "Joined")

    matches = INDEX.match(database.dialect, question("joined"))
    async with database.reading() as session:
        rows = await session.execute(
            select(THING.c.id, matches.c.rank).join(matches, matches.c.id == THING.c.id)
        )
        [(found_id, rank)] = rows.all()

    assert found_id == thing
    assert rank > 0 or database.dialect == "sqlite"


@pytest.mark.parametrize(
    "asked",
    ['"', "'", 'a" OR "b', "NEAR(a b)", "title : x", "a*", "x' :A | 'y", ":&!()", "%_\\", "-", ""],
)
async def test_search_syntax_is_text_like_any_other(database: Database, asked: str) -> None:
    await put(database, "Unrelated")

    assert await found(database, asked) == []


async def test_awkward_words_are_found_again(database: Database) -> None:
    awkward = "AND OR NOT NEAR null 1e5 0x1f 007 ٣٤ 中文 ґрунт ՀԱՅ title body INV-2024/00123"
    thing = await put(database, "Plain", awkward)

    for word in awkward.split():
        assert await found(database, word, typing=False) in ([thing], []), word
    for word in ("null", "1e5", "0x1f", "007", "٣٤", "中文", "ґрунт", "inv-2024", "title", "near"):
        assert await found(database, word, typing=False) == [thing], word


async def test_an_entry_of_very_many_words_is_kept_to_the_bound(database: Database) -> None:
    thing = await put(database, "Long")

    async with database.transaction() as session:
        body = [f"слово{number}" for number in range(30_000)]
        await INDEX.put(session, [Indexed(thing, ["long"], body)])

    assert await found(database, "слово9999 long") == [thing]
    assert await found(database, "слово29999") == []


async def test_what_shares_telling_words_resembles_a_text(database: Database) -> None:
    refunds = await put(database, "Refund to a card", "Money comes back to the card in ten days")
    passwords = await put(database, "Forgotten password", "How to reset a password and sign in")
    await put(database, "Delivery times", "When the parcel comes")

    text = words("Hello! I forgot my password, please help me to reset it. Thanks", limit=64)
    async with database.reading() as session:
        alike = await INDEX.resembling(session, text, EVERYTHING, limit=5)

    assert [one.id for one in alike] == [passwords]
    assert 0 < alike[0].score <= 1
    assert refunds not in {one.id for one in alike}


async def test_what_may_not_be_seen_does_not_resemble_anything(database: Database) -> None:
    await put(database, "Forgotten password", "reset", team=2)

    text = words("forgotten password reset", limit=64)
    async with database.reading() as session:
        visible = EVERYTHING.where(THING.c.team == 1)
        assert await INDEX.resembling(session, text, visible, limit=5) == []
        assert await INDEX.resembling(session, [], EVERYTHING, limit=5) == []


def test_what_belongs_to_an_index_is_told_from_the_schema() -> None:
    assert is_search_internal("thing_search_fts_data")
    assert is_search_internal("ix_thing_search_search_terms")
    assert not is_search_internal("thing_search")
