"""The plan of the options for addresses, proxies and HTTP versions."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from httpcli.app import read_invocation
from httpcli.core.errors import UsageError
from httpcli.core.invocation import Environment, Stream, StreamKind
from httpcli.core.plan import Network, Proxy
from httpcli.core.plan_options import ConnectTo, LocalAddress
from httpcli.core.url import Origin, Url
from httpcli.planning.planner import make_plan
from httpcli.storage.user_files import UserFiles


def network(*argv: str, env: Mapping[str, str] | None = None) -> Network:
    null_device = Stream(0, StreamKind.OTHER)
    environment = Environment(argv, env or {}, "/w", null_device, null_device, null_device)
    files = UserFiles(environment.cwd, environment.env)
    return make_plan(read_invocation((*argv, "http://h.test/"), None), environment, files).network


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["--unix-socket=a.sock"], {"unix_sockets": {Origin("http", "h.test", 80): "/w/a.sock"}}),
        (["--unix-socket=@a"], {"unix_sockets": {Origin("http", "h.test", 80): "@a"}}),
        (
            ["--resolve=a:1:::1", "--resolve=b:2:::2"],
            {"host_addresses": {("a", 1): ("::1",), ("b", 2): ("::2",)}},
        ),
        (["--resolve=a:1:::1", "--resolve=a:1:::2"], {"host_addresses": {("a", 1): ("::2",)}}),
        (
            ["--connect-to=a:1:b:2", "--connect-to=::c:"],
            {"connect_to": (ConnectTo("a", 1, "b", 2), ConnectTo("", None, "c", None))},
        ),
        (
            ["--dns-server=9.9.9.9,::1", "--dns-server=1.1.1.1"],
            {"dns_servers": ("9.9.9.9:53", "[::1]:53", "1.1.1.1:53")},
        ),
        (["-4"], {"ip_version": 4}),
        (["-4", "-6"], {"ip_version": 6}),
        (["--interface=eth0"], {"local_address": LocalAddress("eth0")}),
        (["--interface=::1"], {"local_address": LocalAddress(address="::1"), "ip_version": 6}),
        (
            ["--local-address=10.0.0.1"],
            {"local_address": LocalAddress(address="10.0.0.1"), "ip_version": 4},
        ),
        (["--local-port=1-2"], {"local_address": LocalAddress(ports=(1, 2))}),
        (["--noproxy=a, b"], {"no_proxy": ("a", "b")}),
        (["--http1.0"], {"http_version": "1.0"}),
    ],
)
def test_connection_options_are_in_the_plan(argv: list[str], expected: dict[str, object]) -> None:
    default, planned = network()._asdict(), network(*argv)._asdict()
    assert {name: planned[name] for name in planned if planned[name] != default[name]} == expected


@pytest.mark.parametrize(
    ("value", "user", "password"),
    [("me:pw", "me", "pw"), ("me:", "me", ""), ("me", "me", None), ("me:@env:PW", "me", "x:y")],
)
def test_proxy_auth_overrides_credentials_in_the_proxy_url(
    value: str, user: str, password: str | None
) -> None:
    argv = ["--proxy=http://old:old@p:1", "--proxy-auth", value]
    proxy = Proxy("http://p:1", user, password)
    assert network(*argv, env={"PW": "x:y"}).proxies == {"http": proxy, "https": proxy}


def test_first_matching_connect_to_is_used() -> None:
    network = Network(connect_to=(ConnectTo("a", 1, "b", None), ConnectTo("", 2, "", 3)))
    assert network.connect_address(Url("http", "a", 1)) == ("b", 1)
    assert network.connect_address(Url("http", "c", 2)) == ("c", 3)
    assert network.connect_address(Url("http", "c")) is None


def test_invalid_resolve_is_a_usage_error() -> None:
    with pytest.raises(UsageError):
        network("--resolve=x")
