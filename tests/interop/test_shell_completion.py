"""Completion in real shells: a typed line and Tab give the expected arguments.

``httpcli`` is a shell function that prints its arguments, so the tests need not
parse what the shell draws.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.environment import ROOT
from tests.support.other_programs import require_program
from tests.support.terminal import Terminal

pytestmark = pytest.mark.slow

BAD_NAME = "bad`touch PWN`$(touch PWN)$HOME;x"
CASES = {
    "a long option": ("--outp\t", ["--output"]),
    "an option's choice": ("--pretty f\t", ["--pretty", "format"]),
    "an attached choice": ("--pretty=f\t", ["--pretty=format"]),
    "an attached coding": ("--compress=g\t", ["--compress=gzip"]),
    "a short option's value": ("-A dig\t", ["-A", "digest"]),
    "a method": ("PAT\t", ["PATCH"]),
    "a subcommand": ("sessi\t", ["sessions"]),
    "a page of echo:": ("echo:/any\t", ["echo:/anything"]),
    "a page of echo: after a method": ("POST echo:/any\t", ["POST", "echo:/anything"]),
    "a header's name": ("echo:/anything If-Mat\t", ["echo:/anything", "If-Match:"]),
    "a media type": (
        "echo:/anything Content-Type:text/ev\t",
        ["echo:/anything", "Content-Type:text/event-stream"],
    ),
    "a file as the body": ("echo:/anything @long\t", ["echo:/anything", "@longname.txt"]),
    "a file of a form": ("echo:/anything photo@long\t", ["echo:/anything", "photo@longname.txt"]),
    "an item's value from a file": ("echo: a=@long\t", ["echo:", "a=@longname.txt"]),
    "an option's file": ("-o long\t", ["-o", "longname.txt"]),
    "a file's name with shell code": ("-o bad\t", ["-o", BAD_NAME]),
    "a file's name with shell code after a prefix": (
        "echo: a=@bad\t",
        ["echo:", f"a=@{BAD_NAME}"],
    ),
    "a file's name with shell code of an option": ("--output=bad\t", [f"--output={BAD_NAME}"]),
    "a session's name": ("--session wor\t", ["--session", "worker"]),
    "a profile": ("@stag\t", ["@staging/"]),
    "an option after the URL": ("echo:/anything --foll\t", ["echo:/anything", "--follow"]),
}  # fmt: skip

_BASH = """\
PS1='$ '; bind 'set bell-style none'; httpcli() {{ printf '<%s>' "$@"; printf '\\n!\\n'; }}
source {root}/completions/httpcli.bash
"""
_ZSH = """\
PS1='$ '; unsetopt zle_bracketed_paste; setopt no_beep
fpath=({root}/completions $fpath); autoload -Uz compinit; compinit -u -d {folder}/dump
httpcli() {{ printf '<%s>' "$@"; printf '\\n!\\n'; }}
"""
_FISH = """\
function fish_prompt; echo '$ '; end; set -g fish_autosuggestion_enabled 0
function httpcli; printf '<%s>' $argv; printf '\\n!\\n'; end
source {root}/completions/httpcli.fish
"""
SHELLS = {
    "bash": (_BASH, ["--norc", "--noprofile", "-i"]),
    "zsh": (_ZSH, ["-f", "-i"]),
    "fish": (_FISH, ["--no-config", "-i"]),
}


@pytest.fixture(scope="module", params=SHELLS)
def shell(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Terminal]:
    """Start a shell with the completions loaded, in a folder with one file."""
    folder = tmp_path_factory.mktemp("shell")
    _create_files(folder)
    text, arguments = SHELLS[request.param]
    start = folder / "start"
    start.write_text(text.format(root=ROOT, folder=folder))
    env = {"HOME": str(folder), "HTTPCLI_CONFIG_DIR": str(folder / "config"), "TERM": "xterm"}
    program = [require_program(request.param), *arguments]
    with Terminal(program=program, cwd=folder / "here", env=env, columns=200) as screen:
        screen.type(f"source {start}; echo ready''now\n")
        screen.read_until("readynow")
        yield screen
        screen.type("\x15exit\n")


def _create_files(folder: Path) -> None:
    (folder / "here").mkdir()
    for name in ("longname.txt", BAD_NAME):
        (folder / "here" / name).write_text("")
    sessions = folder / "config" / "sessions" / "example.org"
    sessions.mkdir(parents=True)
    for name in ("worker", "evil$(touch PWN)"):
        (sessions / f"{name}.json").write_text("{}")
    (folder / "config" / "config.toml").write_text("[profile.staging]\nurl = 'http://a'\n")


@pytest.mark.parametrize("case", CASES)
def test_tab_completes_the_line(shell: Terminal, case: str) -> None:
    typed, expected = CASES[case]
    shell.type(f"httpcli {typed}\n")
    shown = shell.read_until("!\r\n").decode(errors="replace")
    assert shown.rstrip("!\r\n").endswith("".join(f"<{word}>" for word in expected))
