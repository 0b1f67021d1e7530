"""Agents, roles and teams: changed without anyone gaining more than they may give."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from kernel.actor import Actor
from kernel.database import Database
from kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)
from kernel.ids import new_id
from staff.permissions import ADMINISTRATOR, AGENT, READY_ROLES, SUPERVISOR
from staff.queries import AgentCard, agent_names, agents_by_ids, find_agent, list_agents, list_roles
from staff.roles import change_role, create_role, ensure_roles, remove_role
from staff.service import (
    AgentChange,
    NewAgent,
    change_agent,
    change_me,
    create_agent,
    first_agent,
    needs_setup,
)
from staff.teams import change_team, create_team, remove_team
from tests.staff.people import browse, hire, root


async def _change(
    database: Database, agent_id: UUID, who: Actor | None = None, **facts: Any
) -> AgentCard:
    async with database.transaction() as session:
        change = AgentChange(**({"version": 1} | facts))
        return await change_agent(session, who or root(), agent_id, change, database.clock.now())


async def _set_up(database: Database, email: str) -> AgentCard:
    async with database.transaction() as session:
        return await first_agent(
            session,
            name="First",
            email=email,
            password_hash="x",
            locale="uk",
            now=database.clock.now(),
        )


async def test_the_first_agent_is_an_administrator_and_there_is_no_second_first(
    database: Database,
) -> None:
    async with database.reading() as session:
        before = await needs_setup(session)

    first = await _set_up(database, "first@desk.example")

    async with database.reading() as session:
        after = await needs_setup(session)
    assert (before, after) == (True, False)
    assert first.role_id == ADMINISTRATOR.id
    with pytest.raises(NotFoundError):
        await _set_up(database, "second@desk.example")


async def test_of_two_who_set_up_at_once_one_becomes_the_first(database: Database) -> None:
    async with database.transaction() as session:
        await ensure_roles(session)

    answers = await asyncio.gather(
        *(_set_up(database, f"{number}@desk.example") for number in range(4)),
        return_exceptions=True,
    )

    assert sum(isinstance(answer, AgentCard) for answer in answers) == 1
    assert sum(isinstance(answer, NotFoundError) for answer in answers) == 3


async def test_ready_made_roles_follow_the_program_and_are_made_once(database: Database) -> None:
    for _ in range(2):
        async with database.transaction() as session:
            await ensure_roles(session)

    async with database.reading() as session:
        roles = await list_roles(session)
    assert {role.id: set(role.permissions) for role in roles} == {
        role.id: role.permissions for role in READY_ROLES
    }


async def test_the_second_of_two_who_change_an_agent_is_told(database: Database) -> None:
    olena = await hire(database)
    await _change(database, olena.id, name="Olena S.")

    with pytest.raises(ConflictError):
        await _change(database, olena.id, name="Olha")


@pytest.mark.parametrize("facts", [{"active": False}, {"role_id": SUPERVISOR.id}])
async def test_the_last_administrator_stays_one(database: Database, facts: dict[str, Any]) -> None:
    olena = await hire(database)

    with pytest.raises(ConflictError):
        await _change(database, olena.id, **facts)

    async with database.reading() as session:
        assert await find_agent(session, olena.id) == olena


async def test_two_administrators_cannot_remove_each_other_at_once(database: Database) -> None:
    pair = [await hire(database), await hire(database, "Taras")]
    actors = [(await browse(database, one))[1] for one in pair]

    answers = await asyncio.gather(
        _change(database, pair[1].id, actors[0], active=False),
        _change(database, pair[0].id, actors[1], active=False),
        return_exceptions=True,
    )

    assert sum(isinstance(answer, ConflictError) for answer in answers) == 1


async def _manager(database: Database, name: str = "Mykola") -> Actor:
    """Somebody who manages staff and is no administrator."""
    async with database.transaction() as session:
        await ensure_roles(session)
        role = await create_role(
            session,
            root(),
            name=f"Staff of {name}",
            permissions=[*sorted(AGENT.permissions), "staff.manage"],
        )
    return (await browse(database, await hire(database, name, role_id=role.id)))[1]


@pytest.mark.parametrize(
    "facts",
    [{"role_id": ADMINISTRATOR.id}, {"role_id": SUPERVISOR.id}],
    ids=["administrator", "supervisor"],
)
async def test_nobody_makes_themselves_more_than_they_are(
    database: Database, facts: dict[str, Any]
) -> None:
    manager = await _manager(database)

    with pytest.raises(ForbiddenError):
        await _change(database, manager.agent_id, manager, **facts)


async def test_nobody_takes_over_the_account_of_one_who_may_do_more(database: Database) -> None:
    manager = await _manager(database)
    olena = await hire(database)

    for facts in ({"password_hash": "mine"}, {"email": "mine@desk.example"}, {"active": False}):
        with pytest.raises(ForbiddenError):
            await _change(database, olena.id, manager, **facts)


async def test_nobody_hires_or_writes_a_role_above_themselves(database: Database) -> None:
    manager = await _manager(database)

    async with database.transaction() as session:
        now = database.clock.now()
        who = NewAgent(
            name="X", email="x@desk.example", password_hash="x", role_id=ADMINISTRATOR.id
        )
        with pytest.raises(ForbiddenError):
            await create_agent(session, manager, who, now)
        with pytest.raises(ForbiddenError):
            await create_role(session, manager, name="Mine", permissions=["account.manage"])


async def test_a_plain_agent_manages_nobody(database: Database) -> None:
    olena = await hire(database)
    _, taras = await browse(database, await hire(database, "Taras", role_id=AGENT.id))

    with pytest.raises(ForbiddenError):
        await _change(database, olena.id, taras, name="X")
    with pytest.raises(ForbiddenError):
        await _change(database, taras.agent_id, taras, role_id=ADMINISTRATOR.id)


async def test_everyone_changes_their_own_name_language_and_signature(
    database: Database,
) -> None:
    _, taras = await browse(database, await hire(database, "Taras", role_id=AGENT.id))

    async with database.transaction() as session:
        card = await change_me(
            session,
            taras,
            name="Taras\r\nBcc: x",
            locale="uk",
            signature="Тарас",
            now=database.clock.now(),
        )

    assert (card.name, card.locale, card.signature) == ("Taras Bcc: x", "uk", "Тарас")
    assert card.version == 2


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": "\u200b"}, "name"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@b\x00c"}, "email"),
        ({"role_id": new_id()}, "role_id"),
        ({"team_ids": (new_id(),)}, "team_ids"),
        ({"capacity": {"mail": 1_000}}, "capacity"),
        ({"capacity": {"mail": -1}}, "capacity"),
        ({"capacity": {f"c{number}": 1 for number in range(50)}}, "capacity"),
    ],
)
async def test_bad_data_of_an_agent_is_refused_with_its_field(
    database: Database, facts: dict[str, Any], field: str
) -> None:
    olena = await hire(database)

    with pytest.raises(InvalidInputError) as refused:
        await _change(database, olena.id, **facts)

    assert refused.value.field == field


async def test_ready_made_roles_and_roles_in_use_stay(database: Database) -> None:
    manager = await _manager(database)
    async with database.reading() as session:
        used = (await find_agent(session, manager.agent_id)).role_id

    async with database.transaction() as session:
        with pytest.raises(ForbiddenError):
            await change_role(session, root(), AGENT.id, permissions=[])
        with pytest.raises(ForbiddenError):
            await remove_role(session, root(), ADMINISTRATOR.id)
        with pytest.raises(ConflictError):
            await remove_role(session, root(), used)
        with pytest.raises(NotFoundError):
            await remove_role(session, root(), new_id())


async def test_a_role_nobody_has_is_removed(database: Database) -> None:
    async with database.transaction() as session:
        role = await create_role(session, root(), name="Writers", permissions=["kb.edit"])
        renamed = await change_role(session, root(), role.id, name="Authors")
        await remove_role(session, root(), role.id)
        left = await list_roles(session)

    assert renamed.name == "Authors"
    assert role.id not in {one.id for one in left}


async def test_teams_have_members_and_go_without_them(database: Database) -> None:
    olena, taras = await hire(database), await hire(database, "Taras")
    async with database.transaction() as session:
        team = await create_team(
            session, root(), name="Sales", member_ids=[olena.id], now=database.clock.now()
        )
        changed = await change_team(
            session, root(), team.id, name="Shop", member_ids=[olena.id, taras.id]
        )
        names = await agent_names(session, changed.member_ids)
        cards = await agents_by_ids(session, changed.member_ids)
        await remove_team(session, root(), team.id)
        after = await list_agents(session)

    assert (changed.name, names) == ("Shop", {olena.id: "Olena", taras.id: "Taras"})
    assert all(card.team_ids == [team.id] for card in cards.values())
    assert all(card.team_ids == [] for card in after)


async def test_a_name_of_a_team_or_role_is_taken_once(database: Database) -> None:
    async with database.transaction() as session:
        now = database.clock.now()
        await create_team(session, root(), name="Sales", member_ids=[], now=now)
        await create_role(session, root(), name="Sales", permissions=[])

        with pytest.raises(InvalidInputError):
            await create_team(session, root(), name=" Sales ", member_ids=[], now=now)
        with pytest.raises(InvalidInputError):
            await create_role(session, root(), name=" Sales ", permissions=[])
