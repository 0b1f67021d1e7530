"""The center's own name and language, its first hour, and its sample data, by the API."""

import pytest

from tests.desk_api import DeskApi, RefusedError


async def test_a_new_name_is_everywhere_at_once(desk: DeskApi) -> None:
    async with desk.live() as live:
        changed = await desk.patch("center", {"company": " Blue  Door ", "default_locale": "uk"})
        told = await live.next("CompanyChanged")

    assert (changed["company"], changed["default_locale"]) == ("Blue Door", "uk")
    assert told["data"] == {"name": "Blue Door", "default_locale": "uk"}
    assert (await desk.get("session"))["company"] == "Blue Door"
    _, _, page = await desk.raw("GET", "/help")
    assert "Blue Door" in page.decode()


async def test_the_first_hour_goes_on_where_it_was_left(desk: DeskApi) -> None:
    fresh = await desk.get("center")
    await desk.patch("center", {"steps": ["channel", "company"]})
    later = await desk.get("center")
    done = await desk.patch("center", {"welcomed": True})

    assert (fresh["steps"], fresh["welcomed"], fresh["company"]) == ([], False, "Wonder Shop")
    assert (later["steps"], later["welcomed"]) == (["company", "channel"], False)
    assert (done["steps"], done["welcomed"]) == (["company", "channel"], True)


@pytest.mark.parametrize(
    "body", [{"company": "  "}, {"default_locale": "tlh"}, {"steps": ["nonsense"]}]
)
async def test_what_makes_no_sense_is_refused(desk: DeskApi, body: dict[str, object]) -> None:
    with pytest.raises(RefusedError) as refused:
        await desk.patch("center", body)

    assert refused.value.status == 422


async def test_sample_data_is_seen_on_the_screens_and_gone_again(desk: DeskApi) -> None:
    async with desk.live() as live:
        added = await desk.post("samples")
        await live.next("SamplesChanged", present=True)
        full = await desk.get("tickets", view="all")
        there = await desk.get("center")
        removed = await desk.delete("samples")
        await live.next("SamplesChanged", present=False)
    empty = await desk.get("tickets", view="all")

    assert added["added"]["ticket"] == len(full["items"]) == removed["gone"]["ticket"] == 10
    assert there["samples"]
    assert empty["items"] == []
    assert await desk.get("accounts") == []


async def test_only_who_runs_the_center_may(desk: DeskApi) -> None:
    async with desk.colleague("Ivan", "supervisor") as ivan:
        with pytest.raises(RefusedError) as refused:
            await ivan.post("samples")

    assert refused.value.status == 403
