"""Editors who save at the same moment each get an address, on a database that lets them race."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import pytest

from contact_center.migrate import upgrade
from kernel.actor import Actor
from kernel.clock import SystemClock
from kernel.database import Database
from kernel.errors import InvalidInputError
from knowledge_base import queries, service
from knowledge_base.audience import Audience
from knowledge_base.service import ArticleChange
from knowledge_base.writing import write
from tests.postgres import PostgresServer

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PARCELS = write("en", "Parcels", "They come.")
EDITORS = 6


@pytest.fixture
async def database(postgres: PostgresServer) -> AsyncIterator[Database]:
    opened = Database(postgres.new_database(), SystemClock())
    await upgrade(opened)
    yield opened
    await opened.close()


async def _create(database: Database, editor: Actor, slug: str = "") -> UUID:
    async with database.transaction() as session:
        return await service.create(session, editor, texts=[PARCELS], slug=slug, now=NOW)


async def _slug(database: Database, article: UUID) -> str:
    async with database.reading() as session:
        return (await queries.find_article(session, article, Audience.EDITORS)).slug


async def test_articles_of_one_title_made_at_once_get_addresses_of_their_own(
    database: Database, editor: Actor
) -> None:
    made = await asyncio.gather(*(_create(database, editor) for _ in range(EDITORS)))

    slugs = {await _slug(database, article) for article in made}
    assert slugs == {"parcels", *(f"parcels-{number}" for number in range(2, EDITORS + 1))}


async def test_an_address_wanted_by_many_at_once_is_given_to_one(
    database: Database, editor: Actor
) -> None:
    made = await asyncio.gather(
        *(_create(database, editor, "parcels") for _ in range(EDITORS)), return_exceptions=True
    )

    assert sum(isinstance(one, UUID) for one in made) == 1
    assert sum(isinstance(one, InvalidInputError) for one in made) == EDITORS - 1


async def test_an_address_that_many_change_to_at_once_is_given_to_one(
    database: Database, editor: Actor
) -> None:
    made = [await _create(database, editor) for _ in range(EDITORS)]

    async def move(article: UUID) -> None:
        async with database.transaction() as session:
            change = ArticleChange(version=1, slug="delivery")
            await service.edit(session, editor, article, change, now=NOW)

    moved = await asyncio.gather(*map(move, made), return_exceptions=True)

    assert sum(one is None for one in moved) == 1
    assert sum(isinstance(one, InvalidInputError) for one in moved) == EDITORS - 1
