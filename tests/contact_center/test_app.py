"""The parts of a center as `open_center` puts them together."""

from contact_center.app import Center
from staff.passwords import LANES, MEMORY_KIB, PASSES


async def test_a_center_hashes_passwords_with_the_whole_work(center: Center) -> None:
    stored = await center.house.passwords.hash("correct horse battery")

    assert stored.startswith(f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$")
