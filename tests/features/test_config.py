"""config.toml: defaults, profiles in the place of a URL, and ``httpcli config``."""

from __future__ import annotations

import os
import pwd
import re
from pathlib import Path

import pytest

from tests.support.run import process, run
from tests.support.servers import RawServer
from tests.support.wire import response

OFFLINE = ("--offline", "-p", "HB")


@pytest.fixture
def folder(home: Path) -> Path:
    """Give the folder of the settings."""
    made = home / ".config" / "httpcli"
    made.mkdir(parents=True)
    return made


def write(folder: Path, content: str | bytes, mode: int = 0o600) -> Path:
    path = folder / "config.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return path


def test_defaults_go_before_what_is_typed(folder: Path) -> None:
    write(folder, '[defaults]\nform = true\nprint = "B"\n')
    assert run("--offline", "h.x", "a=b").out == b"a=b"
    assert run("--offline", "--json", "h.x", "a=b").out == b'{"a": "b"}'


def test_defaults_count_for_echo_too(folder: Path) -> None:
    write(folder, '[defaults]\nheader = ["X-A: 1"]\nsession = "me"\nunix-socket = "/none"\n')
    result = run("echo:/anything")
    assert result.json["headers"]["X-A"] == "1"
    assert result.err == ""


def test_standard_input_is_never_read_where_the_settings_say_so(folder: Path) -> None:
    write(folder, '[defaults]\nstdin = "never"\n')
    assert run(*OFFLINE, "h.x", stdin=b"x").text.startswith("GET / ")
    assert run(*OFFLINE, "--no-ignore-stdin", "h.x", stdin=b"x").text.startswith("POST / ")


def test_config_json_counts_below_config_toml(folder: Path) -> None:
    (folder / "config.json").write_text('{"default_options": ["--form", "--print=B"]}')
    write(folder, "[defaults]\njson = true\n")
    assert run("--offline", "h.x", "a=b").out == b'{"a": "b"}'


def test_a_profile_stands_in_the_place_of_a_url(folder: Path, server: RawServer) -> None:
    write(
        folder,
        f'[profile.api]\nurl = "{server.url}/v1"\nauth = "me:@env:PW"\n'
        '[profile.api.headers]\nX-Api-Key = "@env:KEY"\n',
    )
    env = {"PW": "geheim", "KEY": "k"}
    server.answer(response("one")).answer(response("two"))
    assert run("@api/users", "q==1", env=env).text == "one"
    assert run("POST", "@api/users", "a=1", env=env).text == "two"
    first, second = server.requests
    assert (first.method, first.target) == ("GET", "/v1/users?q=1")
    assert first.field("X-Api-Key") == "k"
    assert first.field("Authorization") == "Basic bWU6Z2VoZWlt"
    assert (second.method, second.target) == ("POST", "/v1/users")


def test_a_file_behind_the_url_is_no_profile(folder: Path, tmp_path: Path) -> None:
    write(folder, '[profile.api]\nurl = "h.x"\n')
    (tmp_path / "api").write_text("content")
    result = run(*OFFLINE, "@api/x", "@api", cwd=tmp_path)
    assert result.text.endswith("content")


def test_what_is_secret_of_a_profile_does_not_cross_to_another_origin(
    folder: Path, server: RawServer, other_server: RawServer
) -> None:
    write(
        folder,
        f'[profile.api]\nurl = "{server.url}"\nauth = "me:pw"\nfollow = true\n'
        '[profile.api.headers]\nX-Api-Key = "k"\nX-Plain = "@env:PLAIN"\nX-Team = "blue"\n',
    )
    server.answer(response("", f"Location: {other_server.url}/there", status="302 Found"))
    other_server.answer(response("there"))
    assert run("@api/x", env={"PLAIN": "p"}).text == "there"
    sent = server.request
    assert [sent.field(name) for name in ("X-Api-Key", "X-Plain")] == ["k", "p"]
    assert sent.field("Authorization") is not None
    crossed = other_server.request
    names = ("X-Api-Key", "X-Plain", "Authorization")
    assert [crossed.field(name) for name in names] == [None, None, None]
    assert crossed.field("X-Team") == "blue"


def test_a_session_keeps_nothing_of_a_profile(
    folder: Path, server: RawServer, tmp_path: Path
) -> None:
    write(
        folder,
        f'[profile.api]\nurl = "{server.url}"\nsession = "{tmp_path}/s.json"\n'
        'auth = "me:@env:PW"\n'
        '[profile.api.headers]\nX-Api-Key = "geheim"\nX-Ref = "@env:PW"\n',
    )
    server.answer(response("x", "Set-Cookie: a=b"))
    result = run("@api", "X-Typed:1", env={"PW": "pw"})
    assert result.err == ""
    assert server.request.field("X-Api-Key") == "geheim"
    assert server.request.field("Authorization") is not None
    kept = (tmp_path / "s.json").read_text()
    assert "X-Typed" in kept
    assert all(word not in kept for word in ("X-Api-Key", "X-Ref", "geheim", "@env:PW"))


def test_no_profile_counts_for_its_origin_typed_as_a_url(folder: Path, server: RawServer) -> None:
    write(folder, f'[profile.api]\nurl = "{server.url}"\nauth = "me:pw"\n')
    server.answer(response("x"))
    run(server.url)
    assert server.request.field("Authorization") is None


def test_an_unknown_profile_is_told_with_those_there_are(folder: Path) -> None:
    write(folder, '[profile.api]\nurl = "h.x"\n[profile.local]\nurl = ":3000"\n')
    result = run("@apo/x")
    assert result.status == 10
    assert "there is no profile apo" in result.err
    assert "profiles: api, local; did you mean @api?" in result.err


def test_without_settings_a_profile_is_told_how_to_make_one() -> None:
    result = run("@api/x")
    assert result.status == 10
    assert "[profile.api] with url = " in result.err


BROKEN = [
    (b"[defaults]\ntimeout = \n", ":2:11: not TOML: invalid value"),
    (b"[defaults]\ntimeout = ", ":2:11: not TOML: invalid value"),
    (b"[defaults]\ntimeout = 1\ntimeout = 2\n", ":3:12: not TOML: cannot overwrite a value"),
    (b"[defaults\n", ":1:10: not TOML: expected ']'"),
    (b"a = " + b"[" * 100_000, ":1:1: nested too deeply"),
    (b'[defaults]\nstyle = "\xff"\n', ":2:10: not UTF-8"),
    (b"[defaults]\nstyel = 1\n", ":2: there is no option styel"),
    (b"\xef\xbb\xbf[defaults]\r\nfollow = 1\r\n", ":2: follow is a number, not true or false"),
]


@pytest.mark.parametrize(("content", "fault"), BROKEN)
def test_a_broken_file_ends_the_run_with_its_place(
    content: bytes, fault: str, folder: Path
) -> None:
    path = write(folder, content)
    result = run("--offline", "h.x")
    assert result.status == 10
    assert result.out == b""
    assert result.err.startswith(f"httpcli: error: {path}{fault}")
    assert run("--help").status == 0
    assert run("config", "check").status == 10


def test_a_value_that_the_plan_refuses_is_told_with_its_line(folder: Path) -> None:
    path = write(folder, '[defaults]\n\ntimeout = "soon"\n')
    result = run("--offline", "h.x")
    assert result.status == 10
    assert f"{path}:3: --timeout" in result.err
    typed = run("--offline", "--timeout=later", "h.x")
    assert str(path) not in typed.err


def test_a_folder_in_the_place_of_the_file_is_told(folder: Path) -> None:
    (folder / "config.toml").mkdir()
    result = run("--offline", "h.x")
    assert (result.status, "config.toml: is no file" in result.err) == (10, True)


def test_a_pipe_in_the_place_of_the_file_keeps_nobody_waiting(folder: Path) -> None:
    os.mkfifo(folder / "config.toml")
    assert "config.toml: is no file" in run("--offline", "h.x").err


def test_a_link_to_nothing_is_told(folder: Path) -> None:
    (folder / "config.toml").symlink_to("nowhere")
    result = run("--offline", "h.x")
    assert result.status == 10
    assert "config.toml: cannot be read: no such file or directory" in result.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told(folder: Path) -> None:
    write(folder, "[defaults]\n", 0o000)
    assert "config.toml: cannot be read: permission denied" in run("--offline", "h.x").err


def test_a_file_that_anybody_may_write_to_is_refused(folder: Path) -> None:
    path = write(folder, "[defaults]\n", 0o646)
    result = run("--offline", "h.x")
    assert result.status == 10
    assert f"{path}: anybody may write to it" in result.err
    assert "chmod 600" in result.err


def test_a_secret_in_clear_in_a_file_that_others_can_read_is_a_warning(folder: Path) -> None:
    path = write(folder, '[profile.api]\nurl = "h.x"\nauth = "me:geheim"\n', 0o644)
    result = run("--offline", "@api")
    assert result.status == 0
    assert f"{path}:3: a secret in a file that others can read (chmod 600)" in result.err
    assert "geheim" not in result.err
    assert run("--offline", "-qq", "@api").err == ""
    path.chmod(0o600)
    assert run("--offline", "@api").err == ""


WHOLE = """[defaults]
timeout = 10
style = "pie"

[profile.api]
url = "https://me:geheim@api.example.org/v1"
auth = "me:geheim"
timeout = 2
[profile.api.headers]
X-Api-Key = "geheim"
X-Other = "@env:OTHER"
"""


def rows(text: str) -> list[list[str]]:
    return [re.split(r" {2,}", line) for line in text.splitlines()]


def test_show_says_where_each_value_comes_from_and_no_secret(folder: Path) -> None:
    path = write(folder, WHOLE)
    (folder / "config.json").write_text('{"default_options": ["--style=auto", "-ame:geheim"]}')
    result = run("config", "show")
    assert rows(result.text) == [
        ["--auth=me:…redacted…", f"{folder}/config.json: default_options"],
        ["--timeout=10", f"{path}:2"],
        ["--style=pie", f"{path}:3"],
        [""],
        ["@api"],
        ["https://…redacted…@api.example.org/v1", f"{path}:6"],
        ["--auth=me:…redacted…", f"{path}:7"],
        ["--timeout=2", f"{path}:8"],
        ["--header=X-Api-Key:…redacted…", f"{path}:10"],
        ["X-Other:@env:OTHER", f"{path}:11"],
    ]
    assert (result.status, result.err) == (0, "")


def test_show_of_a_profile_says_what_counts_there(folder: Path) -> None:
    path = write(folder, WHOLE)
    shown = rows(run("config", "show", "@api").text)
    assert shown[:2] == [
        ["--style=pie", f"{path}:3"],
        ["https://…redacted…@api.example.org/v1", f"{path}:6"],
    ]
    assert ["--timeout=2", f"{path}:8"] in shown
    assert run("config", "show", "@none").status == 10


def test_check_names_all_that_is_wrong_a_line_each(folder: Path) -> None:
    path = write(
        folder,
        '[defaults]\nfolow = true\ntimeout = "soon"\nheader = ["none"]\nmax-time = 5\n'
        '[profile.a]\nurl = "https://a.test"\nverify = "none.pem"\n'
        '[profile.b]\nfollow = 1\n[profile.c]\nurl = "c.test"\nauth-type = "digest"\n[other]\n',
    )
    result = run("config", "check")
    assert result.status == 10
    lines = [line.removeprefix(f"{path}:") for line in result.err.splitlines()]
    assert [line.partition(": ")[0] for line in lines] == [
        *("2", "14", "4", "3", "8", "9", "10", "13"),
    ]
    assert lines[0] == "2: there is no option folow: did you mean follow?"
    assert "there is no colon" in lines[2]
    assert lines[-1].startswith("13: --auth-type=digest needs --auth")


def test_check_is_content_with_good_settings(folder: Path) -> None:
    path = write(folder, WHOLE)
    result = run("config", "check", env={"OTHER": "x"})
    assert (result.status, result.text, result.err) == (0, f"{path}: ok\n", "")


@pytest.mark.parametrize("word", ["show", "check"])
def test_without_a_file_they_say_so(word: str, home: Path) -> None:
    result = run("config", word)
    assert result.status == 0
    assert result.text == f"no settings: there is no config.toml in {home}/.config/httpcli\n"


def test_path_is_the_folder(home: Path) -> None:
    assert run("config", "path").text == f"{home}/.config/httpcli\n"
    assert run("config", "path", env={"HTTPCLI_CONFIG_DIR": "/x"}).text == "/x\n"


@pytest.mark.parametrize("argv", [("config",), ("config", "a=1"), ("config", "path", "more")])
def test_other_words_are_told_what_there_is(argv: tuple[str, ...]) -> None:
    result = run(*argv)
    assert result.status == 10
    assert "httpcli config show [@PROFILE] | check | path" in result.err
    assert "config/" in result.err


@pytest.mark.parametrize("argv", [("config/",), ("GET", "config"), ("http://config",)])
def test_a_host_of_that_name_can_be_asked(argv: tuple[str, ...]) -> None:
    assert "Host: config\r\n" in run(*OFFLINE, *argv).out.decode()


def test_a_process_finds_them_too(folder: Path) -> None:
    write(folder, '[defaults]\nprint = "H"\n')
    assert process("--offline", "h.x").text.startswith("GET / HTTP/1.1")
    assert process("config", "path").text == f"{folder}\n"


def test_settings_that_exclude_each_other_are_told_with_their_line(folder: Path) -> None:
    path = write(folder, '[profile.p]\nurl = "h"\ncookie-jar="c"\nsession = "s"\n')
    result = run("--offline", "@p")
    assert result.status == 10
    assert f"{path}:3: --cookie-jar and --session exclude" in result.err


def test_without_home_the_systems_own_home_counts() -> None:
    env = {"HOME": None, "XDG_CONFIG_HOME": None}
    own = pwd.getpwuid(os.getuid()).pw_dir
    assert run("config", "path", env=env).text == f"{own}/.config/httpcli\n"
