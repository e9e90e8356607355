"""Printed command lines are data to every shell: the arguments arrive, and nothing is run.

Each shell runs the printed line with a ``curl`` that records its arguments.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.environment import child_environment
from tests.support.other_programs import require_program
from tests.support.run import run_process
from tests.support.run_result import TIMEOUT

SHELL_FILES = {"dash": [], "bash": ["--norc"], "zsh": ["-f"], "busybox": ["sh"]}
"""POSIX shells, each with the arguments before the file of a script."""
URL = "http://127.0.0.1:9/"

ATTACKS = [
    "x\n'; touch PWN; #",
    "\n'; touch PWN; #",
    "'; touch PWN; '",
    "\\'; touch PWN; #",
    "\x01$(touch PWN)",
    "\x01`touch PWN`",
    "$(touch PWN)\n",
    "\n$(touch PWN)\n\n",
    '\t"; touch PWN; "',
    "# comment\ntouch PWN\n",
    "%s\\n%d\x07",
    "-v\x1b",
    "~/\n=ls {a,b} *",
    "!!\n!x",
    "\x1b]0;title\x07\x9b31m",
    "\u202e; touch PWN",
    "\u200e\u061c\u2028",
    "é\r\n漢🙂",
]


class Call(NamedTuple):
    """A call of ``curl``."""

    arguments: list[str]
    stdin: str

    def value(self, option: str) -> str:
        """Return the argument after an option."""
        return self.arguments[self.arguments.index(option) + 1]


def run_in_shell(shell: str, script: bytes, folder: Path) -> list[Call]:
    """Run a printed script; return the calls of ``curl``. Nothing else may have been run."""
    fake, calls, file = folder / "bin" / "curl", folder / "calls", folder / "script"
    fake.parent.mkdir()
    fake.write_text(
        f"#!{require_program('dash')}\n"
        f'{{ printf "%s\\0" "$@"; printf "END\\0"; cat; printf "\\0CALL\\0"; }} >>{calls}\n'
    )
    fake.chmod(0o755)
    file.write_bytes(script)
    start = [require_program(shell), *SHELL_FILES[shell], str(file)]
    environment = child_environment({}) | {"PATH": f"{fake.parent}:{os.environ['PATH']}"}
    subprocess.run(
        start,
        stdin=subprocess.DEVNULL,
        env=environment,
        cwd=folder,
        timeout=TIMEOUT,
        check=True,
    )
    assert not (folder / "PWN").exists()
    texts = calls.read_bytes().decode("utf-8", "surrogateescape").split("\0CALL\0")[:-1]
    pairs = [text.split("END\0", 1) for text in texts]
    return [Call(arguments.split("\0")[:-1], stdin) for arguments, stdin in pairs]


def batch_report(folder: Path, *requests: Mapping[str, object]) -> bytes:
    """Return the commands of the report ``curl`` of a batch."""
    report = folder / "report"
    lines = "\n".join(json.dumps({"url": URL, **request}) for request in requests)
    run_process("--batch", "-", f"--report=curl={report}", "--quiet", stdin=lines.encode())
    return report.read_bytes()


@pytest.mark.parametrize("shell", SHELL_FILES)
def test_a_printed_curl_command_is_data_to_the_shell(shell: str, tmp_path: Path) -> None:
    line = run_process("--print-curl", URL, "--raw", ATTACKS[0]).out
    assert [call.value("--data-raw") for call in run_in_shell(shell, line, tmp_path)] == [
        ATTACKS[0]
    ]


@pytest.mark.parametrize("shell", SHELL_FILES)
def test_a_curl_report_of_a_batch_is_data_to_the_shell(shell: str, tmp_path: Path) -> None:
    script = batch_report(tmp_path, *({"data": attack} for attack in ATTACKS))
    calls = run_in_shell(shell, script, tmp_path)
    assert [call.value("--data-raw") for call in calls] == ATTACKS


@pytest.mark.parametrize("shell", SHELL_FILES)
def test_names_of_form_fields_are_data_to_the_shell(shell: str, tmp_path: Path) -> None:
    names = [attack for attack in ATTACKS if "=" not in attack]
    multipart = ["--multipart"]
    script = batch_report(
        tmp_path, *({"form": {name: name}, "options": multipart} for name in names)
    )
    assert len(run_in_shell(shell, script, tmp_path)) == len(names)


@pytest.mark.parametrize("shell", SHELL_FILES)
def test_file_names_and_credentials_are_data_to_the_shell(shell: str, tmp_path: Path) -> None:
    name = "x\n'; touch PWN; #\n"
    (tmp_path / name).write_text("-----BEGIN CERTIFICATE-----\n")
    line = run_process(
        *("--print-curl", "--show-secrets", "--output", name, "--auth", "me:'; touch PWN; #"),
        *("--upload-file", name, URL, "X:'; touch PWN; #", "X-Tab:a\t'; touch PWN; #"),
        cwd=tmp_path,
    ).out
    (call,) = run_in_shell(shell, line, tmp_path)
    assert call.value("--output") == name
    assert call.value("--user") == "me:'; touch PWN; #"
    assert call.value("--data-binary") == f"@{tmp_path / name}"
    assert "X-Tab: a\t'; touch PWN; #" in call.arguments


@pytest.mark.parametrize("shell", SHELL_FILES)
def test_a_body_with_a_nul_is_piped_into_curl(shell: str, tmp_path: Path) -> None:
    bodies = ["-\0\n", "%s\0'; touch PWN; #\n", "".join(map(chr, range(256)))]
    script = batch_report(tmp_path, *({"data": body} for body in bodies))
    assert [call.stdin for call in run_in_shell(shell, script, tmp_path)] == bodies


def test_what_a_printed_command_contains_can_be_seen() -> None:
    result = run_process("--print-curl", URL, "--raw", "\u202e\u200e\u2028\x1b[8m\x9b\x7f\r\u3164")
    assert result.out.decode().replace("\n", "").isprintable()
    assert "\u3164" not in result.out.decode()


@pytest.mark.parametrize("folder", ["a b", "$(touch PWN)", "x'; touch PWN; #", "~x"])
def test_a_hint_quotes_the_path_in_its_command(tmp_path: Path, folder: str) -> None:
    settings = tmp_path / folder
    settings.mkdir()
    (settings / "config.toml").write_text("")
    (settings / "config.toml").chmod(0o666)
    result = run_process(URL, env={"HTTPCLI_CONFIG_DIR": str(settings)}, cwd=tmp_path)
    assert result.status == 10
    hint = result.err.splitlines()[1].strip()
    subprocess.run([require_program("dash"), "-c", hint], cwd=tmp_path, check=True)
    assert (settings / "config.toml").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "PWN").exists()
