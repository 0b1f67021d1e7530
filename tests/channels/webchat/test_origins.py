"""Which sites a widget may stand on."""

import pytest

from channels.errors import MisconfiguredError
from channels.webchat.origins import allows, read_site

ALLOWED = (
    ("https://shop.example", "https://shop.example"),
    ("https://shop.example", "https://shop.example:443"),
    ("https://shop.example:8443", "https://shop.example:8443"),
    ("shop.example", "http://shop.example"),
    ("shop.example", "https://shop.example:9000"),
    ("SHOP.example", "https://shop.example"),
    ("*.shop.example", "https://www.shop.example"),
    ("*.shop.example", "https://a.b.shop.example"),
    ("https://*.shop.example", "https://www.shop.example"),
    ("localhost", "http://localhost:5173"),
    ("http://[::1]:8080", "http://[::1]:8080"),
    ("https://крамниця.example", "https://xn--80aqejfp0c4d.example"),
)
REFUSED = (
    ("https://shop.example", "http://shop.example"),
    ("https://shop.example", "https://shop.example:8443"),
    ("https://shop.example", "https://shop.example.evil.example"),
    ("https://shop.example", "https://evilshop.example"),
    ("*.shop.example", "https://shop.example"),
    ("*.shop.example", "https://evilshop.example"),
    ("https://*.shop.example", "http://www.shop.example"),
    ("shop.example", "null"),
    ("shop.example", ""),
    ("shop.example", "shop.example"),
    ("shop.example", "https://user@shop.example"),
    ("shop.example", "https://shop.example/path"),
    ("shop.example", "ftp://shop.example"),
    ("shop.example", "https://shop.example:99999"),
    ("shop.example", "https://[::1"),
)
NO_SITES = (
    "",
    "*",
    "https://",
    "ftp://shop.example",
    "https://shop.example/path",
    "https://shop.example?x",
    "https://*.*.example",
    "shop example",
    "https://user@shop.example",
    "shop.example:port",
    "*shop.example",
)


@pytest.mark.parametrize(("site", "origin"), ALLOWED)
def test_a_page_of_an_allowed_site_may_use_the_widget(site: str, origin: str) -> None:
    assert allows([read_site(site)], origin)


@pytest.mark.parametrize(("site", "origin"), REFUSED)
def test_a_page_of_another_site_may_not(site: str, origin: str) -> None:
    assert not allows([read_site(site)], origin)


def test_without_any_site_no_foreign_page_may() -> None:
    assert not allows([], "https://shop.example")


@pytest.mark.parametrize("text", NO_SITES)
def test_what_is_no_site_is_refused_with_the_cure(text: str) -> None:
    with pytest.raises(MisconfiguredError, match="write it like"):
        read_site(text)
