"""A file is hashed while it is written, in any order."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from httpcli.core.download import PartialState, Span
from httpcli.download.checksum import BackgroundHash
from httpcli.storage.part_file import PartFile

CONTENT = bytes(range(256)) * 20_000
HALF = len(CONTENT) // 2


def _in_order(part: PartFile) -> None:
    for start in range(0, len(CONTENT), 99_999):
        part.write(CONTENT[start : start + 99_999])


def _from_the_end(part: PartFile) -> None:
    part.write_at((CONTENT[HALF:],), HALF)
    part.write_at((CONTENT[:HALF],), 0)


@pytest.mark.parametrize("algorithm", ["sha256", "md5", "blake2b"])
@pytest.mark.parametrize("written", [_in_order, _from_the_end])
def test_hash_covers_all_bytes_in_file_order(
    tmp_path: Path, algorithm: str, written: Callable[[PartFile], None]
) -> None:
    with PartFile("f", str(tmp_path / "f")) as part:
        part.begin()
        hashing = BackgroundHash(part, (algorithm,))
        written(part)
        assert asyncio.run(hashing.digests()) == {
            algorithm: hashlib.new(algorithm, CONTENT).digest()
        }


def test_hash_covers_the_bytes_of_an_earlier_run(tmp_path: Path) -> None:
    (tmp_path / "f.part").write_bytes(CONTENT[:HALF])
    with PartFile("f", str(tmp_path / "f")) as part:
        part.resume(PartialState("http://h/f", spans=(Span(0, HALF),)))
        hashing = BackgroundHash(part, ("sha256",))
        part.write(CONTENT[HALF:])
        assert asyncio.run(hashing.digests()) == {"sha256": hashlib.sha256(CONTENT).digest()}


def test_an_empty_file_has_a_hash(tmp_path: Path) -> None:
    with PartFile("f", str(tmp_path / "f")) as part:
        part.begin()
        assert asyncio.run(BackgroundHash(part, ("sha256",)).digests()) == {
            "sha256": hashlib.sha256().digest()
        }


def test_file_can_be_closed_after_hashing_is_stopped(tmp_path: Path) -> None:
    with PartFile("f", str(tmp_path / "f")) as part:
        part.begin()
        hashing = BackgroundHash(part, ("sha256",))
        _in_order(part)
        hashing.stop()
        part.commit()
    assert (tmp_path / "f").read_bytes() == CONTENT
