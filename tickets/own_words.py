"""A message of ours as a row: an agent's, or the center's own."""

from datetime import datetime
from typing import Any

from kernel.ids import new_id
from tickets.tables import MessageRow, TicketRow


def own_message(ticket: TicketRow, now: datetime, **said: Any) -> MessageRow:
    """Return a message of this ticket, not yet added; `said` are columns of it.

    What only a client's message has is empty, and its place is given by us: an id may come from
    its writer's clock.
    """
    empty: dict[str, Any] = {
        "external_id": None,
        "thread_key": None,
        "author_client_id": None,
        "author_agent_id": None,
        "author_handle": "",
        "subject": None,
        "quoted": "",
        "html": None,
        "to": [],
        "cc": [],
        "reply_to": [],
        "references": [],
        "mentions": [],
        "automatic": None,
        "sender_proven": True,
        "unverified_claim": None,
        "warnings": [],
        "delivery_id": None,
        "sent_at": None,
        "has_files": False,
        "said_digest": None,
    }
    return MessageRow(
        **{"place": new_id(), "ticket_id": ticket.id, "created_at": now} | empty | said
    )
