"""On a client's page: who may be the same person is joined, parted and told apart by clicking."""

import pytest
from playwright.async_api import expect

from tests.chromium import PATIENCE_MS, running_chromium
from tests.desk_api import DeskApi
from tests.web.test_pages import DESK
from web.session import COOKIE

pytestmark = [pytest.mark.browser, pytest.mark.slow]


async def test_two_records_of_one_person_are_joined_parted_and_told_apart(desk: DeskApi) -> None:
    anna = await desk.post("clients", {"name": "Anna", "phone": "+380441234567"})
    await desk.post("clients", {"name": "A. Kovalenko", "phone": "+380441234567"})
    cookies = {one.key: one.value for one in desk._http.cookie_jar}
    async with running_chromium() as chromium:
        context = await chromium.new_context(locale="en-GB", viewport=DESK)
        await context.add_cookies(
            [{"name": COOKIE, "value": cookies[COOKIE], "url": str(desk.url)}]
        )
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        await page.goto(f"{desk.url}/clients/{anna['id']}", wait_until="load")
        likely = page.get_by_role("region", name="Perhaps the same person")
        await expect(likely).to_contain_text("Both are known with +380441234567")

        await likely.get_by_role("button", name="Join into one: A. Kovalenko").click()
        await expect(page.get_by_text("Merged with A. Kovalenko")).to_be_visible()
        await expect(likely).to_have_count(0)
        await page.get_by_role("status").get_by_role("button", name="Undo").first.click()
        await expect(page.get_by_text("Merged with A. Kovalenko")).to_have_count(0)
        await likely.get_by_role("button", name="Not the same: A. Kovalenko").click()
        await expect(likely).to_have_count(0)
        await context.close()

    assert await desk.get(f"clients/{anna['id']}/likely") == []
