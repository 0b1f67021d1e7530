"""Colleagues as the tests of this room need them."""

from typing import Any

from kernel.actor import Actor
from kernel.database import Database
from kernel.ids import new_id
from staff.passwords import Passwords
from staff.permissions import ADMINISTRATOR, PERMISSIONS
from staff.queries import AgentCard
from staff.service import NewAgent, add_agent
from staff.sessions import Place, actor_of_session, open_session

PASSWORD = "four unrelated plain words"
HERE = Place(address="192.0.2.1", browser="Firefox")


def quick_passwords() -> Passwords:
    """The real thing with little memory, since these tests are not about its cost."""
    return Passwords(memory_kib=64, passes=1, lanes=1)


def root() -> Actor:
    """Somebody who may do everything, signed in nowhere."""
    return Actor(agent_id=new_id(), name="Root", permissions=frozenset(PERMISSIONS))


async def hire(database: Database, name: str = "Olena", **facts: Any) -> AgentCard:
    """Add an agent, an administrator unless told otherwise, with `PASSWORD`."""
    known: dict[str, Any] = {
        "name": name,
        "email": f"{name}@desk.example".lower(),
        "password_hash": await quick_passwords().hash(PASSWORD),
        "role_id": ADMINISTRATOR.id,
    }
    async with database.transaction() as session:
        return await add_agent(session, NewAgent(**(known | facts)), database.clock.now())


async def browse(database: Database, agent: AgentCard) -> tuple[str, Actor]:
    """Open a session for the agent; return its token and whom it shows."""
    async with database.transaction() as session:
        token = await open_session(session, agent.id, HERE, database.clock.now())
    async with database.reading() as session:
        actor = await actor_of_session(session, token, database.clock.now())
    assert actor is not None
    return token, actor
