"""Checks of downloads: each program saves to the file ``f``."""

from __future__ import annotations

import hashlib
import random
import signal
from pathlib import Path
from time import monotonic, sleep

from tests.interop.beside.runner import Runner
from tests.support.file_server import FileServer, FileVersion, send_and_close, truncate_body_at
from tests.support.http_connection import ClientConnection, ReceivedRequest, response, stall
from tests.support.run_result import TIMEOUT
from tests.support.servers import RawServer

_CONTENT = random.Random(1).randbytes(600_000)
_OTHER = random.Random(2).randbytes(600_000)
_LARGE = random.Random(3).randbytes(18 << 20)
_LATER = "Tue, 03 Mar 2026 09:00:00 GMT"
_SLOW_SECONDS = 2.5


def keeps_a_good_file(runner: Runner) -> bool | None:
    """Check whether the old file survives a truncated download and a 404 response."""
    page = response("no such page", status="404 Not Found")
    runner.file.write_bytes(b"good")
    with FileServer(FileVersion(_CONTENT)).add_faults(
        truncate_body_at(250_000), send_and_close(page)
    ) as origin:
        for _ in range(2):
            assert runner.run(url=f"{origin.url}/f").status != 0
            if runner.file.read_bytes() != b"good":
                return False
        runner.run(url=f"{origin.url}/f")
    assert runner.file.read_bytes() == _CONTENT, "it does not replace the file at all"
    return True


def detects_changed_file(runner: Runner) -> bool | None:
    """Check whether a resumed download never mixes two versions of a file."""
    with FileServer(FileVersion(_CONTENT)).add_faults(truncate_body_at(250_000)) as origin:
        assert runner.run(url=f"{origin.url}/f").status != 0
        origin.version = FileVersion(_OTHER, '"v2"', _LATER)
        ended = runner.run(url=f"{origin.url}/f")
    assert any(origin.requested_ranges), "it did not resume"
    saved = runner.file.read_bytes()
    if ended.status != 0 or saved == _OTHER:
        return True
    assert saved[:100_000] + saved[-100_000:] == _CONTENT[:100_000] + _OTHER[-100_000:]
    return False


def leaves_no_partial_file(runner: Runner) -> bool | None:
    """Check whether no partial file has the final name after SIGINT and after SIGKILL."""
    for number in (signal.SIGINT, signal.SIGKILL):
        with FileServer(FileVersion(_CONTENT)).add_faults(_send_half) as origin:
            with runner.start_process(url=f"{origin.url}/f") as child:
                _await_bytes(runner.folder)
                child.send_signal(number)
                child.communicate(timeout=TIMEOUT)
            if runner.file.exists():
                return False
        _clear(runner.folder)
    return True


def _clear(folder: Path) -> None:
    """Remove the files of an interrupted run, so that the next run starts from zero."""
    for file in filter(Path.is_file, folder.iterdir()):
        file.unlink()


def _send_half(origin: FileServer, request: ReceivedRequest, connection: ClientConnection) -> None:
    head, gap, content = origin.answer(request).partition(b"\r\n\r\n")
    connection.send(head + gap + content[:250_000])
    stall(connection)


def _await_bytes(folder: Path) -> None:
    """Wait until the first bytes are saved in the folder."""
    deadline = monotonic() + TIMEOUT
    while not any(each.is_file() and each.stat().st_size for each in folder.iterdir()):
        assert monotonic() < deadline, "nothing was saved"
        sleep(0.02)


def uses_several_connections(runner: Runner) -> bool | None:
    """Check whether a large file is fetched over several connections if one is slow."""
    with _RangeServer(FileVersion(_LARGE)).add_faults(_send_slowly) as origin:
        assert runner.run(url=f"{origin.url}/f").status == 0
    assert hashlib.sha256(runner.file.read_bytes()).digest() == hashlib.sha256(_LARGE).digest()
    return len(origin.requests) > 1


class _RangeServer(FileServer):
    """Sends ``Accept-Ranges: bytes``."""

    def head(self, status: str, length: int | None, *more: str) -> bytes:
        return super().head(status, length, "Accept-Ranges: bytes", *more)


def _send_slowly(
    origin: FileServer, request: ReceivedRequest, connection: ClientConnection
) -> None:
    """Send slowly until a second request arrives or the time is over; then send the rest."""
    head, gap, content = origin.answer(request).partition(b"\r\n\r\n")
    connection.send(head + gap)
    at, end = 0, monotonic() + _SLOW_SECONDS
    while len(origin.requests) < 2 and monotonic() < end:
        connection.send(content[at : at + 4096])
        at += 4096
        connection.stopping.wait(0.01)
    connection.send(content[at:])


def verifies_checksum(runner: Runner) -> bool | None:
    """Check whether a file with another SHA-256 than the given one is an error."""
    right, wrong = (hashlib.sha256(data).hexdigest() for data in (_CONTENT, _OTHER))
    with RawServer().may_be_idle().answer_always(response(_CONTENT)) as server:
        good = runner.run(url=f"{server.url}/f", sum=right).status == 0
        runner.file.unlink(missing_ok=True)
        bad = runner.run(url=f"{server.url}/f", sum=wrong).status == 0
    if not server.requests:
        assert not good
        return None
    return good and not bad
