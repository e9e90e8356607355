"""Default options from ``config.json`` in the user's configuration folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.support.run import run, run_process

OFFLINE = ("--offline", "example.org")


def write(folder: Path, content: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def config_folder(home: Path) -> Path:
    return home / ".config" / "httpcli"


def test_typed_options_override_default_options(home: Path) -> None:
    write(config_folder(home), {"default_options": ["--form", "-p", "B"]})
    assert run(*OFFLINE, "a=b").out == b"a=b"
    assert run(*OFFLINE, "--json", "a=b").out == b'{"a": "b"}'
    assert run("--print=H", *OFFLINE).text.startswith("GET / HTTP/1.1")


def test_default_options_apply_to_echo(home: Path) -> None:
    write(config_folder(home), {"default_options": ["--header", "X-Mine: 1"]})
    assert run("echo:/anything", "X-Other:2").json["headers"]["X-Mine"] == "1"


def test_no_option_cancels_a_default_option(home: Path) -> None:
    write(config_folder(home), {"default_options": ["--form", "--header=X-Mine: 1", "--print=HB"]})
    result = run("--no-form", "--no-header", *OFFLINE, "a=b")
    assert "X-Mine" not in result.text
    assert result.text.endswith('{"a": "b"}')


FOLDERS = [
    ({"HTTPCLI_CONFIG_DIR": "ours", "HTTPIE_CONFIG_DIR": "theirs"}, "ours"),
    ({"HTTPIE_CONFIG_DIR": "theirs"}, "theirs"),
    ({"HTTPCLI_CONFIG_DIR": "", "XDG_CONFIG_HOME": "xdg"}, "xdg/httpcli"),
    ({"XDG_CONFIG_HOME": None}, "home/.config/httpcli"),
]


@pytest.mark.parametrize(("env", "folder"), FOLDERS)
def test_environment_variables_select_the_config_folder(
    env: dict[str, str | None], folder: str, tmp_path: Path
) -> None:
    for other in ("ours", "theirs", "xdg/httpcli", "home/.config/httpcli"):
        write(tmp_path / other, {"default_options": ["--raw", other, "--print=B"]})
    variables = {name: value and str(tmp_path / value) for name, value in env.items()}
    assert run(*OFFLINE, env=variables).text == folder


@pytest.mark.parametrize("base", ["", ".", "settings"])
def test_config_is_not_read_from_the_working_directory(base: str, tmp_path: Path) -> None:
    settings = {"default_options": ["--print=B", "--raw=wrong"]}
    for folder in (".", ".config/httpcli", "httpcli", "settings/httpcli", "~/.config/httpcli"):
        write(tmp_path / folder, settings)
    env = {"XDG_CONFIG_HOME": base, "HOME": None if base == "." else ""}
    assert run(*OFFLINE, env=env).text.startswith("GET / HTTP/1.1")


BROKEN = [
    (b'{"a": 1,\n  oops}', ":2:3: not JSON: "),
    (b'{"a":\n"\xff"}', ":2:2: not UTF-8"),
    (b"[" * 100_000, ":1:1: nested too deeply"),
    (b"[]", ":1:1: not a JSON object"),
    (b'{\n "default_options": "--form"}', ":2:2: default_options must be a list of strings"),
    (b'{"default_options": [1]}', ":1:2: default_options must be a list of strings"),
]


@pytest.mark.parametrize(("content", "fault"), BROKEN)
def test_invalid_config_prints_its_position_and_is_ignored(
    content: bytes, fault: str, home: Path
) -> None:
    path = write(config_folder(home), content)
    result = run("--print=H", *OFFLINE)
    assert result.err.startswith(f"httpcli: warning: {path}{fault}")
    assert result.err.count("\n") == 1
    assert result.text.startswith("GET / HTTP/1.1")
    assert result.status == 0
    assert run("-qq", *OFFLINE).err == ""


def test_unreadable_config_prints_a_warning_and_is_ignored(home: Path) -> None:
    (config_folder(home) / "config.json").mkdir(parents=True)
    result = run("--print=H", *OFFLINE)
    assert "config.json: not a regular file" in result.err
    assert result.status == 0


def test_httpie_only_settings_are_ignored(home: Path) -> None:
    write(
        config_folder(home), {"disable_update_warnings": True, "plugins_dir": "/x", "__meta__": {}}
    )
    result = run(*OFFLINE)
    assert (result.status, result.err) == (0, "")


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (["--frobnicate"], "unknown option --frobnicate"),
        (["--print"], "option '--print' requires an argument"),
        (["example.org"], "'example.org' is not an option"),
    ],
)
def test_invalid_default_option_names_the_config_file(
    options: list[str], fault: str, home: Path
) -> None:
    path = write(config_folder(home), {"default_options": options})
    result = run(*OFFLINE)
    assert result.status == 10
    assert f"{path}: default_options: {fault}" in result.err


def test_new_process_reads_the_config(home: Path) -> None:
    write(config_folder(home), {"default_options": ["--print=H"]})
    result = run_process(*OFFLINE, env={"HOME": os.fspath(home)})
    assert result.text.startswith("GET / HTTP/1.1")
