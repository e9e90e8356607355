"""Parsing of Set-Cookie and its dates."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.protocol.cookies import SetCookie, parse_set_cookie
from httpcli.protocol.dates import parse_date


@pytest.mark.parametrize(
    ("text", "cookie"),
    [
        ("a=1", SetCookie("a", "1")),
        (" a \t=  1 \t", SetCookie("a", "1")),
        ("a=1;", SetCookie("a", "1")),
        ("a=", SetCookie("a", "")),
        ("=1", SetCookie("", "1")),
        ("alone", SetCookie("", "alone")),
        ("a=b=c==", SetCookie("a", "b=c==")),
        ('a="1, 2 \\" x"', SetCookie("a", '"1, 2 \\" x"')),
        ("a b=c d", SetCookie("a b", "c d")),
        ("a=grün", SetCookie("a", "grün")),
        ("a=1;secure;HTTPONLY", SetCookie("a", "1", secure=True, http_only=True)),
        ("a=1; Secure=no", SetCookie("a", "1", secure=True)),
        ("a=1; SameSite=LAX", SetCookie("a", "1", same_site="lax")),
        ("a=1; SameSite=odd", SetCookie("a", "1")),
        ("a=1; Domain=.A.b", SetCookie("a", "1", domain="a.b")),
        ("a=1; Path=/x y", SetCookie("a", "1", path="/x y")),
        ("a=1; Max-Age=5", SetCookie("a", "1", expires=105.0)),
        ("a=1; Max-Age=+5", SetCookie("a", "1")),
        ("a=1; Max-Age=", SetCookie("a", "1")),
        ("a=1; Max-Age=-0", SetCookie("a", "1", expires=0.0)),
        ("a=1; Unknown=2; =; ;;", SetCookie("a", "1")),
        ("a=1; Path=/" + "p" * 1023, SetCookie("a", "1", path="/" + "p" * 1023)),
        ("a=1; Path=/" + "p" * 1024, SetCookie("a", "1")),
        ("a=" + "v" * 4095, SetCookie("a", "v" * 4095)),
        ("a=" + "v" * 4096, None),
        ("a=" + "ü" * 2048, None),
        ("a=\t1\t2", SetCookie("a", "1\t2")),
        ("", None),
        ("=", None),
        (" ; Path=/", None),
        ("a=1\r\nX: y", None),
        ("a=1\0", None),
        ("a=1; Path=/\x1b[2J", None),
        ("a=\x7f", None),
    ],
)
def test_set_cookie_is_parsed_as_browsers_do(text: str, cookie: SetCookie | None) -> None:
    assert parse_set_cookie(text, now=100.0) == cookie


@given(st.text())
def test_any_text_is_a_cookie_or_rejected(text: str) -> None:
    cookie = parse_set_cookie(text, 0.0)
    assert cookie is None or not set("\r\n\0;") & set("".join(filter(None, map(str, cookie))))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", (1994, 11, 6, 8, 49, 37)),
        ("Sunday, 06-Nov-94 08:49:37 GMT", (1994, 11, 6, 8, 49, 37)),
        ("Sun Nov  6 08:49:37 1994", (1994, 11, 6, 8, 49, 37)),
        ("06-Nov-2069 8:9:7", (2069, 11, 6, 8, 9, 7)),
        ("1 jAnuary 69 0:0:0", (2069, 1, 1, 0, 0, 0)),
        ("1 jan 70 0:0:0 +0200", (1970, 1, 1, 0, 0, 0)),
        ("00:00:00 2030 31 Dec", (2030, 12, 31, 0, 0, 0)),
        ("00:00:00 31 Dec 2030", (2030, 12, 31, 0, 0, 0)),
        ("31st Dec 2030x 00:00:00x", (2030, 12, 31, 0, 0, 0)),
        ("29 Feb 2024 00:00:00", (2024, 2, 29, 0, 0, 0)),
        ("29 Feb 2023 00:00:00", None),
        ("32 Dec 2030 00:00:00", None),
        ("31 Dec 1600 00:00:00", None),
        ("31 Dec 2030 24:00:00", None),
        ("31 Dec 2030 00:60:00", None),
        ("31 Dec 2030 00:00:60", None),
        ("31 Dec 20300 00:00:00", None),
        ("31 Dec 2030", None),
        ("31 2030 00:00:00", None),
        ("", None),
        ("٣١ Dec 2030 00:00:00", None),
    ],
)
def test_parts_of_a_date_may_have_any_order(text: str, moment: tuple[int, ...] | None) -> None:
    expected = None if moment is None else datetime(*moment, tzinfo=UTC).timestamp()  # type: ignore[misc,arg-type]
    assert parse_date(text) == expected


@given(st.text())
def test_any_text_is_a_date_or_none(text: str) -> None:
    moment = parse_date(text)
    assert moment is None or moment == int(moment)
