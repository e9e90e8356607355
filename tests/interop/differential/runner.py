"""Runs a command with each program; records its requests, output and exit status."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from tests.interop.differential.files import create_files
from tests.interop.differential.output import Output, normalised_header, parse_output
from tests.interop.differential.responses import RESPONSES
from tests.interop.differential.server import Recorder
from tests.interop.differential.table import HANGS, Case
from tests.support.environment import HTTPCLI, plain_environment
from tests.support.http_connection import ReceivedRequest
from tests.support.run import run_process
from tests.support.run_result import TIMEOUT
from tests.support.terminal import Terminal

SHORT_PATIENCE = 4.0
"""Seconds before an HTTPie that is known to hang is killed."""

_RANDOM_BOUNDARY = re.compile(r"boundary=([0-9a-f]{32})\b")
_NO_UPDATE_CHECK = '{"disable_update_warnings": true}'
_CLOSED = ("sh", "-c", 'exec "$@" <&-', "sh")


class Sent(NamedTuple):
    """A request, normalised for comparison: sorted headers, and the body without framing."""

    line: str
    fields: tuple[str, ...]
    body: bytes
    whole: bool


class Outcome(NamedTuple):
    """The result of a case. ``stderr`` is only for the message of a failed test."""

    status: str
    sent: tuple[Sent, ...]
    stderr: str
    output: Output = Output("", "", False, ())


class _Run(NamedTuple):
    """A finished process: its status, stdout and stderr."""

    status: int
    out: bytes
    stderr: str


def both(case: Case, httpie: Sequence[str], folder: Path) -> tuple[Outcome, Outcome]:
    """Run the command with HTTPie and with httpcli, each with its own server."""
    patience = SHORT_PATIENCE if HANGS in case.differs else TIMEOUT
    theirs = _outcome(case, httpie, folder / "httpie", patience)
    ours = _outcome(case, HTTPCLI, folder / "httpcli", TIMEOUT)
    return theirs, ours


def differences(theirs: Outcome, ours: Outcome) -> set[str]:
    """Return the aspects (``table.WHERE``) in which two outcomes differ.

    Content-Length is compared only if the bodies are equal.
    """
    if theirs.status == HANGS != ours.status:
        return {HANGS}
    found = set()
    if theirs.status != ours.status:
        found.add("status")
    if len(theirs.sent) != len(ours.sent):
        found.add("sent")
    for one, other in zip(theirs.sent, ours.sent, strict=False):
        if one.line != other.line:
            found.add("line")
        if (one.body, one.whole) != (other.body, other.whole):
            found.add("body")
        if _fields(one, "body" in found) != _fields(other, "body" in found):
            found.add("fields")
    return found | theirs.output.differences(ours.output)


def _fields(sent: Sent, bodies_differ: bool) -> list[str]:
    lengths = ("Content-Length:",) if bodies_differ else ()
    return [field for field in sent.fields if not field.startswith(lengths)]


def _outcome(case: Case, program: Sequence[str], folder: Path, patience: float) -> Outcome:
    home = folder / "home"
    settings = home / ".config" / "httpie"
    settings.mkdir(parents=True)
    (settings / "config.json").write_text(_NO_UPDATE_CHECK)
    create_files(str(folder), case.command + case.stdin)
    create_files(str(home), case.command)
    with Recorder().may_be_idle() as server:
        for response in case.responses:
            steps = RESPONSES[response.rstrip("*")]
            server.answer_always(*steps) if response.endswith("*") else server.answer(*steps)
        run = _run_on_a_terminal if not case.stdin else _run_with_stdin
        try:
            runs = [
                run(case, [*program, *argv], folder, patience)
                for argv in case.commands(server.port)
            ]
        except (subprocess.TimeoutExpired, AssertionError) as hung:
            return Outcome(HANGS, (), str(hung))
        sent = tuple(_sent(request, case.command, server.port) for request in server.requests)
    status = " ".join(_status_group(one.status) for one in runs)
    stderr = "\n".join(one.stderr for one in runs)
    outcome = Outcome(status, sent, stderr)
    if case.compares_output:
        out = b"".join(one.out for one in runs) + _saved(folder / "saved")
        outcome = outcome._replace(output=parse_output(out, stderr, server.port))
    return outcome


def _saved(file: Path) -> bytes:
    """Return the file that the command saved, as part of its output."""
    return b"\nsaved:\n" + file.read_bytes() if file.exists() else b""


def _run_with_stdin(case: Case, command: Sequence[str], folder: Path, patience: float) -> _Run:
    """Run the command with the standard input that the case gives."""
    stdin: bytes | Path | None = None
    if case.stdin == "<&-":
        command = (*_CLOSED, *command)
    elif case.stdin.startswith("<<"):
        stdin = case.stdin_bytes
    elif case.stdin != "</dev/null":
        stdin = folder / case.stdin[1:]
    env = _environment(folder / "home", case)
    result = run_process(stdin=stdin, env=env, cwd=folder, program=command, timeout=patience)
    return _Run(result.status, result.out, result.err)


def _run_on_a_terminal(case: Case, command: Sequence[str], folder: Path, patience: float) -> _Run:
    """Run the command on a terminal; with ``pipe``, its stdout is a pipe instead.

    If the output is compared, stderr does not go to the same terminal.
    """
    piped = case.output == "pipe"
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        reading, writing = os.pipe()
        reader = threading.Thread(target=_drain, args=(reading, out))
        reader.start()
        try:
            with Terminal(
                env=_environment(folder / "home", case),
                cwd=folder,
                program=command,
                stdout=writing if piped else None,
                stderr=err.fileno() if case.compares_output and not piped else None,
            ) as screen:
                status = screen.wait(patience)
        finally:
            os.close(writing)
            reader.join()
        out.seek(0)
        err.seek(0)
        if piped:
            return _Run(status, out.read(), screen.text)
        stderr = err.read().decode("utf-8", "replace") if case.compares_output else screen.text
        return _Run(status, screen.raw.replace(b"\r\n", b"\n"), stderr)


def _drain(reading: int, file: IO[bytes]) -> None:
    """Copy everything from a pipe to a file."""
    with open(reading, "rb") as pipe:
        shutil.copyfileobj(pipe, file)


def _environment(home: Path, case: Case) -> Mapping[str, str | None]:
    """Return the changes that turn the current environment into a plain one."""
    nothing: dict[str, str | None] = dict.fromkeys(os.environ)
    return {**nothing, **plain_environment(home), "TERM": "xterm-256color", **case.env}


def _status_group(status: int) -> str:
    """Return one name for the statuses that mean the same in both programs.

    HTTPie uses 1 for most failures; httpcli uses 10 to 17 instead.
    """
    return "failed" if status == 1 or 10 <= status <= 17 else str(status)


def _sent(request: ReceivedRequest, command: str, port: int) -> Sent:
    """Return the request without program names, random values and default headers."""
    fields = ((name, value.replace(f":{port}", ":PORT")) for name, value in request.headers)
    lines = [f"{name}: {value}" for name, value in fields]
    body = request.body
    found = _RANDOM_BOUNDARY.search("\n".join(lines))
    if found and found[1] not in command:
        lines = [line.replace(found[1], "BOUNDARY") for line in lines]
        body = body.replace(found[1].encode(), b"BOUNDARY")
    kept = (normalised_header(line) for line in lines)
    line = request.request_line.replace(f"%3A{port}", "%3APORT")
    return Sent(line, tuple(sorted(filter(None, kept))), body, request.complete)
