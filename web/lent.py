"""Files that a provider fetches itself, under an address that was given to it for a while."""

from typing import Final

from aiohttp import web

from kernel.blobs import blob_key
from kernel.lending import lent
from web.files import SANDBOX
from web.house import HOUSE

LENDABLE: Final = ("image/", "audio/", "video/", "application/pdf", "application/vnd.openxml")
"""What leaves under its own type; everything else is bytes, so that no browser runs it."""


async def give(request: web.Request) -> web.Response:
    """Answer with a lent file; 404 for a token that is not ours or whose time is over."""
    house = request.app[HOUSE]
    found = lent(house.sealer, request.match_info["token"], house.clock.now())
    kind = found.media_type
    shown = kind.startswith(LENDABLE) and kind != "image/svg+xml"
    return web.Response(
        body=await house.blobs.read(blob_key(found.blob)),
        headers={
            "Content-Type": kind if shown else "application/octet-stream",
            "Content-Disposition": "inline" if shown else "attachment",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": SANDBOX,
            "Cache-Control": "private, no-store",
        },
    )


ROUTES = [
    web.get("/lent/{token}", give),
    # Some tell a picture by the ending of its address.
    web.get("/lent/{token}/{name}", give),
]
