"""Every connector keeps the same promises, whatever its provider does."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from channels.catalogue import CHANNELS
from channels.envelope import Delivery, Envelope, HookCall, Inbound
from channels.errors import (
    ProviderUnavailableError,
    UnreadableDeliveryError,
    UnsignedCallError,
)
from tests.channels.conformance.page import PAGE, page
from tests.channels.conformance.rules import (
    KEPT_BY,
    OF_CALLS,
    ONLY_OF_CALLS,
    RULES,
    WHY_NOT,
    WHY_NOT_CALLS,
)
from tests.channels.conformance.subject import Subject
from tests.channels.conformance.subjects import SUBJECTS

ROOT = Path(__file__).parents[3]


def putting(*rules: str) -> Callable[[Any], Any]:
    """Put every channel to these rules that keeps them."""
    cases = [
        pytest.param(kind, rule, id=f"{kind}-{rule}")
        for kind in sorted(SUBJECTS)
        for rule in rules
        if rule in KEPT_BY[kind]
    ]
    return pytest.mark.parametrize(("kind", "rule"), cases)


@pytest.fixture
async def subject(kind: str) -> AsyncIterator[Subject]:
    async with SUBJECTS[kind]() as ready:
        yield ready


async def read(subject: Subject, deliveries: Sequence[Delivery]) -> list[Any]:
    answers: list[Sequence[Envelope] | Exception] = await subject.connector.read(deliveries)
    return answers


def words(answers: Sequence[Any]) -> list[str]:
    return [
        one.text.strip()
        for answer in answers
        if not isinstance(answer, Exception)
        for one in answer
        if isinstance(one, Inbound)
    ]


@putting("alone", "hostile")
async def test_what_cannot_be_read_is_refused_by_itself(subject: Subject, rule: str) -> None:
    broken = [
        replace(subject.delivery("x"), external_id=f"broken {number}", raw=subject.wrap(raw))
        for number, raw in enumerate(subject.hostile)
    ]

    answers = await read(subject, [subject.delivery("before"), *broken, subject.delivery("after")])

    assert words([answers[0], answers[-1]]) == ["before", "after"]
    for answer in answers[1:-1]:
        assert isinstance(answer, UnreadableDeliveryError), answer
        assert answer.message


@putting("replayed", "reordered", "unknown")
async def test_a_delivery_means_the_same_whenever_it_is_read(subject: Subject, rule: str) -> None:
    deliveries = [subject.delivery(text) for text in ("one", "two", "three")]

    first = await read(subject, deliveries)
    again = await read(subject, list(reversed(deliveries)))

    assert words(first) == ["one", "two", "three"]
    assert _plain(first) == list(reversed(_plain(again)))
    assert len({one.external_id for one in deliveries}) == 3


@putting("large")
async def test_the_longest_text_comes_through_whole(subject: Subject, rule: str) -> None:
    text = "Слово " * (subject.longest // 6)

    answers = await read(subject, [subject.delivery(text)])

    assert " ".join(words(answers)[0].split()) == text.strip()


@putting("forged", "parallel", "acknowledged")
async def test_a_call_is_believed_only_when_it_proves_itself(subject: Subject, rule: str) -> None:
    call = subject.call("Hello")
    forged = [{}, *({name: value[:-1] + "!"} for name, value in call.headers.items())]
    for headers in forged:
        with pytest.raises(UnsignedCallError):
            await subject.connector.receive(
                HookCall(headers=headers, body=call.body), subject.desk.deliver
            )
    assert subject.desk.stored == {}

    subject.desk.refusals = 1
    with pytest.raises(RuntimeError, match="database is away"):
        await subject.connector.receive(call, subject.desk.deliver)
    assert subject.desk.stored == {}

    await asyncio.gather(
        *(subject.connector.receive(call, subject.desk.deliver) for _ in range(50))
    )
    assert words(await read(subject, list(subject.desk.stored.values()))) == ["Hello"]


@putting("sent")
async def test_one_message_is_one_message_there(subject: Subject, rule: str) -> None:
    receipt = await subject.connector.send(subject.message())

    assert len(subject.sent()) == 1
    assert receipt.external_id


@putting("pause", "broken", "refused", "lost")
async def test_what_the_provider_says_is_told_apart(subject: Subject, rule: str) -> None:
    cause, error = subject.troubles[rule]
    cause()

    with pytest.raises(error) as failed:
        await subject.connector.send(subject.message())
    subject.rest()
    await subject.connector.send(subject.message("next"))

    assert len(subject.sent()) == (2 if rule == "lost" else 1)
    _without_secrets(subject, str(failed.value))


@putting("away", "words", "secret")
async def test_a_provider_that_is_away_is_said_in_words(subject: Subject, rule: str) -> None:
    async with subject.away() as connector:
        steps = await connector.check()
        with pytest.raises(ProviderUnavailableError) as failed:
            await connector.send(subject.message())

    wrong = [one for one in steps if not one.ok]
    assert wrong
    assert all(one.detail and one.cure for one in wrong)
    _without_secrets(subject, f"{steps!r} {failed.value!r} {connector!r}")


def test_every_channel_is_put_to_the_suite() -> None:
    writing = {kind for kind, one in CHANNELS.items() if not one.speaks}
    assert set(SUBJECTS) == writing == set(KEPT_BY)


def test_the_page_says_what_the_suite_proves() -> None:
    assert PAGE.read_text() == page(), "write it anew: python -m tests.channels.conformance.page"


def test_a_rule_is_kept_or_a_word_says_why_it_cannot_be() -> None:
    for kind, kept in KEPT_BY.items():
        assert set(WHY_NOT.get(kind, {})) == set(RULES) - set(kept), kind
    assert set(OF_CALLS) | set(WHY_NOT_CALLS) == set(RULES)
    assert not set(OF_CALLS) & set(WHY_NOT_CALLS)


@pytest.mark.parametrize("test", sorted({*OF_CALLS.values(), *ONLY_OF_CALLS.values()}))
def test_what_the_telephone_keeps_is_tested(test: str) -> None:
    path, _, name = test.partition("::")

    assert f"def {name}(" in (ROOT / path).read_text()


def _plain(answers: Sequence[Any]) -> list[Any]:
    return [msgspec.to_builtins(answer, builtin_types=(bytes,)) for answer in answers]


def _without_secrets(subject: Subject, text: str) -> None:
    for secret in subject.secrets:
        assert secret not in text
