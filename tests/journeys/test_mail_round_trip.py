"""A client writes by mail, an agent answers in the console's words, the answer lands threaded."""

import asyncio
from email import message_from_bytes
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any
from uuid import uuid4

import pytest

from tests.desk_api import DeskApi, RefusedError
from tests.simulators.mail_servers import PASSWORD, Dovecot, SmtpServer

pytestmark = pytest.mark.slow

SUPPORT = "support@wonder.example"
ANN = "ann@client.example"


def account(dovecot: Dovecot, smtp: SmtpServer, **more: Any) -> dict[str, Any]:
    return {
        "kind": "mail",
        "name": "Support",
        "settings": {
            "address": SUPPORT,
            "display_name": "Wonder Shop",
            "imap_host": "127.0.0.1",
            "imap_port": dovecot.port,
            "imap_tls": "none",
            "imap_user": "support",
            "smtp_host": "127.0.0.1",
            "smtp_port": smtp.port,
            "smtp_tls": "none",
            "smtp_user": "",
            "fetch_since": "all",
        },
        "secrets": {"imap_password": PASSWORD},
        **more,
    }


def mail(text: str, *, subject: str = "Where is my parcel?", **headers: str) -> bytes:
    message = EmailMessage()
    message["From"] = headers.pop("From", f"Ann Client <{ANN}>")
    message["To"] = headers.pop("To", SUPPORT)
    message["Subject"] = subject
    message["Message-ID"] = make_msgid(domain="client.example")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


async def test_a_mail_is_offered_answered_and_received_threaded(
    desk: DeskApi, dovecot: Dovecot, smtp: SmtpServer
) -> None:
    await desk.post("accounts", account(dovecot, smtp))
    async with desk.live() as live:
        await desk.available()
        dovecot.drop("support", mail("Parcel 4711 has not come. Where is it?"))

        offer = await live.next("OfferMade")
        work = await desk.get("work")
        assert work["offers"][0]["contact"]["subject"] == "Where is my parcel?"
        assert work["offers"][0]["why"][0]["key"] == "offered.only_available"
        contact = await desk.post(f"offers/{offer['data']['offer_id']}/accept")
        assert contact["state"] == "active"

        ticket = await desk.get(f"tickets/{contact['ticket_id']}")
        question = ticket["messages"][0]
        assert question["text"].strip() == "Parcel 4711 has not come. Where is it?"
        assert ticket["ticket"]["assignee_id"] == desk.me["agent"]["id"]
        plan = await desk.get(f"tickets/{contact['ticket_id']}/reply-plan")
        assert [one["handle"] for one in plan["to"]] == [ANN]

        sent = await desk.post(
            f"tickets/{contact['ticket_id']}/messages",
            {
                "id": str(uuid4()),
                "kind": "reply",
                "html": "<p>It is <b>on its way</b>.</p>",
                "set_status": "waiting",
                "after_message_id": question["id"],
            },
        )
        assert sent["state"] == "pending"
        await live.next("MessageStateChanged", message_id=sent["id"], state="sent")

    answer = message_from_bytes((await smtp.next_mail()).data)
    assert answer["Subject"] == "Re: Where is my parcel?"
    assert answer["To"] is not None
    assert ANN in answer["To"]
    asked = message_from_bytes(dovecot.mails("support")[0])
    assert answer["In-Reply-To"] == asked["Message-ID"]
    assert (await desk.get("work"))["contacts"] == []


async def test_a_reply_to_our_answer_joins_the_ticket_and_a_strangers_does_not(
    desk: DeskApi, dovecot: Dovecot, smtp: SmtpServer
) -> None:
    await desk.post("accounts", account(dovecot, smtp))
    async with desk.live() as live:
        dovecot.drop("support", mail("Hello"))
        opened = await live.next("TicketOpened")
        ticket_id = opened["ticket_id"]
        await desk.post(
            f"tickets/{ticket_id}/messages",
            {"id": str(uuid4()), "kind": "reply", "html": "Hi Ann", "set_status": "solved"},
        )
        ours = message_from_bytes((await smtp.next_mail()).data)["Message-ID"]

        dovecot.drop(
            "support", mail("Thanks, but no.", subject="Re: x", In_Reply_To=ours, References=ours)
        )
        joined = await live.next("MessageAdded", kind="inbound", preview="Thanks, but no.")
        dovecot.drop(
            "support",
            mail("Let me in", From="Eve <eve@evil.example>", In_Reply_To=ours, References=ours),
        )
        strange = await live.next("MessageAdded", kind="inbound", preview="Let me in")

    assert joined["ticket_id"] == ticket_id
    assert (await desk.get(f"tickets/{ticket_id}"))["ticket"]["status"] == "open"
    assert strange["ticket_id"] != ticket_id
    thread = await desk.get(f"tickets/{strange['ticket_id']}/messages")
    assert thread["items"][0]["unverified_claim"] == ticket_id


@pytest.mark.parametrize("undo_seconds", [30])
async def test_an_answer_can_be_taken_back_before_it_leaves(
    desk: DeskApi, dovecot: Dovecot, smtp: SmtpServer
) -> None:
    await desk.post("accounts", account(dovecot, smtp))
    async with desk.live() as live:
        await desk.available()
        dovecot.drop("support", mail("Hello"))
        offer = await live.next("OfferMade")
        contact = await desk.post(f"offers/{offer['data']['offer_id']}/accept")
        sent = await desk.post(
            f"tickets/{contact['ticket_id']}/messages",
            {"id": str(uuid4()), "kind": "reply", "html": "Oops"},
        )

        undone = await desk.post(f"messages/{sent['id']}/undo")

        assert undone["state"] == "withdrawn"
        await live.next("ContactReopened")
        mine = (await desk.get("work"))["contacts"]
        assert [one["id"] for one in mine] == [contact["id"]]
    assert smtp.taken == []


async def test_a_refused_mail_says_why_on_the_message_and_can_be_sent_again(
    desk: DeskApi, dovecot: Dovecot, smtp: SmtpServer
) -> None:
    await desk.post("accounts", account(dovecot, smtp))
    smtp.fail("RCPT", "550 5.1.1 no such user here")
    async with desk.live() as live:
        dovecot.drop("support", mail("Hello"))
        opened = await live.next("TicketOpened")
        sent = await desk.post(
            f"tickets/{opened['ticket_id']}/messages",
            {"id": str(uuid4()), "kind": "reply", "html": "Hi"},
        )
        failed = await live.next("MessageStateChanged", message_id=sent["id"], state="failed")
        assert "no such user" in failed["data"]["reason"]

        await desk.post(f"messages/{sent['id']}/retry")

        await live.next("MessageStateChanged", message_id=sent["id"], state="sent")


async def test_an_answer_is_refused_while_the_client_wrote_something_newer(
    desk: DeskApi, dovecot: Dovecot, smtp: SmtpServer
) -> None:
    await desk.post("accounts", account(dovecot, smtp))
    async with desk.live() as live:
        dovecot.drop("support", mail("First"))
        opened = await live.next("MessageAdded", kind="inbound")
        ticket_id = opened["ticket_id"]
        await desk.post(
            f"tickets/{ticket_id}/messages", {"id": str(uuid4()), "kind": "reply", "html": "Hi"}
        )
        ours = message_from_bytes((await smtp.next_mail()).data)["Message-ID"]
        dovecot.drop("support", mail("Second", References=ours))
        await live.next("MessageAdded", kind="inbound", preview="Second")

        with pytest.raises(RefusedError) as refused:
            await desk.post(
                f"tickets/{ticket_id}/messages",
                {
                    "id": str(uuid4()),
                    "kind": "reply",
                    "html": "Late",
                    "after_message_id": opened["data"]["message_id"],
                },
            )
    assert refused.value.status == 409


async def test_a_missed_offer_makes_the_agent_away_and_the_contact_keeps_its_place(
    desk: DeskApi, dovecot: Dovecot, smtp: SmtpServer
) -> None:
    await desk.post("accounts", account(dovecot, smtp))
    (queue,) = await desk.get("queues")
    await desk.patch(f"queues/{queue['id']}", {"version": queue["version"], "offer_seconds": 5})
    async with desk.live() as live:
        await desk.available()
        dovecot.drop("support", mail("Hello"))
        first = await live.next("OfferMade")

        async with asyncio.timeout(10):
            away = await _later(live, "PresenceChanged", state="away")
        await desk.available()
        again = await live.next("OfferMade")

    assert away["data"]["reason"] == "missed_offer"
    assert again["contact_id"] == first["contact_id"]


async def _later(live: Any, kind: str, /, **facts: Any) -> dict[str, Any]:
    while True:
        frame: dict[str, Any] = await live.socket.receive_json(timeout=10)
        if frame.get("kind") == kind and all(
            frame["data"].get(name) == value for name, value in facts.items()
        ):
            return frame
