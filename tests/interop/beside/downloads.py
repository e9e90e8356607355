"""Judges of downloads: each program saves into the file ``f``."""

from __future__ import annotations

import hashlib
import random
import signal
from pathlib import Path
from time import monotonic, sleep

from tests.interop.beside.seat import Seat
from tests.support.origin import Origin, Version, cut_at, just
from tests.support.result import PATIENCE
from tests.support.servers import RawServer
from tests.support.wire import Connection, Received, response, stall

_CONTENT = random.Random(1).randbytes(600_000)
_OTHER = random.Random(2).randbytes(600_000)
_LARGE = random.Random(3).randbytes(18 << 20)
_LATER = "Tue, 03 Mar 2026 09:00:00 GMT"
_SLOW_SECONDS = 2.5


def keeps_a_good_file(seat: Seat) -> bool | None:
    """Ask whether the old file is there after a download was cut, and after a 404."""
    page = response("no such page", status="404 Not Found")
    seat.file.write_bytes(b"good")
    with Origin(Version(_CONTENT)).but(cut_at(250_000), just(page)) as origin:
        for _ in range(2):
            assert seat.run(url=f"{origin.url}/f").status != 0
            if seat.file.read_bytes() != b"good":
                return False
        seat.run(url=f"{origin.url}/f")
    assert seat.file.read_bytes() == _CONTENT, "it does not replace the file at all"
    return True


def notices_a_change(seat: Seat) -> bool | None:
    """Ask whether what is gone on with is never a mixture of two files."""
    with Origin(Version(_CONTENT)).but(cut_at(250_000)) as origin:
        assert seat.run(url=f"{origin.url}/f").status != 0
        origin.version = Version(_OTHER, '"v2"', _LATER)
        ended = seat.run(url=f"{origin.url}/f")
    assert any(origin.asked), "it did not go on"
    saved = seat.file.read_bytes()
    if ended.status != 0 or saved == _OTHER:
        return True
    assert saved[:100_000] + saved[-100_000:] == _CONTENT[:100_000] + _OTHER[-100_000:]
    return False


def leaves_nothing_half(seat: Seat) -> bool | None:
    """Ask whether a half file has the final name after Ctrl-C, and after a kill."""
    for number in (signal.SIGINT, signal.SIGKILL):
        with Origin(Version(_CONTENT)).but(_half) as origin:
            with seat.started(url=f"{origin.url}/f") as child:
                _await_bytes(seat.folder)
                child.send_signal(number)
                child.communicate(timeout=PATIENCE)
            if seat.file.exists():
                return False
        _clear(seat.folder)
    return True


def _clear(folder: Path) -> None:
    """Take away what an interrupted run left, so that the next one begins anew."""
    for left in filter(Path.is_file, folder.iterdir()):
        left.unlink()


def _half(origin: Origin, request: Received, connection: Connection) -> None:
    head, gap, content = origin.answer(request).partition(b"\r\n\r\n")
    connection.send(head + gap + content[:250_000])
    stall(connection)


def _await_bytes(folder: Path) -> None:
    """Wait until something of the download is in a file of the folder."""
    deadline = monotonic() + PATIENCE
    while not any(each.is_file() and each.stat().st_size for each in folder.iterdir()):
        assert monotonic() < deadline, "nothing was saved"
        sleep(0.02)


def several_connections(seat: Seat) -> bool | None:
    """Ask whether a large file from a slow connection is fetched by more than one."""
    with _Parts(Version(_LARGE)).but(_slowly) as origin:
        assert seat.run(url=f"{origin.url}/f").status == 0
    assert hashlib.sha256(seat.file.read_bytes()).digest() == hashlib.sha256(_LARGE).digest()
    return len(origin.requests) > 1


class _Parts(Origin):
    """Says that it sends parts."""

    def head(self, status: str, length: int | None, *more: str) -> bytes:
        return super().head(status, length, "Accept-Ranges: bytes", *more)


def _slowly(origin: Origin, request: Received, connection: Connection) -> None:
    """Trickle until a second request is there, or for a while; then send the rest."""
    head, gap, content = origin.answer(request).partition(b"\r\n\r\n")
    connection.send(head + gap)
    at, end = 0, monotonic() + _SLOW_SECONDS
    while len(origin.requests) < 2 and monotonic() < end:
        connection.send(content[at : at + 4096])
        at += 4096
        connection.stopping.wait(0.01)
    connection.send(content[at:])


def checks_the_sum(seat: Seat) -> bool | None:
    """Ask whether a file of another SHA-256 than the one given is an error."""
    right, wrong = (hashlib.sha256(data).hexdigest() for data in (_CONTENT, _OTHER))
    with RawServer().may_be_idle().always(response(_CONTENT)) as server:
        good = seat.run(url=f"{server.url}/f", sum=right).status == 0
        seat.file.unlink(missing_ok=True)
        bad = seat.run(url=f"{server.url}/f", sum=wrong).status == 0
    if not server.requests:
        assert not good
        return None
    return good and not bad
