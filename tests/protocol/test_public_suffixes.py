"""Public suffixes: domains that cookies cannot cover."""

from __future__ import annotations

import pytest

from httpcli.protocol.cookies import CookieScope, Jar, is_public_suffix


@pytest.mark.parametrize(
    ("domain", "public"),
    [
        ("co.uk", True),
        ("shop.co.uk", False),
        ("github.io", True),
        ("me.github.io", False),
        ("example.com", False),
        ("any.ck", True),  # *.ck
        ("www.ck", False),  # !www.ck
        ("x.kawasaki.jp", True),
        ("city.kawasaki.jp", False),
        ("xn--55qx5d.cn", True),
        ("shop.xn--55qx5d.cn", False),
        ("xn--bcher-kva.example", False),
        ("printer.lan", False),
        ("co.uk.", True),
    ],
)
def test_list_supports_wildcards_exceptions_and_punycode(domain: str, public: bool) -> None:
    assert is_public_suffix(domain) is public


@pytest.mark.parametrize(
    ("domain", "host", "receivers"),
    [
        ("co.uk", "shop.co.uk", []),
        ("shop.co.uk", "www.shop.co.uk", ["shop.co.uk", "www.shop.co.uk"]),
        ("shop.co.uk", "shop.co.uk", ["shop.co.uk", "www.shop.co.uk"]),
        ("co.uk", "co.uk", ["co.uk"]),  # as if no domain were given
        ("github.io", "me.github.io", []),
    ],
)
def test_jar_uses_the_list_by_default(domain: str, host: str, receivers: list[str]) -> None:
    jar = Jar()
    jar.receive([f"a=1; Domain={domain}; Path=/"], CookieScope(host, "/", True), 1000.0)
    hosts = ["co.uk", "shop.co.uk", "www.shop.co.uk", "github.io", "me.github.io"]
    assert [
        each for each in hosts if jar.cookie_field([], CookieScope(each, "/", True), 1000.0)
    ] == receivers
