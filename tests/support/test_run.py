from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from httpcli.core.invocation import Stream, StreamKind
from tests.support import other_programs
from tests.support.run import run, run_process, start_process

PYTHON = (sys.executable, "-I", "-S", "-c")
OFFLINE = ("--offline", "--print=B", "POST", "example.org")


def test_run_returns_output_and_status() -> None:
    result = run("--offline", "PUT", "example.org", "a:=1")
    assert result.text.startswith("PUT / HTTP/1.1\r\n")
    assert (result.err, result.status) == ("", 0)


def test_run_returns_error_messages() -> None:
    result = run("--no-such-option", "example.org")
    assert result.out == b""
    assert "--no-such-option" in result.err
    assert result.status == 10


def test_stdin_bytes_of_any_size_come_through_a_pipe() -> None:
    data = bytes(range(256)) * 4000
    assert run(*OFFLINE, stdin=data).out == data


def test_stdin_path_is_a_regular_file(tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_bytes(b'{"a": 1}')
    assert run(*OFFLINE, stdin=file).json == {"a": 1}


def test_without_stdin_there_is_no_body() -> None:
    assert run("--offline", "example.org").text.startswith("GET / HTTP/1.1\r\n")


def test_stdin_may_be_any_stream() -> None:
    closed = Stream(-1, StreamKind.CLOSED)
    assert run("--offline", "example.org", stdin=closed).status == 0


def test_terminal_output_is_coloured_and_pipe_output_is_not() -> None:
    argv = ("--offline", "example.org", "a=1")
    coloured = run(*argv, terminal=True, env={"TERM": "xterm-256color"})
    assert "\x1b[" in coloured.text
    assert "\x1b[" not in run(*argv).text


def test_invalid_json_on_stdout_is_shown() -> None:
    with pytest.raises(AssertionError, match="not JSON: RunResult"):
        _ = run("--offline", "example.org").json


def test_process_gives_the_same_result_as_run() -> None:
    argv = ("--offline", "example.org", "a=1")
    result = run_process(*argv)
    assert result.status == 0
    assert result == run(*argv)


def test_process_reads_stdin_from_bytes_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "body"
    file.write_bytes(b"from a file")
    echo = "import sys; sys.stdout.write(sys.stdin.read())"
    assert run_process(echo, program=PYTHON, stdin=b"from a pipe").out == b"from a pipe"
    assert run_process(echo, program=PYTHON, stdin=file).out == b"from a file"
    assert run_process(echo, program=PYTHON).out == b""


def test_process_ended_by_a_signal_has_the_status_of_a_shell() -> None:
    result = run_process("import os; os.kill(os.getpid(), 15)", program=PYTHON)
    assert (result.status, result.returncode) == (143, -15)


def test_started_process_is_killed_at_the_end_of_its_block() -> None:
    with start_process(
        "import time; print(1, flush=True); time.sleep(60)", program=PYTHON
    ) as child:
        assert child.stdout is not None
        assert child.stdout.read(1) == b"1"
    assert child.returncode == -9


def test_process_gets_the_environment_of_the_test(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINE", "1")
    script = "import json, os; print(json.dumps(dict(os.environ)))"
    env = run_process(script, program=PYTHON, env={"ALSO": "2", "TZ": None}).json
    assert (env["HOME"], env["MINE"], env["ALSO"]) == (str(home), "1", "2")
    others = {"CI", "NO_COLOR", "TZ", "http_proxy", "SSL_CERT_FILE", "LC_ALL", "PYTEST_VERSION"}
    assert not others & set(env)
    assert not others & set(os.environ) - {"TZ", "PYTEST_VERSION"}


def test_installed_program_is_found() -> None:
    assert os.access(other_programs.require_program("sh"), os.X_OK)


@pytest.mark.parametrize(
    ("in_ci", "outcome"), [(True, pytest.fail.Exception), (False, pytest.skip.Exception)]
)
def test_missing_program_skips_the_test_and_fails_in_ci(
    monkeypatch: pytest.MonkeyPatch, in_ci: bool, outcome: type[BaseException]
) -> None:
    monkeypatch.setattr(other_programs, "IN_CI", in_ci)
    with pytest.raises(outcome, match="no-such-program"):
        other_programs.require_program("no-such-program")
