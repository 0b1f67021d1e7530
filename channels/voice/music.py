"""The music of the center's own queue: a few soft chords, made once, owed to nobody."""

import math
import struct
from functools import cache
from typing import Final

RATE: Final = 8_000
_CHORDS: Final = (
    (220.0, 277.18, 329.63),
    (196.0, 246.94, 293.66),
    (174.61, 220.0, 261.63),
    (164.81, 207.65, 246.94),
)
_CHORD_SECONDS: Final = 2.5
_ROUNDS: Final = 2
SECONDS: Final = int(len(_CHORDS) * _CHORD_SECONDS * _ROUNDS)
"""How long it plays."""


@cache
def hold_music() -> bytes:
    """Return the sound as a WAV file: 16 bits, one channel, RATE samples a second."""
    samples = [sample for chord in _CHORDS * _ROUNDS for sample in _chord(chord)]
    return _wav(struct.pack(f"<{len(samples)}h", *samples))


def _chord(tones: tuple[float, ...]) -> list[int]:
    count = int(RATE * _CHORD_SECONDS)
    steps = [2 * math.pi * tone / RATE for tone in tones]
    return [
        int(2_600 * _swell(at / count) * sum(math.sin(step * at) for step in steps))
        for at in range(count)
    ]


def _swell(part: float) -> float:
    """Come and go without a click."""
    return float(math.sin(math.pi * part) ** 0.6)


def _wav(data: bytes) -> bytes:
    """Put a header before the samples (RIFF WAVE, PCM)."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16)
    body = b"WAVE" + form + struct.pack("<4sI", b"data", len(data)) + data
    return struct.pack("<4sI", b"RIFF", len(body)) + body
