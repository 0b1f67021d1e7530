"""The two channels that Meta's Graph API speaks for."""

from typing import Final

MESSENGER: Final = "messenger"
INSTAGRAM: Final = "instagram"
