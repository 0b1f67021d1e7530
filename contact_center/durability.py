"""Whether the database keeps what it acknowledged: PostgreSQL can be told not to."""

import logging
from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, text

from contact_center.settings import Settings
from kernel.clock import SystemClock
from kernel.database import Database
from kernel.errors import SettingsError

logger = logging.getLogger(__name__)

LOST_WITHOUT: Final[Mapping[str, str]] = {
    "fsync": "the whole database can be lost by a power cut",
    "full_page_writes": "pages can be torn by a power cut",
    "synchronous_commit": "mail that was acknowledged can be lost by a power cut",
}
"""Settings of PostgreSQL, and what each one loses when it is off."""


async def require_safe_commits(settings: Settings) -> None:
    """Refuse a PostgreSQL that may forget a commit, as SQLite below `synchronous=FULL` is refused.

    With `database_allow_unsafe_commits` it is a warning in the log. Raises SettingsError.
    """
    database = Database(settings.database_url.reveal(), SystemClock())
    if database.dialect != "postgresql":
        return
    try:
        async with database.reader.connect() as connection:
            off = await connection.run_sync(switched_off)
    finally:
        await database.close()
    if not off:
        return
    names = " and ".join(off)
    if not settings.database_allow_unsafe_commits:
        raise SettingsError(
            f"PostgreSQL runs with {names} off: {LOST_WITHOUT[off[0]]}; set it on in "
            "postgresql.conf, or database_allow_unsafe_commits = true where losing mail is fine"
        )
    logger.warning("the database may lose what was acknowledged", extra={"off": off})


def switched_off(connection: Connection) -> list[str]:
    """Return the settings that are off and cost durability; `connection` is to PostgreSQL."""
    return [name for name in LOST_WITHOUT if connection.scalar(text(f"SHOW {name}")) == "off"]
