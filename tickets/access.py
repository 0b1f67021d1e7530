"""Who may see which ticket: one rule, as a query predicate and as a question about one entry."""

from uuid import UUID

from sqlalchemy import ColumnElement, or_, true

from kernel.actor import Actor
from tickets.tables import TicketRow

SEE_ALL = "ticket.see_all"


def visible(actor: Actor) -> ColumnElement[bool]:
    """Tickets of the actor's teams, of no team, or their own; all with `ticket.see_all`."""
    if actor.may(SEE_ALL):
        return true()
    return or_(
        TicketRow.team_id.is_(None),
        TicketRow.team_id.in_(sorted(actor.team_ids)),
        TicketRow.assignee_id == actor.agent_id,
    )


def sees(actor: Actor, *, team_id: UUID | None, assignee_id: UUID | None) -> bool:
    """The same rule for a ticket whose team and assignee are at hand."""
    return (
        actor.may(SEE_ALL)
        or team_id is None
        or team_id in actor.team_ids
        or assignee_id == actor.agent_id
    )
