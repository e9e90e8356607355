"""A Unix socket without permission gives a clear error."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from httpcli.core.errors import HttpcliError
from httpcli.transport.dial.unix import connect_unix
from tests.support.servers import UnixServer

NOBODY = 65534


@contextmanager
def without_privileges() -> Iterator[None]:
    """Run the block without root's privileges, since root may use any socket."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


async def test_socket_without_permission_is_an_error(tmp_path: Path) -> None:
    path = str(tmp_path / "a.sock")
    with UnixServer(path) as server:
        server.may_be_idle()
        os.chmod(path, 0)
        with without_privileges(), pytest.raises(HttpcliError) as caught:
            await connect_unix(path)
    assert caught.value.message == f"{path}: permission denied"
    assert f"ls -l {path}" in caught.value.hint
