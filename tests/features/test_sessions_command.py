"""``httpcli sessions`` lists, shows, edits and removes sessions."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.support.environment import HTTPCLI
from tests.support.http_connection import response
from tests.support.run import run, run_process
from tests.support.run_result import RunResult
from tests.support.servers import RawServer
from tests.support.terminal import Terminal

pytestmark = pytest.mark.wide

WHEN = 1_700_000_000
DATE = "2023-11-14 22:13"


@pytest.fixture
def folder(home: Path) -> Path:
    return home / ".config" / "httpcli" / "sessions"


def make(folder: Path, host: str, name: str, **parts: Any) -> Path:
    path = folder / host / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(parts))
    os.utime(path, (WHEN, WHEN))
    return path


def cookie(name: str, value: str, **more: Any) -> dict[str, Any]:
    return {"domain": "h.org", "expires": None, "name": name, "path": "/", "value": value, **more}


def test_list_prints_a_line_per_session(folder: Path) -> None:
    basic = {"type": "basic", "raw_auth": "me:pw"}
    make(folder, "h.org", "me", cookies=[cookie("a", "1"), cookie("b", "2", expires=1)])
    make(folder, "127.0.0.1_8080", "admin-1", auth=basic)
    make(folder, "[__1]_80", "six", headers={"authorization": "Basic eA=="})
    make(folder, "h.org", "not-one").rename(folder / "h.org" / "note.txt")
    result = run("sessions", "list")
    assert (result.status, result.err) == (0, "")
    assert result.text == (
        "HOST            NAME     COOKIES  AUTH   CHANGED\n"
        f"127.0.0.1:8080  admin-1  0        basic  {DATE}\n"
        f"[::1]:80        six      0        field  {DATE}\n"
        f"h.org           me       1        -      {DATE}\n"
    )


def test_list_without_sessions_is_empty(folder: Path) -> None:
    result = run("sessions", "list")
    assert (result.status, result.out) == (0, b"")
    assert f"no sessions in {folder} yet" in result.err


def test_corrupt_session_is_listed_as_broken(folder: Path) -> None:
    make(folder, "a.org", "bad").write_text("{")
    make(folder, "b.org", "good")
    result = run("sessions", "list")
    assert result.status == 0
    assert [line.split()[:4] for line in result.text.splitlines()[1:]] == [
        ["a.org", "bad", "-", "broken"],
        ["b.org", "good", "0", "-"],
    ]
    assert "bad.json: invalid session file" in result.err
    shown = run("sessions", "show", "bad")
    assert (shown.status, shown.out) == (17, b"")
    assert "bad.json: invalid session file" in shown.err


def test_show_redacts_secrets(server: RawServer) -> None:
    server.answer(response("", "Set-Cookie: sid=s3cret; Path=/x; Max-Age=1000"))
    run("--session=me", "-a", "ann:pa55", server.url, "X-Api-Key:k3y", "X-Team:blue")
    result = run("sessions", "show", "me")
    assert (result.status, result.err) == (0, "")
    for text in (f"session  {server.address}/me", "auth     basic ann:…redacted…"):
        assert text in result.text.splitlines()
    assert "  X-Team: blue\n" in result.text
    assert "  X-Api-Key: …redacted…\n" in result.text
    assert "  sid=…redacted…; 127.0.0.1; /x; until " in result.text
    assert not [secret for secret in ("s3cret", "pa55", "k3y") if secret in result.text]


def test_show_secrets_prints_the_secrets(folder: Path) -> None:
    make(
        folder,
        "h.org",
        "me",
        auth={"type": "basic", "raw_auth": "ann:pa55"},
        headers={"X-Api-Key": "k3y"},
        cookies=[
            cookie("sid", "s3cret", domain=".h.org", secure=True, expires=WHEN),
            cookie("any", "v", domain=None),
        ],
    )
    result = run("sessions", "--show-secrets", "show", "me")
    assert result.text == (
        "session  h.org/me\n"
        f"file     {folder}/h.org/me.json\n"
        f"changed  {DATE}\n"
        "auth     basic ann:pa55\n"
        "\n"
        "Fields:\n"
        "  X-Api-Key: k3y\n"
        "\n"
        "Cookies:\n"
        f"  sid=s3cret; h.org and below; https only; until {DATE}\n"
        "  any=v; h.org\n"
    )


@pytest.mark.parametrize(
    ("auth", "shown"),
    [
        ({"type": "basic", "raw_auth": "ann:@env:PW"}, "basic ann:@env:PW"),
        ({"type": "bearer", "raw_auth": "@file:token"}, "bearer @file:token"),
        ({"type": "bearer", "raw_auth": "a:b"}, "bearer …redacted…"),
        ({"type": "unknown", "raw_auth": "a:b"}, "unknown …redacted…"),
        ({"type": "basic", "username": "ann", "password": "@env:PW"}, "basic ann:…redacted…"),
    ],
)
def test_references_are_not_redacted(folder: Path, auth: dict[str, str], shown: str) -> None:
    make(folder, "h.org", "me", auth=auth)
    assert f"auth     {shown}\n" in run("sessions", "show", "me").text


def test_cookie_with_an_invalid_expiry_date_is_left_out(folder: Path) -> None:
    make(folder, "h.org", "me", cookies=[cookie("a", "1", expires=float("nan")), cookie("b", "1")])
    result = run("sessions", "show", "me")
    assert result.status == 0
    assert "  a=" not in result.text
    assert "  b=…redacted…; h.org" in result.text


@pytest.mark.parametrize("expires", [1e300, -1e300, 10**400])
def test_expiry_date_out_of_range_is_not_an_error(folder: Path, expires: float) -> None:
    make(folder, "h.org", "me", cookies=[cookie("a", "1", expires=expires)])
    result = run("sessions", "show", "me")
    assert (result.status, "  a=…redacted…; h.org" in result.text) == (0, True)


def test_control_characters_in_a_session_are_escaped(folder: Path) -> None:
    make(folder, "h.org", "me", headers={"X-A": "\x9b2J\u202e"}, cookies=[cookie("\x9b", "1")])
    shown = run("sessions", "show", "me", terminal=True).text
    assert "\x9b" not in shown
    assert "\u202e" not in shown
    assert "X-A: \\x9b2J\\u202e" in shown


def test_rm_removes_one_session_and_prints_its_name(folder: Path) -> None:
    removed, kept = make(folder, "h.org", "me"), make(folder, "h.org", "you")
    result = run("sessions", "rm", "me")
    assert (result.status, result.err) == (0, "")
    assert result.text == f"removed h.org/me ({removed})\n"
    assert (removed.exists(), kept.exists()) == (False, True)


def test_corrupt_session_can_be_removed(folder: Path) -> None:
    path = make(folder, "h.org", "me")
    path.write_text("{")
    assert run("sessions", "rm", "h.org/me").status == 0
    assert not path.exists()


def test_ambiguous_name_requires_the_host(folder: Path) -> None:
    one, other = make(folder, "h.org", "me"), make(folder, "h.org_8080", "me")
    result = run("sessions", "rm", "me")
    assert result.status == 10
    assert "2 hosts have a session with this name" in result.err
    assert "use h.org/me or h.org:8080/me" in result.err
    assert run("sessions", "rm", "H.org:8080/me").status == 0
    assert (one.exists(), other.exists()) == (True, False)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("mee", "did you mean me?"),
        ("h.com/me", "did you mean h.org/me?"),
        ("../../../me", "to list all sessions"),
        ("nothing-like-it", "to list all sessions"),
        ("", "to list all sessions"),
    ],
)
@pytest.mark.parametrize("action", ["show", "rm"])
def test_unknown_name_is_an_error_with_a_suggestion(
    folder: Path, action: str, name: str, hint: str
) -> None:
    path = make(folder, "h.org", "me")
    result = run("sessions", action, name)
    assert (result.status, result.out) == (10, b"")
    assert "session not found" in result.err
    assert hint in result.err
    assert path.exists()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "missing action"),
        (["lst"], "sessions lst: unknown action"),
        (["show"], "missing session name"),
        (["rm", "a", "b"], "too many arguments"),
        (["list", "a"], "too many arguments"),
        (["list", "--verbose"], "unknown option --verbose"),
        (["list", "--show-secrets=1"], "--show-secrets"),
    ],
)
def test_invalid_arguments_are_usage_errors(args: list[str], message: str) -> None:
    result = run("sessions", *args)
    assert (result.status, result.out) == (10, b"")
    assert message in result.err


def test_sessions_command_has_its_own_help() -> None:
    result = run("sessions", "rm", "--help")
    assert (result.status, result.err) == (0, "")
    assert result.text.startswith("usage: httpcli sessions list|show|edit|rm")


@pytest.mark.parametrize(
    "argv",
    [("GET", "sessions"), ("sessions:80",), ("sessions/list",), ("-v", "sessions")],
)
def test_host_named_sessions_can_be_requested(server: RawServer, argv: tuple[str, ...]) -> None:
    assert run(*argv, f"--connect-to=sessions:80:127.0.0.1:{server.port}").status == 0
    assert (server.request.header("Host") or "").partition(":")[0] == "sessions"


def test_removed_session_is_not_used(server: RawServer) -> None:
    run("--session=me", server.url, "X-A:1")
    assert run_process("sessions", "rm", "me").status == 0
    assert run("--session=me", server.url).status == 0
    assert server.requests[1].header("X-A") is None


class TestSessionPath:
    """A session for any host, named by its path."""

    @pytest.fixture(autouse=True)
    def stored_session(self, server: RawServer, tmp_path: Path) -> None:
        run("--session=./mine.json", "-a", "me:s3cret", server.url, cwd=tmp_path)

    @pytest.mark.parametrize("name", ["./mine.json", "{}/mine.json"])
    def test_is_shown_without_secrets(self, tmp_path: Path, name: str) -> None:
        result = run("sessions", "show", name.format(tmp_path), cwd=tmp_path)
        assert "me:…redacted…" in result.text
        assert "s3cret" not in result.text

    def test_is_removed(self, tmp_path: Path) -> None:
        assert run("sessions", "rm", "./mine.json", cwd=tmp_path).status == 0
        assert not (tmp_path / "mine.json").exists()

    def test_is_edited(self, tmp_path: Path) -> None:
        env = {"EDITOR": "sh -c 'echo {} > \"$1\"' editor"}
        result = run_process("sessions", "edit", "./mine.json", env=env, cwd=tmp_path)
        assert result.text.startswith("changed ./mine.json")
        assert (tmp_path / "mine.json").read_text() == "{}\n"

    def test_of_another_kind_of_file_is_not_removed(self, tmp_path: Path) -> None:
        (tmp_path / "other").write_text("precious")
        assert run("sessions", "rm", "./other", cwd=tmp_path).status == 17
        assert (tmp_path / "other").read_text() == "precious"


class TestEdit:
    """``sessions edit`` with a shell script as the editor; the draft is its argument."""

    def edit(self, script: str, *argv: str, **env: str) -> RunResult:
        given = {"EDITOR": f"sh -c '{script}' editor", **env}
        return run_process("sessions", "edit", *(argv or ("me",)), env=given)

    def test_saved_draft_replaces_the_session(self, folder: Path) -> None:
        path = make(folder, "h.org", "me", headers={"A": "1"})
        path.chmod(0o644)
        result = self.edit('echo "{\\"headers\\": {\\"B\\": \\"2\\"}}" > "$1"')
        assert (result.status, result.err) == (0, "")
        assert result.text == f"changed h.org/me ({path})\n"
        assert json.loads(path.read_text()) == {"headers": {"B": "2"}}
        assert path.stat().st_mode & 0o777 == 0o600
        assert os.listdir(path.parent) == ["me.json"]

    def test_visual_takes_precedence_over_editor(self, folder: Path) -> None:
        path = make(folder, "h.org", "me")
        self.edit("exit 1", VISUAL="sh -c 'echo {} > \"$1\"' visual")
        assert path.read_text() == "{}\n"

    def test_draft_is_private_and_not_listed_as_a_session(
        self, folder: Path, tmp_path: Path
    ) -> None:
        make(folder, "h.org", "me", headers={"A": "1"})
        seen = tmp_path / "seen"
        script = f'stat -c %a "$1" > {seen}; {shlex.join(HTTPCLI)} sessions list >> {seen}'
        result = self.edit(script)
        assert "no changes" in result.err
        assert result.status == 0
        assert seen.read_text().startswith("600\n")
        assert seen.read_text().count("h.org") == 1

    def test_invalid_draft_prints_its_position_and_is_kept(self, folder: Path) -> None:
        path = make(folder, "h.org", "me", headers={"A": "1"})
        before = path.read_bytes()
        result = self.edit('printf "{\\n  x" > "$1"')
        assert result.status == 17
        (draft,) = path.parent.glob("*.draft")
        assert f"{draft}: invalid session file: line 2, column 3" in result.err
        assert f"your draft is in {draft}" in result.err
        assert path.read_bytes() == before
        assert draft.read_text() == "{\n  x"

    def test_concurrent_change_is_not_overwritten(self, folder: Path) -> None:
        path = make(folder, "h.org", "me", headers={"A": "1"})
        result = self.edit(f'echo "{{}}" > "$1"; echo "[]" > {path}')
        assert result.status == 17
        assert "another process changed it" in result.err
        assert path.read_text() == "[]\n"
        assert len(list(path.parent.glob("*.draft"))) == 1

    def test_failed_editor_changes_nothing(self, folder: Path) -> None:
        path = make(folder, "h.org", "me", headers={"A": "1"})
        before = path.read_bytes()
        result = self.edit('echo "{}" > "$1"; exit 3')
        assert (result.status, path.read_bytes()) == (1, before)
        assert "status 3" in result.err
        assert os.listdir(path.parent) == ["me.json"]

    @pytest.mark.parametrize("editor", ["/nowhere/editor", "'", "\t"])
    def test_missing_editor_is_a_usage_error(self, folder: Path, editor: str) -> None:
        path = make(folder, "h.org", "me")
        result = run_process("sessions", "edit", "me", env={"EDITOR": editor, "PATH": "/nowhere"})
        assert result.status == 10
        assert "cannot be run" in result.err
        assert os.listdir(path.parent) == ["me.json"]

    def test_empty_draft_does_not_remove_the_session(self, folder: Path) -> None:
        path = make(folder, "h.org", "me", headers={"A": "1"})
        result = self.edit(': > "$1"')
        assert result.status == 1
        assert "sessions rm h.org/me" in result.err
        assert json.loads(path.read_text()) == {"headers": {"A": "1"}}

    def test_ctrl_c_is_handled_by_the_editor(self, folder: Path) -> None:
        path = make(folder, "h.org", "me")
        script = 'trap "echo {} > \\"$1\\"; exit 0" INT; echo ready; read line'
        env = {"EDITOR": f"sh -c '{script}' editor"}
        with Terminal("sessions", "edit", "me", env=env) as screen:
            screen.read_until("ready")
            screen.interrupt()
            assert screen.wait() == 0
        assert "changed h.org/me" in screen.text
        assert path.read_text() == "{}\n"
