"""HTML as it was stored: cleaned again when the rules have changed since."""

import html as entities
import re
from typing import Final
from urllib.parse import quote

from kernel.html import VERSION, sanitise

UNKNOWN: Final = 0
"""The version of a copy that does not say by which rules it was cleaned: older than all of them."""

_REMOTE: Final = re.compile(r' data-remote-src="')
_CID: Final = re.compile(r' data-cid="([^"]*)"')


def up_to_date(html: str, version: int) -> str:
    """Return a stored copy as today's rules would have it; one of today's version as it is.

    Pictures keep their places: what an older version had put aside is read as a picture again
    before the rules decide on it anew.
    """
    if version == VERSION:
        return html
    named = _CID.sub(lambda found: f' src="cid:{_as_url(found[1])}"', html)
    return sanitise(_REMOTE.sub(' src="', named)).html


def _as_url(name: str) -> str:
    return quote(entities.unescape(name), safe="@")
