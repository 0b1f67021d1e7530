"""A batch of mails is read in a child process; what breaks one mail touches no other."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from channels.envelope import Delivery, Inbound
from channels.errors import UnreadableDeliveryError
from kernel.guests import Guests
from tests.channels.mail.nasty import CASES
from tests.channels.mail.scene import connector, mail, settings


def delivery(raw: bytes) -> Delivery:
    return Delivery(
        account_id=uuid4(), external_id=str(uuid4()), raw=raw, received_at=datetime.now(UTC)
    )


@pytest.mark.slow
async def test_nasty_mails_in_one_batch_leave_the_good_ones_alone(guests: Guests) -> None:
    raws = [raw for build in CASES.values() for raw in (build(), mail("good"))]

    async with connector(settings(), guests) as mailbox:
        found = await mailbox.read([delivery(raw) for raw in raws])

    assert len(found) == len(raws)
    assert all(
        not isinstance(each, Exception) and isinstance(each[0], Inbound) for each in found[1::2]
    )
    assert not [each for each in found[::2] if isinstance(each, Exception)]


@pytest.mark.slow
async def test_a_mail_that_breaks_a_limit_is_a_dead_letter_of_its_own() -> None:
    heavy = mail("heavy", "x" * 40 * 2**20)
    async with (
        Guests("channels.mail.guest", memory_bytes=160 * 2**20) as tight,
        connector(settings(), tight) as mailbox,
    ):
        found = await mailbox.read([delivery(each) for each in (mail("a"), heavy, b" ", mail("b"))])

    first, broken, empty, last = found
    assert isinstance(broken, UnreadableDeliveryError)
    assert isinstance(empty, UnreadableDeliveryError)
    assert "empty" in empty.message
    assert not isinstance(first, Exception)
    assert not isinstance(last, Exception)
