"""Options from ``config.json``: they go before the command line's, from the user's own folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.support.run import process, run

OFFLINE = ("--offline", "example.org")


def write(folder: Path, content: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def own(home: Path) -> Path:
    return home / ".config" / "httpcli"


def test_default_options_go_before_those_that_are_typed(home: Path) -> None:
    write(own(home), {"default_options": ["--form", "-p", "B"]})
    assert run(*OFFLINE, "a=b").out == b"a=b"
    assert run(*OFFLINE, "--json", "a=b").out == b'{"a": "b"}'
    assert run("--print=H", *OFFLINE).text.startswith("GET / HTTP/1.1")


def test_default_options_count_for_echo_too(home: Path) -> None:
    write(own(home), {"default_options": ["--header", "X-Mine: 1"]})
    assert run("echo:/anything", "X-Other:2").json["headers"]["X-Mine"] == "1"


def test_no_option_takes_a_default_option_back(home: Path) -> None:
    write(own(home), {"default_options": ["--form", "--header=X-Mine: 1", "--print=HB"]})
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
def test_the_folder_is_the_first_that_the_environment_names(
    env: dict[str, str | None], folder: str, tmp_path: Path
) -> None:
    for other in ("ours", "theirs", "xdg/httpcli", "home/.config/httpcli"):
        write(tmp_path / other, {"default_options": ["--raw", other, "--print=B"]})
    places = {name: value and str(tmp_path / value) for name, value in env.items()}
    assert run(*OFFLINE, env=places).text == folder


@pytest.mark.parametrize("base", ["", ".", "settings"])
def test_nothing_is_read_from_where_one_stands(base: str, tmp_path: Path) -> None:
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
    (b'{\n "default_options": "--form"}', ":2:2: default_options is not a list of strings"),
    (b'{"default_options": [1]}', ":1:2: default_options is not a list of strings"),
]


@pytest.mark.parametrize(("content", "fault"), BROKEN)
def test_a_broken_file_is_told_with_its_place_and_passed_over(
    content: bytes, fault: str, home: Path
) -> None:
    path = write(own(home), content)
    result = run("--print=H", *OFFLINE)
    assert result.err.startswith(f"httpcli: warning: {path}{fault}")
    assert result.err.count("\n") == 1
    assert result.text.startswith("GET / HTTP/1.1")
    assert result.status == 0
    assert run("-qq", *OFFLINE).err == ""


def test_a_file_that_cannot_be_read_is_told_and_passed_over(home: Path) -> None:
    (own(home) / "config.json").mkdir(parents=True)
    result = run("--print=H", *OFFLINE)
    assert "config.json: cannot be read: is a directory" in result.err
    assert result.status == 0


def test_what_httpie_keeps_there_is_passed_over(home: Path) -> None:
    write(own(home), {"disable_update_warnings": True, "plugins_dir": "/x", "__meta__": {}})
    result = run(*OFFLINE)
    assert (result.status, result.err) == (0, "")


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--frobnicate"], "unknown option --frobnicate"),
        (["--print"], "option '--print' requires an argument"),
        (["example.org"], "'example.org' is not an option"),
    ],
)
def test_a_wrong_default_option_says_where_it_stands(
    words: list[str], fault: str, home: Path
) -> None:
    path = write(own(home), {"default_options": words})
    result = run(*OFFLINE)
    assert result.status == 10
    assert f"{path}: default_options: {fault}" in result.err


def test_a_process_finds_them_too(home: Path) -> None:
    write(own(home), {"default_options": ["--print=H"]})
    result = process(*OFFLINE, env={"HOME": os.fspath(home)})
    assert result.text.startswith("GET / HTTP/1.1")
