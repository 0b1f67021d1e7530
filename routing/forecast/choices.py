"""What people choose on a rehearsed day, by dice of their own: to answer, call again, be called.

Every agent and every client has its own dice, so that one who chooses otherwise changes nobody
else's luck. Dice are only thrown where a scenario leaves something to chance.
"""

from enum import Enum, auto
from random import Random
from typing import Final
from uuid import UUID

from routing.forecast.clients import SECOND, Client
from routing.forecast.scenario import AgentGroup, Arrivals

_ALL: Final = 100


class Answer(Enum):
    """What an agent does with an offer."""

    ACCEPT = auto()
    DECLINE = auto()
    MISS = auto()


class Choices:
    """The dice of one day."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._of_agents: dict[UUID, Random] = {}

    def answer(self, agent: UUID, group: AgentGroup) -> Answer:
        if group.decline_percent == group.miss_percent == 0:
            return Answer.ACCEPT
        if agent not in self._of_agents:
            self._of_agents[agent] = self._dice("agent", agent.int)
        thrown = self._of_agents[agent].random() * _ALL
        if thrown < group.decline_percent:
            return Answer.DECLINE
        return Answer.MISS if thrown < group.decline_percent + group.miss_percent else Answer.ACCEPT

    def is_to_be_called(self, client: Client, of: Arrivals) -> bool:
        """Say whether this client, still waiting after the time, would rather be called back."""
        if of.callback_percent == 0:
            return False
        return self._of(client, "callback").random() * _ALL < of.callback_percent

    def again(self, client: Client, of: Arrivals, now: int) -> Client | None:
        """Return a client who gave up as it calls again, if it does; its patience is drawn anew."""
        if of.redial_percent == 0 or client.redials >= of.redials_most:
            return None
        dice = self._of(client, "again")
        if dice.random() * _ALL >= of.redial_percent:
            return None
        after = round(dice.expovariate(1.0) * of.redial_after_seconds * SECOND)
        patience = round(dice.expovariate(1.0) * (of.patience_seconds or 0) * SECOND)
        return client.calling_again(now + after, patience)

    def _of(self, client: Client, what: str) -> Random:
        return self._dice(what, client.stream, client.number, client.redials)

    def _dice(self, *of: object) -> Random:
        return Random("/".join(map(str, (self._seed, *of))))  # noqa: S311
