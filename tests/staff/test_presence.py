"""Presence: what is set is kept and told once; who waits longest stays first."""

import pytest

from kernel.database import Database
from kernel.entries import Noted
from kernel.errors import InvalidInputError, NotFoundError
from kernel.ids import new_id
from kernel.journal import read_after
from staff.presence import list_presence, mark_idle, presence_of, set_presence
from staff.service import AgentChange, change_agent
from tests.clock import ManualClock
from tests.staff.people import hire, root


async def _told(database: Database) -> list[Noted]:
    async with database.reading() as session:
        return [
            one for one in await read_after(session, 0, limit=99) if one.kind == "PresenceChanged"
        ]


async def test_who_never_said_anything_is_offline(database: Database) -> None:
    olena = await hire(database)

    async with database.reading() as session:
        [found] = await list_presence(session)

    assert (found.agent_id, found.state) == (olena.id, "offline")


async def test_the_same_again_changes_and_tells_nothing(
    database: Database, clock: ManualClock
) -> None:
    olena = await hire(database)
    kept = []
    for _ in range(3):
        async with database.transaction() as session:
            kept.append(
                await set_presence(session, olena.id, "away", " lunch\n time ", clock.now())
            )
        clock.advance(minutes=1)

    [told] = await _told(database)
    assert kept == [kept[0]] * 3
    assert told.data["reason"] == kept[0].reason == "lunch time"
    assert told.at == kept[0].since


async def test_idle_time_begins_with_being_available_and_survives_a_break(
    database: Database, clock: ManualClock
) -> None:
    olena = await hire(database)
    began = []
    for state in ("available", "away", "available"):
        async with database.transaction() as session:
            began.append((await set_presence(session, olena.id, state, "", clock.now())).idle_since)
        clock.advance(minutes=1)

    async with database.transaction() as session:
        await mark_idle(session, [olena.id], clock.now())
        after_contact = await presence_of(session, olena.id)

    assert began[0] == began[1] < began[2]
    assert after_contact.idle_since == clock.now()


async def test_who_set_it_for_another_is_told(database: Database) -> None:
    olena, supervisor = await hire(database), new_id()

    async with database.transaction() as session:
        await set_presence(
            session, olena.id, "available", "ignored", database.clock.now(), by=supervisor
        )

    [told] = await _told(database)
    assert told.actor_id == supervisor
    assert (told.data["agent_id"], told.data["reason"]) == (str(olena.id), "")


async def test_a_deactivated_agent_is_offline_and_stays_so(database: Database) -> None:
    await hire(database)
    taras = await hire(database, "Taras")
    async with database.transaction() as session:
        now = database.clock.now()
        await set_presence(session, taras.id, "available", "", now)
        await change_agent(session, root(), taras.id, AgentChange(version=1, active=False), now)

    async with database.transaction() as session:
        with pytest.raises(NotFoundError):
            await set_presence(session, taras.id, "available", "", database.clock.now())

    assert [one.data["state"] for one in await _told(database)] == ["available", "offline"]


async def test_an_unknown_state_or_agent_is_refused(database: Database) -> None:
    olena = await hire(database)

    async with database.transaction() as session:
        with pytest.raises(InvalidInputError):
            await set_presence(session, olena.id, "asleep", "", database.clock.now())
        with pytest.raises(NotFoundError):
            await set_presence(session, new_id(), "away", "", database.clock.now())
