"""Download targets other than a new file, full disks, and interrupted or killed runs."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import stat
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.environment import HTTPCLI
from tests.support.file_server import FileServer, FileVersion, truncate_body_at
from tests.support.http_connection import (
    ClientConnection,
    ReceivedRequest,
    response,
    stall,
    wait_for_event,
)
from tests.support.other_programs import require_program
from tests.support.run import run, run_process, start_process
from tests.support.servers import RawServer

CONTENT = random.Random(1).randbytes(3_000_000)


@pytest.fixture
def origin() -> Iterator[FileServer]:
    with FileServer(FileVersion(CONTENT)) as running:
        yield running


def file_names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.name != "home")


@pytest.mark.parametrize("options", [("-d",), ()])
def test_symlink_is_kept_and_its_file_is_written(
    origin: FileServer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "real").chmod(0o640)
    (tmp_path / "link").symlink_to("real")
    assert run(*options, f"{origin.url}/f", "-o", "link").status == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == CONTENT
    assert stat.S_IMODE((tmp_path / "real").stat().st_mode) == 0o640
    assert file_names(tmp_path) == ["link", "real"]


@pytest.mark.parametrize("options", [("-d",), ("-dc",), ()])
def test_fifo_is_written_directly(
    origin: FileServer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    os.mkfifo(tmp_path / "fifo")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "fifo").read_bytes()))
    reader.start()
    assert run(*options, f"{origin.url}/f", "-o", "fifo").status == 0
    reader.join()
    assert read == [CONTENT]
    assert file_names(tmp_path) == ["fifo"]


def test_device_is_written_directly(origin: FileServer, tmp_path: Path) -> None:
    assert run("-d", f"{origin.url}/f", "-o", "/dev/null").status == 0
    result = run("-d", f"{origin.url}/f", "-o", "/dev/full")
    assert result.status == 17
    assert "/dev/full: cannot be written: no space left" in result.err
    assert file_names(tmp_path) == []


@pytest.mark.parametrize("options", [("-d",), ()])
def test_directory_as_target_is_an_error(
    server: RawServer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    server.may_be_idle()
    (tmp_path / "folder").mkdir()
    result = run(*options, f"{server.url}/f", "-o", "folder")
    assert result.status == 17
    assert "folder: cannot be written: is a directory" in result.err
    server.assert_not_called()


@pytest.mark.parametrize("options", [("-d",), pytest.param((), marks=pytest.mark.wide)])
def test_unwritable_target_is_reported_before_any_request(
    server: RawServer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    server.may_be_idle()
    (tmp_path / "closed").mkdir(mode=0o500)
    (tmp_path / "read-only").write_text("x")
    (tmp_path / "read-only").chmod(0o400)
    for name in ("closed/f", "read-only"):
        result = run_process(
            *options, f"{server.url}/f", "-o", name, program=_without_root_permissions()
        )
        assert result.status == 17
        assert f"{name}: cannot be written: permission denied" in result.err
    assert (tmp_path / "read-only").read_text() == "x"
    server.assert_not_called()


def _without_root_permissions() -> Sequence[str]:
    """Return the command that runs httpcli without root's permission to write every file."""
    if os.geteuid() != 0:
        return HTTPCLI
    dropped = "-dac_override,-dac_read_search"
    return (require_program("setpriv"), "--inh-caps", dropped, "--bounding-set", dropped, *HTTPCLI)


@pytest.mark.wide
def test_two_runs_do_not_write_the_same_file(server: RawServer, tmp_path: Path) -> None:
    released = threading.Event()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"
    server.answer(head, b"abc", wait_for_event(released), b"def")
    with start_process("-d", f"{server.url}/f", "-o", "f") as first:
        server.wait_for_requests()
        second = run("-d", f"{server.url}/f", "-o", "f")
        assert second.status == 17
        assert ": cannot be written: another httpcli process is writing it" in second.err
        released.set()
        assert first.wait(30) == 0
    assert (tmp_path / "f").read_bytes() == b"abcdef"
    assert file_names(tmp_path) == ["f"]


@pytest.mark.wide
def test_two_runs_without_output_write_two_files(server: RawServer, tmp_path: Path) -> None:
    begun, released = threading.Event(), threading.Event()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"

    def wait_for_partial_file(connection: ClientConnection) -> None:
        while not (tmp_path / "f.part").exists() and not connection.stopping.wait(0.01):
            pass
        begun.set()

    server.answer(head, b"abc", wait_for_partial_file, wait_for_event(released), b"def")
    server.answer(response("second"))
    with start_process("-d", f"{server.url}/f") as first:
        assert begun.wait(30)
        assert run("-d", f"{server.url}/f").status == 0
        released.set()
        assert first.wait(30) == 0
    assert file_names(tmp_path) == ["f", "f-1"]
    assert (tmp_path / "f").read_bytes() == b"abcdef"
    assert (tmp_path / "f-1").read_text() == "second"


def test_file_created_during_the_download_is_not_overwritten(
    server: RawServer, tmp_path: Path
) -> None:
    def create_target(connection: ClientConnection) -> None:
        while not (tmp_path / "f.part").exists() and not connection.stopping.wait(0.01):
            pass
        (tmp_path / "f").write_text("theirs")

    server.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", b"ou", create_target, b"rs")
    assert run("-d", f"{server.url}/f").status == 0
    assert (tmp_path / "f").read_text() == "theirs"
    assert (tmp_path / "f-1").read_text() == "ours"
    assert file_names(tmp_path) == ["f", "f-1"]


# Full disks


LIMITED = ("sh", "-c", 'ulimit -f 200 && exec "$@"', "sh", *HTTPCLI)
"""A shell that limits the size of files to 200 blocks of 512 bytes."""


@pytest.mark.parametrize("options", [("-d",), pytest.param((), marks=pytest.mark.wide)])
def test_failed_write_keeps_the_old_file_and_a_partial_file(
    origin: FileServer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    (tmp_path / "f").write_text("good")
    result = run_process(*options, f"{origin.url}/f", "-o", "f", program=LIMITED)
    assert result.status == 17
    assert "f: cannot be written: file too large" in result.err
    assert "f.part has 100 KiB" in result.err
    assert (tmp_path / "f").read_text() == "good"
    assert run("-dc", f"{origin.url}/f", "-o", "f").status == 0
    assert origin.requested_ranges == [None, "bytes=102400-"]
    assert (tmp_path / "f").read_bytes() == CONTENT


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of one megabyte and return its directory."""
    mount_point = tmp_path / "disk"
    mount_point.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=1M", "tmpfs", str(mount_point)]
    if mount is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no small disk can be mounted here")
    yield mount_point
    subprocess.run(["umount", str(mount_point)], check=True)


def test_too_small_disk_is_reported_before_the_first_byte(
    origin: FileServer, small_disk: Path
) -> None:
    result = run("-d", f"{origin.url}/f", "-o", "disk/f")
    assert result.status == 17
    assert "not enough disk space: 2.9 MiB needed, 1.0 MiB available" in result.err
    assert file_names(small_disk) == []


def test_disk_that_fills_up_never_gets_the_target(origin: FileServer, small_disk: Path) -> None:
    def unknown_length(
        origin: FileServer, _request: ReceivedRequest, connection: ClientConnection
    ) -> None:
        connection.send(origin.head("200 OK", None) + CONTENT)
        connection.close()

    origin.add_faults(unknown_length)
    result = run("-d", f"{origin.url}/f", "-o", "disk/f")
    assert result.status == 17
    assert "no space left" in result.err
    assert "f" not in file_names(small_disk)


def test_disk_space_error_shows_needed_and_free_space(server: RawServer) -> None:
    server.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 9000000000000000000\r\n\r\n", stall)
    result = run("-d", f"{server.url}/f", "-o", "f")
    assert result.status == 17
    assert "f: not enough disk space: 7994 PiB needed, " in result.err


# Interrupted and killed runs


@pytest.mark.parametrize("options", [("-d",), pytest.param((), marks=pytest.mark.wide)])
def test_ctrl_c_keeps_the_partial_file_and_says_how_to_resume(
    origin: FileServer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    def stop_at_half(
        origin: FileServer, request: ReceivedRequest, connection: ClientConnection
    ) -> None:
        connection.send(origin.answer(request)[:2_000_000])
        while not _size(tmp_path / "f.part") and not connection.stopping.wait(0.01):
            pass
        child.send_signal(signal.SIGINT)
        connection.stopping.wait()

    (tmp_path / "f").write_text("good")
    origin.add_faults(stop_at_half)
    with start_process(*options, f"{origin.url}/f", "-o", "f") as child:
        _, err = child.communicate(timeout=30)
        assert child.returncode == 130
    assert b"to resume: --download --continue" in err
    assert (tmp_path / "f").read_text() == "good"
    assert run_process("-dc", f"{origin.url}/f", "-o", "f").status == 0
    assert origin.requested_ranges[0] is None
    assert (origin.requested_ranges[1] or "").startswith("bytes=")
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert file_names(tmp_path) == ["f"]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


@pytest.mark.wide
def test_sigkill_at_any_moment_never_damages_the_target(tmp_path: Path) -> None:
    """Kill fifty downloads at random points, and resume them to the end or to the next kill."""
    rng = random.Random(9)
    content = rng.randbytes(30_000_000)
    expected = hashlib.sha256(content).hexdigest()
    resumed = 0

    def send_part_and_kill(
        origin: FileServer, request: ReceivedRequest, connection: ClientConnection
    ) -> None:
        """Send a random part of the response, then kill the client."""
        answer = origin.answer(request)
        if rng.random() < 0.5:
            # Wait long enough for the sidecar to be written.
            connection.send(answer[: len(answer) // 20])
            connection.stopping.wait(1.3)
            answer = answer[len(answer) // 20 :]
        connection.send(answer[: rng.randrange(len(answer))])
        child.kill()
        child.wait()
        connection.close()

    with FileServer(FileVersion(content)) as origin:
        for _ in range(50):
            (tmp_path / "f").write_text("good")
            origin.add_faults(send_part_and_kill)
            with start_process("-dc", f"{origin.url}/f", "-o", "f") as child:
                child.communicate(timeout=60)
            assert (tmp_path / "f").read_text() == "good"
            resumed += origin.requested_ranges[-1] is not None
            if rng.random() < 0.4:
                continue  # the next run resumes and is killed, too
            assert run_process("-dc", f"{origin.url}/f", "-o", "f").status == 0
            resumed += origin.requested_ranges[-1] is not None
            digest = hashlib.sha256((tmp_path / "f").read_bytes()).hexdigest()
            assert digest == expected
            assert file_names(tmp_path) == ["f"]
    assert resumed > 5, "almost no run resumed a download"


class SlowOrigin(FileServer):
    """Supports ranges; limits each connection to about one megabyte per second."""

    def head(self, status: str, length: int | None, *more: str) -> bytes:
        return super().head(status, length, "Accept-Ranges: bytes", *more)

    def serve(self, connection: ClientConnection) -> None:
        while connection.open and (request := connection.receive()) is not None:
            self.record(request)
            answer = self.answer(request)
            for at in range(0, len(answer), 100_000):
                connection.send(answer[at : at + 100_000])
                if connection.stopping.wait(0.08):
                    return


@pytest.mark.wide
def test_sigkill_with_several_connections_never_damages_the_target(tmp_path: Path) -> None:
    rng = random.Random(10)
    content = rng.randbytes(24_000_000)
    resumed = 0
    with SlowOrigin(FileVersion(content)) as origin:
        for _ in range(10):
            (tmp_path / "f").write_text("good")
            with start_process("download", "-c", f"{origin.url}/f", "-o", "f") as child:
                with pytest.raises(subprocess.TimeoutExpired):
                    child.wait(rng.uniform(1.5, 2.7))
                child.kill()
                child.communicate()
            assert (tmp_path / "f").read_text() == "good"
            before = len(origin.requests)
            assert run_process("download", "-c", f"{origin.url}/f", "-o", "f").status == 0
            assert (tmp_path / "f").read_bytes() == content
            assert file_names(tmp_path) == ["f"]
            resumed += origin.requested_ranges[before] is not None
    assert sum(each is not None for each in origin.requested_ranges) > 10, (
        "almost no request asked for a range"
    )
    assert resumed > 3, "almost no run resumed a download"


@pytest.mark.wide
def test_sidecar_is_written_during_the_download(origin: FileServer, tmp_path: Path) -> None:
    """The sidecar lets even a killed run be resumed."""

    def wait_for_sidecar(
        origin: FileServer, request: ReceivedRequest, connection: ClientConnection
    ) -> None:
        connection.send(origin.answer(request)[:2_000_000])
        while not _size(tmp_path / "f.part.json") and not connection.stopping.wait(0.01):
            pass
        child.kill()
        connection.stopping.wait()

    origin.add_faults(wait_for_sidecar)
    with start_process("-d", f"{origin.url}/f") as child:
        child.communicate(timeout=30)
    assert file_names(tmp_path) == ["f.part", "f.part.json"]
    assert stat.S_IMODE((tmp_path / "f.part.json").stat().st_mode) == 0o600
    assert run("-dc", f"{origin.url}/f").status == 0
    assert (origin.requested_ranges[1] or "").startswith("bytes=1")
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert file_names(tmp_path) == ["f"]


# --output without --download


def test_download_resumes_an_interrupted_output(origin: FileServer, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("good")
    origin.add_faults(truncate_body_at(1_000_000))
    result = run(f"{origin.url}/f", "-o", "f")
    assert result.status == 13
    assert "to resume: --download --continue" in result.err
    assert (tmp_path / "f").read_text() == "good"
    assert run("-dc", f"{origin.url}/f", "-o", "f").status == 0
    assert origin.requested_ranges == [None, "bytes=1000000-"]
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_no_partial_file_is_kept_with_headers_or_for_post(
    origin: FileServer, tmp_path: Path
) -> None:
    origin.add_faults(truncate_body_at(1_000_000), truncate_body_at(1_000_000))
    assert run("--print=hb", f"{origin.url}/f", "-o", "f").status == 13
    assert run("POST", f"{origin.url}/f", "-o", "f").status == 13
    assert file_names(tmp_path) == []


def test_output_saves_any_status_without_check_status(server: RawServer, tmp_path: Path) -> None:
    server.answer_always(response("no", status="404 Not Found"))
    (tmp_path / "f").write_text("good")
    assert run("--check-status", f"{server.url}/f", "-o", "f").status == 4
    assert (tmp_path / "f").read_text() == "good"
    assert run(f"{server.url}/f", "-o", "f").status == 0
    assert (tmp_path / "f").read_text() == "no"
