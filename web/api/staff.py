"""People who work here: the first account, signing in, oneself, colleagues, teams, roles."""

import hmac
from datetime import timedelta
from typing import Any, cast

import msgspec
from aiohttp import web
from msgspec import UNSET, UnsetType
from sqlalchemy.ext.asyncio import AsyncSession

from channels.voice.destinations import plain
from desk import staffing
from desk import teams as desk_teams
from kernel.errors import InvalidInputError, NotFoundError
from staff import presence, queries, roles, service, sessions, signing_in, teams, tokens
from staff.passwords import check_password
from staff.permissions import PERMISSIONS
from staff.presence import Presence
from staff.queries import AgentCard
from staff.service import AgentChange
from staff.service import NewAgent as Added
from staff.sessions import Place
from web.routes import Call, delete, get, give, patch, post, put
from web.session import COOKIE, address_of
from web.shapes import (
    AgentPatch,
    AgentView,
    Done,
    FirstAgent,
    ForcedPresence,
    Me,
    MePatch,
    NewAgent,
    NewRole,
    NewTeam,
    NewToken,
    PermissionView,
    PresenceChange,
    PresenceView,
    RolePatch,
    RoleView,
    SessionView,
    SetupView,
    SignIn,
    TeamPatch,
    TeamView,
    TokenView,
)


async def get_setup(call: Call) -> SetupView:
    """Whether the first account is still to be made"""
    async with call.house.database.reading() as session:
        return SetupView(needed=await service.needs_setup(session))


async def post_setup(call: Call, body: FirstAgent) -> web.Response:
    """Make the first account with the word printed on the server's console"""
    expected = call.house.setup_token
    if expected is None:
        raise NotFoundError("this center is set up already")
    if not hmac.compare_digest(body.token.encode(), expected.encode()):
        raise InvalidInputError(
            "this is not the word printed on the server's console", field="token"
        )
    check_password(body.password, email=body.email, name=body.name)
    hashed = await call.house.passwords.hash(body.password)
    async with call.house.database.transaction() as session:
        await staffing.first_agent(
            session,
            name=body.name,
            email=body.email,
            password_hash=hashed,
            locale=body.locale,
            now=call.house.clock.now(),
        )
    call.house.setup_token = None
    return await _signed_in(call, body.email, body.password)


async def post_session(call: Call, body: SignIn) -> web.Response:
    """Sign in"""
    return await _signed_in(call, body.email, body.password)


async def get_session(call: Call) -> Me:
    """Who I am and what I may do"""
    async with call.house.database.reading() as session:
        return await _me(call, session)


async def delete_session(call: Call) -> web.Response:
    """Sign out"""
    if call.actor.session_id is not None:
        async with call.house.database.transaction() as session:
            await sessions.end_session(session, call.actor, call.actor.session_id)
    response = give(Done())
    response.del_cookie(COOKIE, path="/")
    return response


def _phone(given: str | UnsetType) -> str | UnsetType:
    """Return an agent's own telephone in its one form."""
    return given if given is UNSET else plain(given)


async def patch_me(call: Call, body: MePatch) -> web.Response:
    """Change my name, language, signature, phone or password; a new password ends other sessions"""
    hashes = await _new_password(call, body)
    async with call.house.database.transaction() as session:
        card = await service.change_me(
            session,
            call.actor,
            name=body.name,
            locale=body.locale,
            signature=body.signature,
            phone=_phone(body.phone),
            now=call.house.clock.now(),
        )
        if hashes is not None:
            old, new = hashes
            await service.change_my_password(
                session, call.actor, old_hash=old, new_hash=new, now=call.house.clock.now()
            )
        me = await _me(call, session)
    if hashes is None:
        return give(me)
    return await _signed_in(call, card.email, str(body.new_password))


async def list_sessions(call: Call) -> list[SessionView]:
    """Where I am signed in"""
    async with call.house.database.reading() as session:
        found = await sessions.list_sessions(session, call.actor, call.house.clock.now())
    return [
        SessionView(
            id=one.id,
            created_at=one.created_at,
            seen_at=one.seen_at,
            address=one.address,
            browser=one.browser,
            current=one.current,
        )
        for one in found
    ]


async def end_session(call: Call) -> Done:
    """End one of my sessions at once"""
    async with call.house.database.transaction() as session:
        await sessions.end_session(session, call.actor, call.id())
    return Done()


async def list_tokens(call: Call) -> list[TokenView]:
    """My API tokens"""
    async with call.house.database.reading() as session:
        return [_token(one) for one in await tokens.list_tokens(session, call.actor)]


async def post_token(call: Call, body: NewToken) -> TokenView:
    """Make an API token; it is shown this once"""
    async with call.house.database.transaction() as session:
        made = await tokens.create_token(
            session,
            call.actor,
            name=body.name,
            scopes=body.scopes,
            life=timedelta(days=body.days),
            now=call.house.clock.now(),
        )
    return _token(made)


async def delete_token(call: Call) -> Done:
    """Revoke an API token at once"""
    async with call.house.database.transaction() as session:
        await tokens.revoke_token(session, call.actor, call.id())
    return Done()


async def put_presence(call: Call, body: PresenceChange) -> PresenceView:
    """Say whether I am at my desk"""
    async with call.house.database.transaction() as session:
        now_is = await presence.set_presence(
            session,
            call.actor.agent_id,
            body.state,
            body.reason,
            call.house.clock.now(),
            by=call.actor.agent_id,
        )
    return presence_view(now_is)


async def force_presence(call: Call, body: ForcedPresence) -> PresenceView:
    """Set a colleague's presence or sign them out, with a note to them"""
    if body.sign_out and body.state != presence.OFFLINE:
        raise InvalidInputError("who is signed out is offline", field="sign_out")
    async with call.house.database.transaction() as session:
        now_is = await presence.force(
            session,
            call.id(),
            body.state,
            body.reason,
            call.house.clock.now(),
            by=call.actor,
            note=body.note,
            signed_out=body.sign_out,
        )
        if body.sign_out:
            await sessions.sign_out(session, call.id(), by=call.actor.agent_id)
    return presence_view(now_is)


async def list_presence(call: Call) -> list[PresenceView]:
    """Who is at their desk"""
    async with call.house.database.reading() as session:
        return [presence_view(one) for one in await presence.list_presence(session)]


async def list_agents(call: Call) -> list[AgentView]:
    """Everybody who works here"""
    async with call.house.database.reading() as session:
        return [_agent(card) for card in await queries.list_agents(session)]


async def post_agent(call: Call, body: NewAgent) -> AgentView:
    """Add somebody who works here"""
    check_password(body.password, email=body.email, name=body.name)
    hashed = await call.house.passwords.hash(body.password)
    async with call.house.database.transaction() as session:
        card = await staffing.hire(
            session,
            call.actor,
            Added(
                name=body.name,
                email=body.email,
                password_hash=hashed,
                role_id=body.role_id,
                locale=body.locale,
                team_ids=tuple(body.team_ids),
                capacity=body.capacity,
            ),
            call.house.clock.now(),
        )
    return _agent(card)


async def patch_agent(call: Call, body: AgentPatch) -> AgentView:
    """Change a colleague; a new password or a deactivation signs them out everywhere"""
    values = {
        name: value
        for name, value in msgspec.structs.asdict(body).items()
        if value is not msgspec.UNSET
    }
    password = values.pop("password", None)
    if password is not None:
        check_password(password, email=values.get("email", ""), name=values.get("name", ""))
        values["password_hash"] = await call.house.passwords.hash(password)
    if "team_ids" in values:
        values["team_ids"] = tuple(values["team_ids"])
    async with call.house.database.transaction() as session:
        card = await service.change_agent(
            session, call.actor, call.id(), AgentChange(**values), call.house.clock.now()
        )
    return _agent(card)


async def list_teams(call: Call) -> list[TeamView]:
    """All teams with their members"""
    async with call.house.database.reading() as session:
        return [
            TeamView(id=one.id, name=one.name, member_ids=one.member_ids)
            for one in await queries.list_teams(session)
        ]


async def post_team(call: Call, body: NewTeam) -> TeamView:
    """Make a team"""
    async with call.house.database.transaction() as session:
        made = await teams.create_team(
            session,
            call.actor,
            name=body.name,
            member_ids=body.member_ids,
            now=call.house.clock.now(),
        )
    return TeamView(id=made.id, name=made.name, member_ids=made.member_ids)


async def patch_team(call: Call, body: TeamPatch) -> TeamView:
    """Rename a team or change its members"""
    async with call.house.database.transaction() as session:
        changed = await teams.change_team(
            session,
            call.actor,
            call.id(),
            name=_given(body.name),
            member_ids=_given(body.member_ids),
        )
    return TeamView(id=changed.id, name=changed.name, member_ids=changed.member_ids)


async def delete_team(call: Call) -> Done:
    """Remove a team that owns nothing"""
    async with call.house.database.transaction() as session:
        await desk_teams.remove_team(session, call.actor, call.id())
    return Done()


async def list_roles(call: Call) -> list[RoleView]:
    """All roles and what they allow"""
    async with call.house.database.reading() as session:
        return [_role(one) for one in await queries.list_roles(session)]


async def list_permissions(call: Call) -> list[PermissionView]:
    """Everything a role may allow, in words"""
    call.actor.require("staff.manage")
    return [PermissionView(name=name, meaning=meaning) for name, meaning in PERMISSIONS.items()]


async def post_role(call: Call, body: NewRole) -> RoleView:
    """Make a role that allows at most what I may do"""
    async with call.house.database.transaction() as session:
        return _role(
            await roles.create_role(
                session, call.actor, name=body.name, permissions=body.permissions
            )
        )


async def patch_role(call: Call, body: RolePatch) -> RoleView:
    """Rename a role or change what it allows"""
    async with call.house.database.transaction() as session:
        return _role(
            await roles.change_role(
                session,
                call.actor,
                call.id(),
                name=_given(body.name),
                permissions=_given(body.permissions),
            )
        )


async def delete_role(call: Call) -> Done:
    """Remove a role that nobody has"""
    async with call.house.database.transaction() as session:
        await roles.remove_role(session, call.actor, call.id())
    return Done()


async def _signed_in(call: Call, email: str, password: str) -> web.Response:
    house = call.house
    token = await signing_in.sign_in(
        house.database,
        house.passwords,
        house.throttle,
        email=email,
        password=password,
        place=Place(
            address=address_of(call.request, house),
            browser=call.request.headers.get("User-Agent", ""),
        ),
        terms=house.options.session_terms,
    )
    async with house.database.reading() as session:
        call.who = await sessions.actor_of_session(session, token, house.clock.now())
        me = await _me(call, session)
    response = give(me)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(house.options.session_terms.life.total_seconds()),
        path="/",
        httponly=True,
        samesite="Lax",
        secure=house.options.secure_cookies,
    )
    return response


async def _new_password(call: Call, body: MePatch) -> tuple[str, str] | None:
    """Return the hashes of the old password, found to be right, and of the new one."""
    if body.new_password is msgspec.UNSET:
        return None
    house, actor, place = call.house, call.actor, address_of(call.request, call.house)
    check_password(body.new_password, email="", name=actor.name, field="new_password")
    house.throttle.take(str(actor.agent_id), place, known=True)
    async with house.database.reading() as session:
        stored = await service.password_hash_of(session, actor.agent_id)
    given = "" if body.old_password is msgspec.UNSET else body.old_password
    verdict = await house.passwords.verify(given, stored)
    if stored is None or not verdict.right:
        raise InvalidInputError("this is not your password", field="old_password")
    house.throttle.forgive(str(actor.agent_id), place, known=True)
    return stored, await house.passwords.hash(body.new_password)


async def _me(call: Call, session: AsyncSession) -> Me:
    actor, seq = call.actor, call.house.hub.seq
    card = await queries.find_agent(session, actor.agent_id)
    return Me(
        agent=_agent(card),
        permissions=sorted(actor.permissions),
        presence=presence_view(await presence.presence_of(session, actor.agent_id)),
        session_id=actor.session_id,
        company=call.house.options.company,
        undo_seconds=call.house.options.undo_window.total_seconds(),
        seq=seq,
    )


def presence_view(one: Presence) -> PresenceView:
    return PresenceView(
        agent_id=one.agent_id, state=cast("Any", one.state), reason=one.reason, since=one.since
    )


def _agent(card: AgentCard) -> AgentView:
    return AgentView(
        id=card.id,
        name=card.name,
        email=card.email,
        role_id=card.role_id,
        role=card.role,
        active=card.active,
        locale=card.locale,
        signature=card.signature,
        phone=card.phone,
        capacity=card.capacity,
        team_ids=card.team_ids,
        version=card.version,
    )


def _role(card: queries.RoleCard) -> RoleView:
    return RoleView(
        id=card.id, name=card.name, permissions=list(card.permissions), builtin=card.builtin
    )


def _token(card: tokens.TokenCard) -> TokenView:
    return TokenView(
        id=card.id,
        name=card.name,
        scopes=list(card.scopes),
        created_at=card.created_at,
        expires_at=card.expires_at,
        used_at=card.used_at,
        token=card.token,
    )


def _given(value: Any) -> Any:
    return None if value is msgspec.UNSET else value


ROUTES = [
    get("/setup", get_setup, public=True),
    post("/setup", post_setup, public=True, answer=Me),
    post("/session", post_session, public=True, answer=Me),
    get("/session", get_session),
    delete("/session", delete_session, answer=Done),
    patch("/me", patch_me, answer=Me),
    get("/sessions", list_sessions),
    delete("/sessions/{id}", end_session),
    get("/tokens", list_tokens),
    post("/tokens", post_token, "token.own", status=201),
    delete("/tokens/{id}", delete_token),
    put("/presence", put_presence),
    get("/presence", list_presence),
    put("/agents/{id}/presence", force_presence, "presence.force"),
    get("/agents", list_agents),
    post("/agents", post_agent, "staff.manage", status=201),
    patch("/agents/{id}", patch_agent, "staff.manage"),
    get("/teams", list_teams),
    post("/teams", post_team, "staff.manage", status=201),
    patch("/teams/{id}", patch_team, "staff.manage"),
    delete("/teams/{id}", delete_team, "staff.manage"),
    get("/permissions", list_permissions),
    get("/roles", list_roles),
    post("/roles", post_role, "staff.manage", status=201),
    patch("/roles/{id}", patch_role, "staff.manage"),
    delete("/roles/{id}", delete_role, "staff.manage"),
]
