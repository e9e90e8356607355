"""Request bodies as sent: they have the announced length, or sending them fails."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from httpcli.body.prepare import BodyReader
from httpcli.core.body import BytesBody, CompressedBody, FileBody, FormPart, MultipartBody
from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus


async def test_multipart_body_has_its_announced_length(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x" * 300_000)
    body = MultipartBody(
        "B",
        (
            FormPart(b"A: 1", BytesBody(b"a")),
            FormPart(b"B: 2", FileBody(f"{tmp_path}/f", 300_000)),
        ),
    )
    content = b"".join([piece async for piece in BodyReader().read(body)])
    assert len(content) == body.length
    assert content.startswith(b"--B\r\nA: 1\r\n\r\na\r\n--B\r\n")
    assert content.endswith(b"xx\r\n--B--\r\n")


@pytest.mark.parametrize(("size", "message"), [(4, "shrank"), (2, "grew")])
async def test_file_of_another_size_than_announced_is_an_error(
    tmp_path: Path, size: int, message: str
) -> None:
    (tmp_path / "f").write_bytes(b"123")
    sent = bytearray()

    async def send() -> None:
        async for piece in BodyReader().read(FileBody(str(tmp_path / "f"), size)):
            sent.extend(piece)

    with pytest.raises(HttpcliError, match=message) as caught:
        await send()
    assert caught.value.status is ExitStatus.LOCAL
    assert len(sent) < size


async def test_body_is_compressed() -> None:
    content = b"0" * 5_000_000
    body = CompressedBody(BytesBody(content), "gzip")
    coded = [piece async for piece in BodyReader().read(body)]
    assert sum(map(len, coded)) < 20_000
    assert gzip.decompress(b"".join(coded)) == content
