"""A visitor writes in the chat, is offered to an agent, leaves, and gets the answer by mail."""

import json
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from channels.webchat.tables import ChatContinuationRow, ChatVisitorRow
from tests.desk_api import DeskApi, Live
from tests.journeys.test_mail_round_trip import account, mail
from tests.simulators.mail_servers import Dovecot, SmtpServer
from tickets.tables import MessageRow

pytestmark = pytest.mark.slow

OLENA = "olena@client.example"


class Visitor:
    """A page of the center's own, with the widget on it."""

    def __init__(self, desk: DeskApi, key: str) -> None:
        self._desk = desk
        self._key = key
        self._token = ""

    async def enter(self, **details: str) -> None:
        self._token = (await self.call("POST", "session", {}))["token"]
        await self.call("POST", "details", details)

    async def say(self, text: str) -> None:
        await self.call("POST", "messages", {"id": str(uuid4()), "text": text})

    async def texts(self) -> list[str]:
        return [one["text"] for one in (await self.call("GET", "messages"))["items"]]

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Origin": self._desk.center.house.options.public_url}
        if self._token:
            headers["Authorization"] = f"Visitor {self._token}"
        status, _, given = await self._desk.raw(
            method, f"/chat/{self._key}/{path}", headers=headers, json=body
        )
        assert status < 300, given
        return json.loads(given)


async def test_the_answer_to_a_visitor_who_left_arrives_by_mail_and_so_does_the_reply(
    desk: DeskApi, dovecot: Dovecot, smtp: SmtpServer
) -> None:
    async with desk.live() as live:
        visitor = await connect(desk, live, dovecot, smtp)
        await desk.available()
        await visitor.enter(name="Olena", email=OLENA)
        await visitor.say("Is the monstera safe for cats?")
        offer = await live.next("OfferMade")
        contact = await desk.post(f"offers/{offer['data']['offer_id']}/accept")
        ticket_id = contact["ticket_id"]
        sent = await desk.post(
            f"tickets/{ticket_id}/messages",
            {"id": str(UUID(int=1)), "kind": "reply", "html": "<p>Sadly <b>not</b>.</p>"},
        )
        await live.next("MessageStateChanged", message_id=sent["id"], state="sent")

        assert await mailed(desk) == 0
        await let_time_pass(desk)
        assert await mailed(desk) == 1
        assert await mailed(desk) == 0

        arrived = message_from_bytes((await smtp.next_mail()).data, policy=policy.default)
        body = arrived.get_body(("plain",))
        assert OLENA in str(arrived["To"])
        assert body is not None
        assert "Sadly not." in body.get_content()
        ours = str(arrived["Message-ID"])
        reply = mail("Thanks!", From=f"Olena <{OLENA}>", In_Reply_To=ours, References=ours)
        dovecot.drop("support", reply)
        joined = await live.next("MessageAdded", kind="inbound", channel="mail")

    assert joined["ticket_id"] == ticket_id
    # What was written by mail stays in the mail: the address was only claimed.
    assert await visitor.texts() == ["Is the monstera safe for cats?", "Sadly not."]


async def test_who_reads_the_answer_in_the_chat_gets_no_mail(
    desk: DeskApi, dovecot: Dovecot, smtp: SmtpServer
) -> None:
    async with desk.live() as live:
        visitor = await connect(desk, live, dovecot, smtp)
        await visitor.enter(email=OLENA)
        await visitor.say("Hello")
        opened = await live.next("TicketOpened")
        sent = await desk.post(
            f"tickets/{opened['ticket_id']}/messages",
            {"id": str(uuid4()), "kind": "reply", "html": "Good day"},
        )
        await live.next("MessageStateChanged", message_id=sent["id"], state="sent")
        assert await mailed(desk) == 0
        await visitor.call("POST", "read", {"message_id": sent["id"]})
        await live.next("MessageStateChanged", message_id=sent["id"], state="read")

    await let_time_pass(desk)

    assert await mailed(desk) == 0
    assert smtp.taken == []


async def connect(desk: DeskApi, live: Live, dovecot: Dovecot, smtp: SmtpServer) -> Visitor:
    """Make a mailbox and a widget whose conversations go on through it."""
    mailbox = await desk.post("accounts", account(dovecot, smtp))
    widget = await desk.post(
        "accounts",
        {"kind": "webchat", "name": "Shop", "settings": {"reply_account_id": mailbox["id"]}},
    )
    await live.next("AccountChanged", account_id=widget["id"], health="connected")
    return Visitor(desk, widget["public_key"])


async def mailed(desk: DeskApi) -> int:
    continuation = desk.center.house.chat_continuation
    await continuation.follow()
    return await continuation.round()


async def let_time_pass(desk: DeskApi) -> None:
    """Make everything that lies in the past lie an hour further back."""
    hour = timedelta(hours=1)
    async with desk.center.house.database.transaction() as session:
        now = desk.center.house.clock.now()
        for statement in (
            update(MessageRow)
            .where(MessageRow.kind == "outbound", MessageRow.sent_at.is_not(None))
            .values(sent_at=now - hour),
            update(MessageRow)
            .where(MessageRow.kind == "inbound")
            .values(created_at=now - 2 * hour),
            update(ChatVisitorRow).values(seen_at=now - hour),
            update(ChatContinuationRow).values(due_at=now - hour),
        ):
            await session.execute(statement)
