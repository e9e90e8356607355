"""config.toml: defaults, profiles, and the command ``httpcli config``."""

from __future__ import annotations

import os
import pwd
import re
from pathlib import Path

import pytest

from tests.support.http_connection import response
from tests.support.run import run, run_process
from tests.support.servers import RawServer

OFFLINE = ("--offline", "-p", "HB")


@pytest.fixture
def config_dir(home: Path) -> Path:
    """Create and return the configuration directory."""
    directory = home / ".config" / "httpcli"
    directory.mkdir(parents=True)
    return directory


def write(config_dir: Path, content: str | bytes, mode: int = 0o600) -> Path:
    path = config_dir / "config.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return path


def test_command_line_overrides_the_defaults(config_dir: Path) -> None:
    write(config_dir, '[defaults]\nform = true\nprint = "B"\n')
    assert run("--offline", "h.x", "a=b").out == b"a=b"
    assert run("--offline", "--json", "h.x", "a=b").out == b'{"a": "b"}'


def test_defaults_apply_to_echo(config_dir: Path) -> None:
    write(config_dir, '[defaults]\nheader = ["X-A: 1"]\nsession = "me"\nunix-socket = "/none"\n')
    result = run("echo:/anything")
    assert result.json["headers"]["X-A"] == "1"
    assert result.err == ""


def test_stdin_setting_can_ignore_standard_input(config_dir: Path) -> None:
    write(config_dir, '[defaults]\nstdin = "never"\n')
    assert run(*OFFLINE, "h.x", stdin=b"x").text.startswith("GET / ")
    assert run(*OFFLINE, "--no-ignore-stdin", "h.x", stdin=b"x").text.startswith("POST / ")


def test_config_toml_overrides_config_json(config_dir: Path) -> None:
    (config_dir / "config.json").write_text('{"default_options": ["--form", "--print=B"]}')
    write(config_dir, "[defaults]\njson = true\n")
    assert run("--offline", "h.x", "a=b").out == b'{"a": "b"}'


def test_profile_replaces_the_url(config_dir: Path, server: RawServer) -> None:
    write(
        config_dir,
        f'[profile.api]\nurl = "{server.url}/v1"\nauth = "me:@env:PW"\n'
        '[profile.api.headers]\nX-Api-Key = "@env:KEY"\n',
    )
    env = {"PW": "geheim", "KEY": "k"}
    server.answer(response("one")).answer(response("two"))
    assert run("@api/users", "q==1", env=env).text == "one"
    assert run("POST", "@api/users", "a=1", env=env).text == "two"
    first, second = server.requests
    assert (first.method, first.target) == ("GET", "/v1/users?q=1")
    assert first.header("X-Api-Key") == "k"
    assert first.header("Authorization") == "Basic bWU6Z2VoZWlt"
    assert (second.method, second.target) == ("POST", "/v1/users")


def test_file_item_after_the_url_is_not_a_profile(config_dir: Path, tmp_path: Path) -> None:
    write(config_dir, '[profile.api]\nurl = "h.x"\n')
    (tmp_path / "api").write_text("content")
    result = run(*OFFLINE, "@api/x", "@api", cwd=tmp_path)
    assert result.text.endswith("content")


def test_profile_secrets_are_not_sent_to_another_origin(
    config_dir: Path, server: RawServer, other_server: RawServer
) -> None:
    write(
        config_dir,
        f'[profile.api]\nurl = "{server.url}"\nauth = "me:pw"\nfollow = true\n'
        '[profile.api.headers]\nX-Api-Key = "k"\nX-Plain = "@env:PLAIN"\nX-Team = "blue"\n',
    )
    server.answer(response("", f"Location: {other_server.url}/there", status="302 Found"))
    other_server.answer(response("there"))
    assert run("@api/x", env={"PLAIN": "p"}).text == "there"
    sent = server.request
    assert [sent.header(name) for name in ("X-Api-Key", "X-Plain")] == ["k", "p"]
    assert sent.header("Authorization") is not None
    crossed = other_server.request
    names = ("X-Api-Key", "X-Plain", "Authorization")
    assert [crossed.header(name) for name in names] == [None, None, None]
    assert crossed.header("X-Team") == "blue"


def test_session_stores_nothing_from_a_profile(
    config_dir: Path, server: RawServer, tmp_path: Path
) -> None:
    write(
        config_dir,
        f'[profile.api]\nurl = "{server.url}"\nsession = "{tmp_path}/s.json"\n'
        'auth = "me:@env:PW"\n'
        '[profile.api.headers]\nX-Api-Key = "geheim"\nX-Ref = "@env:PW"\n',
    )
    server.answer(response("x", "Set-Cookie: a=b"))
    result = run("@api", "X-Typed:1", env={"PW": "pw"})
    assert result.err == ""
    assert server.request.header("X-Api-Key") == "geheim"
    assert server.request.header("Authorization") is not None
    kept = (tmp_path / "s.json").read_text()
    assert "X-Typed" in kept
    assert all(secret not in kept for secret in ("X-Api-Key", "X-Ref", "geheim", "@env:PW"))


def test_profile_does_not_apply_to_its_plain_url(config_dir: Path, server: RawServer) -> None:
    write(config_dir, f'[profile.api]\nurl = "{server.url}"\nauth = "me:pw"\n')
    server.answer(response("x"))
    run(server.url)
    assert server.request.header("Authorization") is None


def test_unknown_profile_error_lists_the_known_ones(config_dir: Path) -> None:
    write(config_dir, '[profile.api]\nurl = "h.x"\n[profile.local]\nurl = ":3000"\n')
    result = run("@apo/x")
    assert result.status == 10
    assert "unknown profile apo" in result.err
    assert "profiles: api, local; did you mean @api?" in result.err


def test_profile_error_without_settings_explains_how_to_add_one() -> None:
    result = run("@api/x")
    assert result.status == 10
    assert "[profile.api] with url = " in result.err


INVALID_FILES = [
    (b"[defaults]\ntimeout = \n", ":2:11: invalid TOML: invalid value"),
    (b"[defaults]\ntimeout = ", ":2:11: invalid TOML: invalid value"),
    (b"[defaults]\ntimeout = 1\ntimeout = 2\n", ":3:12: invalid TOML: cannot overwrite a value"),
    (b"[defaults\n", ":1:10: invalid TOML: expected ']'"),
    (b"a = " + b"[" * 100_000, ":1:1: nested too deeply"),
    (b'[defaults]\nstyle = "\xff"\n', ":2:10: not UTF-8"),
    (b"[defaults]\nstyel = 1\n", ":2: unknown option styel"),
    (
        b"\xef\xbb\xbf[defaults]\r\nfollow = 1\r\n",
        ":2: follow: expected true or false, found a number",
    ),
]


@pytest.mark.parametrize(("content", "message"), INVALID_FILES)
def test_invalid_file_is_an_error_with_its_position(
    content: bytes, message: str, config_dir: Path
) -> None:
    path = write(config_dir, content)
    result = run("--offline", "h.x")
    assert result.status == 10
    assert result.out == b""
    assert result.err.startswith(f"httpcli: error: {path}{message}")
    assert run("--help").status == 0
    assert run("config", "check").status == 10


def test_invalid_value_is_reported_with_its_line(config_dir: Path) -> None:
    path = write(config_dir, '[defaults]\n\ntimeout = "soon"\n')
    result = run("--offline", "h.x")
    assert result.status == 10
    assert f"{path}:3: --timeout" in result.err
    typed = run("--offline", "--timeout=later", "h.x")
    assert str(path) not in typed.err


def test_directory_in_place_of_the_file_is_an_error(config_dir: Path) -> None:
    (config_dir / "config.toml").mkdir()
    result = run("--offline", "h.x")
    assert (result.status, "config.toml: not a regular file" in result.err) == (10, True)


def test_fifo_in_place_of_the_file_does_not_block(config_dir: Path) -> None:
    os.mkfifo(config_dir / "config.toml")
    assert "config.toml: not a regular file" in run("--offline", "h.x").err


def test_dangling_symlink_is_an_error(config_dir: Path) -> None:
    (config_dir / "config.toml").symlink_to("nowhere")
    result = run("--offline", "h.x")
    assert result.status == 10
    assert "config.toml: cannot be read: no such file or directory" in result.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read every file")
def test_unreadable_file_is_an_error(config_dir: Path) -> None:
    write(config_dir, "[defaults]\n", 0o000)
    assert "config.toml: cannot be read: permission denied" in run("--offline", "h.x").err


def test_world_writable_file_is_refused(config_dir: Path) -> None:
    path = write(config_dir, "[defaults]\n", 0o646)
    result = run("--offline", "h.x")
    assert result.status == 10
    assert f"{path}: other users can write to it" in result.err
    assert "chmod 600" in result.err


def test_secret_in_a_file_readable_by_others_gives_a_warning(config_dir: Path) -> None:
    path = write(config_dir, '[profile.api]\nurl = "h.x"\nauth = "me:geheim"\n', 0o644)
    result = run("--offline", "@api")
    assert result.status == 0
    assert (
        f"{path}:3: other users can read this file, and it contains a secret; run: chmod 600 FILE"
    ) in result.err
    assert "geheim" not in result.err
    assert run("--offline", "-qq", "@api").err == ""
    path.chmod(0o600)
    assert run("--offline", "@api").err == ""


COMPLETE = """[defaults]
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


def test_show_prints_the_source_of_each_value_and_no_secrets(config_dir: Path) -> None:
    path = write(config_dir, COMPLETE)
    (config_dir / "config.json").write_text('{"default_options": ["--style=auto", "-ame:geheim"]}')
    result = run("config", "show")
    assert rows(result.text) == [
        ["--auth=me:…redacted…", f"{config_dir}/config.json: default_options"],
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


def test_show_with_a_profile_prints_its_effective_values(config_dir: Path) -> None:
    path = write(config_dir, COMPLETE)
    shown = rows(run("config", "show", "@api").text)
    assert shown[:2] == [
        ["--style=pie", f"{path}:3"],
        ["https://…redacted…@api.example.org/v1", f"{path}:6"],
    ]
    assert ["--timeout=2", f"{path}:8"] in shown
    assert run("config", "show", "@none").status == 10


def test_check_reports_each_error_on_its_own_line(config_dir: Path) -> None:
    path = write(
        config_dir,
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
    assert lines[0] == "2: unknown option folow: did you mean follow?"
    assert "--header: missing colon" in lines[2]
    assert lines[-1].startswith("13: --auth-type=digest needs --auth")


def test_check_accepts_valid_settings(config_dir: Path) -> None:
    path = write(config_dir, COMPLETE)
    result = run("config", "check", env={"OTHER": "x"})
    assert (result.status, result.text, result.err) == (0, f"{path}: ok\n", "")


@pytest.mark.parametrize("subcommand", ["show", "check"])
def test_show_and_check_report_a_missing_file(subcommand: str, home: Path) -> None:
    result = run("config", subcommand)
    assert result.status == 0
    assert result.text == f"no configuration file in {home}/.config/httpcli\n"


def test_path_prints_the_directory(home: Path) -> None:
    assert run("config", "path").text == f"{home}/.config/httpcli\n"
    assert run("config", "path", env={"HTTPCLI_CONFIG_DIR": "/x"}).text == "/x\n"


@pytest.mark.parametrize("argv", [("config",), ("config", "a=1"), ("config", "path", "more")])
def test_unknown_subcommand_prints_the_usage(argv: tuple[str, ...]) -> None:
    result = run(*argv)
    assert result.status == 10
    assert "httpcli config show [@PROFILE] | check | path" in result.err
    assert "http://config" in result.err


@pytest.mark.parametrize("argv", [("config/",), ("GET", "config"), ("http://config",)])
def test_host_named_config_can_be_requested(argv: tuple[str, ...]) -> None:
    assert "Host: config\r\n" in run(*OFFLINE, *argv).out.decode()


def test_separate_process_reads_the_settings(config_dir: Path) -> None:
    write(config_dir, '[defaults]\nprint = "H"\n')
    assert run_process("--offline", "h.x").text.startswith("GET / HTTP/1.1")
    assert run_process("config", "path").text == f"{config_dir}\n"


def test_conflicting_settings_are_reported_with_their_line(config_dir: Path) -> None:
    path = write(config_dir, '[profile.p]\nurl = "h"\ncookie-jar="c"\nsession = "s"\n')
    result = run("--offline", "@p")
    assert result.status == 10
    assert f"{path}:3: --cookie-jar and --session cannot" in result.err


def test_home_directory_of_the_system_is_used_without_home() -> None:
    env = {"HOME": None, "XDG_CONFIG_HOME": None}
    system_home = pwd.getpwuid(os.getuid()).pw_dir
    assert run("config", "path", env=env).text == f"{system_home}/.config/httpcli\n"
