"""Canned answers: a closed list of placeholders, put in once, escaped, and nothing else."""

import pytest

from kernel.database import Database
from kernel.errors import ConflictError, InvalidInputError
from tests.clock import ManualClock
from tickets.canned import PLACEHOLDERS, change_canned, create_canned, fill

FACTS = {
    "client.name": "Ann Client",
    "client.first_name": "Ann",
    "agent.name": "Iryna",
    "ticket.number": "1001",
    "ticket.subject": "Where is it?",
    "company": "Wonder Shop",
}


def test_every_placeholder_has_its_fact() -> None:
    assert set(FACTS) == PLACEHOLDERS
    text = " ".join(f"{{{{ {name} }}}}" for name in sorted(PLACEHOLDERS))

    assert fill(text, FACTS) == " ".join(FACTS[name] for name in sorted(PLACEHOLDERS))


@pytest.mark.parametrize("value", ["{{agent.name}}", "{{ company }}", "{{{{company}}}}"])
def test_what_a_client_calls_themselves_is_not_filled_in_again(value: str) -> None:
    assert fill("Dear {{client.name}}", {**FACTS, "client.name": value}) == f"Dear {value}"


def test_facts_are_escaped() -> None:
    hostile = {**FACTS, "client.name": '<a href="//evil">Reset</a>'}

    assert fill("Dear {{client.name}}", hostile) == (
        "Dear &lt;a href=&quot;//evil&quot;&gt;Reset&lt;/a&gt;"
    )


@pytest.mark.parametrize(
    "text",
    [
        "{0.__init__.__globals__}",
        "%(client.name)s",
        "${7*7}",
        "{% for x in y %}",
        "{{}}",
        "{{" + "x" * 50 + "}}",
        "<%= 7*7 %>",
        "#{7*7}",
    ],
)
async def test_no_other_language_is_spoken(
    database: Database, clock: ManualClock, text: str
) -> None:
    made = await _made(database, clock, text)

    assert fill(made, FACTS) == made


@pytest.mark.parametrize(
    "name",
    [
        "7*7",
        "contact.__class__",
        "agent.password_hash",
        "config.smtp_password",
        "client.name.upper()",
        "CLIENT.NAME",
        "client.email",
    ],
)
async def test_an_unknown_placeholder_is_refused_when_it_is_saved(
    database: Database, clock: ManualClock, name: str
) -> None:
    for text in (f"{{{{{name}}}}}", f"{{{{ {name} }}}}"):
        with pytest.raises(InvalidInputError) as refused:
            await _made(database, clock, text)
        assert (refused.value.field, name in refused.value.message) == ("html", True)


def test_ten_thousand_placeholders_are_filled_in_one_pass() -> None:
    many = "{{company}}" * 10_000

    assert fill(many, FACTS) == "Wonder Shop" * 10_000
    assert fill("{{" * 50_000, FACTS) == "{{" * 50_000


async def test_a_shortcut_is_taken_once_and_a_stale_change_refused(
    database: Database, clock: ManualClock
) -> None:
    async with database.transaction() as session:
        values = {"shortcut": "hi", "title": "x", "html": "x", "team_id": None}
        row = await create_canned(session, values, clock.now())
        with pytest.raises(InvalidInputError):
            await create_canned(session, values, clock.now())
        await change_canned(session, row.id, {"shortcut": "hi"}, version=1, now=clock.now())
        with pytest.raises(ConflictError):
            await change_canned(session, row.id, {"title": "y"}, version=1, now=clock.now())


async def _made(database: Database, clock: ManualClock, text: str) -> str:
    async with database.transaction() as session:
        row = await create_canned(
            session,
            {"shortcut": "x", "title": "x", "html": text, "team_id": None},
            clock.now(),
        )
        return row.html
