"""What every connector promises, and which channel is put to which of it."""

from collections.abc import Mapping
from typing import Final

READING: Final = {
    "alone": "one delivery that cannot be read spoils none of its neighbours",
    "replayed": "the same delivery means the same however often it is read",
    "reordered": "what a delivery means does not depend on what came before",
    "unknown": "fields that nobody knows yet are passed over",
    "large": "the longest text comes through whole, or is refused in words",
    "hostile": "bytes that nobody would send are refused in words, never with a crash",
}
CALLED: Final = {
    "forged": "a call that proves nothing stores nothing",
    "parallel": "the same call many times at once is one delivery",
    "acknowledged": "a call is answered only after what it brought is stored",
}
SENDING: Final = {
    "sent": "one message is one message at the provider, and the receipt names it",
    "pause": "a provider that asks for a pause is tried later, and what it took is not repeated",
    "broken": "a provider that fails is tried later",
    "refused": "what a provider will never take is not tried again",
    "lost": "an answer that was lost is told apart from a refusal",
    "away": "nobody there means that nothing was sent",
}
TOLD: Final = {
    "words": "a connection test says what is wrong and what would cure it",
    "secret": "no secret stands in an error, a test's words or what is printed",
}
RULES: Final = {**READING, **CALLED, **SENDING, **TOLD}

KEPT_BY: Final = {
    "mail": {*READING, *SENDING, *TOLD},
    "webchat": {*READING},
    "telegram": {*RULES},
    "custom": {*RULES},
    "sms": {*RULES},
    "whatsapp": {*RULES},
    "whatsapp_cloud": {*RULES},
    "viber": {*RULES},
    "line": {*RULES},
    "messenger": {*RULES},
    "instagram": {*RULES},
}
WHY_NOT: Final[Mapping[str, Mapping[str, str]]] = {
    "mail": dict.fromkeys(CALLED, "not called"),
    "webchat": dict.fromkeys([*CALLED, *SENDING, *TOLD], "no provider"),
}
"""Of a rule that a channel cannot have, why in a word."""

_TELEPHONE: Final = "tests/desk/telephone/"
OF_CALLS: Final = {
    "hostile": f"{_TELEPHONE}test_webhooks.py::"
    "test_an_unknown_moment_or_call_is_hung_up_and_never_breaks_us",
    "replayed": f"{_TELEPHONE}test_webhooks.py::"
    "test_the_same_moment_told_many_times_at_once_is_answered_the_same_and_done_once",
    "unknown": f"{_TELEPHONE}test_a_call.py::"
    "test_a_caller_is_put_through_to_an_agent_and_the_call_stands_on_the_ticket",
    "forged": f"{_TELEPHONE}test_webhooks.py::test_a_call_that_proves_nothing_stores_nothing",
    "parallel": f"{_TELEPHONE}test_webhooks.py::"
    "test_the_same_moment_told_many_times_at_once_is_answered_the_same_and_done_once",
    "acknowledged": "tests/faults/test_calls.py::"
    "test_nobody_is_dropped_and_nothing_done_twice_whenever_the_center_dies",
    "sent": f"{_TELEPHONE}test_outgoing.py::test_a_click_calls_the_agent_first_and_then_the_client",
    "refused": f"{_TELEPHONE}test_outgoing.py::test_nobody_is_called_where_it_only_costs_money",
    "lost": "tests/faults/test_calls.py::"
    "test_nobody_is_dropped_and_nothing_done_twice_whenever_the_center_dies",
    "reordered": f"{_TELEPHONE}test_webhooks.py::test_what_is_told_late_brings_no_call_back",
    "pause": f"{_TELEPHONE}test_outgoing.py::"
    "test_a_provider_that_cannot_call_just_now_is_asked_a_moment_later",
    "broken": f"{_TELEPHONE}test_outgoing.py::"
    "test_a_provider_that_cannot_call_just_now_is_asked_a_moment_later",
    "away": "tests/channels/twilio/voice/test_dialling.py::"
    "test_nobody_there_means_that_nobody_was_called",
    "secret": "tests/channels/twilio/voice/test_dialling.py::"
    "test_no_secret_stands_in_what_is_said_of_a_failure",
    "words": "tests/channels/twilio/voice/test_account.py::"
    "test_the_connection_test_says_whose_number_it_is",
}
"""The tests by which the telephone keeps a rule: it speaks, so the suite's messages do not fit."""
WHY_NOT_CALLS: Final = {
    "alone": "one at a time",
    "large": "no text",
}
ONLY_OF_CALLS: Final = {
    "no key that a caller presses is kept": f"{_TELEPHONE}test_webhooks.py::"
    "test_no_key_that_was_pressed_is_kept",
    "a call whose end was never told is found over": f"{_TELEPHONE}test_webhooks.py::"
    "test_a_call_whose_end_was_never_told_is_found_over",
    "who called while nobody answered the provider is found and waits": f"{_TELEPHONE}"
    "test_webhooks.py::test_who_called_while_nobody_answered_is_found_and_waits",
    "who speaks speaks on through a restart": f"{_TELEPHONE}test_restart.py::"
    "test_who_speaks_speaks_on_and_what_ended_meanwhile_is_found_over",
    "neither an agent nor a flow calls a number that only costs money": f"{_TELEPHONE}"
    "test_outgoing.py::test_a_flow_cannot_lead_to_such_a_number",
    "after so many calls in a day no more are made": f"{_TELEPHONE}test_outgoing.py::"
    "test_after_so_many_calls_a_day_no_more_are_made",
    "a recording is announced before it begins, and leaves out its pauses": f"{_TELEPHONE}"
    "test_controls.py::test_a_recording_is_announced_paused_and_heard_by_who_may_alone",
}
"""What only a telephone promises, and the test of each."""


def table() -> list[str]:
    """Return the rows of the table in docs/channels/conformance.md."""
    channels = [*sorted(KEPT_BY), "voice"]
    head = ["| rule | " + " | ".join(channels) + " |", "|---" * (len(channels) + 1) + "|"]
    return head + [
        f"| {words} | " + " | ".join(_cell(one, rule) for one in channels) + " |"
        for rule, words in RULES.items()
    ]


def _cell(channel: str, rule: str) -> str:
    if channel == "voice":
        return "kept" if rule in OF_CALLS else f"*{WHY_NOT_CALLS[rule]}*"
    return "kept" if rule in KEPT_BY[channel] else f"*{WHY_NOT[channel][rule]}*"
