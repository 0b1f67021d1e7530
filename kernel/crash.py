"""Named crash points: where the fault tests kill the process, to prove that nothing is lost."""

import os
import signal
from typing import Final

_POINT: Final = os.environ.get("CC_CRASH_AT", "")
"""`name` or `name:3` (at the third pass). Empty in every real run: one comparison, no effect."""

_name, _, _count = _POINT.partition(":")
_left = int(_count or "1") if _name else 0


def crash_here(name: str) -> None:
    """Die at once, as by a power cut, when the tests asked for it at this point."""
    global _left  # noqa: PLW0603 - counts the passes of this process
    if name != _name:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
