"""Netscape cookie files: their lines as tables, and unknown data is preserved."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.session import Cookie, CookieFile
from httpcli.storage.cookie_file import merge_cookies, parse_cookies, read_cookies, save_cookies

NOW = 1000.0
HEAD = "# Netscape HTTP Cookie File\n"
HERE = Cookie("a", "1", "h.org")


def line(*fields: str) -> str:
    return "\t".join(fields) + "\n"


def plain(name: str = "a", value: str = "1", expires: str = "0") -> str:
    return line("h.org", "FALSE", "/", "FALSE", expires, name, value)


def after(text: str, *cookies: Cookie) -> str:
    return merge_cookies(text, {cookie.key: cookie for cookie in cookies}, "jar", NOW)[0]


@pytest.mark.parametrize(
    ("text", "cookie"),
    [
        ("h.org\tFALSE\t/\tFALSE\t0\ta\t1\n", HERE),
        ("h.org\tFALSE\t/\tFALSE\t0\ta\t1\r\n", HERE),
        ("h.org\tFALSE\t/\tFALSE\t0\ta\t1", HERE),
        ("  h.org\tFALSE\t/\tFALSE\t0\ta\t1\n", HERE),
        ("\ufeffh.org\tFALSE\t/\tFALSE\t0\ta\t1\n", HERE),
        ("H.ORG\tfalse\t/\tFalse\t0\ta\t1\n", HERE),
        ("h.org\tFALSE\t/\tFALSE\t\ta\t1\n", HERE),
        (".h.org\tTRUE\t/\tFALSE\t0\ta\t1\n", HERE._replace(host_only=False)),
        ("h.org\tTRUE\t/\tFALSE\t0\ta\t1\n", HERE._replace(host_only=False)),
        (".h.org\tFALSE\t/\tFALSE\t0\ta\t1\n", HERE),
        ("#HttpOnly_h.org\tFALSE\t/\tFALSE\t0\ta\t1\n", HERE._replace(http_only=True)),
        (
            "h.org\tFALSE\t/x/y\tTRUE\t5\ta\t1\n",
            HERE._replace(path="/x/y", secure=True, expires=5),
        ),
        ("h.org\tFALSE\t/x/\tFALSE\t0\ta\t1\n", HERE._replace(path="/x")),
        ("h.org\tFALSE\t/\tFALSE\t5.75\ta\t1\n", HERE._replace(expires=5.75)),
        ("h.org\tFALSE\t/\tFALSE\t-1\ta\t1\n", HERE._replace(expires=-1)),
        ("h.org\tFALSE\t/\tFALSE\t999999999999999\ta\t1\n", HERE._replace(expires=253402300799)),
        ("h.org\tFALSE\t/\tFALSE\t0\ta\t\n", HERE._replace(value="")),
        ("h.org\tFALSE\t/\tFALSE\t0\ta\n", HERE._replace(value="")),
        ("h.org\tFALSE\t/\tFALSE\t0\t\tv\n", HERE._replace(name="", value="v")),
        ('h.org\tFALSE\t/\tFALSE\t0\ta\tx"=, #y\n', HERE._replace(value='x"=, #y')),
        ("h.org:8080\tFALSE\t/\tFALSE\t0\ta\t1\n", HERE),
        ("::1\tFALSE\t/\tFALSE\t0\ta\t1\n", HERE._replace(domain="::1")),
        ("[::1]\tFALSE\t/\tFALSE\t0\ta\t1\n", HERE._replace(domain="::1")),
        ("192.0.2.1\tFALSE\t/\tFALSE\t0\ta\t1\n", HERE._replace(domain="192.0.2.1")),
    ],
)
def test_line_is_parsed_as_a_cookie(text: str, cookie: Cookie) -> None:
    assert parse_cookies(text, "jar") == (cookie,)


@pytest.mark.parametrize(
    "text", ["", "\n", "\r\n", " \t \n", HEAD, "#\n", "# a\tb\n", "#HttpOnly\n"]
)
def test_comments_and_blank_lines_are_ignored(text: str) -> None:
    assert parse_cookies(text, "jar") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("h.org FALSE / FALSE 0 a 1", "expected 7 fields separated by tabs, found 1"),
        ("h.org\tFALSE\t/\tFALSE\t0", "found 5"),
        ("h.org\tFALSE\t/\tFALSE\t0\ta\tsecret\tsecret", "found 8"),
        ("\tFALSE\t/\tFALSE\t0\ta\t1", "missing domain"),
        ("h.org\tyes\t/\tFALSE\t0\ta\t1", "the second field must be TRUE or FALSE"),
        ("h.org\tFALSE\t/\t1\t0\ta\t1", "the fourth field must be TRUE or FALSE"),
        ("h.org\tFALSE\tx\tFALSE\t0\ta\t1", "the path"),
        (
            "h.org\tFALSE\t/\tFALSE\tsoon\ta\t1",
            "the fifth field must be a time in seconds since 1970",
        ),
        ("h.org\tFALSE\t/\tFALSE\t0\t\t", "missing name and value"),
        (
            "h.org\tFALSE\t/\tFALSE\t0\ta\t1; b=2",
            "the name or value contains characters that a Cookie header cannot have",
        ),
        (
            "h.org\tFALSE\t/\tFALSE\t0\ta\t1\r2",
            "the name or value contains characters that a Cookie header cannot have",
        ),
        (
            "h.org\tFALSE\t/\tFALSE\t0\ta=b\t1",
            "the name or value contains characters that a Cookie header cannot have",
        ),
        ("Set-Cookie: a=secret", "found 1"),
        ("[" * 100_000, "found 1"),
    ],
)
def test_invalid_line_is_an_error_with_its_number_and_changes_nothing(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "jar"
    path.write_bytes(f"{HEAD}{plain()}{text}\n".encode())
    before = path.read_bytes()
    for attempt in (
        lambda: read_cookies("my jar", str(path)),
        lambda: save_cookies(CookieFile("my jar", str(path)), {HERE.key: HERE}, NOW),
    ):
        with pytest.raises(HttpcliError) as caught:
            attempt()
        assert caught.value.message.startswith("my jar:3: ")
        assert message in caught.value.message
        assert "secret" not in caught.value.message
        assert caught.value.status is ExitStatus.LOCAL
    assert path.read_bytes() == before


def test_new_file_starts_with_the_line_that_other_tools_require() -> None:
    cookies = (
        HERE,
        Cookie("b", "2", "h.org", "/x", host_only=False, secure=True, expires=2000.7),
        Cookie("c", "3", "::1", http_only=True),
    )
    assert after("", *cookies) == (
        "# Netscape HTTP Cookie File\n"
        "# Written by httpcli; curl, wget and yt-dlp read it too.\n"
        "\n"
        "h.org\tFALSE\t/\tFALSE\t0\ta\t1\n"
        ".h.org\tTRUE\t/x\tTRUE\t2000\tb\t2\n"
        "#HttpOnly_::1\tFALSE\t/\tFALSE\t0\tc\t3\n"
    )


def test_unchanged_lines_stay_byte_for_byte() -> None:
    odd = "  .h.org\ttrue\t/x/\tfalse\t\tb\t2\n"
    text = f"# mine\n\n{plain()}# between\n{odd}{plain('c')}"
    assert after(text, HERE._replace(value="new")) == text.replace(plain(), plain(value="new"))
    assert after(text) == text


def test_new_lines_have_the_line_ends_of_the_file() -> None:
    text = (HEAD + plain()).replace("\n", "\r\n")
    new = Cookie("b", "2", "h.org")
    assert after(text, new) == text + plain("b", "2").replace("\n", "\r\n")


def test_missing_final_line_end_is_added() -> None:
    assert after(plain().rstrip("\n"), Cookie("b", "2", "h.org")) == plain() + plain("b", "2")


def test_expired_and_deleted_cookies_are_removed() -> None:
    text = plain("over", expires="1000") + plain("gone") + plain("stays", expires="1001")
    changes = {Cookie("gone", "", "h.org").key: None}
    assert merge_cookies(text, changes, "jar", NOW)[0] == plain("stays", expires="1001")


def test_changing_a_duplicate_cookie_leaves_one_line() -> None:
    text = plain(value="old") + plain("b") + plain(value="older")
    assert after(text, HERE._replace(value="new")) == plain(value="new") + plain("b")


def test_trailing_slash_in_a_path_is_ignored() -> None:
    text = line("h.org", "FALSE", "/x/", "FALSE", "0", "a", "old")
    assert after(text, HERE._replace(path="/x")) == line(
        "h.org", "FALSE", "/x", "FALSE", "0", "a", "1"
    )


def test_cookie_with_a_tab_is_left_out_and_reported() -> None:
    unfit = HERE._replace(value="1\t2")
    text, left_out = merge_cookies(plain("b") + plain(), {unfit.key: unfit}, "jar", NOW)
    assert (text, left_out) == (plain("b"), [unfit])


def test_undecodable_bytes_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "jar"
    data = plain(value="caf").encode().replace(b"caf", b"caf\xe9\xff")
    path.write_bytes(data)
    (cookie,) = read_cookies("jar", str(path)).cookies
    save_cookies(CookieFile("jar", str(path)), {cookie.key: cookie}, NOW)
    assert path.read_bytes() == data


def test_saved_file_is_private_even_if_it_was_readable(tmp_path: Path) -> None:
    path = tmp_path / "jar"
    file = CookieFile("jar", str(path))
    before = os.umask(0)
    try:
        save_cookies(file, {}, NOW)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    save_cookies(file, {}, NOW)
    assert path.stat().st_mode & 0o777 == 0o600


def test_symlink_is_kept(tmp_path: Path) -> None:
    (tmp_path / "real").write_text(plain())
    link = tmp_path / "link"
    link.symlink_to("real")
    save_cookies(CookieFile("jar", str(link)), {HERE.key: HERE._replace(value="2")}, NOW)
    assert link.is_symlink()
    assert (tmp_path / "real").read_text() == plain(value="2")


LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters=";=")
NAMES = st.text(LETTERS)
PATHS = st.builds("/{}x".format, NAMES)
HOSTS = st.sampled_from(
    ["h.org", "www.h.org", "localhost", "192.0.2.1", "::1", "xn--bcher-kva.example"]
)
COOKIES = st.builds(
    Cookie,
    name=NAMES,
    value=st.text(
        st.characters(exclude_categories=["Cc", "Cs"], exclude_characters=";"), min_size=1
    ),
    domain=HOSTS,
    path=PATHS,
    host_only=st.booleans(),
    secure=st.booleans(),
    expires=st.none() | st.integers(1001, 253_402_300_799).map(float),
    http_only=st.booleans(),
    same_site=st.just(""),
)
LINES = st.sampled_from(
    [HEAD, "\n", "# a\tb\n", plain("kept", "x"), plain("kept too", expires="1234")]
)


@given(st.lists(COOKIES, unique_by=lambda cookie: cookie.key), st.lists(LINES, unique=True))
def test_written_cookies_are_read_back(cookies: list[Cookie], lines: list[str]) -> None:
    before = "".join(lines)
    there = parse_cookies(before, "jar")
    changes = {cookie.key: cookie for cookie in cookies}
    text, left_out = merge_cookies(before, changes, "jar", NOW)
    assert left_out == []
    read = {cookie.key: cookie for cookie in parse_cookies(text, "jar")}
    assert read == {**{cookie.key: cookie for cookie in there}, **changes}
    assert merge_cookies(text, changes, "jar", NOW) == (text, [])


@given(st.text())
def test_any_text_parses_or_is_an_error(text: str) -> None:
    try:
        parse_cookies(text, "jar")
    except HttpcliError:
        return
    assert merge_cookies(text, {}, "jar", -1e18)[0].startswith(text)
