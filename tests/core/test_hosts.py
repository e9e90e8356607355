"""Hosts as browsers and curl read them."""

from __future__ import annotations

import pytest

from httpcli.core.url import HostError, canonical_host, normalize_host


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.1", "127.0.0.1"),
        ("10.1.2", "10.1.0.2"),
        ("0", "0.0.0.0"),
        ("0x7F000001", "127.0.0.1"),
        ("0300.168.1", "192.168.0.1"),
        ("192.0.2.1.", "192.0.2.1"),
        ("4294967295", "255.255.255.255"),
        ("☕.example", "xn--53h.example"),
        ("I❤.ws", "xn--i-7iq.ws"),
        ("straße.de", "xn--strae-oqa.de"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
    ],
)
def test_host_is_read_as_browsers_do(host: str, expected: str) -> None:
    assert normalize_host(host) == expected
    assert canonical_host(host) == expected


@pytest.mark.parametrize(
    "host",
    [
        "256.1.1.1",
        "1.2.3.4.5",
        "09.1",
        "4294967296",
        "1.16777216",
        "a\uff0fb.☕",
        "♥א.de",
        "a\u200db.☕",
    ],
)
def test_impossible_host_is_an_error(host: str) -> None:
    with pytest.raises(HostError):
        normalize_host(host)
