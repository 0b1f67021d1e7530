"""Signing in: the one door that takes a password, and gives an unknown account the same answer."""

import logging
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.database import Database
from kernel.errors import InvalidInputError, SignInRequiredError
from staff.names import clean_email
from staff.passwords import Passwords
from staff.sessions import DEFAULT_TERMS, Place, Terms, open_session
from staff.tables import AgentRow, SessionRow
from staff.throttle import Throttle, network_of

logger = logging.getLogger(__name__)

WRONG = "the e-mail address or the password is wrong"


class Account(Struct, frozen=True, kw_only=True):
    """What signing in needs to know of an active agent."""

    agent_id: UUID
    password_hash: str
    addresses: frozenset[str]
    """The networks of their sessions so far."""


async def sign_in(
    database: Database,
    passwords: Passwords,
    throttle: Throttle,
    *,
    email: str,
    password: str,
    place: Place,
    terms: Terms = DEFAULT_TERMS,
) -> str:
    """Return the token of a new session.

    Reads, then hashes outside any transaction, then opens the session in a short one. Raises
    SignInRequiredError for whatever is wrong with the credentials, TooManyTriesError.
    """
    name = _account_name(email)
    async with database.reading() as session:
        account = await find_account(session, name)
    known = account is not None and network_of(place.address) in account.addresses
    throttle.take(name, place.address, known=known)
    verdict = await passwords.verify(password, account.password_hash if account else None)
    if account is None or not verdict.right:
        logger.info("sign-in refused", extra={"agent": str(account.agent_id) if account else None})
        raise SignInRequiredError(WRONG)
    throttle.forgive(name, place.address, known=known)
    better = await passwords.hash(password) if verdict.outdated else None
    async with database.transaction() as session:
        now = database.clock.now()
        await admit(session, account, new_hash=better)
        return await open_session(session, account.agent_id, place, now, terms=terms)


async def find_account(session: AsyncSession, email: str) -> Account | None:
    """Return the active account of this address, in one statement whether it exists or not."""
    rows = (
        await session.execute(
            select(AgentRow.id, AgentRow.password_hash, SessionRow.address)
            .outerjoin(SessionRow, SessionRow.agent_id == AgentRow.id)
            .where(AgentRow.email == email, AgentRow.active)
        )
    ).all()
    if not rows:
        return None
    return Account(
        agent_id=rows[0].id,
        password_hash=rows[0].password_hash,
        addresses=frozenset(network_of(row.address) for row in rows if row.address),
    )


async def admit(session: AsyncSession, account: Account, *, new_hash: str | None = None) -> None:
    """Make sure that what was verified still holds: active, and the same password.

    `new_hash`: the same password, hashed with today's parameters.
    """
    still = await session.scalar(
        update(AgentRow)
        .where(
            AgentRow.id == account.agent_id,
            AgentRow.active,
            AgentRow.password_hash == account.password_hash,
        )
        .values(password_hash=new_hash or account.password_hash)
        .returning(AgentRow.id)
        .execution_options(synchronize_session=False)
    )
    if still is None:
        raise SignInRequiredError(WRONG)


def _account_name(email: str) -> str:
    try:
        return clean_email(email)
    except InvalidInputError:
        return ""
