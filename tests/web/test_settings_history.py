"""Who changed which setting is on record, in the same transaction, and no secret with it."""

import json
import re
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from sqlalchemy import inspect

from channels.custom.account import SIGNING_SECRET, CustomSettings
from channels.line.account import ACCESS_TOKEN, CHANNEL_SECRET, LineSettings
from channels.mail.account import SECRETS, MailSettings
from channels.meta.account import SECRETS as META_SECRETS
from channels.meta.account import MetaSettings
from channels.telegram.account import TelegramSettings
from channels.twilio.account import AUTH_TOKEN, WEBHOOK_KEY, TwilioSettings
from channels.twilio.voice.account import VoiceSettings
from channels.viber.account import ViberSettings
from channels.webchat.account import IDENTITY_SECRET, WidgetSettings
from channels.whatsapp.account import SECRETS as WHATSAPP_SECRETS
from channels.whatsapp.account import WhatsAppSettings
from desk.settings_history import _UNTOLD, KINDS
from routing.settings import ProfileSettings, QueueSettings
from tests.desk.scripted import SETTINGS
from tests.desk_api import PASSWORD, RefusedError
from tests.web.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORDS: Final = Path(__file__).parents[2] / "web/console/src/locales/en/settings.ts"
SETTINGS_OF: Final = (
    MailSettings,
    WidgetSettings,
    TelegramSettings,
    CustomSettings,
    TwilioSettings,
    VoiceSettings,
    ViberSettings,
    LineSettings,
    MetaSettings,
    WhatsAppSettings,
    QueueSettings,
    ProfileSettings,
)


async def newest(world: World, **query: Any) -> dict[str, Any]:
    (change,) = (await world.admin.get("setting-changes", limit=1, **query))["items"]
    found: dict[str, Any] = change
    return found


async def test_a_changed_queue_says_who_made_what_of_it(world: World) -> None:
    name = uuid4().hex
    queue = await world.admin.post("queues", {"name": name})
    member = world.north.agent.me["agent"]["id"]

    await world.supervisor.patch(
        f"queues/{queue['id']}",
        {"version": queue["version"], "offer_seconds": 45, "member_ids": [member]},
    )

    change = await newest(world, subject_id=queue["id"])
    assert (change["area"], change["what"], change["actor"]) == ("queue", "changed", "Vera")
    assert change["name"] == name
    assert change["changes"]["offer_seconds"][1] == 45
    assert change["changes"]["member_ids"] == [[], [member]]
    await world.admin.delete(f"queues/{queue['id']}")
    gone = await newest(world, subject_id=queue["id"])
    assert (gone["what"], gone["actor"]) == ("removed", "Olena")
    assert gone["changes"]["name"] == [name, None]


async def test_of_a_secret_only_that_it_changed_is_told(world: World) -> None:
    account = await world.admin.post(
        "accounts",
        {
            "kind": "mail",
            "name": uuid4().hex,
            "enabled": False,
            "settings": SETTINGS,
            "secrets": {"password": "opensesame"},
        },
    )
    await world.admin.patch(
        f"accounts/{account['id']}",
        {
            "version": account["version"],
            "name": "Renamed",
            "settings": {**SETTINGS, "smtp_host": "smtp.wonder.example"},
            "secrets": {"password": "anothersesame"},
        },
    )

    told = (await world.admin.get("setting-changes", subject_id=account["id"]))["items"]
    assert [one["what"] for one in told] == ["changed", "added"]
    assert told[0]["changes"]["settings.smtp_host"] == ["127.0.0.1", "smtp.wonder.example"]
    assert told[0]["changes"]["secrets.password"] == ["•••", "••••"]
    assert told[1]["changes"]["secrets.password"] == [None, "•••"]
    assert "sesame" not in json.dumps(told)


async def test_staff_roles_and_teams_are_on_record(world: World) -> None:
    role = await world.admin.post("roles", {"name": uuid4().hex, "permissions": []})
    await world.admin.patch(f"roles/{role['id']}", {"permissions": ["kb.edit"]})
    assert (await newest(world, area="role"))["changes"] == {"permissions": [[], ["kb.edit"]]}
    agent = await world.admin.post(
        "agents",
        {
            "name": "Zoe",
            "email": f"{uuid4().hex}@wonder.example",
            "password": PASSWORD,
            "role_id": role["id"],
            "team_ids": [world.north.team],
        },
    )
    added = await newest(world, area="agent")
    assert (added["name"], added["what"]) == ("Zoe", "added")
    assert added["changes"]["team_ids"] == [[], [world.north.team]]
    assert added["changes"]["password_hash"] == [None, "•••"]

    await world.admin.patch(
        f"agents/{agent['id']}", {"version": agent["version"], "team_ids": [], "active": False}
    )

    changed = await newest(world, area="agent")
    assert changed["changes"] == {"active": [True, False], "team_ids": [[world.north.team], []]}
    team = await world.admin.post("teams", {"name": uuid4().hex})
    await world.admin.delete(f"teams/{team['id']}")
    assert (await newest(world, area="team"))["what"] == "removed"


async def test_what_an_agent_can_is_on_record_by_names(world: World) -> None:
    skill = await world.admin.post("skills", {"name": f"English {uuid4().hex}"})
    profile = await world.admin.post("routing-profiles", {"name": uuid4().hex})
    nora = world.north.agent.me["agent"]["id"]
    skilled = {"skills": [{"skill_id": skill["id"], "level": 3}], "profile_id": profile["id"]}

    await world.supervisor.put(f"agents/{nora}/routing", skilled)

    told = await newest(world, subject_id=nora)
    assert (told["area"], told["name"], told["actor"]) == ("agent", "Nora", "Vera")
    assert told["changes"] == {
        "profile": [None, profile["name"]],
        f"skills.{skill['name']}": [None, 3],
    }
    await world.supervisor.put(f"agents/{nora}/routing", skilled)
    assert await newest(world, subject_id=nora) == told
    await world.supervisor.put(f"agents/{nora}/routing", {"skills": [], "profile_id": None})
    back = await newest(world, subject_id=nora)
    assert back["changes"][f"skills.{skill['name']}"] == [3, None]


async def test_every_field_that_is_told_has_words_in_the_console() -> None:
    words = set(re.findall(r"^    (\w+): ", WORDS.read_text(), flags=re.MULTILINE))
    told = {
        attribute.key
        for table, kind in KINDS.items()
        for attribute in inspect(table).attrs
        if attribute.key not in _UNTOLD | kind.untold
    }
    parts = {one for made in SETTINGS_OF for one in made.__struct_fields__}

    assert told - words == set()
    assert {
        *parts,
        *SECRETS,
        IDENTITY_SECRET,
        SIGNING_SECRET,
        AUTH_TOKEN,
        ACCESS_TOKEN,
        CHANNEL_SECRET,
        *META_SECRETS,
        *WHATSAPP_SECRETS,
        WEBHOOK_KEY,
        "team_ids",
        "member_ids",
        "profile",
    } - words == set()


async def test_a_change_that_is_refused_leaves_no_trace(world: World) -> None:
    before = await newest(world)

    with pytest.raises(RefusedError):
        await world.admin.patch(f"queues/{world.north.queue}", {"version": 10_000, "name": "x"})
    await world.north.agent.put("presence", {"state": "away"})

    assert await newest(world) == before


async def test_the_company_and_a_widget_are_told_and_pages_go_on(world: World) -> None:
    await world.admin.patch("center", {"company": "Wonder & Co"})
    await world.admin.patch("center", {"company": "Wonder Shop"})

    first = await world.admin.get("setting-changes", area="company", limit=1)
    second = await world.admin.get("setting-changes", area="company", limit=1, cursor=first["next"])

    assert first["items"][0]["changes"] == {"name": ["Wonder & Co", "Wonder Shop"]}
    assert second["items"][0]["changes"]["name"][1] == "Wonder & Co"
