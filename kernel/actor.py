"""Who is asking: what every permission rule and every query predicate is told about a person."""

from uuid import UUID

from msgspec import Struct, field

from kernel.errors import ForbiddenError


class Actor(Struct, frozen=True, kw_only=True):
    """A signed-in agent (or their API token) with what the role and the teams grant."""

    agent_id: UUID
    name: str
    permissions: frozenset[str]
    team_ids: frozenset[UUID] = field(default_factory=frozenset)
    session_id: UUID | None = None
    token_id: UUID | None = None

    def may(self, permission: str) -> bool:
        return permission in self.permissions

    def require(self, permission: str) -> None:
        if permission not in self.permissions:
            raise ForbiddenError(f"this needs the permission “{permission}”; ask an administrator")
