"""A file that is sent is read in pieces."""

from __future__ import annotations

from pathlib import Path

import pytest

from httpcli.model.errors import HttpcliError
from httpcli.model.exits import ExitStatus
from httpcli.storage.uploads import file_pieces


async def test_a_file_comes_in_pieces(tmp_path: Path) -> None:
    content = bytes(range(256)) * 8000
    (tmp_path / "f").write_bytes(content)
    for stored in (True, False):
        pieces = [piece async for piece in file_pieces(str(tmp_path / "f"), stored=stored)]
        assert b"".join(pieces) == content
        assert max(map(len, pieces)) == (1024 if stored else 256) * 1024


async def test_a_file_that_is_gone_is_said_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(HttpcliError, match="gone: cannot be read") as caught:
        await anext(aiter(file_pieces(str(tmp_path / "gone"), stored=True)))
    assert caught.value.status is ExitStatus.LOCAL
