"""The demonstration's telephones: a client calls and presses keys, one of ours answers."""

from typing import Any

import aiohttp

from demo.phone_page import serving_phones
from demo.telephones import CLIENT, Telephones, owners
from tests.simulators.twilio_voice import running_voice
from tests.simulators.twiml_app import running_app

AGENT = next(one.number for one in owners() if one.ours)


async def test_a_call_is_made_answered_and_ended_by_hand() -> None:
    async with running_app() as app, running_voice() as network:
        network.own.voice_url = f"{app.url}/in"
        app.pages["/in"] = (
            '<Response><Gather numDigits="1" action="/menu"><Say>Press 1</Say></Gather></Response>'
        )
        app.pages["/menu"] = f"<Response><Dial><Number>{AGENT}</Number></Dial></Response>"
        routes = Telephones(network, owners()).routes()
        async with serving_phones((), routes) as url, aiohttp.ClientSession() as http:

            async def use(number: str, what: str, text: str = "") -> tuple[int, Any]:
                body = {"do": what, "text": text}
                async with http.post(f"{url}/calls/telephones/{number}", json=body) as answer:
                    return answer.status, await answer.text()

            client, agent = await network.phone(CLIENT), await network.phone(AGENT)
            await use(CLIENT, "call")
            await client.heard("Press 1")
            await use(CLIENT, "press", "1")
            await agent.ringing()
            await use(AGENT, "answer")
            await client.until_hears(AGENT)
            await use(AGENT, "speak", "Good morning")

            async with http.get(f"{url}/calls/telephones") as answer:
                shown = {one["number"]: one for one in (await answer.json())["telephones"]}
            assert shown[CLIENT]["heard"][-1] == {
                "kind": "voice", "text": "Good morning", "language": "", "who": AGENT,
            }  # fmt: skip
            assert (await use(CLIENT, "call"))[0] == 409
            await use(CLIENT, "hang_up")
            await agent.until("completed")
            assert (await use(AGENT, "answer"))[0] == 409


async def test_without_a_connected_number_the_call_is_refused_in_words() -> None:
    async with (
        running_voice() as network,
        serving_phones((), Telephones(network, owners()).routes()) as url,
        aiohttp.ClientSession() as http,
        http.post(f"{url}/calls/telephones/{CLIENT}", json={"do": "call"}) as answer,
    ):
        assert (answer.status, await answer.text()) == (409, "the shop has no telephone just now")
