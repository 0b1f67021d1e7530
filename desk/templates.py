"""Templates of every line whose provider approves texts: listed now and then, and on request."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from channels import templates
from desk.lines import Line, Lines
from kernel.clock import Clock
from kernel.database import Database
from kernel.entries import Noted
from kernel.errors import CenterError, InvalidInputError
from kernel.limits import TEMPLATES_LOOK_SECONDS
from kernel.supervise import first_of

logger = logging.getLogger(__name__)


class TemplateKeeper:
    """Keeps what may be sent out of the window as its providers list it."""

    def __init__(self, database: Database, clock: Clock, lines: Lines) -> None:
        self._database = database
        self._clock = clock
        self._lines = lines
        self._changed = asyncio.Event()
        self._keeping = asyncio.Lock()
        self._looked: dict[tuple[UUID, int], float] = {}
        """When each line, in the state it was opened in, was last asked; by the monotonic clock."""

    def hear(self, noted: Sequence[Noted]) -> None:
        """Subscribe this to the feed: a line that was opened has templates of its own."""
        if any(entry.kind == "AccountChanged" for entry in noted):
            self._changed.set()

    async def run(self) -> None:
        """Ask every line for ever; one that cannot answer is asked again with the others."""
        while True:
            self._changed.clear()
            for line in self._lines.all():
                if self._is_due(line):
                    await self._try(line)
            await first_of(self._changed.wait(), self._clock.sleep(TEMPLATES_LOOK_SECONDS))

    async def refresh(self, account_id: UUID) -> int:
        """Ask the account's provider now; return how many templates it has.

        Raises InvalidInputError for a channel without templates, and what the provider says.
        """
        line = self._lines.need(account_id)
        if not has_templates(line):
            raise InvalidInputError(f"{line.traits.name} has no templates", field="account_id")
        connector: Any = line.connector
        found = await connector.templates()
        async with self._keeping, self._database.transaction() as session:
            return await templates.keep(session, account_id, found, self._clock.now())

    def _is_due(self, line: Line) -> bool:
        if not has_templates(line):
            return False
        last = self._looked.get((line.account.id, line.version))
        return last is None or self._clock.monotonic() - last >= TEMPLATES_LOOK_SECONDS

    async def _try(self, line: Line) -> None:
        self._looked[line.account.id, line.version] = self._clock.monotonic()
        try:
            await self.refresh(line.account.id)
        except CenterError as error:
            facts = {"account": str(line.account.id), "cause": error.code}
            logger.info("templates could not be listed", extra=facts)


def has_templates(line: Line) -> bool:
    return line.traits.can.templates and hasattr(line.connector, "templates")
