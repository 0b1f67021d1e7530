"""An agent's own telephone: where it is called, and whether a call can reach them there."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels.voice import calls
from channels.voice.legs import BrowserPass
from desk.lines import Line, Lines
from kernel.errors import ConflictError
from staff.queries import AgentCard

IN_BROWSER: Final = "browser"
"""Instead of a number: the console itself is the telephone."""


def identity_of(agent_id: UUID) -> str:
    """Return the name by which a provider knows the browser of this agent, and of nobody else."""
    return f"agent_{agent_id.hex}"


def address_of(card: AgentCard) -> str:
    """Return where the agent is called: a number, a SIP address, or their browser."""
    return f"client:{identity_of(card.id)}" if card.phone == IN_BROWSER else card.phone


def signalling_of(line: Line) -> str:
    """Return where browsers listen for calls of this line; empty when it can call none."""
    provider: Any = line.connector
    return str(provider.signalling) if line.traits.speaks else ""


def browser_passes(lines: Lines, card: AgentCard) -> list[BrowserPass]:
    """Return what the agent's browser needs to be called, once for each account of a provider.

    Raises ConflictError, with the cure, when their telephone is another or no line calls browsers.
    """
    if card.phone != IN_BROWSER:
        raise ConflictError(
            "choose “This console, in the browser” as your telephone first",
            reason="phone.not_browser",
        )
    found: dict[str, BrowserPass] = {}
    for line in filter(signalling_of, lines.all()):
        provider: Any = line.connector
        made = provider.browser_pass(identity_of(card.id))
        found[made.realm] = made
    if not found:
        raise ConflictError(
            "no telephone number has an API key for browsers; an administrator can enter one",
            reason="phone.no_browser",
        )
    return list(found.values())


async def refuse_without_phone(
    session: AsyncSession, line: Line | None, card: AgentCard, *, own: bool = True
) -> None:
    """Raise ConflictError, with the cure, when a call over this line cannot reach the agent."""
    who = "you are" if own else f"{card.name} is"
    whose = "your own" if own else f"{card.name}'s"
    if not card.phone:
        raise ConflictError(
            f"enter {whose} telephone in the profile first: calls come there",
            reason="phone.no_phone" if own else "phone.no_phone_theirs",
        )
    if card.phone == IN_BROWSER and line is not None and not signalling_of(line):
        raise ConflictError(
            f"{whose} telephone is the browser, for which this number has no API key; an"
            " administrator can enter one, or choose a number in the profile",
            reason="phone.no_browser" if own else "phone.no_browser_theirs",
        )
    for leg in await calls.leg_of_agent(session, card.id):
        if leg.role != "supervisor":
            raise ConflictError(
                f"{who} on the line already",
                reason="phone.on_line" if own else "phone.on_line_theirs",
            )
