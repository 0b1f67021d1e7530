"""Search over everything that was written, in every inflection."""

from typing import Annotated

from msgspec import Meta, Struct

from desk.indexer import find_tickets
from tickets import queries as ticket_queries
from web import views
from web.routes import Call, get
from web.shapes import Cursor, Page, SearchHit

HITS = 50


class SearchQuery(Struct, forbid_unknown_fields=True):
    q: Annotated[str, Meta(min_length=1, max_length=200)]
    cursor: Cursor | None = None


async def search(call: Call, query: SearchQuery) -> Page[SearchHit]:
    """Tickets that match, best first; only those I may see"""
    house = call.house
    async with house.database.reading() as session:
        ids = await find_tickets(session, house.database.dialect, call.actor, query.q, limit=HITS)
        rows = {row.id: row for row in await ticket_queries.by_ids(session, call.actor, ids)}
        briefs = await views.ticket_briefs(
            session, [rows[one] for one in ids if one in rows], reader=call.actor
        )
    return Page([SearchHit(ticket=brief, snippet=brief.preview) for brief in briefs])


ROUTES = [get("/search", search)]
