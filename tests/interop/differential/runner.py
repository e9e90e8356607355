"""Runs a command with each program, and keeps what a server and a shell saw of it."""

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

from tests.interop.differential.answers import ANSWERS
from tests.interop.differential.files import make
from tests.interop.differential.server import Recorder
from tests.interop.differential.shown import Shown, plain, shown
from tests.interop.differential.table import HANGS, Case
from tests.support.environment import HTTPCLI, plain_environment
from tests.support.result import PATIENCE
from tests.support.run import process
from tests.support.terminal import Terminal
from tests.support.wire import Received

SHORT_PATIENCE = 4.0
"""Seconds for an HTTPie of which it is known that it waits for ever."""

_RANDOM_BOUNDARY = re.compile(r"boundary=([0-9a-f]{32})\b")
_NO_UPDATE_CHECK = '{"disable_update_warnings": true}'
_CLOSED = ("sh", "-c", 'exec "$@" <&-', "sh")


class Sent(NamedTuple):
    """A request, less what may differ: the fields in order, the body without its framing."""

    line: str
    fields: tuple[str, ...]
    body: bytes
    whole: bool


class Outcome(NamedTuple):
    """What a run came to. ``said`` is what it told on stderr, for who reads a failure."""

    status: str
    sent: tuple[Sent, ...]
    said: str
    shown: Shown = Shown("", "", False, ())


class _Run(NamedTuple):
    """A finished process: its status, standard output, and what it told."""

    status: int
    out: bytes
    said: str


def both(case: Case, httpie: Sequence[str], folder: Path) -> tuple[Outcome, Outcome]:
    """Run the command with HTTPie and with httpcli, each with a server; return both outcomes."""
    patience = SHORT_PATIENCE if HANGS in case.differs else PATIENCE
    theirs = _outcome(case, httpie, folder / "httpie", patience)
    ours = _outcome(case, HTTPCLI, folder / "httpcli", PATIENCE)
    return theirs, ours


def differences(theirs: Outcome, ours: Outcome) -> set[str]:
    """Return where two outcomes differ, in the words of ``table.WHERE``.

    Content-Length follows the body: it counts only where the bodies are equal.
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
    return found | theirs.shown.differences(ours.shown)


def _fields(sent: Sent, bodies_differ: bool) -> list[str]:
    lengths = ("Content-Length:",) if bodies_differ else ()
    return [field for field in sent.fields if not field.startswith(lengths)]


def _outcome(case: Case, program: Sequence[str], folder: Path, patience: float) -> Outcome:
    home = folder / "home"
    settings = home / ".config" / "httpie"
    settings.mkdir(parents=True)
    (settings / "config.json").write_text(_NO_UPDATE_CHECK)
    make(str(folder), case.command + case.stdin)
    make(str(home), case.command)
    with Recorder().may_be_idle() as server:
        for answer in case.answers:
            steps = ANSWERS[answer.rstrip("*")]
            server.always(*steps) if answer.endswith("*") else server.answer(*steps)
        run = _in_front_of_a_person if not case.stdin else _in_a_script
        try:
            ends = [
                run(case, [*program, *argv], folder, patience)
                for argv in case.commands(server.port)
            ]
        except (subprocess.TimeoutExpired, AssertionError) as hung:
            return Outcome(HANGS, (), str(hung))
        sent = tuple(_sent(request, case.command, server.port) for request in server.requests)
    status = " ".join(_kind_of_end(ended.status) for ended in ends)
    said = "\n".join(ended.said for ended in ends)
    outcome = Outcome(status, sent, said)
    if case.shown:
        out = b"".join(ended.out for ended in ends) + _saved(folder / "saved")
        outcome = outcome._replace(shown=shown(out, said, server.port))
    return outcome


def _saved(file: Path) -> bytes:
    """Return what a case's command saved, as if it had been shown."""
    return b"\nsaved:\n" + file.read_bytes() if file.exists() else b""


def _in_a_script(case: Case, command: Sequence[str], folder: Path, patience: float) -> _Run:
    """Run the command with what the case says as its input."""
    stdin: bytes | Path | None = None
    if case.stdin == "<&-":
        command = (*_CLOSED, *command)
    elif case.stdin.startswith("<<"):
        stdin = case.typed
    elif case.stdin != "</dev/null":
        stdin = folder / case.stdin[1:]
    env = _environment(folder / "home", case)
    result = process(stdin=stdin, env=env, cwd=folder, program=command, timeout=patience)
    return _Run(result.status, result.out, result.err)


def _in_front_of_a_person(
    case: Case, command: Sequence[str], folder: Path, patience: float
) -> _Run:
    """Run the command at a terminal; with ``pipe``, its output goes elsewhere.

    Where the output counts, what it tells does not go to the same terminal.
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
                stderr=err.fileno() if case.shown and not piped else None,
            ) as screen:
                status = screen.wait(patience)
        finally:
            os.close(writing)
            reader.join()
        out.seek(0)
        err.seek(0)
        if piped:
            return _Run(status, out.read(), screen.text)
        said = err.read().decode("utf-8", "replace") if case.shown else screen.text
        return _Run(status, screen.raw.replace(b"\r\n", b"\n"), said)


def _drain(reading: int, file: IO[bytes]) -> None:
    """Take what comes through a pipe until its end."""
    with open(reading, "rb") as pipe:
        shutil.copyfileobj(pipe, file)


def _environment(home: Path, case: Case) -> Mapping[str, str | None]:
    """Return the changes that leave a plain environment of whatever was there."""
    nothing: dict[str, str | None] = dict.fromkeys(os.environ)
    return {**nothing, **plain_environment(home), "TERM": "xterm-256color", **case.env}


def _kind_of_end(status: int) -> str:
    """Return one name for the numbers that both programs give one kind of end.

    HTTPie has 1 for most failures; httpcli splits it, from 10 to 17.
    """
    return "failed" if status == 1 or 10 <= status <= 17 else str(status)


def _sent(request: Received, command: str, port: int) -> Sent:
    """Return the request without names, random numbers and habits of either program."""
    fields = ((name, value.replace(f":{port}", ":PORT")) for name, value in request.fields)
    lines = [f"{name}: {value}" for name, value in fields]
    body = request.body
    found = _RANDOM_BOUNDARY.search("\n".join(lines))
    if found and found[1] not in command:
        lines = [line.replace(found[1], "BOUNDARY") for line in lines]
        body = body.replace(found[1].encode(), b"BOUNDARY")
    kept = (plain(line) for line in lines)
    line = request.line.replace(f"%3A{port}", "%3APORT")
    return Sent(line, tuple(sorted(filter(None, kept))), body, request.whole)
