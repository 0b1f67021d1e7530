"""Where somebody may be, by their telephone number (ITU-T E.164) or their language's country."""

from collections.abc import Mapping
from typing import Final

_EUROPE: Final = {
    "30": "Athens", "31": "Amsterdam", "32": "Brussels", "33": "Paris", "36": "Budapest",
    "39": "Rome", "40": "Bucharest", "41": "Zurich", "43": "Vienna", "44": "London",
    "45": "Copenhagen", "46": "Stockholm", "47": "Oslo", "48": "Warsaw", "49": "Berlin",
    "352": "Luxembourg", "353": "Dublin", "355": "Tirane", "356": "Malta", "358": "Helsinki",
    "359": "Sofia", "370": "Vilnius", "371": "Riga", "372": "Tallinn", "373": "Chisinau",
    "375": "Minsk", "376": "Andorra", "380": "Kyiv", "381": "Belgrade", "382": "Podgorica",
    "385": "Zagreb", "386": "Ljubljana", "387": "Sarajevo", "389": "Skopje", "420": "Prague",
    "421": "Bratislava", "423": "Vaduz", "90": "Istanbul",
}  # fmt: skip
_ELSEWHERE: Final = {
    "1": ("America/St_Johns", "America/Los_Angeles"),
    "7": ("Europe/Moscow", "Asia/Vladivostok"),
    "77": ("Asia/Almaty",),
    "20": ("Africa/Cairo",),
    "27": ("Africa/Johannesburg",),
    "34": ("Europe/Madrid", "Atlantic/Canary"),
    "351": ("Europe/Lisbon", "Atlantic/Azores"),
    "354": ("Atlantic/Reykjavik",),
    "357": ("Asia/Nicosia",),
    "374": ("Asia/Yerevan",),
    "52": ("America/Cancun", "America/Tijuana"),
    "54": ("America/Argentina/Buenos_Aires",),
    "55": ("America/Noronha", "America/Rio_Branco"),
    "60": ("Asia/Kuala_Lumpur",),
    "61": ("Australia/Sydney", "Australia/Perth"),
    "62": ("Asia/Jayapura", "Asia/Jakarta"),
    "63": ("Asia/Manila",),
    "64": ("Pacific/Auckland",),
    "65": ("Asia/Singapore",),
    "66": ("Asia/Bangkok",),
    "81": ("Asia/Tokyo",),
    "82": ("Asia/Seoul",),
    "84": ("Asia/Ho_Chi_Minh",),
    "86": ("Asia/Shanghai",),
    "91": ("Asia/Kolkata",),
    "92": ("Asia/Karachi",),
    "971": ("Asia/Dubai",),
    "972": ("Asia/Jerusalem",),
    "992": ("Asia/Dushanbe",),
    "993": ("Asia/Ashgabat",),
    "994": ("Asia/Baku",),
    "995": ("Asia/Tbilisi",),
    "996": ("Asia/Bishkek",),
    "998": ("Asia/Tashkent",),
}
"""Of a country with several zones the first and the last one to which the sun comes."""
ZONES: Final[Mapping[str, tuple[str, ...]]] = {
    **{code: (f"Europe/{city}",) for code, city in _EUROPE.items()},
    **_ELSEWHERE,
}
_LANGUAGES: Final = {"uk": ("Europe/Kyiv",)}
"""Of the console's languages the one that is at home in one country."""
_LONGEST: Final = max(map(len, ZONES))


def zones_of(number: str, locale: str | None) -> tuple[str, ...]:
    """Return the zones in which they may be; none when neither number nor language tells."""
    digits = number.removeprefix("+") if number.startswith("+") else ""
    for length in range(_LONGEST, 0, -1):
        found = ZONES.get(digits[:length]) if len(digits) > length else None
        if found is not None:
            return found
    return _LANGUAGES.get((locale or "").partition("-")[0].lower(), ())
