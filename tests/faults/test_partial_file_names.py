"""No file that a server names or writes is taken for a partial file or its sidecar."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.file_server import FileServer, FileVersion, truncate_body_at
from tests.support.http_connection import response
from tests.support.run import run_process
from tests.support.servers import RawServer

CONTENT = random.Random(1).randbytes(400_000)
EVIL = random.Random(2).randbytes(200_000)


@pytest.fixture
def origin() -> Iterator[FileServer]:
    with FileServer(FileVersion(CONTENT)) as running:
        yield running


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.name != "home")


def evil_sidecar(url: str, **changes: int | str) -> bytes:
    """Return a sidecar which says that the evil bytes are of ``url``."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    span = [[0, len(EVIL)]]
    document = {
        "layout": 1,
        "url": url,
        "size": len(CONTENT),
        "etag": '"v1"',
        "last_modified": "",
        "date": "",
        "checksum": "",
        "coding": "",
        "done": span,
        "synced": span,
        "boot": boot,
    }
    return json.dumps({**document, **changes}).encode()


@pytest.mark.parametrize("source", ["header", "url", "extended header"])
def test_two_downloads_of_an_evil_server_are_not_resumed(
    origin: FileServer, server: RawServer, tmp_path: Path, source: str
) -> None:
    url = f"{origin.url}/film.mkv"
    for name, body in (("film.mkv.part", EVIL), ("film.mkv.part.json", evil_sidecar(url))):
        header = {
            "header": f'Content-Disposition: attachment; filename="{name}"',
            "extended header": f"Content-Disposition: attachment; filename*=UTF-8''{name}",
            "url": "X-Nothing: here",
        }[source]
        server.answer(response(body, header))
        path = name if source == "url" else "x"
        assert run_process("-d", f"{server.url}/{path}").status == 0
    assert names(tmp_path) == ["film.mkv.part.json_", "film.mkv.part_"]
    result = run_process("download", "-c", url)
    assert result.status == 0
    assert (tmp_path / "film.mkv").read_bytes() == CONTENT


@pytest.mark.parametrize(
    "name",
    [
        "f.PART",
        "f.Part.Json",
        "f.part.json.new",
        "f.part. .",
        "f.part\u200b",
        "f.\uff50\uff41\uff52\uff54",
        "f%2Epart",
        "f.part/",
        "a" * 250 + ".part",
        "a" * 250 + ".part" + "b" * 30,
    ],
)
def test_names_like_those_of_partial_files_are_changed(
    server: RawServer, tmp_path: Path, name: str
) -> None:
    server.answer(response("x", f'Content-Disposition: attachment; filename="{name}"'))
    server.answer(response("x"))
    assert run_process("-d", f"{server.url}/x").status == 0
    (saved,) = names(tmp_path)
    assert not saved.lower().rstrip(". ").endswith((".part", ".part.json", ".part.json.new"))
    assert saved.endswith("_") or "%" in name


def plant_typed(origin: FileServer, server: RawServer, folder: Path) -> None:
    """Download the evil files under names that the user typed."""
    url = f"{origin.url}/film.mkv"
    server.answer(response(EVIL)).answer(response(evil_sidecar(url)))
    for name in ("film.mkv.part", "film.mkv.part.json"):
        assert run_process("-d", f"{server.url}/x", "-o", name).status == 0
    for path in folder.glob("film*"):
        path.chmod(0o600)


@pytest.mark.parametrize("argv", [("-dc",), ("download", "-c"), ("-dc", "-o", "film.mkv")])
def test_sidecar_from_a_server_under_a_typed_name_is_not_trusted(
    origin: FileServer, server: RawServer, tmp_path: Path, argv: tuple[str, ...]
) -> None:
    plant_typed(origin, server, tmp_path)
    result = run_process(*argv, f"{origin.url}/film.mkv")
    assert result.status == 0
    assert (tmp_path / "film.mkv").read_bytes() == CONTENT
    assert "--continue=trust resumes it anyway" in result.err
    assert origin.requested_ranges == [None]


def test_sidecar_of_another_layout_or_with_a_wrong_code_is_not_trusted(
    origin: FileServer, tmp_path: Path
) -> None:
    url = f"{origin.url}/f"
    for code in ("", "00" * 32):
        (tmp_path / "f.part").write_bytes(EVIL)
        (tmp_path / "f.part.json").write_bytes(evil_sidecar(url, layout=2, code=code))
        assert run_process("-dc", url, "-o", "f").status == 0
        assert (tmp_path / "f").read_bytes() == CONTENT, code
        (tmp_path / "f").unlink()


def interrupted(origin: FileServer, *options: str) -> None:
    """Download half of the file to ``f``."""
    origin.add_faults(truncate_body_at(100_000))
    assert run_process("-d", "--retry=0", *options, f"{origin.url}/f", "-o", "f").status == 13


def test_own_partial_file_is_resumed(origin: FileServer, tmp_path: Path) -> None:
    interrupted(origin)
    moved = tmp_path / "moved"
    moved.mkdir()
    for name in ("f.part", "f.part.json"):
        (tmp_path / name).rename(moved / name)
    assert run_process("-dc", f"{origin.url}/f", "-o", "f", cwd=moved).status == 0
    assert origin.requested_ranges == [None, "bytes=100000-"]
    assert (moved / "f").read_bytes() == CONTENT


def _replaced(folder: Path) -> None:
    (folder / "f.part").unlink()
    (folder / "f.part").write_bytes(EVIL)


def _copied(folder: Path) -> None:
    shutil.copy(folder / "f.part", folder / "copy")
    (folder / "copy").rename(folder / "f.part")


def _edited(folder: Path) -> None:
    sidecar = folder / "f.part.json"
    sidecar.write_text(sidecar.read_text().replace("100000", "100001"))
    with (folder / "f.part").open("ab") as file:
        file.write(b"?")


@pytest.mark.parametrize("change", [_replaced, _copied, _edited])
def test_changed_pair_is_not_resumed(origin: FileServer, tmp_path: Path, change: object) -> None:
    interrupted(origin)
    assert callable(change)
    change(tmp_path)
    result = run_process("-dc", f"{origin.url}/f", "-o", "f")
    assert result.status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert origin.requested_ranges == [None, None]
    assert "--continue=trust" in result.err


def test_without_the_key_only_trust_resumes(origin: FileServer, tmp_path: Path) -> None:
    state = tmp_path / "home" / "state"
    env = {"XDG_STATE_HOME": str(state)}
    origin.add_faults(truncate_body_at(100_000), truncate_body_at(100_000))
    argv = ("-d", "--retry=0", f"{origin.url}/f", "-o", "f")
    assert run_process(*argv, env=env).status == 13
    assert (state / "httpcli" / ".resume-key").stat().st_mode & 0o777 == 0o600
    shutil.rmtree(state)
    refused = run_process("-c", *argv, env=env)
    assert refused.status == 13
    assert origin.requested_ranges == [None, None]
    assert "starting over" in refused.err
    shutil.rmtree(state)
    assert run_process("--continue=trust", *argv, env=env).status == 0
    assert origin.requested_ranges[-1] == "bytes=100000-"
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_state_folder_that_cannot_be_used_is_said_after_the_interruption(
    origin: FileServer, tmp_path: Path
) -> None:
    (tmp_path / "home" / "file").write_text("no folder")
    env = {"XDG_STATE_HOME": str(tmp_path / "home" / "file")}
    origin.add_faults(truncate_body_at(100_000))
    argv = ("-d", "--retry=0", f"{origin.url}/f", "-o", "f")
    result = run_process(*argv, env=env)
    assert result.status == 13
    assert "to resume it anyway: --download --continue=trust" in result.err
    assert run_process("-c", *argv, env=env).status == 0
    assert origin.requested_ranges == [None, None]


def test_key_that_others_can_read_proves_nothing(origin: FileServer, tmp_path: Path) -> None:
    interrupted(origin)
    (key,) = (tmp_path / "home").rglob(".resume-key")
    key.chmod(0o644)
    assert run_process("-dc", f"{origin.url}/f", "-o", "f").status == 0
    assert origin.requested_ranges == [None, None]


def test_checksum_does_not_turn_an_unproven_file_into_a_proven_one(
    origin: FileServer, server: RawServer, tmp_path: Path
) -> None:
    plant_typed(origin, server, tmp_path)
    url = f"{origin.url}/film.mkv"
    origin.add_faults(truncate_body_at(1000))
    checksum = ("--checksum", "md5:" + "0" * 32)
    argv = ("-dc", "--retry=0", url, "-o", "film.mkv")
    assert run_process(*argv, *checksum).status == 13
    result = run_process(*argv)
    assert result.status == 0
    assert (tmp_path / "film.mkv").read_bytes() == CONTENT


def test_file_of_a_running_download_is_not_replaced_by_a_typed_name(
    origin: FileServer, server: RawServer, tmp_path: Path
) -> None:
    from tests.support.http_connection import ClientConnection, ReceivedRequest
    from tests.support.run import start_process

    server.may_be_idle().answer(response(EVIL))
    second: list[int] = []

    def run_second(
        origin: FileServer, request: ReceivedRequest, connection: ClientConnection
    ) -> None:
        answer = origin.answer(request)
        connection.send(answer[:100_000])
        while not (tmp_path / "f.part").exists() and not connection.stopping.wait(0.01):
            pass
        second.append(run_process("-d", f"{server.url}/x", "-o", "f.part").status)
        connection.send(answer[100_000:])

    origin.add_faults(run_second)
    with start_process("-d", f"{origin.url}/f", "-o", "f") as first:
        assert first.wait(60) == 0
    assert second == [17]
    assert (tmp_path / "f").read_bytes() == CONTENT
