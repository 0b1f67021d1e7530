"""When an answer in the chat goes on by mail."""

from datetime import UTC, datetime, timedelta

import pytest

from channels.webchat.visitors import LastSeen
from desk.chat_continuation import Fate, continue_by_mail

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def seen(*, minutes_ago: float, email: str = "olena@example.com") -> LastSeen:
    return LastSeen(
        name="Olena", email=email, locale="uk", seen_at=NOW - timedelta(minutes=minutes_ago)
    )


@pytest.mark.parametrize(
    ("visitor", "present", "sent_minutes_ago", "fate"),
    [
        (seen(minutes_ago=10), False, 6, Fate.MAIL),
        (seen(minutes_ago=6), False, 600, Fate.MAIL),
        (seen(minutes_ago=10), True, 6, Fate.WAIT),
        (seen(minutes_ago=1), False, 6, Fate.WAIT),
        (seen(minutes_ago=10), False, 4, Fate.WAIT),
        (seen(minutes_ago=10, email=""), False, 6, Fate.DROP),
        (None, False, 6, Fate.DROP),
        (seen(minutes_ago=10), False, 60 * 49, Fate.DROP),
    ],
    ids=[
        "gone",
        "came back without reading and left",
        "still has the page open",
        "left a moment ago",
        "was answered a moment ago",
        "gave no address",
        "is not known any more",
        "too late to make sense",
    ],
)
def test_an_unread_answer_follows_who_has_left_and_said_where_to(
    visitor: LastSeen | None, present: bool, sent_minutes_ago: float, fate: Fate
) -> None:
    sent_at = NOW - timedelta(minutes=sent_minutes_ago)

    assert continue_by_mail(visitor, present=present, sent_at=sent_at, now=NOW) is fate
