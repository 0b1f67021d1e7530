"""Which of several free agents a queue asks first: what its strategy compares, the smallest wins.

A key changes only when something happens to the agent, so it can stand in a heap.
"""

from typing import Final
from uuid import UUID

from routing.roster import Agent
from routing.rules import Skills, Strategy

SHARE: Final = 1 << 20
"""Loads are compared as whole parts of so many: finer than capacities of up to a hundred."""


def strategy_key(
    agent: Agent, strategy: Strategy, queue: UUID, channel: str, skills: Skills
) -> int:
    """Return what the strategy compares; ties are broken by who is idle for longest."""
    match strategy:
        case Strategy.LONGEST_IDLE:
            return 0
        case Strategy.MOST_SPARE:
            seat = agent.seat(channel)
            return seat.load * SHARE // max(seat.most, 1)
        case Strategy.ROUND_ROBIN:
            return agent.turns.get(queue, 0)
        case Strategy.BEST_PROFICIENCY:
            return -sum(agent.skills.get(skill, 0) for skill, _ in skills)
        case Strategy.LEAST_FLEXIBLE:
            return len(agent.queues) + len(agent.skills)
