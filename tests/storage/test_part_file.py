"""A file gets its final name only when it is complete."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from httpcli.core.download import PartialState, Span
from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.storage.part_file import PartFile


def test_final_name_appears_on_commit(tmp_path: Path) -> None:
    target = tmp_path / "f"
    with PartFile("f", str(target)) as part:
        part.write(b"abc")
        assert not target.exists()
        part.commit()
    assert target.read_bytes() == b"abc"
    assert not (tmp_path / "f.part").exists()


def test_existing_file_is_kept_without_a_commit(tmp_path: Path) -> None:
    target = tmp_path / "f"
    target.write_bytes(b"good")
    with PartFile("f", str(target)) as part:
        part.write(b"bad")
    assert target.read_bytes() == b"good"
    assert not (tmp_path / "f.part").exists()


def test_part_file_of_a_killed_run_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "f.part").write_bytes(b"left over, and longer")
    with PartFile("f", str(tmp_path / "f")) as part:
        part.begin()
        part.write(b"new")
        part.commit()
    assert (tmp_path / "f").read_bytes() == b"new"


def test_two_runs_cannot_write_the_same_file(tmp_path: Path) -> None:
    with PartFile("f", str(tmp_path / "f")) as first:
        with (
            pytest.raises(HttpcliError, match="another httpcli process"),
            PartFile("f", str(tmp_path / "f")),
        ):
            pass
        first.write(b"first")
        first.commit()
    assert (tmp_path / "f").read_bytes() == b"first"


def test_new_file_respects_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with PartFile("f", str(tmp_path / "f")) as part:
            part.commit()
    finally:
        os.umask(before)
    assert (tmp_path / "f").stat().st_mode & 0o777 == 0o640


def test_target_of_a_dangling_symlink_is_created(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    with PartFile("link", str(tmp_path / "link")) as part:
        part.write(b"x")
        part.commit()
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"x"


def test_fifo_is_written_directly(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(fifo.read_bytes()))
    reader.start()
    with PartFile("fifo", str(fifo)) as part:
        part.write(b"through")
        part.commit()
    reader.join()
    assert got == [b"through"]


@pytest.mark.parametrize("name", ["missing/f", "."])
def test_unwritable_path_is_an_error(tmp_path: Path, name: str) -> None:
    with (
        pytest.raises(HttpcliError, match="cannot be written") as caught,
        PartFile(name, str(tmp_path / name)),
    ):
        pass
    assert caught.value.status is ExitStatus.LOCAL


def _link(part: Path, victim: Path) -> None:
    part.symlink_to(victim)


def _hard_link(part: Path, victim: Path) -> None:
    part.hardlink_to(victim)


def _fifo(part: Path, _victim: Path) -> None:
    os.mkfifo(part)


@pytest.mark.parametrize("create", [_link, _hard_link, _fifo])
def test_foreign_part_file_is_not_touched(
    tmp_path: Path, create: Callable[[Path, Path], None]
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    create(tmp_path / "f.part", victim)
    with (
        pytest.raises(HttpcliError, match="cannot be written") as caught,
        PartFile("f", str(tmp_path / "f")),
    ):
        pass
    assert caught.value.status is ExitStatus.LOCAL
    assert victim.read_text() == "precious"
    assert not (tmp_path / "f").exists()


def test_symlink_loop_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("a")
    with pytest.raises(HttpcliError, match="links"), PartFile("a", str(tmp_path / "a")):
        pass
    assert (tmp_path / "a").is_symlink()


SIDECAR = PartialState("http://example.org/f", 10, '"v1"', "", checksum="sha256:00")


def saved_state(part: PartFile) -> PartialState:
    """Return the state in the sidecar of an interrupted run."""
    saved = part.saved_state()
    assert saved is not None
    return saved.state


def saved_spans(part: PartFile) -> tuple[Span, ...]:
    """Return the spans in the sidecar."""
    return saved_state(part).spans


def parts(directory: Path) -> list[str]:
    return sorted(each.name for each in directory.iterdir() if each.is_file())


def test_part_file_with_a_sidecar_can_be_resumed(tmp_path: Path) -> None:
    with PartFile("f", str(tmp_path / "f")) as part:
        part.begin(SIDECAR)
        part.write(b"01234")
    assert parts(tmp_path) == ["f.part", "f.part.json"]
    assert (tmp_path / "f.part.json").stat().st_mode & 0o777 == 0o600
    with PartFile("f", str(tmp_path / "f")) as part:
        assert saved_state(part) == SIDECAR._replace(spans=(Span(0, 5),))
        part.resume(saved_state(part))
        part.write(b"56789")
        part.commit()
    assert parts(tmp_path) == ["f"]
    assert (tmp_path / "f").read_bytes() == b"0123456789"


def test_sidecar_without_any_bytes_is_removed(tmp_path: Path) -> None:
    with PartFile("f", str(tmp_path / "f")) as part:
        part.begin(SIDECAR)
    assert parts(tmp_path) == []


def test_segments_are_written_at_their_offsets(tmp_path: Path) -> None:
    with PartFile("f", str(tmp_path / "f")) as part:
        part.begin(SIDECAR)
        part.reserve(10)
        assert part.length == 10
        assert part.write_at([b"67", b"8"], 6) == 9
        part.write_at([b"0123"], 0)
    with PartFile("f", str(tmp_path / "f")) as part:
        assert saved_spans(part) == (Span(0, 4), Span(6, 9))
        part.resume(saved_state(part))
        assert part.written.gaps(10) == (Span(4, 6), Span(9, 10))
        part.write_at([b"45"], 4)
        part.write_at([b"9"], 9)
        assert b"".join(part.read(Span(0, 10))) == b"0123456789"
        assert (part.written.total, part.written.prefix_length) == (10, 10)
        part.commit()
    assert (tmp_path / "f").read_bytes() == b"0123456789"


def test_reserved_space_is_not_treated_as_content(tmp_path: Path) -> None:
    with PartFile("f", str(tmp_path / "f")) as part:
        part.begin(SIDECAR)
        part.reserve(10)
        left = tmp_path / "left"
        left.write_bytes((tmp_path / "f.part.json").read_bytes())
        part.discard()
    (tmp_path / "f.part").write_bytes(bytes(10))
    left.rename(tmp_path / "f.part.json")
    with PartFile("f", str(tmp_path / "f")) as part:
        assert saved_spans(part) == ()


def test_restart_removes_the_sidecar_first(tmp_path: Path) -> None:
    with PartFile("f", str(tmp_path / "f")) as part:
        part.begin(SIDECAR)
        part.write(b"01234")
    with PartFile("f", str(tmp_path / "f")) as part:
        part.begin(SIDECAR._replace(etag='"v2"'))
        assert parts(tmp_path) == ["f.part"]
        stale = part.saved_state()
        assert stale is None or stale.state.spans == ()
        part.write(b"ab")
        part.save()
        assert saved_state(part) == SIDECAR._replace(etag='"v2"', spans=(Span(0, 2),))


def test_sidecar_without_a_part_file_is_ignored(tmp_path: Path) -> None:
    """A run may be killed between renaming the part file and removing the sidecar."""
    with PartFile("f", str(tmp_path / "f")) as part:
        part.begin(SIDECAR)
        part.write(b"01234")
        part.save()
        (tmp_path / "f.part").rename(tmp_path / "f")
    assert parts(tmp_path) == ["f", "f.part.json"]
    with PartFile("f", str(tmp_path / "f")) as part:
        assert part.saved_state() is None


def test_sidecar_counts_only_bytes_in_the_part_file(tmp_path: Path) -> None:
    with PartFile("f", str(tmp_path / "f")) as part:
        part.begin(SIDECAR)
        part.write(b"01234")
    os.truncate(tmp_path / "f.part", 3)
    with PartFile("f", str(tmp_path / "f")) as part:
        assert saved_spans(part) == (Span(0, 3),)


GOOD = {"layout": 1, "url": "u", "size": 9, "etag": "", "last_modified": "", "date": ""}
INVALID: tuple[dict[str, object], ...] = (
    {"layout": 2, "done": []},
    {"size": -1, "done": []},
    {"size": True, "done": []},
    {"url": 1, "done": []},
    {"done": [[3, 2]]},
    {"done": [[1]]},
    {"done": [5]},
    {"done": {}},
    {},
)


@pytest.mark.parametrize(
    "text",
    [
        *(json.dumps({**GOOD, "checksum": "", **wrong}) for wrong in INVALID),
        *("", "[]", "{}", "null", "\x00\xff", "[" * 100_000),
    ],
)
def test_invalid_sidecar_is_ignored(tmp_path: Path, text: str) -> None:
    (tmp_path / "f.part").write_bytes(b"01234")
    (tmp_path / "f.part.json").write_text(text)
    with PartFile("f", str(tmp_path / "f")) as part:
        assert part.saved_state() is None


def test_symlink_in_place_of_the_sidecar_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "f.part").write_bytes(b"01234")
    (tmp_path / "f.part.json").symlink_to(victim)
    (tmp_path / "f.part.json.new").symlink_to(victim)
    with PartFile("f", str(tmp_path / "f")) as part:
        assert part.saved_state() is None
        part.begin(SIDECAR)
        part.write(b"0")
        part.save()
    assert victim.read_text() == "precious"
    assert parts(tmp_path) == ["f.part", "f.part.json", "victim"]


def test_only_synced_bytes_count_after_a_reboot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with PartFile("f", str(tmp_path / "f")) as part:
        part.begin(PartialState("http://h/f", 9, etag='"v1"'))
        part.write(b"abc")
        monkeypatch.setattr("httpcli.storage.part_file._SYNC_INTERVAL", 0)
        part.save()
        monkeypatch.setattr("httpcli.storage.part_file._SYNC_INTERVAL", 30)
        part.write(b"def")
    with PartFile("f", str(tmp_path / "f")) as part:
        assert saved_spans(part) == (Span(0, 6),)
        for another in ("another", ""):
            monkeypatch.setattr("httpcli.storage.sidecar.boot_id", lambda name=another: name)
            assert saved_spans(part) == (Span(0, 3),)


def test_bytes_of_an_earlier_run_are_synced_with_the_first_save(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with PartFile("f", str(tmp_path / "f")) as part:
        part.begin(PartialState("http://h/f", 9, etag='"v1"'))
        part.write(b"abc")
    with PartFile("f", str(tmp_path / "f")) as part:
        part.resume(saved_state(part))
        part.write(b"def")
        part.save()
        monkeypatch.setattr("httpcli.storage.sidecar.boot_id", lambda: "another")
        assert saved_spans(part) == (Span(0, 6),)


def test_every_save_syncs_if_the_boot_id_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("sidecar", "part_file"):
        monkeypatch.setattr(f"httpcli.storage.{place}.boot_id", lambda: "")
    with PartFile("f", str(tmp_path / "f")) as part:
        part.begin(PartialState("http://h/f", 9, etag='"v1"'))
        part.write(b"abc")
        part.save()
        assert saved_spans(part) == (Span(0, 3),)


@pytest.mark.parametrize("end", ["commit", "discard", "begin"])
def test_concurrent_save_leaves_no_stale_sidecar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """While a slow disk syncs for the sidecar, the file is committed, discarded or restarted."""
    syncing, synced = threading.Event(), threading.Event()

    def slow_disk(_fd: int) -> None:
        syncing.set()
        synced.wait(30)

    monkeypatch.setattr("httpcli.storage.part_file._sync", slow_disk)
    monkeypatch.setattr("httpcli.storage.part_file._SYNC_INTERVAL", 0)
    with PartFile("f", str(tmp_path / "f")) as part:
        part.begin(PartialState("http://h/f", 3, etag='"v1"'))
        part.write(b"abc")
        saver = threading.Thread(target=part.save)
        saver.start()
        assert syncing.wait(30)
        threading.Timer(0.1, synced.set).start()
        if end == "commit":
            part.commit()
        elif end == "begin":
            part.begin(PartialState("http://h/f", 3, etag='"v2"'))
            saver.join()
            assert not (tmp_path / "f.part.json").exists()
        part.discard()
    saver.join()
    assert not (tmp_path / "f.part.json").exists()


def test_commit_of_a_new_name_never_replaces_a_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("here first")
    with PartFile("f", str(tmp_path / "f")) as part:
        part.begin(SIDECAR)
        part.write(b"0")
        with pytest.raises(FileExistsError):
            part.commit(new=True)
        part.commit(str(tmp_path / "f-1"), new=True)
    assert (tmp_path / "f").read_text() == "here first"
    assert (tmp_path / "f-1").read_bytes() == b"0"
    assert parts(tmp_path) == ["f", "f-1"]


def test_part_file_linked_to_its_final_name_is_replaced(tmp_path: Path) -> None:
    """A run may be killed after it linked the final name and before it removed the part file."""
    (tmp_path / "f").write_text("whole")
    (tmp_path / "f.part").hardlink_to(tmp_path / "f")
    with PartFile("f", str(tmp_path / "f")) as part:
        part.begin()
        part.write(b"new")
        assert (tmp_path / "f").read_text() == "whole"
        part.commit()
    assert (tmp_path / "f").read_text() == "new"


def test_long_name_leaves_room_for_part_file_and_sidecar(tmp_path: Path) -> None:
    for name in ("n" * 255, "n" * 254 + "x"):
        with PartFile(name, str(tmp_path / name)) as part:
            part.begin(SIDECAR)
            part.write(b"0")
            part.save()
            assert len(parts(tmp_path)) >= 2
            part.commit()
    assert parts(tmp_path) == ["n" * 254 + "x", "n" * 255][::-1]


def test_very_many_small_pieces_are_written(tmp_path: Path) -> None:
    with PartFile("f", str(tmp_path / "f")) as part:
        part.begin()
        part.write_all([b"x"] * 5000)
        part.commit()
    assert (tmp_path / "f").read_bytes() == b"x" * 5000


def test_state_has_the_spans_written_so_far(tmp_path: Path) -> None:
    with PartFile("f", str(tmp_path / "f")) as part:
        part.begin(SIDECAR)
        part.write(b"012")
        part.write_at([b"9"], 9)
        assert part.state == SIDECAR._replace(spans=(Span(0, 3), Span(9, 10)))
        part.save()
        assert saved_state(part) == part.state
        part.discard()
        assert part.state is None


def test_new_state_keeps_the_spans_and_is_saved(tmp_path: Path) -> None:
    with PartFile("f", str(tmp_path / "f")) as part:
        part.begin(SIDECAR._replace(size=None))
        part.write(b"012")
        part.set_state(SIDECAR)
        assert part.state == SIDECAR._replace(spans=(Span(0, 3),))
    with PartFile("f", str(tmp_path / "f")) as part:
        assert saved_state(part).size == 10


def test_bytes_written_directly_are_counted_but_not_kept() -> None:
    with PartFile("null", "/dev/null") as part:
        part.begin(SIDECAR)
        part.write(b"012")
        part.write_all([b"3", b"45"])
        assert part.state == SIDECAR._replace(spans=(Span(0, 6),))
        assert not part.will_be_kept


def test_untouched_part_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "f.part").write_bytes(b"of another program")
    with PartFile("f", str(tmp_path / "f")) as part:
        assert (part.state, part.is_active) == (None, False)
    assert parts(tmp_path) == ["f.part"]
