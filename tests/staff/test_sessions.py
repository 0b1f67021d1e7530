"""Signed-in browsers and API tokens: what they open, until when, and how they end."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from kernel.actor import Actor
from kernel.database import Database
from kernel.errors import ForbiddenError, InvalidInputError, NotFoundError
from kernel.journal import read_after
from kernel.limits import SESSION_IDLE, SESSION_LIFE, SESSION_TOUCH, SESSIONS_PER_AGENT
from staff.credentials import API_TOKEN, SESSION, new_token, token_hash
from staff.permissions import AGENT
from staff.roles import change_role, create_role
from staff.service import AgentChange, change_agent, change_me, change_my_password, password_hash_of
from staff.sessions import (
    Place,
    actor_of_session,
    end_session,
    forget_expired,
    list_sessions,
    open_session,
    signed_in,
    touch,
)
from staff.tables import SessionRow
from staff.teams import create_team
from staff.tokens import (
    TokenCard,
    actor_of_token,
    create_token,
    list_tokens,
    mark_used,
    revoke_token,
)
from tests.clock import ManualClock
from tests.staff.people import browse, hire, root
from tests.statements import noted


async def _by_session(database: Database, token: str) -> Actor | None:
    async with database.reading() as session:
        return await actor_of_session(session, token, database.clock.now())


async def _by_token(database: Database, token: str | None) -> Actor | None:
    async with database.reading() as session:
        return await actor_of_token(session, token or "", database.clock.now())


async def _make_token(database: Database, actor: Actor, *scopes: str, days: int = 7) -> TokenCard:
    async with database.transaction() as session:
        return await create_token(
            session,
            actor,
            name="reports",
            scopes=list(scopes),
            life=timedelta(days=days),
            now=database.clock.now(),
        )


def test_tokens_have_256_bits_and_fit_one_purpose() -> None:
    tokens = {new_token(SESSION)[0] for _ in range(100)}

    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {43}
    assert token_hash(SESSION, "x") != token_hash(API_TOKEN, "x")


async def test_the_token_itself_is_stored_nowhere(database: Database) -> None:
    token, _ = await browse(database, await hire(database))

    async with database.reading() as session:
        [kept] = (await session.scalars(select(SessionRow.token_hash))).all()

    assert kept == token_hash(SESSION, token)
    assert token.encode() not in kept


async def test_an_actor_has_the_role_and_the_teams_of_now(database: Database) -> None:
    olena = await hire(database, role_id=AGENT.id)
    token, before = await browse(database, olena)
    async with database.transaction() as session:
        for name in ("Sales", "Support"):
            await create_team(
                session, root(), name=name, member_ids=[olena.id], now=database.clock.now()
            )

    after = await _by_session(database, token)

    assert before.permissions == AGENT.permissions
    assert before.team_ids == frozenset()
    assert after is not None
    assert len(after.team_ids) == 2
    assert after.session_id == before.session_id


async def test_an_actor_costs_one_query(database: Database) -> None:
    token, _ = await browse(database, await hire(database))
    statements = noted(database.reader)

    await _by_session(database, token)

    assert len(statements) == 1


async def test_a_session_not_used_ends(database: Database, clock: ManualClock) -> None:
    token, _ = await browse(database, await hire(database))

    clock.advance(seconds=SESSION_IDLE.total_seconds() - 1)
    almost = await _by_session(database, token)
    clock.advance(seconds=1)

    assert almost is not None
    assert await _by_session(database, token) is None


async def test_a_used_session_lasts_but_not_for_ever(
    database: Database, clock: ManualClock
) -> None:
    token, actor = await browse(database, await hire(database))
    assert actor.session_id is not None
    used_for = timedelta()

    while await _by_session(database, token) is not None:
        async with database.transaction() as session:
            await touch(session, actor.session_id, clock.now())
        clock.advance(hours=6)
        used_for += timedelta(hours=6)

    assert used_for == SESSION_LIFE


async def test_a_session_asks_to_be_marked_at_most_once_a_minute(
    database: Database, clock: ManualClock
) -> None:
    token, actor = await browse(database, await hire(database))
    assert actor.session_id is not None
    stale = []

    for seconds in (0, SESSION_TOUCH.total_seconds(), 0):
        clock.advance(seconds=seconds)
        async with database.reading() as session:
            found = await signed_in(session, token, clock.now())
        assert found is not None
        stale.append(found.stale)
        if found.stale:
            async with database.transaction() as session:
                await touch(session, actor.session_id, clock.now())

    assert stale == [False, True, False]


@pytest.mark.parametrize("token", ["", "x", "ключ", "x" * 10_000, "' or 1=1 --", "a\ud800"])
async def test_a_made_up_token_opens_nothing(database: Database, token: str) -> None:
    await browse(database, await hire(database))

    assert await _by_session(database, token) is None
    assert await _by_token(database, token) is None


async def test_a_token_of_one_kind_is_not_taken_for_the_other(database: Database) -> None:
    cookie, actor = await browse(database, await hire(database))
    made = await _make_token(database, actor, "ticket.reply")

    assert await _by_token(database, cookie) is None
    assert await _by_session(database, made.token or "") is None


async def test_one_sees_ones_own_sessions_and_which_one_this_is(database: Database) -> None:
    olena = await hire(database)
    _, first = await browse(database, olena)
    _, second = await browse(database, olena)
    await browse(database, await hire(database, "Taras"))

    async with database.reading() as session:
        cards = await list_sessions(session, second, database.clock.now())

    assert {card.id: card.current for card in cards} == {
        first.session_id: False,
        second.session_id: True,
    }


async def test_an_ended_session_is_dead_at_once_and_its_screen_is_told(
    database: Database,
) -> None:
    olena = await hire(database)
    token, first = await browse(database, olena)
    _, second = await browse(database, olena)
    assert first.session_id is not None

    async with database.transaction() as session:
        await end_session(session, second, first.session_id)

    async with database.reading() as session:
        told = (await read_after(session, 0, limit=100))[-1]
    assert await _by_session(database, token) is None
    assert (told.kind, told.only_agent_id) == ("SessionEnded", olena.id)
    assert told.data["session_id"] == str(first.session_id)


async def test_the_session_of_another_is_not_there_to_be_ended(database: Database) -> None:
    token, actor = await browse(database, await hire(database))
    _, other = await browse(database, await hire(database, "Taras"))
    assert actor.session_id is not None

    async with database.transaction() as session:
        with pytest.raises(NotFoundError):
            await end_session(session, other, actor.session_id)

    assert await _by_session(database, token) is not None


async def test_too_many_sessions_make_room_for_the_newest(
    database: Database, clock: ManualClock
) -> None:
    olena = await hire(database)
    tokens = []
    for _ in range(SESSIONS_PER_AGENT + 1):
        tokens.append((await browse(database, olena))[0])
        clock.advance(seconds=1)

    assert await _by_session(database, tokens[0]) is None
    assert await _by_session(database, tokens[1]) is not None
    assert await _by_session(database, tokens[-1]) is not None


@pytest.mark.parametrize("change", ["password", "deactivation", "own password"])
async def test_a_new_password_or_a_deactivation_ends_everything_at_once(
    database: Database, change: str
) -> None:
    await hire(database, "Root")
    olena = await hire(database)
    token, actor = await browse(database, olena)
    made = await _make_token(database, actor, "ticket.reply")

    async with database.transaction() as session:
        now = database.clock.now()
        if change == "own password":
            old = await password_hash_of(session, olena.id)
            await change_my_password(session, actor, old_hash=old or "", new_hash="new", now=now)
        elif change == "password":
            told = AgentChange(version=1, password_hash="new")
            await change_agent(session, root(), olena.id, told, now)
        else:
            told = AgentChange(version=1, active=False)
            await change_agent(session, root(), olena.id, told, now)

    assert await _by_session(database, token) is None
    assert await _by_token(database, made.token) is None
    async with database.reading() as session:
        ended = [one for one in await read_after(session, 0, limit=99) if "Ended" in one.kind]
    assert [one.only_agent_id for one in ended] == [olena.id]
    assert ended[0].data == {"session_id": None, "token_id": None}


async def test_a_token_does_what_it_was_made_for_and_ends(
    database: Database, clock: ManualClock
) -> None:
    _, actor = await browse(database, await hire(database))
    made = await _make_token(database, actor, "ticket.reply", days=7)

    alive = await _by_token(database, made.token)
    clock.advance(days=7)

    assert alive is not None
    assert alive.permissions == {"ticket.reply"}
    assert (alive.token_id, alive.session_id) == (made.id, None)
    assert await _by_token(database, made.token) is None


async def test_a_token_may_not_do_more_than_its_maker(database: Database) -> None:
    _, actor = await browse(database, await hire(database, role_id=AGENT.id))

    with pytest.raises(ForbiddenError):
        await _make_token(database, actor, "staff.manage")
    with pytest.raises(InvalidInputError):
        await _make_token(database, actor, "everything")


async def test_a_token_loses_what_the_role_of_its_maker_loses(database: Database) -> None:
    async with database.transaction() as session:
        role = await create_role(
            session, root(), name="Bot", permissions=["ticket.reply", "kb.edit", "token.own"]
        )
    _, actor = await browse(database, await hire(database, role_id=role.id))
    made = await _make_token(database, actor, "ticket.reply", "kb.edit")

    async with database.transaction() as session:
        await change_role(session, root(), role.id, permissions=["ticket.reply"])

    left = await _by_token(database, made.token)
    assert left is not None
    assert left.permissions == {"ticket.reply"}


async def test_a_token_is_shown_once_and_revoked_at_once(database: Database) -> None:
    _, actor = await browse(database, await hire(database))
    made = await _make_token(database, actor, "ticket.reply")

    async with database.transaction() as session:
        await mark_used(session, made.id, database.clock.now())
        [listed] = await list_tokens(session, actor)
        await revoke_token(session, actor, made.id)

    assert made.token is not None
    assert listed.token is None
    assert listed.used_at == database.clock.now()
    assert await _by_token(database, made.token) is None


async def test_a_token_does_not_turn_into_a_password(database: Database) -> None:
    olena = await hire(database)
    _, actor = await browse(database, olena)
    made = await _make_token(database, actor, "staff.manage")
    by_token = await _by_token(database, made.token)
    assert by_token is not None

    async with database.transaction() as session:
        old = await password_hash_of(session, olena.id)
        with pytest.raises(ForbiddenError):
            await change_my_password(
                session, by_token, old_hash=old or "", new_hash="x", now=database.clock.now()
            )


async def test_what_is_past_its_life_is_forgotten(database: Database, clock: ManualClock) -> None:
    await browse(database, await hire(database))
    clock.advance(days=SESSION_LIFE.days)

    async with database.transaction() as session:
        await forget_expired(session, clock.now())
        left = (await session.scalars(select(SessionRow.id))).all()

    assert left == []


async def test_a_token_not_made_for_it_leaves_the_keys_of_its_maker_alone(
    database: Database,
) -> None:
    _, actor = await browse(database, await hire(database))
    assert actor.session_id is not None
    made = await _make_token(database, actor, "staff.manage")
    by_token = await _by_token(database, made.token)
    assert by_token is not None

    async with database.transaction() as session:
        now = database.clock.now()
        with pytest.raises(ForbiddenError):
            await list_sessions(session, by_token, now)
        with pytest.raises(ForbiddenError):
            await end_session(session, by_token, actor.session_id)
        with pytest.raises(ForbiddenError):
            await list_tokens(session, by_token)
        with pytest.raises(ForbiddenError):
            await revoke_token(session, by_token, made.id)
        with pytest.raises(ForbiddenError):
            await change_me(session, by_token, name="Eve", now=now)


async def test_what_a_browser_calls_itself_is_kept_only_as_far_as_it_can_be_shown(
    database: Database,
) -> None:
    olena = await hire(database)
    place = Place(address="192.0.2.1", browser="Fire\x00fox\udcff " + "x" * 5_000)
    async with database.transaction() as session:
        token = await open_session(session, olena.id, place, database.clock.now())

    actor = await _by_session(database, token)
    assert actor is not None
    async with database.reading() as session:
        [card] = await list_sessions(session, actor, database.clock.now())
    assert card.browser.startswith("Firefox xxx")
    assert len(card.browser) < 400
