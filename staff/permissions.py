"""What a role or an API token may allow: the closed list, and the roles that come ready-made."""

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from msgspec import Struct

from kernel.actor import Actor
from kernel.errors import ForbiddenError, InvalidInputError

PERMISSIONS: Final[Mapping[str, str]] = {
    "ticket.see_all": "see every ticket, not only those of one's teams",
    "ticket.reply": "take contacts, answer clients and write notes",
    "ticket.change": "change status, priority, tags, assignee and team",
    "client.edit": "add and change clients and write notes about them",
    "client.merge": "merge two clients, and undo a merge",
    "client.block": "block and unblock clients",
    "kb.edit": "write articles and categories",
    "kb.publish": "publish articles and take them back",
    "canned.manage": "write canned answers",
    "view.share": "make and change views of tickets for a team or for everybody",
    "queue.supervise": "watch the floor and move anyone's contacts",
    "contact.listen": "read along in running conversations of others and whisper to their agents",
    "contact.join": "take part in running conversations of others",
    "recording.listen": "listen to recordings of calls, each time noted",
    "queue.manage": "add and change queues and their members",
    "presence.force": "set the presence of others",
    "deadletter.manage": "see, replay and remove what could not be read",
    "account.manage": "connect and change mailboxes, widgets and other channels",
    "center.manage": "set the center's name and language, add and remove sample data",
    "staff.manage": "add and change agents, teams and roles",
    "token.own": "make API tokens for oneself",
}

STAFF_MANAGE: Final = "staff.manage"
PRESENCE_FORCE: Final = "presence.force"
TOKEN_OWN: Final = "token.own"  # noqa: S105 - the name of a permission

_AGENT: Final = frozenset(
    {"ticket.reply", "ticket.change", "client.edit", "client.merge", "kb.edit", "token.own"}
)
_SUPERVISOR: Final = _AGENT | {
    "ticket.see_all",
    "client.block",
    "kb.publish",
    "canned.manage",
    "view.share",
    "queue.supervise",
    "contact.listen",
    "contact.join",
    "recording.listen",
    "queue.manage",
    "presence.force",
    "deadletter.manage",
}


class ReadyRole(Struct, frozen=True):
    """A role every center has; its id is the same everywhere and its permissions follow ours."""

    id: UUID
    name: str
    permissions: frozenset[str]


AGENT: Final = ReadyRole(UUID("00000000-0000-7000-8000-000000000001"), "agent", _AGENT)
SUPERVISOR: Final = ReadyRole(
    UUID("00000000-0000-7000-8000-000000000002"), "supervisor", _SUPERVISOR
)
ADMINISTRATOR: Final = ReadyRole(
    UUID("00000000-0000-7000-8000-000000000003"), "administrator", frozenset(PERMISSIONS)
)
READY_ROLES: Final = (AGENT, SUPERVISOR, ADMINISTRATOR)


def known(names: Iterable[str], *, field: str = "permissions") -> frozenset[str]:
    """Return the names as a set, or refuse the first that is not on the list."""
    asked = frozenset(names)
    for name in sorted(asked - PERMISSIONS.keys()):
        raise InvalidInputError(
            f"“{name}” is no permission; there are {', '.join(PERMISSIONS)}", field=field
        )
    return asked


def effective(role: Iterable[str], scopes: Iterable[str] | None = None) -> frozenset[str]:
    """What counts now: the role's permissions, for a token only those it was made for.

    A name that left the list since it was stored grants nothing.
    """
    granted = frozenset(role) & PERMISSIONS.keys()
    return granted if scopes is None else granted & frozenset(scopes)


def require_cover(actor: Actor, permissions: Iterable[str]) -> None:
    """Nobody hands out, or gains hold of, what they may not do themselves."""
    beyond = sorted(frozenset(permissions) - actor.permissions)
    if beyond:
        raise ForbiddenError(
            f"this would give more than you may do yourself ({', '.join(beyond)}); "
            "ask an administrator"
        )


def require_oneself(actor: Actor) -> None:
    """Let only a signed-in browser, or a token made for it, touch one's own keys and profile."""
    if actor.session_id is None:
        actor.require(TOKEN_OWN)
