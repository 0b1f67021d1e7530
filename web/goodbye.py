"""How an open line ends, also when the other side takes nothing more."""

import asyncio

from aiohttp import web

from kernel.limits import SOCKET_GOODBYE_SECONDS


async def hang_up(request: web.Request, socket: web.WebSocketResponse, code: int) -> None:
    """Say why and close; who takes not even that is cut, or it would hold its buffers for ever.

    The goodbye is a task of its own: after a write that was given up, the library ends the next
    one as cancelled although nobody cancelled it.
    """
    goodbye = asyncio.create_task(socket.close(code=code))
    try:
        await asyncio.wait({goodbye}, timeout=SOCKET_GOODBYE_SECONDS)
    finally:
        said = goodbye.done() and not goodbye.cancelled() and goodbye.exception() is None
        goodbye.cancel()
        await asyncio.gather(goodbye, return_exceptions=True)
    if not said and request.transport is not None:
        request.transport.abort()
