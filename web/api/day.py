"""An agent's day with tickets: what they have read, what they put aside, many changes at once."""

from typing import Any
from uuid import UUID

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from desk import many, snoozing
from desk.many import Change, Outcome
from desk.notifications import listing
from kernel.errors import InvalidInputError
from tickets import reading
from tickets import service as tickets
from tickets import snoozing as sleeping
from tickets.snoozing import Wake
from web import views
from web.api.references import check_agents, check_team
from web.day_shapes import (
    Before,
    ChangeOutcome,
    ManyChanges,
    ReadMark,
    RuleView,
    SnoozeBody,
    TicketChange,
)
from web.routes import Call, delete, post, put
from web.shapes import Done, TicketBrief


async def put_read(call: Call, body: ReadMark) -> Done:
    """Say how far I have read a ticket; it only moves forward"""
    async with call.house.database.transaction() as session:
        ticket = await tickets.find_ticket(session, call.id(), seen_by=call.actor)
        await reading.mark_read(
            session,
            ticket_id=ticket.id,
            agent_id=call.actor.agent_id,
            message_id=body.message_id,
            now=call.house.clock.now(),
        )
        await listing.read_ticket(session, call.actor.agent_id, ticket.id, call.house.clock.now())
    call.house.read_marks.note(ticket.id)
    return Done()


async def delete_read(call: Call) -> Done:
    """Make the last message of a ticket new to me again"""
    async with call.house.database.transaction() as session:
        ticket = await tickets.find_ticket(session, call.id(), seen_by=call.actor)
        await reading.mark_unread(
            session,
            ticket_id=ticket.id,
            agent_id=call.actor.agent_id,
            now=call.house.clock.now(),
        )
    return Done()


async def put_snooze(call: Call, body: SnoozeBody) -> TicketBrief:
    """Put a ticket aside until a moment, until the client writes, or whichever comes first"""
    now = call.house.clock.now()
    async with call.house.database.transaction() as session:
        ticket = await tickets.find_ticket(session, call.id(), seen_by=call.actor, lock=True)
        await snoozing.put_aside(
            session, ticket, _rule(body), actor=call.actor, version=ticket.version, now=now
        )
        return (await views.ticket_briefs(session, [ticket], reader=call.actor))[0]


async def delete_snooze(call: Call) -> TicketBrief:
    """Wake a ticket that was put aside"""
    async with call.house.database.transaction() as session:
        ticket = await tickets.find_ticket(session, call.id(), seen_by=call.actor, lock=True)
        await sleeping.wake(session, ticket, reason=sleeping.AGENT, actor_id=call.actor.agent_id)
        return (await views.ticket_briefs(session, [ticket], reader=call.actor))[0]


async def post_changes(call: Call, body: ManyChanges) -> list[ChangeOutcome]:
    """Change many tickets; each answers for itself, with what undoes it"""
    if len({one.id for one in body.changes}) < len(body.changes):
        raise InvalidInputError("name each ticket once", field="changes")
    async with call.house.database.transaction() as session:
        await _check_people(session, body.changes)
        outcomes = await many.change_many(
            session,
            [_change(one) for one in body.changes],
            actor=call.actor,
            now=call.house.clock.now(),
        )
    return [_outcome(one) for one in outcomes]


async def _check_people(session: AsyncSession, changes: list[TicketChange]) -> None:
    people = {one.assignee_id for one in changes if isinstance(one.assignee_id, UUID)}
    await check_agents(session, people, field="assignee_id")
    for team_id in {one.team_id for one in changes if isinstance(one.team_id, UUID)}:
        await check_team(session, team_id, field="team_id")


def _change(body: TicketChange) -> Change:
    given: dict[str, Any] = {name: getattr(body, name) for name in many.FIELDS}
    return Change(
        id=body.id,
        version=body.version,
        fields={name: value for name, value in given.items() if value is not UNSET},
        tags=None if body.tags is UNSET else body.tags,
        add_tags=body.add_tags,
        remove_tags=body.remove_tags,
        snooze=_rule(body.snooze) if isinstance(body.snooze, SnoozeBody) else None,
        touches_snooze=body.snooze is not UNSET,
    )


def _rule(body: SnoozeBody) -> Wake:
    return Wake(until=body.until, on_reply=body.on_reply)


def _outcome(outcome: Outcome) -> ChangeOutcome:
    before = dict(outcome.before)
    if isinstance(before.get("snooze"), Wake):
        rule = before["snooze"]
        before["snooze"] = RuleView(until=rule.until, on_reply=rule.on_reply)
    return ChangeOutcome(
        id=outcome.id,
        ok=outcome.refused is None,
        version=outcome.version,
        before=Before(**before),
        error=outcome.refused.code if outcome.refused else "",
        message=outcome.refused.message if outcome.refused else "",
    )


ROUTES = [
    put("/tickets/{id}/read", put_read),
    delete("/tickets/{id}/read", delete_read),
    put("/tickets/{id}/snooze", put_snooze, "ticket.change"),
    delete("/tickets/{id}/snooze", delete_snooze, "ticket.change"),
    post("/tickets/changes", post_changes, "ticket.change"),
]
