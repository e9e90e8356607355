"""The server that is every host."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.docs.everywhere import Ports, everywhere
from tests.docs.world import HOSTS
from tests.support.certificates import Authority


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Authority, Ports]]:
    """The server that is every host, and the CA that vouches for it."""
    folder = tmp_path_factory.mktemp("everywhere")
    authority = Authority(folder)
    with everywhere(authority.for_hosts(*HOSTS), folder) as ports:
        yield authority, ports
