"""Parsing of --resolve, --connect-to, --dns-server, --local-port and --local-address."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from httpcli.core.errors import UsageError
from httpcli.core.plan_options import ConnectTo
from httpcli.syntax.addresses import (
    parse_connect_to,
    parse_dns_servers,
    parse_local_address,
    parse_port_range,
    parse_resolve,
)


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("h.test:80:127.0.0.1", {("h.test", 80): ("127.0.0.1",)}),
        ("H.Test:80:127.0.0.1", {("h.test", 80): ("127.0.0.1",)}),
        ("*:80:127.0.0.1", {("*", 80): ("127.0.0.1",)}),
        ("+h.test:80:127.0.0.1", {("h.test", 80): ("127.0.0.1",)}),
        ("h.test:80:127.0.0.1,::1", {("h.test", 80): ("127.0.0.1", "::1")}),
        ("h.test:80:[::1]", {("h.test", 80): ("::1",)}),
        ("h.test:80:[::1],[FE80::2]", {("h.test", 80): ("::1", "fe80::2")}),
        ("h.test:80:fe80::1%eth0", {("h.test", 80): ("fe80::1%eth0",)}),
        ("münchen.de:80:127.0.0.1", {("xn--mnchen-3ya.de", 80): ("127.0.0.1",)}),
    ],
)
def test_resolve_is_parsed(text: str, addresses: dict[tuple[str, int], tuple[str, ...]]) -> None:
    assert parse_resolve(text) == addresses


@pytest.mark.parametrize(
    ("text", "connect_to"),
    [
        ("a.test:80:b.test:81", ConnectTo("a.test", 80, "b.test", 81)),
        ("A.test:80:b.test:81", ConnectTo("a.test", 80, "b.test", 81)),
        ("::b.test:81", ConnectTo("", None, "b.test", 81)),
        ("a.test:80::", ConnectTo("a.test", 80, "", None)),
        ("a.test:80:b.test", ConnectTo("a.test", 80, "b.test", None)),
        ("a.test:80::81", ConnectTo("a.test", 80, "", 81)),
        (":::", ConnectTo("", None, "", None)),
        ("[::1]:80:[::2]:81", ConnectTo("::1", 80, "::2", 81)),
        ("127.0.0.1:80:b.test:81", ConnectTo("127.0.0.1", 80, "b.test", 81)),
    ],
)
def test_connect_to_is_parsed(text: str, connect_to: ConnectTo) -> None:
    assert parse_connect_to(text) == connect_to


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        ("9.9.9.9", ("9.9.9.9:53",)),
        ("9.9.9.9:5353", ("9.9.9.9:5353",)),
        ("9.9.9.9,1.1.1.1:5353", ("9.9.9.9:53", "1.1.1.1:5353")),
        ("::1", ("[::1]:53",)),
        ("[::1]", ("[::1]:53",)),
        ("[::1]:5353", ("[::1]:5353",)),
    ],
)
def test_dns_servers_are_parsed(text: str, servers: tuple[str, ...]) -> None:
    assert parse_dns_servers(text) == servers


@pytest.mark.parametrize(
    ("text", "ports"), [("1", (1, 1)), ("4000-4010", (4000, 4010)), ("65535", (65535, 65535))]
)
def test_local_ports_are_parsed(text: str, ports: tuple[int, int]) -> None:
    assert parse_port_range(text) == ports


@pytest.mark.parametrize(
    ("parse", "text", "message", "marked"),
    [
        (parse_resolve, "", "expected HOST:PORT:ADDRESS", ""),
        (parse_resolve, "h.test", "expected HOST:PORT:ADDRESS", "h.test"),
        (parse_resolve, "h.test:80", "expected HOST:PORT:ADDRESS", "h.test:80"),
        (parse_resolve, "h.test:x:127.0.0.1", "the port 'x'", "x"),
        (parse_resolve, "h.test:0:127.0.0.1", "the port '0'", "0"),
        (parse_resolve, "h.test:65536:127.0.0.1", "the port '65536'", "65536"),
        (parse_resolve, "h.test:80:", "'' is not an IP address", ""),
        (parse_resolve, "h.test:80:b.test", "'b.test' is not an IP address", "b.test"),
        (parse_resolve, "h.test:80:1.2.3.4,1.2.3", "'1.2.3' is not an IP address", "1.2.3"),
        (parse_resolve, "a b:80:1.2.3.4", "' ' is not allowed in a host name", " "),
        (parse_resolve, ":80:1.2.3.4", "missing host", ""),
        (
            parse_resolve,
            "1.2.3.4:80:1.2.3.5",
            "--resolve: HOST is already an IP address",
            "1.2.3.4",
        ),
        (parse_resolve, "[::1]:80:::2", "--resolve: HOST is already an IP address", "[::1]"),
        (parse_connect_to, "", "expected HOST1:PORT1:HOST2:PORT2", ""),
        (parse_connect_to, "a:80", "expected HOST1:PORT1:HOST2:PORT2", "a:80"),
        (parse_connect_to, "a:80:b:81:c", "expected HOST1:PORT1:HOST2:PORT2", "a:80:b:81:c"),
        (parse_connect_to, "a:x:b:81", "the port 'x'", "x"),
        (parse_connect_to, "a:80:b:0", "the port '0'", "0"),
        (parse_connect_to, "a..b:80:c:1", "empty label", "a..b"),
        (parse_connect_to, "a:80:[z]:1", "invalid IPv6 address", "z"),
        (parse_dns_servers, "", "'' is not an IP address", ""),
        (parse_dns_servers, "dns.test", "'dns.test' is not an IP address", "dns.test"),
        (parse_dns_servers, "1.1.1.1,", "'' is not an IP address", ""),
        (parse_dns_servers, "1.1.1.1:x", "the port 'x'", "x"),
        (parse_dns_servers, "[::1]x", "'[::1]x' is not an IP address", "[::1]x"),
        (parse_dns_servers, "1.1.1.1,[::z]:53", "'::z' is not an IP address", "::z"),
        (parse_port_range, "", "the port ''", ""),
        (parse_port_range, "x", "the port 'x'", "x"),
        (parse_port_range, "1-", "the port ''", ""),
        (parse_port_range, "1-70000", "the port '70000'", "70000"),
        (
            parse_port_range,
            "20-10",
            "--local-port: the range is empty: N is greater than M",
            "20-10",
        ),
        (parse_local_address, "localhost", "'localhost' is not an IP address", "localhost"),
        (parse_local_address, "", "'' is not an IP address", ""),
    ],
)
def test_invalid_value_is_named_and_marked(
    parse: Callable[[str], object], text: str, message: str, marked: str
) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert message in caught.value.message
    assert caught.value.message.startswith("--")
    fault = caught.value.fault
    assert fault is not None
    assert fault.text[fault.start : fault.end] == marked
