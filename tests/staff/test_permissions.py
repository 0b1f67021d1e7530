"""What roles and scopes grant: only what is on the list, and never more than the giver has."""

import pytest

from kernel.actor import Actor
from kernel.errors import ForbiddenError, InvalidInputError
from kernel.ids import new_id
from staff.permissions import (
    ADMINISTRATOR,
    AGENT,
    PERMISSIONS,
    SUPERVISOR,
    effective,
    known,
    require_cover,
)


def test_each_ready_made_role_holds_the_one_before_it() -> None:
    assert AGENT.permissions < SUPERVISOR.permissions < ADMINISTRATOR.permissions
    assert ADMINISTRATOR.permissions == PERMISSIONS.keys()


def test_an_unknown_permission_is_refused_by_name() -> None:
    with pytest.raises(InvalidInputError, match=r"“everything”"):
        known(["ticket.reply", "everything"])


def test_a_permission_that_left_the_list_grants_nothing() -> None:
    assert effective(["ticket.reply", "gone.long_ago"]) == {"ticket.reply"}


def test_a_scope_grants_only_what_the_role_grants_too() -> None:
    assert effective(["ticket.reply"], ["ticket.reply", "staff.manage"]) == {"ticket.reply"}
    assert effective(["ticket.reply"], []) == frozenset()


def test_nobody_gives_more_than_they_have() -> None:
    actor = Actor(agent_id=new_id(), name="A", permissions=frozenset({"staff.manage"}))

    with pytest.raises(ForbiddenError, match=r"account\.manage"):
        require_cover(actor, ["account.manage"])
    require_cover(actor, ["staff.manage"])
