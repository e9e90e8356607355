"""URLs as typed: shorthands, quoting, dot segments, hosts, ``echo:``, and errors."""

from __future__ import annotations

import subprocess
import sys
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.errors import Fault, UsageError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.url import Url
from httpcli.syntax.urls import ParsedUrl, parse_url, with_query


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (":3000/x", "http://localhost:3000/x"),
        (":3000", "http://localhost:3000/"),
        (":/x", "http://localhost/x"),
        (":", "http://localhost/"),
        (":?a=b", "http://localhost/?a=b"),
        ("://host/x", "http://host/x"),
        ("host/x", "http://host/x"),
        ("localhost", "http://localhost/"),
        ("host:8080", "http://host:8080/"),
        ("host:", "http://host/"),
        ("host:80", "http://host/"),
        ("host:0", "http://host:0/"),
        ("host:00080/x", "http://host/x"),
        ("HTTP://EXAMPLE.com/A", "http://example.com/A"),
        ("https://host:443/", "https://host/"),
        ("https://host?a", "https://host/?a"),
        ("[::1]:3000", "http://[::1]:3000/"),
        ("http://[::FFFF:1.2.3.4]", "http://[::ffff:1.2.3.4]/"),
        ("[1:2:3:4:5:6:7:8]", "http://[1:2:3:4:5:6:7:8]/"),
        ("[::]", "http://[::]/"),
        ("127.0.0.1", "http://127.0.0.1/"),
        ("host.", "http://host./"),
        ("a_b.c", "http://a_b.c/"),
        ("münchen.de/ü", "http://xn--mnchen-3ya.de/%C3%BC"),
        ("host/x#y?z", "http://host/x"),
        ("host?a#b", "http://host/?a"),
        ("host/?", "http://host/?"),
        ("host/@x?u=http://y", "http://host/@x?u=http://y"),
        ("echo:8080", "http://echo:8080/"),
    ],
)
def test_typed_url_is_parsed(text: str, url: str) -> None:
    target = parse_url(text)
    assert str(target.url) == url
    assert target[1:] == (None, None, False, "", False)


def test_default_scheme_applies_to_urls_without_one() -> None:
    assert parse_url("host", default_scheme="https").url.scheme == "https"
    assert parse_url(":1", default_scheme="https").url == Url("https", "localhost", 1)
    assert parse_url("://host", default_scheme="https").url.scheme == "https"
    assert parse_url("http://host", default_scheme="https").url.scheme == "http"


@pytest.mark.parametrize(
    ("text", "host"),
    [("[fe80::1%eth0]", "fe80::1%eth0"), ("[FE80::1%25Eth0]:80", "fe80::1%Eth0")],
)
def test_ipv6_zone_is_kept(text: str, host: str) -> None:
    assert parse_url(text).url.host == host


@pytest.mark.parametrize(
    ("text", "user", "password"),
    [
        ("user:pw@host", "user", "pw"),
        ("https://user@host", "user", None),
        ("user:@host", "user", ""),
        (":pw@host", "", "pw"),
        ("u%40x:p%3A%2F%C3%A9@host", "u@x", "p:/é"),
        ("u:p:q@host", "u", "p:q"),
        ("u:p@q@host", "u", "p@q"),
        ("ü:%zz@host", "ü", "%zz"),
        ("@host", None, None),
    ],
)
def test_the_user_and_password_are_decoded(
    text: str, user: str | None, password: str | None
) -> None:
    scheme = "" if "://" in text or not text.startswith(":") else "http://"
    assert parse_url(scheme + text)[1:3] == (user, password)
    assert parse_url(scheme + text).url.host == "host"


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("/a%7e%2F%c3?b%20c=%7E", "/a%7e%2F%c3?b%20c=%7E"),
        ("/a b?c d", "/a%20b?c%20d"),
        ("/é?é='", "/%C3%A9?%C3%A9='"),
        ("/100%?%zz%4", "/100%25?%25zz%254"),
        ('/a[b]|c{d}^`"<>\\e', "/a%5Bb%5D%7Cc%7Bd%7D%5E%60%22%3C%3E%5Ce"),
        ('/?q=[1]|{}^`"<>\\&x', "/?q=%5B1%5D%7C%7B%7D%5E%60%22%3C%3E%5C&x"),
        ("/a;b,c!$&()*+=:@~'-._", "/a;b,c!$&()*+=:@~'-._"),
        ("/?a+b=/?:@", "/?a+b=/?:@"),
        ("/😀", "/%F0%9F%98%80"),
        ("/a/../b/./c", "/b/c"),
        ("/a/b/..", "/a/"),
        ("/..", "/"),
        ("/../../a", "/a"),
        ("/a/.", "/a/"),
        ("//a/../b", "//b"),
        ("/%2e%2e/a", "/%2e%2e/a"),
        ("/a/...", "/a/..."),
        ("/?../..", "/?../.."),
    ],
)
def test_escapes_are_kept_and_other_characters_are_quoted(typed: str, sent: str) -> None:
    assert parse_url("host" + typed).url.target == sent


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_any_typed_path_gives_a_valid_request_target(path: str) -> None:
    target = parse_url(f"host/{path}.").url.target
    assert target.isascii()
    assert target.isprintable()
    assert " " not in target
    assert parse_url("host" + target).url.target == target


@pytest.mark.parametrize(
    ("typed", "as_is", "encoded"),
    [
        ("/a/../b/./?x", "/a/../b/./?x", "/a/../b/./?x"),
        ("/%zz[{", "/%zz[{", "/%zz[{"),
        ("?%zz[{", "/?%25zz%5B%7B", "/?%zz[{"),
        ("", "/", "/"),
        ("/a#b", "/a", "/a"),
    ],
)
def test_a_target_can_be_sent_as_typed(typed: str, as_is: str, encoded: str) -> None:
    assert parse_url("host" + typed, path_as_is=True).url.target == as_is
    assert parse_url("host" + typed, encoded=True).url.target == encoded


@pytest.mark.parametrize("place", [6, 4])
@pytest.mark.parametrize("invalid", [" ", "é", "a b"])
def test_invalid_path_sent_as_typed_is_rejected(invalid: str, place: int) -> None:
    text = "host/" + "x" * (place - 4) + invalid + "y"
    for encoded in (True, False):
        with pytest.raises(UsageError) as caught:
            parse_url(text, path_as_is=not encoded, encoded=encoded)
        start = text.index(invalid.strip("ab"))
        assert caught.value.fault == Fault(text, start, start + 1)
        assert caught.value.hint


def test_invalid_query_sent_as_typed_is_rejected_and_not_shown() -> None:
    assert parse_url("host?a b", path_as_is=True).url.query == "a%20b"
    with pytest.raises(UsageError) as caught:
        parse_url("host/x?key=secret é!", encoded=True)
    assert caught.value.fault == Fault("host/x?… é…", 8, 10)


ECHO = [
    ("echo:", "/anything"),
    ("echo:/", "/"),
    ("echo:/status/404", "/status/404"),
    ("echo:/a/../b c?d e#f", "/b%20c?d%20e"),
    ("echo:?a=b", "/?a=b"),
    ("echo:#x", "/anything"),
]


@pytest.mark.parametrize(("text", "target"), ECHO)
def test_echo_url_is_parsed(text: str, target: str) -> None:
    parsed = parse_url(text, default_scheme="https")
    assert parsed == ParsedUrl(parsed.url, echo=True)
    assert (parsed.url.scheme, parsed.url.host, parsed.url.port) == ("http", "echo", None)
    assert parsed.url.target == target


def test_echo_path_can_be_sent_as_typed() -> None:
    assert parse_url("echo:/a/../b", path_as_is=True).url.path == "/a/../b"


@pytest.mark.parametrize("text", ["echo", "echo:80/x", "echo.org:/x", "http://echo/", "ECHO:1"])
def test_host_named_echo_is_an_ordinary_host(text: str) -> None:
    assert not parse_url(text).echo


REFUSED = [
    ("ftp://u:pw@host/x", "ftp:// is not supported", "ftp://…redacted…@host/x", 0, 3),
    ("echo://x", "echo: URLs have no host", "echo://", 5, 7),
    (" host", "the URL starts or ends with a space", " host", 0, 1),
    ("host ", "the URL starts or ends with a space", "host ", 4, 5),
    ("host/x\u00a0", "the URL starts or ends with a space", "host/x\u00a0", 6, 7),
    ("host/\r\nX: y", "a carriage return is not allowed in a URL", "host/\r\nX: y", 5, 6),
    ("host/x\n", "a line feed is not allowed in a URL", "host/x\n", 6, 7),
    ("ho\0st", "a NUL is not allowed in a URL", "ho\0st", 2, 3),
    ("host/\x1b[m", "a control character is not allowed in a URL", "host/\x1b[m", 5, 6),
    ("host/\x7f", "a control character is not allowed in a URL", "host/\x7f", 5, 6),
    ("host/\x85", "a control character is not allowed in a URL", "host/\x85", 5, 6),
    ("host/\udcff", "a byte that is not UTF-8 is not allowed in a URL", "host/\udcff", 5, 6),
    ("host?k=secret\tx", "a tab is not allowed in a URL", "host?…\t…", 6, 7),
    ("http://", "missing host", "http://", 7, 7),
    ("http:///x", "invalid URL: expected http:// before the host", "http:///x", 0, 8),
    ("http://:80/", "missing host", "http://:80/", 7, 7),
    ("ho st/x", "' ' is not allowed in a host name", "ho st/x", 2, 3),
    ("a\\b/x", "'\\\\' is not allowed in a host name", "a\\b/x", 1, 2),
    ("a%4/x", "'%' is not allowed in a host name", "a%4/x", 1, 2),
    ("a%2F/x", "'/' is not allowed in a host name", "a%2F/x", 1, 4),
    (
        "a..b",
        "the host name has an empty label (two dots, or a dot at the start)",
        "a..b",
        0,
        4,
    ),
    ("host:99999", "invalid port: must be a number from 0 to 65535", "host:99999", 5, 10),
    ("host:8x/y", "invalid port: must be a number from 0 to 65535", "host:8x/y", 5, 7),
    ("host:-1", "invalid port: must be a number from 0 to 65535", "host:-1", 5, 7),
    ("host:\u0661", "invalid port: must be a number from 0 to 65535", "host:\u0661", 5, 6),
    (":abc", "invalid port: must be a number from 0 to 65535", ":abc", 1, 4),
    ("://host:x", "invalid port: must be a number from 0 to 65535", "://host:x", 8, 9),
    ("[::1", "missing ] after the IPv6 address", "[::1", 4, 4),
    ("[::1]x", "only a port can follow the IPv6 address", "[::1]x", 5, 6),
    ("[1::2::3]", "invalid IPv6 address", "[1::2::3]", 1, 8),
    ("[1:2:3]", "invalid IPv6 address", "[1:2:3]", 1, 6),
    ("[1:2:3:4:5:6:7:8:9]", "invalid IPv6 address", "[1:2:3:4:5:6:7:8:9]", 1, 18),
    ("[::1.2.3.256]", "invalid IPv6 address", "[::1.2.3.256]", 1, 12),
    ("[1.2.3.4]", "invalid IPv6 address", "[1.2.3.4]", 1, 8),
    ("[12345::]", "invalid IPv6 address", "[12345::]", 1, 8),
    ("[]", "invalid IPv6 address", "[]", 1, 1),
    ("::1", "write IPv6 addresses in brackets: [::1]", "::1", 0, 3),
    ("u%ff:p@host", "the user name or password is not UTF-8", "…redacted…@host", 0, 10),
]


@pytest.mark.parametrize(("text", "message", "shown", "start", "end"), REFUSED)
def test_invalid_url_is_rejected_with_its_position(
    text: str, message: str, shown: str, start: int, end: int
) -> None:
    with pytest.raises(UsageError) as caught:
        parse_url(text)
    assert caught.value.message == message
    assert caught.value.fault == Fault(shown, start, end)
    assert caught.value.status is ExitStatus.USAGE


@pytest.mark.parametrize("text", ["host/\n", " host", "host/\0", "host?\r", "host/\x1b"])
@pytest.mark.parametrize("option", ["path_as_is", "encoded"])
def test_control_character_is_rejected_in_every_mode(text: str, option: str) -> None:
    with pytest.raises(UsageError):
        parse_url(text, path_as_is=option == "path_as_is", encoded=option == "encoded")


def test_unknown_scheme_error_lists_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        parse_url("foo://bar")
    assert caught.value.hint == "http, https, ws and wss are"


def test_empty_url_is_rejected() -> None:
    with pytest.raises(UsageError, match="empty URL"):
        parse_url("")


@pytest.mark.parametrize("host", ["x" * 64, "x." * 130 + "com", "ü" * 60, "a.。b"])
def test_invalid_host_name_is_rejected(host: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_url(f"http://{host}/x")
    assert caught.value.fault == Fault(f"http://{host}/x", 7, 7 + len(host))


@pytest.mark.parametrize(
    "text",
    [
        "http://u:s3cret@host:99999/",
        "u:s3cret@ho st/",
        "u:s3/cret@host/",
        "u:s3?cret@host/",
        "u:s3#cret@host/",
        "http://u:s3cret@host/\n",
        "http://u:s3cret\n@host/",
        "u:p/s3cret\n@host",
        "host:x?token=s3cret",
        "ho st?token=s3cret",
        "host?token=s3cret&a\n",
        "host?token\n=s3cret",
        "s3cret@ho st",
    ],
)
def test_an_error_shows_no_password_and_no_query(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_url(text)
    error = caught.value
    shown = f"{error.message} {error.hint} {error.fault}"
    assert "s3" not in shown
    assert "cret" not in shown


@pytest.mark.parametrize(
    ("own", "pairs", "query"),
    [
        (None, [], None),
        ("", [], ""),
        (None, [("a", "b")], "a=b"),
        ("", [("a", "b")], "a=b"),
        ("x=1", [("a", "b")], "x=1&a=b"),
        ("x=1&", [("a", "b")], "x=1&&a=b"),
        (None, [("a", "1"), ("a", "2"), ("A", "")], "a=1&a=2&A="),
        (None, [("c d", "e f+g")], "c+d=e+f%2Bg"),
        (None, [("q", "%41&=#/?:@")], "q=%2541%26%3D%23%2F%3F%3A%40"),
        (None, [("é", "~-._*")], "%C3%A9=~-._%2A"),
        (None, [("a", "x\ny")], "a=x%0Ay"),
    ],
)
def test_parameters_follow_the_query_of_the_url(
    own: str | None, pairs: list[tuple[str, str]], query: str | None
) -> None:
    assert with_query(Url("http", "h", query=own), pairs).query == query


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1))
def test_server_decodes_the_given_parameters(pairs: list[tuple[str, str]]) -> None:
    query = with_query(Url("http", "h"), pairs).query
    assert parse_qsl(query, keep_blank_values=True, max_num_fields=None) == pairs


def test_nothing_heavy_is_loaded_for_an_ordinary_url() -> None:
    script = (
        "import sys, httpcli.syntax.items, httpcli.syntax.urls as urls\n"
        "urls.parse_url('https://u:p@host:1/a b?c')\n"
        "heavy = {'asyncio', 'idna', 'ipaddress', 'json', 'socket', 'dataclasses', 'pathlib'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
        "urls.parse_url('é.de')\n"
        "print('idna' in sys.modules)\n"
    )
    command = [sys.executable, "-S", "-c", script]
    path = ":".join(path for path in sys.path if path)
    done = subprocess.run(command, env={"PYTHONPATH": path}, capture_output=True, text=True)
    assert done.stdout.split("\n")[:2] == ["[]", "True"], done.stderr


# --- Unix sockets ---


@pytest.mark.parametrize(
    ("text", "url", "path"),
    [
        ("http+unix://%2Frun%2Fa.sock/x?y", "http://localhost/x?y", "/run/a.sock"),
        ("http+unix://%2frun%2fa.sock", "http://localhost/", "/run/a.sock"),
        ("HTTP+UNIX://%2Frun%2Fa.sock/", "http://localhost/", "/run/a.sock"),
        ("https+unix://%2Frun%2Fa.sock/", "https://localhost/", "/run/a.sock"),
        ("http+unix://a.sock/", "http://localhost/", "a.sock"),
        ("http+unix://@name/", "http://localhost/", "@name"),
        ("http+unix://%40name/", "http://localhost/", "@name"),
        ("http+unix://%2F%C3%BC/a b", "http://localhost/a%20b", "/ü"),
    ],
)
def test_url_with_a_socket_has_localhost_as_its_host(text: str, url: str, path: str) -> None:
    target = parse_url(text)
    assert (str(target.url), target.unix_socket) == (url, path)


@pytest.mark.parametrize("text", ["http+unix://", "http+unix:///run/a.sock", "ftp+unix://a/"])
def test_a_url_without_a_socket_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_url(text)
