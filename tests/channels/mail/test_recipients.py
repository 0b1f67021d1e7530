"""A reply reaches whom the agent sees before sending, and warns of whom is new."""

from collections.abc import Sequence

import pytest

from channels.envelope import Party
from channels.mail.recipients import ReplyPlan, reply_plan
from channels.mail.threads import plus_address
from tests.channels.mail.test_threads import KEY, TICKET

OWN = ("support@desk.example", "sales@desk.example")
ANN, BEN, CLEO = (Party(handle=f"{name}@client.example") for name in ("ann", "ben", "cleo"))
US = Party(handle="Support@desk.example")
PLUS = Party(handle=plus_address(KEY, TICKET, OWN[0]) or "")


def plan(
    sender: Party = ANN,
    *,
    reply_to: Sequence[Party] = (),
    to: Sequence[Party] = (US,),
    cc: Sequence[Party] = (),
    known: Sequence[str] = (),
    everyone: bool = False,
    automatic: bool = False,
) -> ReplyPlan:
    return reply_plan(
        sender=sender,
        reply_to=reply_to,
        to=to,
        cc=cc,
        own=OWN,
        known=known,
        everyone=everyone,
        automatic=automatic,
    )


def shown(found: ReplyPlan) -> tuple[list[str], list[str]]:
    return (
        [one.party.handle.partition("@")[0] for one in found.to],
        [one.party.handle.partition("@")[0] for one in found.cc],
    )


@pytest.mark.parametrize(
    ("found", "to", "cc"),
    [
        (plan(), ["ann"], []),
        (plan(cc=[BEN]), ["ann"], []),
        (plan(cc=[BEN], everyone=True), ["ann"], ["ben"]),
        (plan(to=[US, BEN], cc=[CLEO, ANN, US], everyone=True), ["ann"], ["ben", "cleo"]),
        (plan(to=[PLUS, BEN], everyone=True), ["ann"], ["ben"]),
        (plan(reply_to=[BEN]), ["ben"], []),
        (plan(reply_to=[BEN], automatic=True), ["ann"], []),
        (plan(reply_to=[BEN], cc=[CLEO], automatic=True, everyone=True), ["ann"], []),
        (plan(reply_to=[US]), ["ann"], []),
        (plan(reply_to=[BEN], cc=[BEN, CLEO], everyone=True), ["ben"], ["cleo"]),
        (plan(US, to=[ANN, BEN], cc=[CLEO]), ["ann", "ben"], []),
        (plan(US, to=[ANN], cc=[CLEO, US], everyone=True), ["ann"], ["cleo"]),
        (plan(Party(handle="unauthenticated")), [], []),
        (plan(to=[Party(handle="x\r\n@y.example")], everyone=True), ["ann"], []),
    ],
)
def test_whom_a_reply_reaches(found: ReplyPlan, to: list[str], cc: list[str]) -> None:
    assert shown(found) == (to, cc)


def test_an_address_new_to_the_conversation_is_marked() -> None:
    found = plan(to=[US, BEN], cc=[CLEO], known=["ben@client.example"], everyone=True)

    assert [one.outside for one in found.to] == [False]
    assert [(one.party, one.outside) for one in found.cc] == [(BEN, False), (CLEO, True)]


def test_an_answer_that_would_go_elsewhere_must_be_confirmed() -> None:
    elsewhere = plan(reply_to=[BEN])

    assert elsewhere.reply_to_differs
    assert elsewhere.to[0].outside
    assert not plan(reply_to=[ANN]).reply_to_differs
    assert not plan().reply_to_differs
