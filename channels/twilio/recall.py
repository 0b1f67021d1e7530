"""Whether a message whose answer was lost is among those that Twilio lists; no I/O."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from channels.twilio.compose import Parcel
from channels.twilio.listing import Listed
from kernel.limits import TWILIO_RECALL_SLACK


def same_message(
    parcel: Parcel,
    listed: Sequence[Listed],
    since: datetime,
    owners: Mapping[str, UUID],
    key: UUID,
) -> Listed | None:
    """Return the listed message that is this one.

    It says the same words to the same number with as many files, was made since the promise
    (by Twilio's clock, so some minutes earlier count too), and no other message of ours is known
    under its name: two equal texts to one client are two messages.
    """
    for one in listed:
        owner = owners.get(one.sid)
        if owner == key:
            return one
        if owner is None and _is_alike(parcel, one) and _is_since(one, since):
            return one
    return None


def _is_alike(parcel: Parcel, one: Listed) -> bool:
    if (one.to, one.sender, one.files) != (parcel.to, parcel.sender, len(parcel.files)):
        return False
    said = one.text.strip()
    if parcel.content_sid:
        # Of a template Twilio lists the body alone, without what stands around it.
        return bool(said) and said in parcel.text
    return said == parcel.text


def _is_since(one: Listed, since: datetime) -> bool:
    made_at = one.made_at or one.sent_at
    return made_at is None or made_at >= since - TWILIO_RECALL_SLACK
