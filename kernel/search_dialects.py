"""How a database keeps and matches terms: FTS5 on SQLite, `tsvector` with GIN on PostgreSQL."""

from typing import Any, Final

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Float,
    FromClause,
    Integer,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal,
    literal_column,
    table,
)

from kernel.analyser import Question

TITLE_WEIGHT: Final = 4.0
_SHORTEST_BEGINNING: Final = 2
_POSTGRES_WEIGHTS: Final = "'{0,0,0.25,1}'::float4[]"  # D, C, B (body), A (title)


class Matching(Struct, frozen=True, kw_only=True):
    """The parts of a query for a question: where from, on what condition, in what order."""

    number: ColumnElement[int]
    source: FromClause
    counted: FromClause
    """What is enough to count the matches, without their ids."""
    condition: ColumnElement[bool]
    rank: ColumnElement[float]


def matching(dialect: str, index: Table, question: Question, *, title_only: bool) -> Matching:
    """Return how `dialect` finds in `index` what `question`, which is not empty, asks."""
    if dialect == "postgresql":
        return _postgres(index, _postgres_query(question, title_only=title_only))
    return _sqlite(index, _sqlite_query(question, "{title} : " if title_only else ""))


def _postgres(index: Table, query: str) -> Matching:
    # Loaded where there is a PostgreSQL only: it is a large part of the time a start takes.
    from sqlalchemy.dialects.postgresql import TSQUERY  # noqa: PLC0415

    # Written into the statement, not bound: a plan made without knowing how rare the words are
    # walks the whole index for a rare one. Terms are letters and digits, so nothing can break out.
    wanted = cast(bindparam("wanted", query, Text, unique=True, literal_execute=True), TSQUERY)
    terms: ColumnElement[Any] = literal_column(f"{index.name}.search_terms")
    return Matching(
        number=index.c.number,
        source=index,
        counted=index,
        condition=terms.op("@@", is_comparison=True)(wanted),
        rank=func.ts_rank(literal_column(_POSTGRES_WEIGHTS), terms, wanted, type_=Float),
    )


def _sqlite(index: Table, query: str) -> Matching:
    fts = table(f"{index.name}_fts", column("title"))
    named: ColumnElement[Any] = literal_column(fts.name)
    # FTS5 walks its row ids backwards without sorting; the same number of the joined table it
    # would have to sort.
    number: ColumnElement[int] = literal_column(f"{fts.name}.rowid", Integer)
    return Matching(
        number=number,
        source=fts.join(index, index.c.number == number),
        counted=fts,
        condition=named.op("MATCH", is_comparison=True)(literal(query, Text)),
        rank=literal(0.0) - func.bm25(named, TITLE_WEIGHT, 1.0, type_=Float),
    )


def _sqlite_query(question: Question, scope: str) -> str:
    groups = [[f'"{term}"' for term in group] for group in question.words]
    if question.beginnings:
        groups.append([f'"{start}"{_star(start, " *")}' for start in question.beginnings])
    return " AND ".join(f"{scope}({' OR '.join(group)})" for group in groups)


def _postgres_query(question: Question, *, title_only: bool) -> str:
    mark = ":A" if title_only else ""
    groups = [[f"'{term}'{mark}" for term in group] for group in question.words]
    if question.beginnings:
        groups.append([f"'{start}'{_star(start, ':*')}" for start in question.beginnings])
    return " & ".join(f"({' | '.join(group)})" for group in groups)


def _star(start: str, star: str) -> str:
    """One letter begins too many words to be a beginning; it is looked for as a word."""
    return star if len(start) >= _SHORTEST_BEGINNING else ""


def statements(dialect: str, name: str) -> list[str]:
    """Return the DDL that follows the creation of the plain table `name`."""
    return _postgres_ddl(name) if dialect == "postgresql" else _sqlite_ddl(name)


def _sqlite_ddl(name: str) -> list[str]:
    fts = f"{name}_fts"
    into = f"INSERT INTO {fts}"
    forget = (
        f"{into}({fts}, rowid, title, body) VALUES ('delete', old.number, old.title, old.body);"
    )
    learn = f"{into}(rowid, title, body) VALUES (new.number, new.title, new.body);"
    # The ascii tokenizer leaves every letter beyond ASCII alone: our terms match literally.
    columns = f"title, body, content='{name}', content_rowid='number'"
    return [
        f"CREATE VIRTUAL TABLE {fts} USING fts5({columns}, tokenize='ascii', prefix='2 3')",
        f"CREATE TRIGGER {fts}_insert AFTER INSERT ON {name} BEGIN {learn} END",
        f"CREATE TRIGGER {fts}_delete AFTER DELETE ON {name} BEGIN {forget} END",
        f"CREATE TRIGGER {fts}_update AFTER UPDATE ON {name} BEGIN {forget} {learn} END",
    ]


def _postgres_ddl(name: str) -> list[str]:
    # Cast from text, not parsed: the parser of to_tsvector would split terms its own way.
    vector = f"{_vector('title', 'A')} || {_vector('body', 'B')}"
    column_type = f"tsvector GENERATED ALWAYS AS ({vector}) STORED"
    return [
        f"ALTER TABLE {name} ADD COLUMN search_terms {column_type}",
        # A common word is looked for from the newest entry back, which reads these vectors one
        # by one: kept uncompressed and in the row that takes a fifth of the time.
        f"ALTER TABLE {name} ALTER COLUMN search_terms SET STORAGE EXTERNAL",
        f"ALTER TABLE {name} SET (toast_tuple_target = 8160)",
        f"CREATE INDEX ix_{name}_search_terms ON {name} USING gin (search_terms)",
    ]


def _vector(source: str, weight: str) -> str:
    mark = f":1{weight}"
    weighted = f"replace({source}, ' ', '{mark} ') || '{mark}'"
    return f"(CASE WHEN {source} = '' THEN '' ELSE {weighted} END)::tsvector"
