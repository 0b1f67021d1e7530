"""Mail is fetched from a real Dovecot exactly once, whatever happens on the way."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from channels.envelope import Health, Inbound
from channels.errors import BadCredentialsError, ProviderUnavailableError
from kernel.guests import Guests
from tests.channels.mail.scene import USER, Desk, connector, listening, mail, settings
from tests.simulators.mail_servers import Dovecot, running_dovecot

pytestmark = pytest.mark.slow


async def test_a_new_mail_arrives_while_the_connection_idles(
    dovecot: Dovecot, guests: Guests
) -> None:
    desk = Desk()
    async with listening(settings(dovecot), guests, desk) as mailbox:
        await desk.connected()
        dovecot.drop(USER, mail("First", "Where is my parcel?"))
        await desk.until(1)

        [envelopes] = await mailbox.read(list(desk.stored.values()))

    assert not isinstance(envelopes, Exception)
    [envelope] = envelopes
    assert isinstance(envelope, Inbound)
    assert envelope.sender.handle == "ann@client.example"
    assert envelope.text == "Where is my parcel?"


async def test_mails_without_or_with_the_same_message_id_all_arrive_once(
    dovecot: Dovecot, guests: Guests
) -> None:
    for number in range(3):
        dovecot.drop(USER, mail(f"none {number}"))
    for number in range(2):
        dovecot.drop(USER, mail(f"same {number}", Message_ID="<same@client.example>"))
    desk = Desk()

    for _ in range(2):
        async with listening(settings(dovecot), guests, desk):
            await desk.until(5)
            await desk.connected()

    assert desk.subjects() == ["none 0", "none 1", "none 2", "same 0", "same 1"]
    assert len(desk.seen) == 5


async def test_a_new_uidvalidity_brings_nothing_twice_and_loses_nothing(
    dovecot: Dovecot, guests: Guests
) -> None:
    for number in range(3):
        dovecot.drop(USER, mail(f"before {number}"))
    desk = Desk()
    async with listening(settings(dovecot), guests, desk):
        await desk.until(3)

    await dovecot.change_uidvalidity(USER)
    dovecot.drop(USER, mail("after"))
    async with listening(settings(dovecot), guests, desk):
        await desk.until(4)

    assert desk.subjects() == ["after", "before 0", "before 1", "before 2"]


async def test_old_mail_stays_old_when_only_new_mail_is_wanted(
    dovecot: Dovecot, guests: Guests
) -> None:
    dovecot.drop(USER, mail("long ago"))
    desk = Desk()
    chosen = settings(dovecot, fetch_since="new")
    async with listening(chosen, guests, desk):
        await desk.connected()
    dovecot.drop(USER, mail("while we were down"))

    async with listening(chosen, guests, desk):
        await desk.until(1)
    await asyncio.sleep(1.1)  # arrival times are whole seconds
    await dovecot.change_uidvalidity(USER)
    dovecot.drop(USER, mail("later"))
    async with listening(chosen, guests, desk):
        await desk.when(lambda: "later" in desk.subjects())

    assert "long ago" not in desk.subjects()


async def test_a_mail_moved_away_and_back_is_the_same_mail(
    dovecot: Dovecot, guests: Guests
) -> None:
    dovecot.drop(USER, mail("wanders"))
    desk = Desk()
    async with listening(settings(dovecot), guests, desk):
        await desk.until(1)
        [wandering] = dovecot.take_out(USER)
        dovecot.drop(USER, wandering)
        dovecot.drop(USER, mail("another"))
        await desk.until(2)

    assert desk.subjects() == ["another", "wanders"]


async def test_what_the_desk_could_not_store_is_delivered_again(
    dovecot: Dovecot, guests: Guests
) -> None:
    dovecot.drop(USER, mail("precious"))
    desk = Desk(refusals=1)
    async with connector(settings(dovecot), guests, desk=desk) as mailbox:
        with pytest.raises(RuntimeError, match="database is away"):
            await mailbox.listen(desk.deliver, desk.tell)
        assert not desk.stored

        again = asyncio.create_task(mailbox.listen(desk.deliver, desk.tell))
        await desk.until(1)
        again.cancel()
        await asyncio.gather(again, return_exceptions=True)

    assert desk.subjects() == ["precious"]


async def test_the_loop_ends_when_the_server_goes_away_and_catches_up_later(
    dovecot: Dovecot, guests: Guests
) -> None:
    desk = Desk()
    async with connector(settings(dovecot), guests, desk=desk) as mailbox:
        listening_once = asyncio.create_task(mailbox.listen(desk.deliver, desk.tell))
        await desk.connected()
        await dovecot.stop()
        with pytest.raises(ProviderUnavailableError):
            await asyncio.wait_for(listening_once, 10)
        assert desk.told[-1][0] is Health.WAITING

        dovecot.drop(USER, mail("came meanwhile"))
        await dovecot.start()
        again = asyncio.create_task(mailbox.listen(desk.deliver, desk.tell))
        await desk.until(1)
        again.cancel()
        await asyncio.gather(again, return_exceptions=True)

    assert desk.subjects() == ["came meanwhile"]


async def test_a_wrong_password_is_told_in_the_servers_words(
    dovecot: Dovecot, guests: Guests
) -> None:
    desk = Desk()
    async with connector(settings(dovecot), guests, password="wrong") as mailbox:
        with pytest.raises(BadCredentialsError, match="Authentication failed"):
            await mailbox.listen(desk.deliver, desk.tell)

    assert desk.told[-1][0] is Health.BAD_CREDENTIALS
    assert "wrong" not in desk.told[-1][1]


async def test_a_server_without_idle_is_asked_again_and_again(
    guests: Guests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.mail.imap.MAIL_POLL_SECONDS", 0.1)
    desk = Desk()
    async with (
        running_dovecot(idle=False) as dovecot,
        listening(settings(dovecot), guests, desk),
    ):
        await desk.connected()
        dovecot.drop(USER, mail("found by looking"))
        await desk.until(1)

    assert desk.subjects() == ["found by looking"]


async def test_a_connection_cut_anywhere_loses_and_doubles_nothing(
    dovecot: Dovecot, guests: Guests
) -> None:
    for number in range(20):
        dovecot.drop(USER, mail(f"mail {number:02}", "x" * 300))
    desk = Desk()
    for bytes_let_through in range(100, 12_000, 350):
        async with cutting(dovecot.port, bytes_let_through) as port:
            chosen = {**settings(dovecot), "imap_port": port}
            async with connector(chosen, guests, cursor=desk.cursor, desk=desk) as mailbox:
                with contextlib.suppress(ProviderUnavailableError, TimeoutError):
                    async with asyncio.timeout(0.3):
                        await mailbox.listen(desk.deliver, desk.tell)

    async with listening(settings(dovecot), guests, desk):
        await desk.until(20)

    assert desk.subjects() == [f"mail {number:02}" for number in range(20)]
    order = [delivery.cursor for delivery in desk.stored.values()]
    assert order == sorted(order, key=lambda cursor: int((cursor or "").split(":")[1]))


@asynccontextmanager
async def cutting(port: int, limit: int) -> AsyncIterator[int]:
    """Stand between client and server, and cut the line after `limit` bytes to the client."""

    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        asking = asyncio.create_task(pump(reader, back, 10**9))
        try:
            with contextlib.suppress(OSError):
                await pump(there, writer, limit)
        finally:
            asking.cancel()
            for end in (writer, back):
                end.transport.abort()
        await asyncio.gather(asking, return_exceptions=True)

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.create_task(serve(reader, writer)))

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, left: int) -> None:
        while left > 0 and (data := await source.read(min(left, 4096))):
            left -= len(data)
            sink.write(data)
            await sink.drain()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        await server.wait_closed()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
