"""A file that is sent is sent whole, or the sending ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from httpcli.model.errors import HttpcliError
from httpcli.model.exits import ExitStatus
from httpcli.storage.uploads import file_pieces


def test_a_file_comes_in_pieces(tmp_path: Path) -> None:
    content = bytes(range(256)) * 4000
    (tmp_path / "f").write_bytes(content)
    pieces = list(file_pieces(str(tmp_path / "f"), len(content)))
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) == 256 * 1024


@pytest.mark.parametrize(("size", "how"), [(4, "shrank"), (2, "grew")])
def test_a_file_of_another_size_than_announced_ends_it(
    tmp_path: Path, size: int, how: str
) -> None:
    (tmp_path / "f").write_bytes(b"123")
    sent: list[bytes] = []
    with pytest.raises(HttpcliError, match=how) as caught:
        sent.extend(file_pieces(str(tmp_path / "f"), size))
    assert caught.value.status is ExitStatus.LOCAL
    assert len(b"".join(sent)) < size
