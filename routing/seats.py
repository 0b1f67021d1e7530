"""The places of one agent on each channel, and whether one more contact fits beside the others."""

from collections.abc import Mapping

from routing.model import Rules
from routing.rules import Blending


class Seat:
    """The places of one agent on one channel."""

    __slots__ = ("active", "most", "open", "ringing")

    def __init__(self) -> None:
        self.most = 0
        self.active = 0
        self.ringing = 0
        self.open = False

    @property
    def load(self) -> int:
        return self.active + self.ringing


def has_place(seats: Mapping[str, Seat], channel: str, blending: Blending, rules: Rules) -> bool:
    """Say whether one more contact of the channel fits, by all limits there are."""
    seat = seats[channel]
    if seat.load >= seat.most:
        return False
    if (
        rules.ringing_at_once is not None
        and _ringing(seats, channel, rules) >= rules.ringing_at_once
    ):
        return False
    return _fits_beside_others(seats, channel, blending)


def _ringing(seats: Mapping[str, Seat], channel: str, rules: Rules) -> int:
    ringing = seats[channel].ringing
    for other in rules.rung_together.get(channel, ()):
        if other != channel and other in seats:
            ringing += seats[other].ringing
    return ringing


def _fits_beside_others(seats: Mapping[str, Seat], channel: str, blending: Blending) -> bool:
    passable = blending.interrupts.get(channel, ())
    used = 0
    for other, seat in seats.items():
        if other in passable or not seat.load:
            continue
        if other != channel and (other in blending.exclusive or channel in blending.exclusive):
            return False
        used += seat.load * blending.units.get(other, 1)
    if blending.budget is None:
        return True
    return used + blending.units.get(channel, 1) <= blending.budget
