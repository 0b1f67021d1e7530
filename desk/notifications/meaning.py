"""What a journal entry means to whom: pure, the same today and after a restart."""

from typing import Any, Final
from uuid import UUID, uuid5

from msgspec import Struct

from desk.notifications.choices import Event
from kernel.entries import Noted

HEARD: Final = frozenset(
    {
        "OfferMade",
        "OfferEnded",
        "Mentioned",
        "TicketChanged",
        "MessageAdded",
        "TicketWoken",
        "MessageStateChanged",
        "DeadLetterKept",
        "AccountSpent",
        "PresenceForced",
    }
)
NEEDS: Final = {"dead_letter": "deadletter.manage", "spending": "account.manage"}
"""What an agent must be allowed to, to hear of events that belong to no one person."""
_TROUBLE: Final = frozenset({"failed", "uncertain", "paused"})


class Told(Struct, frozen=True, kw_only=True):
    """One event: told to one agent, or (`agent_id` empty) to all with the permission it needs."""

    entry: Noted
    event: Event
    agent_id: UUID | None
    name: str = ""
    """Who did it, or who wrote."""
    detail: str = ""
    shows_ticket: bool = True
    """It leads to the ticket, and only who may see that may see this."""

    @property
    def ticket_id(self) -> UUID | None:
        return self.entry.ticket_id if self.shows_ticket else None


def meaning(entry: Noted) -> Told | None:
    """Return what the entry means to somebody, if anything; what one did oneself never does."""
    told = _meaning(entry)
    if told is None or (told.agent_id is not None and told.agent_id == entry.actor_id):
        return None
    return told


def notification_id(seq: int, agent_id: UUID) -> UUID:
    """The same entry and agent make the same id, however often it is derived."""
    return uuid5(agent_id, str(seq))


def _meaning(entry: Noted) -> Told | None:
    data = entry.data
    match entry.kind:
        case "OfferMade":
            return _of_offer(entry, "offer")
        case "OfferEnded" if data["state"] == "timed_out":
            return _of_offer(entry, "missed")
        case "PresenceForced":
            return Told(
                entry=entry,
                event="forced",
                agent_id=entry.only_agent_id,
                name=data["by"],
                detail=data["note"],
                shows_ticket=False,
            )
        case "DeadLetterKept":
            return Told(entry=entry, event="dead_letter", agent_id=None, shows_ticket=False)
        case "AccountSpent":
            return Told(
                entry=entry,
                event="spending",
                agent_id=None,
                name=data["name"],
                detail=f"{data['spent']} / {data['most']}",
                shows_ticket=False,
            )
        case _:
            return _of_ticket(entry, data)


def _of_ticket(entry: Noted, data: dict[str, Any]) -> Told | None:
    match entry.kind:
        case "Mentioned":
            return _to(entry, "mention", entry.only_agent_id, name=data["by"])
        case "TicketChanged":
            now = data["changes"].get("assignee_id", (None, None))[1]
            return _to(entry, "assigned", UUID(str(now)) if now else None)
        case "MessageAdded" if data["kind"] == "inbound":
            name, detail = data["author_name"], data["preview"]
            return _to(entry, "reply", entry.assignee_id, name=name, detail=detail)
        case "TicketWoken" if data["reason"] in {"time", "reply"}:
            return _to(entry, "woken", entry.assignee_id)
        case "MessageStateChanged" if data["state"] in _TROUBLE:
            return _to(entry, "failed", entry.assignee_id, detail=data["reason"])
        case _:
            return None


def _to(
    entry: Noted, event: Event, agent_id: UUID | None, *, name: str = "", detail: str = ""
) -> Told | None:
    if agent_id is None:
        return None
    return Told(entry=entry, event=event, agent_id=agent_id, name=name, detail=detail)


def _of_offer(entry: Noted, event: Event) -> Told:
    agent_id = UUID(str(entry.data["agent_id"]))
    return Told(entry=entry, event=event, agent_id=agent_id, shows_ticket=False)
