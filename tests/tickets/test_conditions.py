"""Conditions of saved views: what is refused, and that they find what they say, nested too."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from desk import openings
from kernel.actor import Actor
from kernel.errors import InvalidInputError
from kernel.ids import new_id
from tests.desk.scene import IRYNA, Desk
from tests.desk.scripted import mail
from tickets import queries, reading, snoozing
from tickets import service as tickets
from tickets.conditions import Group, Rule, check
from tickets.queries import TicketFilter
from tickets.snoozing import Wake


def rule(field: str, op: str, *value: str) -> dict[str, Any]:
    return {"kind": "rule", "field": field, "op": op, "value": list(value)}


def group(match: str, *rules: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "group", "match": match, "rules": list(rules)}


def read(node: dict[str, Any]) -> Group:
    return msgspec.convert(node, Group)


def nested(levels: int) -> dict[str, Any]:
    node: dict[str, Any] = rule("unread", "is", "yes")
    for _ in range(levels):
        node = group("all", node)
    return node


@pytest.mark.parametrize(
    "node",
    [
        group("all"),
        group("any", group("all")),
        nested(5),
        group("all", *[rule("unread", "is", "yes")] * 21, group("any", *[nested(0)] * 20)),
        group("all", rule("status", "contains", "open")),
        group("all", rule("status", "any_of", "asleep")),
        group("all", rule("assignee", "any_of", "mine")),
        group("all", rule("team", "any_of", "'; drop table ticket")),
        group("all", rule("created", "older_than", "-1")),
        group("all", rule("created", "older_than", "1", "2")),
        group("all", rule("created", "older_than", "99999999999999999999")),
        group("all", rule("snoozed", "is", "maybe")),
    ],
)
def test_conditions_that_make_no_sense_are_refused(node: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError) as refused:
        check(read(node))

    assert refused.value.field == "conditions"


@pytest.mark.parametrize("node", [nested(4), group("any", rule("subject", "contains", "100 %_"))])
def test_conditions_that_make_sense_are_taken(node: dict[str, Any]) -> None:
    check(read(node))


class Shelf:
    """Five tickets of known properties; `found` names those that conditions find."""

    def __init__(self, office: Desk) -> None:
        self.office = office
        self.ids: dict[str, UUID] = {}

    async def add(self, name: str, **changes: Any) -> UUID:
        box = self.ids.setdefault("box", await self._box())
        await self.office.arrive(mail(box, name, subject=changes.pop("subject", name)))
        self.ids[name] = (await self.office.tickets())[-1].id
        if changes:
            async with self.office.database.transaction() as session:
                ticket = await tickets.find_ticket(session, self.ids[name], seen_by=IRYNA)
                await openings.change_ticket(
                    session, ticket, changes, actor=IRYNA, version=ticket.version, now=self._now()
                )
        return self.ids[name]

    async def found(self, node: dict[str, Any], actor: Actor = IRYNA) -> str:
        check(read(node))
        chosen = TicketFilter(saved=read(node), now=self._now())
        async with self.office.database.reading() as session:
            rows, _ = await queries.list_tickets(session, actor, chosen, after=None, limit=50)
        names = {ticket_id: name for name, ticket_id in self.ids.items()}
        return " ".join(sorted(names[row.id] for row in rows))

    async def _box(self) -> UUID:
        return await self.office.mailbox("Shelf")

    def _now(self) -> Any:
        return self.office.clock.now()


@pytest.fixture
async def shelf(office: Desk) -> Shelf:
    shelf = Shelf(office)
    await shelf.add("a", status="solved", tags=["vip", "late"])
    await shelf.add("b", assignee_id=IRYNA.agent_id, priority="urgent", tags=["vip"])
    await shelf.add("c", subject="Де моя Посилка?", team_id=new_id())
    office.clock.advance(hours=30)
    await shelf.add("d", subject="100% refund_now")
    await shelf.add("e")
    return shelf


async def test_every_kind_of_condition_finds_what_it_says(shelf: Shelf) -> None:
    async with shelf.office.database.transaction() as session:
        ticket = await tickets.find_ticket(session, shelf.ids["e"], seen_by=IRYNA)
        await snoozing.snooze(
            session, ticket, Wake(), agent_id=IRYNA.agent_id, now=shelf.office.clock.now()
        )
        rows, _ = await queries.thread_page(session, shelf.ids["d"], before=None, limit=1)
        await reading.mark_read(
            session,
            ticket_id=shelf.ids["d"],
            agent_id=IRYNA.agent_id,
            message_id=rows[0].id,
            now=shelf.office.clock.now(),
        )
    team = str((await shelf.office.tickets())[2].team_id)

    expected = {
        "a": [rule("status", "any_of", "solved"), rule("tag", "all_of", "vip", "late")],
        "a b": [rule("tag", "any_of", "vip")],
        "b": [rule("assignee", "any_of", "me"), rule("priority", "any_of", "high", "urgent")],
        "c": [
            rule("team", "any_of", team),
            rule("subject", "contains", "посилка"),
            rule("subject", "contains", "МОЯ"),
        ],
        "d": [rule("subject", "contains", "100%"), rule("subject", "contains", "refund_n")],
        "": [rule("subject", "contains", "100_ refund"), rule("mentioned", "is", "yes")],
        "b c d": [
            rule("status", "none_of", "solved"),
            rule("tag", "none_of", "late"),
            rule("awaiting", "is", "yes"),
        ],
        "a c d": [rule("assignee", "any_of", "nobody"), rule("assignee", "none_of", "me")],
        "a b d": [rule("team", "none_of", team), rule("team", "any_of", "none")],
        "a b c": [
            rule("created", "older_than", "24"),
            rule("client_wrote", "older_than", "24"),
            rule("activity", "older_than", "24"),
        ],
        "d e": [],
        "e": [rule("snoozed", "is", "yes")],
        "b c": [rule("unread", "is", "yes")],
        "a b c d": [rule("channel", "any_of", "mail"), rule("snoozed", "is", "no")],
    }
    differing = [
        (names, node, found)
        for names, nodes in expected.items()
        for node in nodes
        if (found := await shelf.found(group("all", node))) != names
    ]
    assert differing == []


async def test_groups_inside_groups_are_and_and_or(shelf: Shelf) -> None:
    either = group("any", rule("tag", "any_of", "late"), rule("subject", "contains", "refund"))

    assert await shelf.found(either) == "a d"
    assert await shelf.found(group("all", either, rule("status", "none_of", "solved"))) == "d"
    assert (
        await shelf.found(
            group(
                "any",
                group("all", either, rule("tag", "any_of", "vip")),
                rule("priority", "any_of", "urgent"),
            )
        )
        == "a b"
    )


async def test_conditions_never_show_what_the_reader_may_not_see(shelf: Shelf) -> None:
    stranger = Actor(agent_id=new_id(), name="Sam", permissions=frozenset())

    found = await shelf.found(group("any", rule("channel", "any_of", "mail")), stranger)

    assert "c" not in found.split()


def test_a_rule_with_an_unknown_field_is_no_rule() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(group("all", rule("password", "any_of", "x")), Group)
    assert isinstance(read(group("all", rule("tag", "any_of", "x"))).rules[0], Rule)
