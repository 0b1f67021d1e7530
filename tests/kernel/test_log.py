"""Every record is one line a program can read, and tells neither secrets nor what people wrote."""

import io
import json
import logging
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kernel import log
from kernel.log import JsonLines, PlainLines, Scrubber, configure, hide
from kernel.secrets import Secret

CANARY = "canary/päss word+42"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """The log of this test alone; what pytest itself had set up is put back."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    levels = {name: logging.getLogger(name).level for name in log._ROOMS}
    text = io.StringIO()
    configure("debug", text)
    yield text
    root.handlers[:], root.level = before[0], before[1]
    logging.captureWarnings(capture=False)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def _only(stream: io.StringIO) -> dict[str, Any]:
    (line,) = stream.getvalue().splitlines()
    facts: dict[str, Any] = json.loads(line)
    return facts


def _fail(error: Exception, host: str = "mail") -> None:
    raise error from OSError(f"imap://ann:{host}@example")


def test_a_record_is_one_line_with_its_facts(stream: io.StringIO) -> None:
    logging.getLogger("desk.courier").warning("provider unavailable", extra={"tries": 3})

    facts = _only(stream)

    assert facts.pop("time").endswith("+00:00")
    assert facts == {
        "level": "warning",
        "logger": "desk.courier",
        "message": "provider unavailable",
        "tries": 3,
    }


@pytest.mark.parametrize("formatter", [JsonLines(), PlainLines()], ids=["json", "plain"])
@pytest.mark.parametrize(
    "nasty",
    [
        "a\nb",
        "a\r\n{}",
        "\x1b[2J\x1b]0;x\x07",
        "\x9b31m",
        "a\u2028b\u2029c",
        "\u202egnp",
        "\x00\x7f",
    ],
)
def test_nothing_written_can_begin_a_line_or_speak_to_a_terminal(
    formatter: logging.Formatter, nasty: str
) -> None:
    record = logging.makeLogRecord(
        {"name": "desk", "msg": f"odd {nasty}", "file_name": nasty, nasty: "${jndi:ldap://x}"}
    )

    line = formatter.format(record)

    assert line.isprintable()
    assert len(line.splitlines()) == 1


def test_what_people_wrote_is_withheld_under_whatever_record(stream: io.StringIO) -> None:
    logging.getLogger("desk").info(
        "odd mail", extra={"body": "my secret", "raw": b"my secret", "parts": {"text": "my secret"}}
    )
    logging.getLogger("desk").info("odd mail", extra={"piece": b"my secret"})

    assert "my secret" not in stream.getvalue()
    assert "(9 bytes)" in stream.getvalue()


def test_a_hidden_secret_is_scrubbed_from_facts_messages_and_traces(stream: io.StringIO) -> None:
    hide(Secret(CANARY))
    try:
        _fail(RuntimeError("https://x/?key=canary%2Fp%C3%A4ss%20word%2B42"), CANARY)
    except RuntimeError:
        logging.getLogger("desk").exception(
            "failed with %s", CANARY, extra={"url": [f"x {CANARY}"], CANARY: 1}
        )

    text = stream.getvalue()
    assert "canary" not in text
    assert text.count("***") >= 4
    told = _only(stream)["error"]
    assert (told["type"], told["cause"]["type"]) == ("RuntimeError", "OSError")
    assert "test_log.py" in told["trace"][-1]


def test_a_secret_type_is_masked_without_being_registered(stream: io.StringIO) -> None:
    logging.getLogger("desk").info("settings", extra={"database": Secret("postgresql://a:pw@b")})

    assert _only(stream)["database"] == "***"


def test_an_error_tells_its_first_line_and_not_the_data_below_it(stream: io.StringIO) -> None:
    try:
        _fail(ValueError("constraint failed\n[SQL: INSERT]\n[parameters: ('Dear Ann', …)]"))
    except ValueError:
        logging.getLogger("desk").exception("intake failed")

    assert "Dear Ann" not in stream.getvalue()
    assert _only(stream)["error"]["message"] == "constraint failed"


def test_every_error_of_a_group_is_told(stream: io.StringIO) -> None:
    group = ExceptionGroup("two", [ValueError("one"), KeyError("other")])

    logging.getLogger("desk").error("failed", exc_info=group)

    assert [part["type"] for part in _only(stream)["error"]["parts"]] == ["ValueError", "KeyError"]


def test_long_facts_are_cut_after_the_secrets_are_out() -> None:
    scrubber = Scrubber()
    scrubber.hide(Secret("abcdefgh"), Secret("tiny"))

    assert scrubber.clean("x" * 499 + "abcdefgh") == "x" * 499 + "***"
    assert scrubber.clean("a tiny word") == "a tiny word"


def test_libraries_log_warnings_only_and_our_rooms_what_was_asked(stream: io.StringIO) -> None:
    logging.getLogger("aioimaplib.aioimaplib").info("unknown data received my secret")
    logging.getLogger("channels.mail").debug("cursor moved")

    assert [json.loads(line)["logger"] for line in stream.getvalue().splitlines()] == [
        "channels.mail"
    ]


def test_a_badly_written_call_is_still_told() -> None:
    record = logging.makeLogRecord({"name": "desk", "msg": "%d of %d", "args": ("x",)})

    assert json.loads(JsonLines().format(record))["message"] == "%d of %d"


def test_the_rooms_are_those_of_the_build() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())

    assert set(project["tool"]["importlinter"]["root_packages"]) == set(log._ROOMS)
