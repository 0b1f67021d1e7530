"""A file is whole on the disk before any row names it, wherever the center dies in between."""

from pathlib import Path

import pytest

from tests.faults.ledger import Ledger, judge, read_kept
from tests.faults.people import Desk, Postman, browser
from tests.faults.server import running_server
from tests.faults.waiting import until
from tests.simulators.mail_servers import running_dovecot, running_smtp

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

WITH_FILES = 3
"""The first mails of every delivery have files."""


async def test_no_row_names_a_file_that_is_not_there(tmp_path: Path) -> None:
    database, blobs = tmp_path / "var/center.db", tmp_path / "var/blobs"
    ledger = Ledger()
    async with (
        running_dovecot() as dovecot,
        running_smtp() as smtp,
        running_server(tmp_path / "var") as server,
        browser() as http,
    ):
        desk = Desk(http, server.url)
        await desk.set_up(server.setup_token())
        await desk.connect_mailbox(dovecot, smtp)
        postman = Postman(dovecot, ledger, people=3, seed=3)
        for point in (
            "blobs.after_writing_before_naming:2",
            "intake.after_files_before_rows",
            "intake.before_commit",
        ):
            await server.kill()
            await server.start(crash_at=point, patiently=False)
            postman.bring(WITH_FILES)
            assert await server.died(within=40), point

            dead = read_kept(database)
            assert judge(ledger, dead, [], blobs).dangling == []
            assert dead.inbound == []

        await server.start()
        await until(lambda: len(read_kept(database).inbound) == len(ledger.mails), 40)
        await server.terminate()

    kept = read_kept(database)
    verdict = judge(ledger, kept, [], blobs)
    assert verdict.broken() == [], verdict
    assert len(kept.files) >= len(ledger.mails)
