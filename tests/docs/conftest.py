"""A server that answers for every host name in the documents."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.docs.catch_all_server import Ports, catch_all_server
from tests.docs.example_shell import HOSTS
from tests.support.certificates import CertificateAuthority


@pytest.fixture(scope="module")
def servers(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[CertificateAuthority, Ports]]:
    """Start the catch-all server; return the CA of its certificate, and its ports."""
    folder = tmp_path_factory.mktemp("servers")
    authority = CertificateAuthority(folder)
    with catch_all_server(authority.for_hosts(*HOSTS), folder) as ports:
        yield authority, ports
