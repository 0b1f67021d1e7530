"""The full-text index of a room: what it holds, how it is kept and how it is asked.

An index is a plain table of terms made by `kernel.analyser`; the databases only match them
literally, so both find the same. Terms hold letters and digits only, therefore no text of a
reader ever becomes search syntax.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias
from uuid import UUID

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    Select,
    Subquery,
    Table,
    Text,
    Uuid,
    bindparam,
    delete,
    event,
    false,
    func,
    insert,
    literal,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.analyser import Question
from kernel.limits import SEARCH_CANDIDATES, SEARCH_COUNTED, SEARCH_RESEMBLING_WORDS, SEARCH_TERMS
from kernel.prepared import Lookup
from kernel.search_dialects import matching, statements

_TELLING_WORDS: Final = 12
_TITLE_BONUS: Final = 2.0

_Rows: TypeAlias = Select[*tuple[Any, ...]]


class Indexed(Struct, frozen=True):
    """What an index holds of one thing: the terms of its title and of its body."""

    id: UUID
    title: Sequence[str]
    body: Sequence[str]


class Resembling(Struct, frozen=True):
    """Something that shares telling words with a text; `score` is between 0 and 1."""

    id: UUID
    score: float


class SearchIndex:
    """The full-text index called `name`: a table, and beside it what its database searches with."""

    def __init__(self, name: str, metadata: MetaData) -> None:
        self.name = name
        self.table = Table(
            name,
            metadata,
            Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
            Column("id", Uuid, nullable=False, unique=True),
            Column("title", Text, nullable=False),
            Column("body", Text, nullable=False),
            sqlite_autoincrement=True,
        )
        columns = self.table.c
        self._lookup = Lookup(
            select(columns.id, columns.title, columns.body).where(
                columns.id.in_(bindparam("ids", expanding=True))
            )
        )
        event.listen(self.table, "after_create", self._after_create)
        event.listen(self.table, "before_drop", self._before_drop)

    def create(self, connection: Connection) -> None:
        """Create the table and what searches it; `metadata.create_all` does the same."""
        self.table.create(connection)

    def drop(self, connection: Connection) -> None:
        self.table.drop(connection)

    async def put(self, session: AsyncSession, entries: Iterable[Indexed]) -> None:
        """Index each entry anew, the later of two with one id; a changed one counts as newest."""
        latest = {entry.id: entry for entry in entries}
        if latest:
            await self.remove(session, latest)
            await session.execute(insert(self.table), [_row(entry) for entry in latest.values()])

    async def add(self, session: AsyncSession, entries: Iterable[Indexed]) -> None:
        """Index each entry together with what is held of it already: a ticket's next message."""
        fresh = list(entries)
        held = await self._held(session, {entry.id for entry in fresh})
        merged = dict(held)
        for entry in fresh:
            before = merged.get(entry.id)
            merged[entry.id] = _joined(before, entry) if before else entry
        # Of a long conversation most messages bring no new word: then nothing is rewritten.
        await self.put(session, (one for one in merged.values() if one is not held.get(one.id)))

    async def remove(self, session: AsyncSession, ids: Iterable[UUID]) -> None:
        """Forget `ids`; unknown ones are no error."""
        await session.execute(delete(self.table).where(self.table.c.id.in_(list(ids))))

    def match(self, dialect: str, question: Question) -> Subquery:
        """Return every match as rows of (number, id, rank): to be joined with who may see it.

        A higher rank is a better match; a higher number was indexed later. Ranking every match of
        a common word costs the size of the index: for a page of results use `best`.
        """
        return self._matches(dialect, question).subquery(f"{self.name}_match")

    def best(
        self, dialect: str, question: Question, visible: Select[UUID], *, limit: int
    ) -> Select[UUID, float]:
        """Select (id, rank) of the best matches among the ids that `visible` selects, best first.

        Of more than SEARCH_CANDIDATES visible matches only the newest are ranked, which bounds the
        cost of a word that half the entries hold.
        """
        seen = visible.subquery("visible")
        matches = self._matches(dialect, question)
        newest = (
            matches.join(seen, seen.c[0] == self.table.c.id)
            .order_by(matches.selected_columns[0].desc())
            .limit(literal(SEARCH_CANDIDATES, literal_execute=True))
            .subquery("newest")
        )
        order = (newest.c.rank.desc(), newest.c.number.desc())
        return select(newest.c.id, newest.c.rank).order_by(*order).limit(limit)

    async def resembling(
        self,
        session: AsyncSession,
        words: Sequence[tuple[str, ...]],
        visible: Select[UUID],
        *,
        limit: int,
    ) -> list[Resembling]:
        """Return what shares the rarest of `words` (see `analyser.words`), the closest first.

        Each shared word counts by its rarity, ln(1 + entries / entries with it), three times so
        much in a title (tf-idf without the tf). An entry must share two words, or the only one
        that any entry knows. Costs at most SEARCH_RESEMBLING_WORDS look-ups, whatever the text.
        """
        telling = await self._telling(session, words[:SEARCH_RESEMBLING_WORDS])
        if not telling:
            return []
        hits = union_all(*self._hits(_dialect(session), telling)).subquery("hits")
        seen = visible.subquery("visible")
        most = sum(telling.values()) * (1 + _TITLE_BONUS)
        score = func.sum(hits.c.weight) / most
        found = await session.execute(
            select(hits.c.id, score.label("score"))
            .join(seen, seen.c[0] == hits.c.id)
            .group_by(hits.c.id)
            .having(func.count(hits.c.word.distinct()) >= min(2, len(telling)))
            .order_by(score.desc(), hits.c.id.desc())
            .limit(limit)
        )
        return [Resembling(row.id, min(float(row.score), 1.0)) for row in found]

    async def _held(self, session: AsyncSession, ids: set[UUID]) -> dict[UUID, Indexed]:
        rows = await self._lookup.rows(session, ids=list(ids))
        return {row[0]: Indexed(row[0], row[1].split(), row[2].split()) for row in rows}

    def _matches(self, dialect: str, question: Question) -> _Rows:
        if not question:
            columns = self.table.c
            return select(columns.number, columns.id, literal(0.0).label("rank")).where(false())
        found = matching(dialect, self.table, question, title_only=False)
        return (
            select(found.number.label("number"), self.table.c.id, found.rank.label("rank"))
            .select_from(found.source)
            .where(found.condition)
        )

    async def _telling(
        self, session: AsyncSession, words: Sequence[tuple[str, ...]]
    ) -> dict[tuple[str, ...], float]:
        """Return the rarest words that occur at all, each with its weight."""
        if not words:
            return {}
        dialect = _dialect(session)
        entries = await session.scalar(select(func.count()).select_from(self.table)) or 0
        counts = [self._counted(dialect, place, group) for place, group in enumerate(words)]
        rows = await session.execute(union_all(*counts))
        known = sorted((row.entries, words[row.word]) for row in rows if row.entries)
        return {group: math.log1p(entries / count) for count, group in known[:_TELLING_WORDS]}

    def _counted(self, dialect: str, place: int, group: tuple[str, ...]) -> _Rows:
        found = matching(dialect, self.table, Question((group,)), title_only=False)
        some = (select(literal(1)).select_from(found.counted).where(found.condition)).limit(
            SEARCH_COUNTED
        )
        counted = func.count().label("entries")
        return select(literal(place).label("word"), counted).select_from(some.subquery())

    def _hits(self, dialect: str, telling: dict[tuple[str, ...], float]) -> list[_Rows]:
        hits = []
        for place, (group, weight) in enumerate(telling.items()):
            for title_only, worth in ((False, weight), (True, weight * _TITLE_BONUS)):
                found = self._holding(dialect, group, title_only=title_only)
                ids = found.limit(literal(SEARCH_CANDIDATES, literal_execute=True)).subquery()
                marks = literal(place).label("word"), literal(worth).label("weight")
                hits.append(select(ids.c.id, *marks))
        return hits

    def _holding(self, dialect: str, group: tuple[str, ...], *, title_only: bool) -> _Rows:
        """Select the entries that have a term of `group`, the newest first."""
        found = matching(dialect, self.table, Question((group,)), title_only=title_only)
        return (
            select(self.table.c.id)
            .select_from(found.source)
            .where(found.condition)
            .order_by(found.number.desc())
        )

    def _after_create(self, _table: Table, connection: Connection, **_options: Any) -> None:
        for statement in statements(connection.dialect.name, self.name):
            connection.exec_driver_sql(statement)

    def _before_drop(self, _table: Table, connection: Connection, **_options: Any) -> None:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {self.name}_fts")


def is_search_internal(name: str | None) -> bool:
    """Say whether a table, column or index belongs to an index rather than to the mapped schema."""
    return name is not None and ("_fts" in name or name.endswith("search_terms"))


def _dialect(session: AsyncSession) -> str:
    return session.get_bind().dialect.name


def _row(entry: Indexed) -> dict[str, object]:
    title, body = list(dict.fromkeys(entry.title)), list(dict.fromkeys(entry.body))
    return {
        "id": entry.id,
        "title": " ".join(title[:SEARCH_TERMS]),
        "body": " ".join(body[:SEARCH_TERMS]),
    }


def _joined(before: Indexed, entry: Indexed) -> Indexed:
    """Return both as one, or `before` itself when it holds every term already."""
    if set(before.title).issuperset(entry.title) and set(before.body).issuperset(entry.body):
        return before
    # The newest terms first: they are the ones kept when the bound is met.
    return Indexed(entry.id, [*entry.title, *before.title], [*entry.body, *before.body])
