"""Rows of accounts, for tests that need one and no channel behind it."""

from datetime import datetime

from channels.tables import AccountRow
from kernel.ids import new_id


def account_row(kind: str, name: str, now: datetime) -> AccountRow:
    return AccountRow(
        id=new_id(),
        kind=kind,
        name=name,
        public_key="key",
        enabled=True,
        settings={},
        secrets={},
        queue_id=None,
        cursor=None,
        health="connected",
        health_at=None,
        last_in_at=None,
        last_out_at=None,
        created_at=now,
    )
