"""Session files: their layouts and permissions; unknown entries are preserved."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Field, Fields
from httpcli.core.session import Cookie, Session, SessionChanges, SessionContents, StoredAuth
from httpcli.storage.config_paths import config_directory
from httpcli.storage.session_file import read_session, save_session

NOW = 1000.0
NONE = Fields()
NOTHING = SessionChanges(NONE, {}, None)


def session(path: Path, host: str = "h.org", *, read_only: bool = False) -> Session:
    return Session("s", str(path), host, read_only)


def changes(
    *cookies: Cookie, fields: Fields = NONE, auth: StoredAuth | None = None
) -> SessionChanges:
    return SessionChanges(fields, {cookie.key: cookie for cookie in cookies}, auth)


def written(path: Path) -> Any:
    return json.loads(path.read_text("ascii"))


def make(path: Path, **parts: Any) -> Path:
    path.write_text(json.dumps(parts))
    return path


def entry(name: str, value: str, domain: str | None = "h.org", **more: Any) -> dict[str, Any]:
    plain = {"domain": domain, "expires": None, "path": "/", "secure": False}
    return {**plain, "name": name, "value": value, **more}


def test_new_file_has_the_layout_of_httpie(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    fields = Fields([Field("X-Ü", "grün")])
    auth = StoredAuth("basic", "me:pw")
    save_session(session(path), changes(Cookie("a", "1", "h.org"), fields=fields, auth=auth), NOW)
    assert (
        path.read_text("ascii")
        == """\
{
    "__meta__": {
        "about": "A session of httpcli, in the layout of HTTPie's session files",
        "httpie": "3.2.4"
    },
    "auth": {
        "raw_auth": "me:pw",
        "type": "basic"
    },
    "cookies": [
        {
            "domain": "h.org",
            "expires": null,
            "name": "a",
            "path": "/",
            "secure": false,
            "value": "1"
        }
    ],
    "headers": [
        {
            "name": "X-\\u00dc",
            "value": "gr\\u00fcn"
        }
    ]
}
"""
    )


def test_file_and_folders_are_private(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "s.json"
    before = os.umask(0)
    try:
        save_session(session(path), NOTHING, NOW)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.parent.parent.stat().st_mode & 0o777 == 0o700
    assert os.listdir(path.parent) == ["s.json"]


def test_saving_makes_a_readable_file_private(tmp_path: Path) -> None:
    path = tmp_path / "s"
    save_session(session(path), NOTHING, NOW)
    path.chmod(0o644)
    save_session(session(path), NOTHING, NOW)
    assert path.stat().st_mode & 0o777 == 0o600


def test_unchanged_session_is_not_rewritten(tmp_path: Path) -> None:
    path = tmp_path / "s"
    save_session(session(path), NOTHING, NOW)
    file = path.stat().st_ino
    save_session(session(path), NOTHING, NOW)
    assert path.stat().st_ino == file


def test_symlink_is_kept(tmp_path: Path) -> None:
    (tmp_path / "directory").mkdir()
    link = tmp_path / "link"
    link.symlink_to("directory/s.json")
    save_session(session(link), NOTHING, NOW)
    assert link.is_symlink()
    assert written(tmp_path / "directory" / "s.json")["cookies"] == []


def test_read_only_session_is_created_but_never_changed(tmp_path: Path) -> None:
    path = tmp_path / "s"
    save_session(session(path, read_only=True), changes(Cookie("a", "1", "h.org")), NOW)
    assert [each["name"] for each in written(path)["cookies"]] == ["a"]
    before = path.read_bytes()
    save_session(session(path, read_only=True), changes(Cookie("b", "2", "h.org")), NOW)
    assert path.read_bytes() == before


def test_empty_file_is_a_new_session(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.touch()
    assert read_session(str(path), "h.org") == SessionContents()
    save_session(session(path), NOTHING, NOW)
    assert written(path)["__meta__"]["httpie"] == "3.2.4"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"cookies": [],\n "headers": [}', "line 2, column 14: expecting value"),
        ("[]", "not a JSON object"),
        ("{} x", "line 1, column 4: extra data"),
        ('{"cookies": "a=b"}', "cookies must be a list of objects"),
        ('{"cookies": ["a=b"]}', "cookies must be a list of objects"),
        ('{"cookies": {"a": "b"}}', "cookies must be a list of objects"),
        ('{"headers": [1]}', "headers must be a list of objects"),
        ('{"auth": "me:pw"}', "auth must be an object"),
        ("[" * 200_000, "cannot be read"),
        ('{"n": ' + "9" * 10_000 + "}", "cannot be read"),
        ("\udcff", "not UTF-8 text"),
    ],
)
def test_invalid_file_is_an_error_and_not_changed(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "s.json"
    path.write_text(text, "utf-8", "surrogateescape")
    for attempt in (
        lambda: read_session(str(path), "h.org"),
        lambda: save_session(session(path), changes(Cookie("a", "1", "h.org")), NOW),
    ):
        with pytest.raises(HttpcliError) as caught:
            attempt()
        assert str(path) in caught.value.message
        assert message in caught.value.message
        assert caught.value.status is ExitStatus.LOCAL
    assert path.read_text("utf-8", "surrogateescape") == text
    assert sorted(os.listdir(tmp_path)) == ["home", "s.json"]


def test_directory_or_fifo_is_an_error(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path, tmp_path / "fifo"):
        with pytest.raises(HttpcliError, match="not a regular file"):
            read_session(str(path), "h.org")


def test_parent_that_is_no_directory_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HttpcliError, match="not a directory") as caught:
        save_session(session(tmp_path / "file" / "s"), NOTHING, NOW)
    assert caught.value.status is ExitStatus.LOCAL


def test_unknown_entries_are_preserved(tmp_path: Path) -> None:
    cookie = entry("a", "1", rest={"HttpOnly": None}, priority=7)
    odd = {"name": 5, "value": "odd"}
    path = make(
        tmp_path / "s",
        __meta__={"httpie": "9.9", "mine": 1},
        cookies=[cookie, odd],
        headers=[{"name": "X-A", "value": 12}, {"name": "X-B", "value": "b", "note": None}],
        more={"n": 123456789012345678901234567890, "e": 1.25},
        auth={"type": "odd", "raw_auth": None},
    )
    save_session(session(path), changes(Cookie("a", "2", "h.org"), Cookie("b", "3", "h.org")), NOW)
    assert written(path) == {
        "__meta__": {"httpie": "9.9", "mine": 1},
        "cookies": [{**cookie, "value": "2"}, odd, entry("b", "3")],
        "headers": [{"name": "X-A", "value": 12}, {"name": "X-B", "value": "b", "note": None}],
        "more": {"n": 123456789012345678901234567890, "e": 1.25},
        "auth": {"type": "odd", "raw_auth": None},
    }


def test_headers_replace_all_of_the_same_name(tmp_path: Path) -> None:
    path = make(
        tmp_path / "s",
        headers=[{"name": name, "value": "old"} for name in ("X-A", "x-a", "X-B")],
    )
    fields = Fields([Field("x-A", "1"), Field("X-A", "2")])
    save_session(session(path), changes(fields=fields), NOW)
    assert read_session(str(path), "h.org").fields == (
        Field("X-B", "old"),
        Field("x-A", "1"),
        Field("X-A", "2"),
    )


def test_old_layout_is_read_and_preserved(tmp_path: Path) -> None:
    path = make(
        tmp_path / "s",
        cookies={
            "a": {"value": "1"},
            "b": {"value": "2", "expires": 5, "path": "/x", "domain": ""},
        },
        headers={"X-A": "1", "X-B": "2"},
        auth={"type": "basic", "username": "me", "password": "p:w"},
    )
    before = read_session(str(path), "h.org")
    assert before.fields == (Field("X-A", "1"), Field("X-B", "2"))
    assert before.cookies == (
        Cookie("a", "1", "h.org"),
        Cookie("b", "2", "h.org", "/x", expires=5.0),
    )
    assert before.auth == StoredAuth("basic", "me:p:w", literal=True)
    fields = Fields([Field("X-B", "3"), Field("X-B", "4")])
    auth = StoredAuth("basic", "you:new")
    save_session(session(path), changes(Cookie("c", "3", "h.org"), fields=fields, auth=auth), NOW)
    assert written(path) == {
        "cookies": {
            "a": {"value": "1"},
            "c": {key: value for key, value in entry("c", "3").items() if key != "name"},
        },
        "headers": {"X-A": "1", "X-B": "4"},
        "auth": {"type": "basic", "username": "you", "password": "new"},
    }


@pytest.mark.parametrize("raw", ["token", "me:@env:PW", "@env:ME"])
def test_auth_is_written_in_the_new_layout_if_the_old_cannot_hold_it(
    tmp_path: Path, raw: str
) -> None:
    path = make(tmp_path / "s", auth={"type": "basic", "username": "me", "password": "pw"})
    save_session(session(path), changes(auth=StoredAuth("basic", raw)), NOW)
    assert written(path)["auth"] == {"type": "basic", "raw_auth": raw}


def test_literal_password_that_looks_like_a_reference_stays_literal(tmp_path: Path) -> None:
    path = make(tmp_path / "s", auth={"type": "basic", "raw_auth": "me:old"})
    auth = StoredAuth("basic", "me:@env:PW", literal=True)
    save_session(session(path), changes(auth=auth), NOW)
    assert read_session(str(path), "h.org").auth == auth
    assert "raw_auth" not in written(path)["auth"]


@pytest.mark.parametrize(
    ("domain", "host", "cookie_domain", "host_only"),
    [
        ("h.org", "h.org", "h.org", True),
        (".h.org", "www.h.org", "h.org", False),
        ("", "h.org", "h.org", True),
        (None, "h.org", "h.org", True),
        (".", "h.org", "h.org", True),
        ("H.org.", "h.org", "h.org", True),
        ("localhost.local", "localhost", "localhost", True),
        ("printer.office.local", "printer.office.local", "printer.office.local", True),
        ("printer.local", "printer.local", "printer.local", True),
        ("printer.local", "printer", "printer", True),
        (".localhost.local", "app.localhost", "localhost", False),
        ("[::1].local", "::1", "::1", True),
        ("[::ffff:192.0.2.1]", "192.0.2.1", "192.0.2.1", True),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1", True),
    ],
)
def test_cookie_domains_have_the_form_that_httpie_uses(
    tmp_path: Path, domain: str | None, host: str, cookie_domain: str, host_only: bool
) -> None:
    path = make(tmp_path / "s", cookies=[entry("a", "1", domain)])
    cookie = Cookie("a", "1", cookie_domain, host_only=host_only)
    assert read_session(str(path), host).cookies == (cookie,)
    save_session(session(path, host), changes(cookie._replace(value="2")), NOW)
    typed = domain in (None, "", ".", "H.org.", "[::ffff:192.0.2.1]")
    assert written(path)["cookies"] == [entry("a", "2", cookie_domain if typed else domain)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"domain": 5}, "domain must be a string"),
        ({"domain": [".h.org"]}, "domain must be a string"),
        ({"domain": ".com"}, "its domain com is not of one site"),
        ({"domain": ".local"}, "its domain local is not of one site"),
        ({"expires": True}, "its time of expiry is not a number"),
        ({"expires": float("nan")}, "its time of expiry is not a number"),
        ({"expires": "soon"}, "its time of expiry is not a number"),
        ({"expires": "1"}, "its time of expiry is not a number"),
        ({"path": 1}, "name, value and path must be strings"),
        ({"value": "a;b"}, "its name or value cannot be sent"),
    ],
)
def test_an_invalid_cookie_is_not_used_and_there_is_a_warning(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    path = make(tmp_path / "s", cookies=[{**entry("a", "1"), **change}, entry("b", "2")])
    contents = read_session(str(path), "h.org")
    assert [cookie.name for cookie in contents.cookies] == ["b"]
    assert contents.warnings == (f"cookie 1 is not used: {reason}",)


def test_a_cookie_far_in_the_future_is_kept(tmp_path: Path) -> None:
    times: list[Any] = [10**400, float("inf"), None]
    path = make(tmp_path / "s", cookies=[{**entry("a", "1"), "expires": time} for time in times])
    assert not any(cookie.is_expired(NOW) for cookie in read_session(str(path), "h.org").cookies)


def test_hosts_with_the_same_domain_in_the_file_share_a_cookie(tmp_path: Path) -> None:
    path = make(tmp_path / "s", cookies=[entry("a", "1", "printer.local")])
    save_session(session(path), changes(Cookie("a", "2", "printer")), NOW)
    assert written(path)["cookies"] == [entry("a", "2", "printer.local")]


def test_changing_a_duplicate_cookie_leaves_one_entry(tmp_path: Path) -> None:
    path = make(tmp_path / "s", cookies=[entry("a", "1"), entry("b", "1"), entry("a", "2")])
    save_session(session(path), changes(Cookie("a", "3", "h.org")), NOW)
    assert written(path)["cookies"] == [entry("a", "3"), entry("b", "1")]


def test_expired_and_deleted_cookies_are_removed(tmp_path: Path) -> None:
    path = make(
        tmp_path / "s",
        cookies=[
            entry("over", "1", expires=NOW),
            entry("gone", "1"),
            entry("stays", "1", expires=NOW + 1),
        ],
    )
    gone: dict[Any, Cookie | None] = {Cookie("gone", "", "h.org").key: None}
    save_session(session(path), SessionChanges(Fields(), gone, None), NOW)
    assert [each["name"] for each in written(path)["cookies"]] == ["stays"]


@pytest.mark.parametrize(
    "cookie",
    [
        entry("a", "1\r\nX: y"),
        entry("a", "1; b=2"),
        entry("a\0", "1"),
        entry("a", "\ud800"),
        entry("", ""),
        entry("a", "1", domain=5),  # type: ignore[arg-type]
        entry("a", 5),  # type: ignore[arg-type]
    ],
)
def test_invalid_cookie_is_ignored(tmp_path: Path, cookie: dict[str, Any]) -> None:
    path = make(tmp_path / "s", cookies=[cookie])
    assert read_session(str(path), "h.org").cookies == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-A", "1\r\nX: y"), ("X\r\nA", "1"), ("", "1"), ("X A", "1"), ("X:", "1")],
)
def test_invalid_header_is_ignored(tmp_path: Path, name: str, value: str) -> None:
    path = make(tmp_path / "s", headers=[{"name": name, "value": value}])
    assert read_session(str(path), "h.org").fields == ()


@pytest.mark.parametrize(
    "auth",
    [
        None,
        {},
        {"type": None, "username": None, "password": None},
        {"type": "basic", "raw_auth": None},
        {"type": 1, "raw_auth": "me:pw"},
    ],
)
def test_empty_auth_gives_no_credentials(tmp_path: Path, auth: object) -> None:
    assert read_session(str(make(tmp_path / "s", auth=auth)), "h.org").auth is None


@pytest.mark.parametrize(
    ("env", "directory"),
    [
        ({"HOME": "/me"}, "/me/.config/httpcli"),
        ({"HOME": "/me", "XDG_CONFIG_HOME": "/xdg"}, "/xdg/httpcli"),
        ({"HOME": "/me", "XDG_CONFIG_HOME": "xdg"}, "/me/.config/httpcli"),
        ({"HOME": "/me", "XDG_CONFIG_HOME": ""}, "/me/.config/httpcli"),
        ({"XDG_CONFIG_HOME": "/xdg", "HTTPIE_CONFIG_DIR": "/pie"}, "/pie"),
        ({"HTTPCLI_CONFIG_DIR": "/cli", "HTTPIE_CONFIG_DIR": "/pie"}, "/cli"),
        ({"HOME": "/me", "HTTPCLI_CONFIG_DIR": ""}, "/me/.config/httpcli"),
    ],
)
def test_config_directory_follows_the_environment(env: dict[str, str], directory: str) -> None:
    assert config_directory(env) == directory
