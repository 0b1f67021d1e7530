"""`python -m demo`: everything starts, the sign-ins are printed, Ctrl-C ends all of it."""

import argparse
import asyncio
import signal
import sys

from demo.floor import Floor, open_floor
from demo.staff import PASSWORD, STAFF
from scripts import debian
from scripts.shell import TroubleError, say


def main() -> int:
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="0 takes any free one")
    parser.add_argument("--pace", type=float, default=1.0, help="2 is twice as busy")
    asked = parser.parse_args()
    try:
        return asyncio.run(_run(asked.port, asked.pace))
    except TroubleError as trouble:
        say(f"error: {trouble}")
        return 1


async def _run(port: int, pace: float) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    running = asyncio.create_task(_until(stop, port, pace))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set() and not running.done():
        # Also while it still starts: the block is left and everything in it stops.
        running.cancel()
        await asyncio.wait({running})
        say("Stopped; nothing is left behind.")
        return 0
    stopping.cancel()
    running.result()
    return 1


async def _until(stop: asyncio.Event, port: int, pace: float) -> None:
    with_mail = _have_dovecot()
    async with open_floor(port=port, pace=pace, with_mail=with_mail) as floor:
        _greet(floor)
        await stop.wait()


def _have_dovecot() -> bool:
    try:
        debian.ensure({"dovecot": "dovecot-imapd"})
    except TroubleError as trouble:
        say(f"Only chat in this demonstration, no mail: {trouble}")
        return False
    return True


def _greet(floor: Floor) -> None:
    width = max(len(one.email) for one in STAFF)
    lines = [f"    {one.email:<{width}}  {one.what}" for one in STAFF if not one.scripted]
    helpers = ", ".join(one.name for one in STAFF if one.scripted)
    sys.stdout.write(
        f"\n  The demonstration runs at {floor.url}\n\n"
        f"  Sign in with the password “{PASSWORD}” as\n" + "\n".join(lines) + "\n\n"
        f"  Write yourself as a visitor:  {floor.url}/demo/{floor.widget_key}\n"
        f"  Hold a client's telephone:    {floor.phones_url}\n"
        f"  Call, and answer calls:       {floor.phones_url}/calls\n"
        "  ... or answer in the console: choose it as your telephone in the profile\n"
        f"  What everybody may read:      {floor.url}/help\n\n"
        f"  {helpers} answer by themselves; clients keep writing in three languages.\n"
        "  Everything is thrown away at the end: Ctrl-C stops all of it.\n\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
