"""Alembic's entry: runs on the connection the center hands over, for both databases."""

from typing import Any

from alembic import context

from contact_center.tables import metadata

SEARCH = "_search"


def _ours(_item: Any, name: str | None, kind: str, *_rest: object) -> bool:
    """Full-text tables make what searches them by themselves; a migration calls their `create`."""
    return not (kind == "table" and name is not None and SEARCH in name)


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    include_object=_ours,
    user_module_prefix="kernel.tables.",
)
with context.begin_transaction():
    context.run_migrations()
