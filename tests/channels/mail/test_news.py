"""New mail is noticed at whatever moment the server tells of it."""

import asyncio

from channels.mail.account import read_settings
from channels.mail.imap import open_mailbox
from channels.mail.servers import Server
from tests.channels.mail.scene import settings
from tests.simulators.scripted_imap import scripted_imap


async def test_mail_that_is_told_of_behind_another_answer_is_not_waited_for() -> None:
    async with scripted_imap(UID_SEARCH="* SEARCH\r\n* 1 EXISTS") as script:
        server = Server(host="127.0.0.1", ip="127.0.0.1", port=script.port)
        account = read_settings(settings(imap_port=script.port), allow_private_hosts=True)
        async with open_mailbox(account, "x", [server]) as mailbox:
            await mailbox.open_folder("INBOX")
            assert await mailbox.uids_after(0) == []

            async with asyncio.timeout(5):
                assert await mailbox.wait_for_news(60)

    assert "IDLE" not in script.asked
