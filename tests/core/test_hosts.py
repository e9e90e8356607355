"""Host names outside ASCII and IPv4 addresses, as browsers read them."""

from __future__ import annotations

import pytest

from httpcli.core.errors import HostError
from httpcli.core.url import canonical_host, is_localhost, normalize_host


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("127.0.1", "127.0.0.1"),
        ("10.65535", "10.0.255.255"),
        ("0", "0.0.0.0"),
        ("0x", "0.0.0.0"),
        ("2130706433", "127.0.0.1"),
        ("4294967295", "255.255.255.255"),
        ("0x7f000001", "127.0.0.1"),
        ("0X7F.0.0.0x1", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("010.010.0.1", "8.8.0.1"),
        ("%31%32%37.1", "127.0.0.1"),
        ("\uff11\uff12\uff17.\uff11", "127.0.0.1"),
        ("\uff10", "0.0.0.0"),
    ],
)
def test_ipv4_addresses_are_read_as_by_inet_aton(host: str, address: str) -> None:
    assert normalize_host(host) == canonical_host(host) == address


@pytest.mark.parametrize(
    "host",
    [
        "256.1",
        "1.2.3.4.5",
        "1.2.3.08",
        "1.2.3.256",
        "4294967296",
        "9" * 63,
        "0x1ffffffff",
        "a.0x1",
        "a.1",
    ],
)
def test_a_number_that_is_no_address_is_refused(host: str) -> None:
    with pytest.raises(HostError, match="invalid IPv4 address"):
        normalize_host(host)
    assert canonical_host(host) == host


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("\u2615.test", "xn--53h.test"),
        ("\U0001f355.WS", "xn--vi8h.ws"),
        ("fa\xdf.ExAMPLE", "xn--fa-hia.example"),
        ("B\xdcCHER.test.", "xn--bcher-kva.test."),
        ("a\u3002b\uff0ec\uff61d", "a.b.c.d"),
        ("_x-.\xe9", "_x-.xn--9ca"),
        ("a\xadb.test", "ab.test"),
        ("\u05d0\u05d1.test", "xn--4dbc.test"),
        ("%e2%98%95.test", "xn--53h.test"),
        ("ex%61mple.test", "example.test"),
        ("a.0xg", "a.0xg"),
        ("1e.test", "1e.test"),
    ],
)
def test_a_name_is_mapped_as_in_browsers(host: str, name: str) -> None:
    assert normalize_host(host) == name
    assert canonical_host(host) == name.rstrip(".")


@pytest.mark.parametrize(
    ("host", "message", "label"),
    [
        ("ok.a\u2026b.test", "U+2026 is not allowed", "a\u2026b"),
        ("ok.\u0301a", "combining character", "\u0301a"),
        ("ok.a\u200db", "U+200D is not allowed here", "a\u200db"),
        ("\u05d0a.test", "right-to-left", "\u05d0a"),
        ("ok.\u2100", "'/' is not allowed", "\u2100"),
        ("\uff1f.test", "'?' is not allowed", "\uff1f"),
        ("xn--b\xfccher.test", "in ASCII only", "xn--b\xfccher"),
        ("ok." + "\xfc" * 60, "more than 63 characters", "\xfc" * 60),
        ("\udce9.test", "U+DCE9 is not allowed", "\udce9"),
    ],
)
def test_the_error_of_a_name_names_the_wrong_label(host: str, message: str, label: str) -> None:
    with pytest.raises(HostError) as caught:
        normalize_host(host)
    assert f"invalid label {label!r} in the host name: " in str(caught.value)
    assert message in str(caught.value)
    assert host[caught.value.start : caught.value.end] == label
    assert canonical_host(host) == host


@pytest.mark.parametrize("host", ["a%zz", "a%", "%2f", "%00", "%ff", "a%40b", "%3a", "%20"])
def test_percent_escapes_cannot_hide_other_characters(host: str) -> None:
    with pytest.raises(HostError):
        normalize_host(host)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("a.b.localhost", True),
        ("a.localhost.", True),
        ("notlocalhost", False),
        ("localhost.test", False),
        ("", False),
    ],
)
def test_localhost_and_the_names_below_it_mean_this_machine(host: str, expected: bool) -> None:
    assert is_localhost(host) is expected
