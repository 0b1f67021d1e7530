"""Follows one folder: hands over each mail once, in order, and remembers how far it came."""

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final
from uuid import UUID

from channels.envelope import Deliver, Delivery, KeepCursor
from channels.mail.account import MailSettings
from channels.mail.cursor import Position
from channels.mail.imap import Folder, Listed, Mailbox
from channels.mail.parse import CUT_HEADER
from kernel.clock import Clock
from kernel.crash import crash_here
from kernel.limits import MAIL_BYTES, MAIL_FETCH_BYTES, MAIL_FETCH_UIDS, MAIL_IDLE_SECONDS, MIB

_LARGE_BYTES: Final = MIB
_FINGERPRINT: Final = "sha256:"


def fingerprint(raw: bytes) -> str:
    """Return the name of a mail that outlives UIDs: equal only for equal bytes.

    Servers stamp each mail they deliver (Received, time, queue id), so equal bytes are one mail
    seen again: after a change of UIDVALIDITY, moved away and back, or under another folder.
    """
    return _FINGERPRINT + hashlib.sha256(raw).hexdigest()


async def _fingerprint(raw: bytes) -> str:
    """A large mail takes a good part of a second; the loop must not wait for it."""
    if len(raw) < _LARGE_BYTES:
        return fingerprint(raw)
    return await asyncio.to_thread(fingerprint, raw)


class Follower:
    """Reads the folder of one account; `position` moves only after `deliver` returned."""

    def __init__(
        self,
        account_id: UUID,
        settings: MailSettings,
        clock: Clock,
        position: Position | None,
        keep_cursor: KeepCursor | None,
    ) -> None:
        self._account_id = account_id
        self._settings = settings
        self._clock = clock
        self._keep_cursor = keep_cursor
        self.position = position

    async def follow(self, mailbox: Mailbox, deliver: Deliver, opened: Callable[[], None]) -> None:
        """Catch up, then wait for news, for ever; raises when the connection ends.

        Calls `opened` once the folder is open and its position known.
        """
        told = False
        while True:
            folder = await mailbox.open_folder(self._settings.folder)
            position = await self._standing(mailbox, folder)
            if not told:
                opened()
                told = True
            news = True
            while news:
                position = await self._catch_up(mailbox, position, deliver)
                news = await mailbox.wait_for_news(MAIL_IDLE_SECONDS)
            # Nothing for a while: open the folder again, to learn of a new UIDVALIDITY.

    async def _standing(self, mailbox: Mailbox, folder: Folder) -> Position:
        known = self.position
        if known is None or known.folder != self._settings.folder:
            known = await self._first_look(mailbox, folder)
        elif known.validity != folder.validity:
            # Every mail has a new UID: read all again; the fingerprints sort out what is known.
            known = Position(
                validity=folder.validity,
                uid=0,
                reread=folder.next_uid - 1,
                folder=known.folder,
                floor=known.floor,
            )
        else:
            return known
        await self._keep(known)
        return known

    async def _first_look(self, mailbox: Mailbox, folder: Folder) -> Position:
        first = Position(validity=folder.validity, uid=0, folder=self._settings.folder)
        if self._settings.fetch_since == "all":
            return first
        there = await mailbox.list_mails((await mailbox.uids_after(0))[-MAIL_FETCH_UIDS:])
        if not there:
            return first.at(folder.next_uid - 1)
        newest = max(folder.next_uid - 1, *(one.uid for one in there))
        return Position(
            validity=folder.validity,
            uid=newest,
            folder=first.folder,
            floor=max(one.arrived for one in there),
        )

    async def _keep(self, position: Position) -> None:
        if self._keep_cursor is not None:
            await self._keep_cursor(str(position))
        self.position = position

    async def _catch_up(self, mailbox: Mailbox, position: Position, deliver: Deliver) -> Position:
        uids = await mailbox.uids_after(position.uid)
        for start in range(0, len(uids), MAIL_FETCH_UIDS):
            window = uids[start : start + MAIL_FETCH_UIDS]
            listed = await mailbox.list_mails(window)
            ours = [one for one in listed if _is_ours(one, position)]
            for parcel in _parcels(sorted(ours, key=lambda one: one.uid)):
                deliveries = await self._deliveries(mailbox, parcel, position)
                if deliveries:
                    await deliver(deliveries)
                    crash_here("mail.after_delivery_before_marking")
                    await self._mark(mailbox, parcel)
                self.position = position = position.at(parcel[-1].uid)
            self.position = position = position.at(window[-1])
        return position

    async def _deliveries(
        self, mailbox: Mailbox, parcel: Sequence[Listed], position: Position
    ) -> list[Delivery]:
        whole = [one.uid for one in parcel if one.size <= MAIL_BYTES]
        raws = await mailbox.mails(whole)
        for one in parcel:
            if one.size > MAIL_BYTES:
                head = f"{CUT_HEADER}: {one.size}\r\n".encode("ascii")
                raws[one.uid] = head + await mailbox.beginning(one.uid)
        now = self._clock.now()
        names = {uid: await _fingerprint(raw) for uid, raw in raws.items()}
        return [
            Delivery(
                account_id=self._account_id,
                external_id=names[one.uid],
                raw=raws[one.uid],
                received_at=min(one.arrived, now),
                cursor=str(position.at(one.uid)),
            )
            for one in parcel
            if one.uid in raws
        ]

    async def _mark(self, mailbox: Mailbox, parcel: Sequence[Listed]) -> None:
        if self._settings.mark_seen:
            await mailbox.mark_seen([one.uid for one in parcel])


def _is_ours(one: Listed, position: Position) -> bool:
    """Tell whether the mail came after the mailbox was connected."""
    if position.floor is None or one.uid > position.reread:
        return True
    return one.arrived > position.floor


def _parcels(listed: Sequence[Listed]) -> Iterator[list[Listed]]:
    """Group mails so that one fetch stays within MAIL_FETCH_BYTES (a larger one goes alone)."""
    parcel: list[Listed] = []
    size = 0
    for one in listed:
        if parcel and size + one.size > MAIL_FETCH_BYTES:
            yield parcel
            parcel, size = [], 0
        parcel.append(one)
        size += min(one.size, MAIL_BYTES)
    if parcel:
        yield parcel
