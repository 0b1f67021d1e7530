"""The door that takes a password: one answer for everything that is wrong."""

import pytest

from kernel.actor import Actor
from kernel.database import Database
from kernel.errors import InvalidInputError, SignInRequiredError, TooManyTriesError
from kernel.limits import SIGN_IN_TRIES_BY_STRANGERS
from staff.passwords import Passwords
from staff.service import AgentChange, change_agent, password_hash_of
from staff.sessions import Place, actor_of_session
from staff.signing_in import admit, find_account, sign_in
from staff.throttle import Throttle
from tests.clock import ManualClock
from tests.staff.people import HERE, PASSWORD, hire, quick_passwords, root


@pytest.fixture
def throttle(clock: ManualClock) -> Throttle:
    return Throttle(clock)


async def _sign_in(
    database: Database,
    throttle: Throttle,
    email: str,
    password: str = PASSWORD,
    place: Place = HERE,
    passwords: Passwords | None = None,
) -> str:
    return await sign_in(
        database,
        passwords or quick_passwords(),
        throttle,
        email=email,
        password=password,
        place=place,
    )


async def _actor(database: Database, token: str) -> Actor | None:
    async with database.reading() as session:
        return await actor_of_session(session, token, database.clock.now())


async def test_the_right_password_opens_a_session(database: Database, throttle: Throttle) -> None:
    olena = await hire(database)

    token = await _sign_in(database, throttle, " Olena@DESK.example ")

    actor = await _actor(database, token)
    assert actor is not None
    assert actor.agent_id == olena.id


async def test_each_sign_in_has_a_token_of_its_own(database: Database, throttle: Throttle) -> None:
    olena = await hire(database)

    tokens = {await _sign_in(database, throttle, olena.email) for _ in range(3)}

    assert len(tokens) == 3


async def test_whatever_is_wrong_the_answer_is_the_same(
    database: Database, throttle: Throttle
) -> None:
    await hire(database)
    await hire(database, "Gone")
    gone = await hire(database, "Idle")
    async with database.transaction() as session:
        change = AgentChange(version=1, active=False)
        await change_agent(session, root(), gone.id, change, database.clock.now())
    answers = set()

    for email, password in (
        ("olena@desk.example", "wrong"),
        ("nobody@desk.example", PASSWORD),
        ("idle@desk.example", PASSWORD),
        ("not an address", PASSWORD),
        ("", ""),
        ("olena@desk.example", "\ud800 lone"),
    ):
        with pytest.raises(SignInRequiredError) as refused:
            await _sign_in(database, throttle, email, password)
        answers.add((refused.value.code, refused.value.message))

    assert len(answers) == 1


@pytest.mark.parametrize("email", ["olena@desk.example", "nobody@desk.example"])
async def test_guessing_at_any_account_known_or_not_ends_the_same_way(
    database: Database, throttle: Throttle, email: str
) -> None:
    await hire(database)
    answers = []

    for number in range(SIGN_IN_TRIES_BY_STRANGERS + 5):
        place = Place(address=f"10.0.0.{number}", browser="")
        with pytest.raises((SignInRequiredError, TooManyTriesError)) as refused:
            await _sign_in(database, throttle, email, f"guess {number}", place)
        answers.append(refused.value.code)

    assert answers == ["sign_in_required"] * SIGN_IN_TRIES_BY_STRANGERS + ["too_many_tries"] * 5


async def test_a_colleague_still_signs_in_from_their_desk_while_strangers_guess(
    database: Database, throttle: Throttle
) -> None:
    olena = await hire(database)
    await _sign_in(database, throttle, olena.email)
    for number in range(100):
        place = Place(address=f"10.0.0.{number}", browser="")
        with pytest.raises((SignInRequiredError, TooManyTriesError)):
            await _sign_in(database, throttle, olena.email, "guess", place)

    assert await _sign_in(database, throttle, olena.email)


async def test_a_password_hashed_with_older_parameters_is_hashed_anew(
    database: Database, throttle: Throttle
) -> None:
    old = await Passwords(memory_kib=32, passes=1, lanes=1).hash(PASSWORD)
    olena = await hire(database, password_hash=old)

    await _sign_in(database, throttle, olena.email)

    async with database.reading() as session:
        new = await password_hash_of(session, olena.id)
    assert new is not None
    assert "m=64," in new
    assert await _sign_in(database, throttle, olena.email)


async def test_a_password_changed_while_it_was_being_verified_no_longer_admits(
    database: Database,
) -> None:
    olena = await hire(database)
    async with database.reading() as session:
        account = await find_account(session, olena.email)
    assert account is not None
    async with database.transaction() as session:
        change = AgentChange(version=1, password_hash="another")
        await change_agent(session, root(), olena.id, change, database.clock.now())

    async with database.transaction() as session:
        with pytest.raises(SignInRequiredError):
            await admit(session, account)


async def test_an_address_is_one_account_however_it_is_spelled(database: Database) -> None:
    await hire(database)

    with pytest.raises(InvalidInputError) as refused:
        await hire(database, email="OLENA@desk.Example")

    assert refused.value.field == "email"
