"""What the API takes and gives about the center itself: its name, its first hour, its samples."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from web.shapes import Body, Locale, Name, View

Step = Literal["company", "channel", "colleague", "message"]


class QuietHoursBody(Body):
    """When nobody is written to or called first, in minutes of the client's day."""

    begins: Annotated[int, Meta(ge=0, le=1_439)]
    ends: Annotated[int, Meta(ge=0, le=1_439)]
    timezone: Annotated[str, Meta(min_length=1, max_length=60)]
    """Of clients whose own is not known."""


class QuietHoursView(View):
    begins: int
    ends: int
    timezone: str


class CenterView(View):
    company: str
    default_locale: Locale
    steps: list[Step]
    """The steps of the first hour that were done or skipped."""
    welcomed: bool
    """The first hour was declared over."""
    samples: bool
    """The sample data is there."""
    tells_reading: bool
    """Agents see which supervisor reads their conversation along."""
    quiet_hours: QuietHoursView | None


class CenterPatch(Body):
    company: Name | UnsetType = UNSET
    default_locale: Locale | UnsetType = UNSET
    steps: Annotated[list[Step], Meta(max_length=10)] | UnsetType = UNSET
    welcomed: bool | UnsetType = UNSET
    tells_reading: bool | UnsetType = UNSET
    quiet_hours: QuietHoursBody | UnsetType | None = UNSET


class SamplesView(View):
    """How many of each kind came or went; `kept` stayed, since real work hangs on them."""

    gone: dict[str, int] = field(default_factory=dict)
    added: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
