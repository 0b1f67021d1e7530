"""A wrong scenario is refused with the field and the cure."""

import pytest

from kernel.errors import InvalidInputError
from routing.forecast.reading import example_text, read_scenario

QUEUE = '[[queues]]\nname = "Support"\n'
CLIENTS = '[[arrivals]]\nqueue = "Support"\nper_hour = 10\n'
PEOPLE = '[[agents]]\nname = "All"\nqueues = ["Support"]\n'
WHOLE = QUEUE + CLIENTS + PEOPLE


def test_the_shortest_scenario_is_a_queue_and_who_comes() -> None:
    scenario = read_scenario(QUEUE + CLIENTS)

    assert (scenario.starts, scenario.ends, scenario.days) == ("09:00", "17:00", 1)


def test_the_example_is_whole() -> None:
    assert [queue.name for queue in read_scenario(example_text()).queues] == [
        "Orders",
        "Returns",
        "Ukrainian",
    ]


def test_the_same_scenario_may_be_json() -> None:
    told = '{"queues": [{"name": "Q"}], "arrivals": [{"queue": "Q", "per_hour": 1}]}'

    assert read_scenario(told, form="json").queues[0].name == "Q"


@pytest.mark.parametrize(
    ("text", "field", "cure"),
    [
        ("seed = ", "", "this is not TOML"),
        ("", "queues", "one [[queues]] at least"),
        (WHOLE + "cuont = 3", "agents[0].cuont", "did you mean “count”?"),
        (WHOLE + "count = 3.5", "agents[0].count", "a whole number from 0 to 2000"),
        (WHOLE + "count = -1", "agents[0].count", "a whole number from 0 to 2000"),
        (WHOLE + "skills = {French = 11}", "agents[0].skills[...]", "a level from 0 to 10"),
        (WHOLE + 'shifts = ["9-17"]', "agents[0].shifts[0]", 'times such as "09:00-17:30"'),
        (WHOLE + 'shifts = ["17:00-09:00"]', "agents[0].shifts[0]", "must end after it begins"),
        (
            WHOLE + 'shifts = ["09:00-13:00", "12:00-17:00"]',
            "agents[0].shifts[1]",
            "without overlaps",
        ),
        (WHOLE + "answer_seconds = 30", "agents[0].answer_seconds", "must be below 30"),
        (WHOLE + "delays = {Sales = 3}", "agents[0].delays", "did you mean “Support”?"),
        ('ends = "08:00"\n' + WHOLE, "ends", "two days are two scenarios"),
        ('starts = "25:00"\n' + WHOLE, "starts", 'a time such as "09:30"'),
        ("interval_minutes = 7\n" + WHOLE, "interval_minutes", "5, 10, 15, 20, 30 or 60"),
        ("shrinkage = 1\n" + WHOLE, "shrinkage", "a share from 0 to below 1"),
        ("days = 0\n" + WHOLE, "days", "a whole number from 1 to 100"),
        (QUEUE + QUEUE + CLIENTS, "queues", "give one of them another name"),
        (
            QUEUE + 'strategy = "random"\n' + CLIENTS,
            "queues[0].strategy",
            "one of longest_idle, most_spare",
        ),
        (
            QUEUE + 'overflow = {to = "Suport"}\n' + CLIENTS,
            "queues[0].overflow.to",
            "did you mean “Support”?",
        ),
        (
            QUEUE + 'overflow = {to = "Support", after_seconds = 9}\n' + CLIENTS,
            "queues[0].overflow.to",
            "goes in a circle",
        ),
        (
            QUEUE + "overflow = {after_seconds = 9}\n" + CLIENTS,
            "queues[0].overflow.to",
            "this is missing; give a text",
        ),
        (CLIENTS + "per_interval = [1]\n" + QUEUE, "arrivals[0].per_hour", "not both"),
        (
            QUEUE + '[[arrivals]]\nqueue = "Support"\nper_interval = [1, 2]',
            "arrivals[0].per_interval",
            "the day has 16 intervals of 30 minutes and here are 2 numbers",
        ),
        (
            QUEUE + '[[arrivals]]\nqueue = "Support"\nper_hour = 900000',
            "arrivals",
            "are more than 500000",
        ),
        (WHOLE + "count = 2000\n" + PEOPLE.replace("All", "More"), "agents", "more than 2000"),
    ],
)
def test_what_is_wrong_is_named_with_its_cure(text: str, field: str, cure: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_scenario(text)

    assert refused.value.field == field
    assert cure in refused.value.message
    assert field in refused.value.message
