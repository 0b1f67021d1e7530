"""The outbound client reaches what it may, and is stopped wherever it must not go."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Sequence

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from kernel.http import AnswerTooLargeError, Credential, HttpClient, RemoteUnavailableError
from kernel.net import AddressRefusedError, HostUnknownError
from kernel.secrets import Secret
from kernel.urls import check_url, redirected

URLS = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://0/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0x7f000001/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://[::]/",
    "http://[::1]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[::ffff:127.0.0.1]/",
    "http://100.64.0.1/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[2002:7f00:1::]/",
    "http://192.0.0.8/",
    "http://127.0.0.1.nip.io/",
    "http://localhost/",
    "http://localhost./",
    "http://ok@127.0.0.1/",
    "http://ok:pw@example.com/",
    "http://ok\\@127.0.0.1/",
    "http://127.0.0.1\\@example.com/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://[fe80::1%25eth0]/",
    "http://example.com:22/",
    "http://example.com:25/",
    "http://example.com:6379/",
    "http://example.com:0/",
    "http://example.com:99999/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_INFO",
    "ftp://example.com/",
    "javascript:alert(1)",
    "//example.com/",
    "example.com",
    "http:///",
    "http://exa mple.com/",
    "http://example.com/\r\nHost: inner",
    "http://example.com/\u2028",
    "http://a..b/",
    "",
]


async def inside(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


@pytest.mark.parametrize("url", URLS)
async def test_no_spelling_of_an_inner_address_is_asked(url: str) -> None:
    async with HttpClient(lookup=inside) as http:
        with pytest.raises(AddressRefusedError):
            await http.request("GET", url)


class Outside:
    """Another server that notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[web.Request] = []
        self.hung = asyncio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        match request.path.split("/")[1:]:
            case ["status", code]:
                return web.Response(status=int(code), text=code)
            case ["to", *rest]:
                return web.Response(status=302, headers={"Location": "/".join(rest)})
            case ["round", left]:
                return web.Response(status=307, headers={"Location": f"/round/{int(left) - 1}"})
            case ["bomb"]:
                body = gzip.compress(bytes(50_000_000))
                return web.Response(body=body, headers={"Content-Encoding": "gzip"})
            case ["drip"]:
                return await self._drip(request)
            case ["break"]:
                assert request.transport is not None
                request.transport.abort()
        return web.json_response({"path": request.path, "body": await request.text()})

    async def _drip(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x")
        await self.hung.wait()
        return response


@pytest.fixture
async def outside() -> AsyncIterator[tuple[Outside, str]]:
    notes = Outside()
    site = web.Application()
    site.router.add_route("*", "/{path:.*}", notes.answer)
    async with TestServer(site) as server:
        yield notes, f"http://127.0.0.1:{server.port}"
        notes.hung.set()


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    async with HttpClient(allow_private=True, lookup=inside) as client:
        yield client


async def test_an_answer_comes_back_whole_whatever_its_status(
    http: HttpClient, outside: tuple[Outside, str]
) -> None:
    _, url = outside

    answer = await http.request("POST", f"{url}/a", body=b"hello")
    refused = await http.request("GET", f"{url}/status/503")

    assert answer.ok
    assert answer.json(dict[str, str]) == {"path": "/a", "body": "hello"}
    assert (refused.status, refused.body, refused.ok) == (503, b"503", False)


async def test_an_answer_of_the_wrong_shape_is_an_error_in_words(
    http: HttpClient, outside: tuple[Outside, str]
) -> None:
    answer = await http.request("GET", f"{outside[1]}/a")

    with pytest.raises(RemoteUnavailableError, match="understood"):
        answer.json(list[int])


async def test_a_name_is_looked_up_once_for_a_connection(outside: tuple[Outside, str]) -> None:
    _, url = outside
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return next(answers)

    async with HttpClient(allow_private=True, lookup=rebinding) as http:
        answer = await http.request("GET", url.replace("127.0.0.1", "rebind.example.com"))

    assert answer.ok
    assert list(answers) == [["169.254.169.254"]]


async def test_a_name_with_several_addresses_is_reached_while_one_answers(
    outside: tuple[Outside, str],
) -> None:
    _, url = outside

    async def two(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.2", "127.0.0.1"]  # nobody listens at the first one

    async with HttpClient(allow_private=True, lookup=two) as http:
        answer = await http.request("GET", url.replace("127.0.0.1", "two.example.com"))

    assert answer.ok


async def test_a_name_that_leads_outside_and_inside_is_refused(
    outside: tuple[Outside, str],
) -> None:
    notes, url = outside

    async def mixed(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1", "169.254.169.254"]

    async with HttpClient(allow_private=True, lookup=mixed) as http:
        with pytest.raises(AddressRefusedError):
            await http.request("GET", url.replace("127.0.0.1", "mixed.example.com"))
    assert notes.asked == []


async def test_open_and_closed_inner_ports_are_refused_alike(outside: tuple[Outside, str]) -> None:
    said = []
    async with HttpClient(lookup=inside) as http:
        for url in ("http://intranet.example.com:80/", "http://intranet.example.com:8080/"):
            with pytest.raises(AddressRefusedError) as refusal:
                await http.request("GET", url)
            said.append(refusal.value.message)

    assert said[0] == said[1]


async def test_a_redirect_is_an_answer_unless_asked_to_follow(
    http: HttpClient, outside: tuple[Outside, str]
) -> None:
    notes, url = outside

    answer = await http.request("GET", f"{url}/to/status/200")

    assert answer.status == 302
    assert len(notes.asked) == 1


async def test_redirects_are_followed_so_far_and_never_for_a_post(
    http: HttpClient, outside: tuple[Outside, str]
) -> None:
    notes, url = outside

    got = await http.request("GET", f"{url}/round/9", redirects=100)
    posted = await http.request("POST", f"{url}/round/9", redirects=3)

    assert [request.path for request in notes.asked] == [
        *(f"/round/{left}" for left in (9, 8, 7, 6)),
        "/round/9",
    ]
    assert (got.status, posted.status) == (307, 307)


@pytest.mark.parametrize(
    "location",
    ["http://169.254.169.254/", "//169.254.169.254/", "file:///etc/passwd", "http://x:22/"],
)
async def test_a_redirect_is_vetted_like_the_first_address(
    http: HttpClient, outside: tuple[Outside, str], location: str
) -> None:
    with pytest.raises(AddressRefusedError):
        await http.request("GET", f"{outside[1]}/to/{location}", redirects=3)


def test_a_redirect_does_not_leave_https() -> None:
    with pytest.raises(AddressRefusedError, match="https"):
        redirected(check_url("https://example.com/"), "http://example.com/")


async def test_a_credential_goes_to_its_own_host_only(
    http: HttpClient, outside: tuple[Outside, str]
) -> None:
    notes, url = outside
    elsewhere = url.replace("127.0.0.1", "attacker.example.com")
    credential = Credential(host="127.0.0.1", headers={"Authorization": Secret("Bearer key")})

    await http.request("GET", f"{url}/to/{elsewhere}/stolen", credential=credential, redirects=1)

    assert [request.headers.get("Authorization") for request in notes.asked] == ["Bearer key", None]
    assert notes.asked[1].path == "/stolen"


async def test_a_credential_cannot_slip_into_the_headers(http: HttpClient) -> None:
    with pytest.raises(ValueError, match="Credential"):
        await http.request("GET", "https://example.com/", headers={"authorization": "Bearer key"})


@pytest.mark.parametrize("headers", [{"X": "a\r\nHost: b"}, {"X\n": "a"}, {"X": "\x00"}])
async def test_a_header_with_a_line_break_is_refused(
    http: HttpClient, headers: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match="control character"):
        await http.request("GET", "https://example.com/", headers=headers)


async def test_an_answer_that_unpacks_to_too_much_is_cut_off(
    http: HttpClient, outside: tuple[Outside, str]
) -> None:
    with pytest.raises(AnswerTooLargeError):
        await http.request("GET", f"{outside[1]}/bomb", max_bytes=100_000)


async def test_an_answer_that_drips_is_given_up(
    http: HttpClient, outside: tuple[Outside, str]
) -> None:
    with pytest.raises(RemoteUnavailableError, match=r"0\.2 seconds") as given_up:
        await http.request("POST", f"{outside[1]}/drip", seconds=0.2)

    assert given_up.value.maybe_done


async def test_a_connection_lost_after_asking_may_have_been_heard(
    http: HttpClient, outside: tuple[Outside, str]
) -> None:
    with pytest.raises(RemoteUnavailableError) as lost:
        await http.request("POST", f"{outside[1]}/break", body=b"once")

    assert lost.value.maybe_done


async def test_a_server_that_does_not_listen_was_never_asked(
    http: HttpClient, unused_tcp_port: int
) -> None:
    with pytest.raises(RemoteUnavailableError) as away:
        await http.request("POST", f"http://127.0.0.1:{unused_tcp_port}/", body=b"once")

    assert not away.value.maybe_done


async def test_an_unknown_name_is_told_by_its_name() -> None:
    async def nothing(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    async with HttpClient(lookup=nothing) as http:
        with pytest.raises(HostUnknownError, match="“gone"):
            await http.request("GET", "https://gone.example.com/")


async def test_plain_http_behind_an_https_address_is_an_error_in_words(
    outside: tuple[Outside, str],
) -> None:
    secure = outside[1].replace("http:", "https:")

    async with HttpClient(allow_private=True, tls=ssl.create_default_context()) as http:
        with pytest.raises(RemoteUnavailableError):
            await http.request("GET", secure)
