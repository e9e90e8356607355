"""What every test gets: a plain environment of its own, and servers that must be called."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.certificates import CertificateAuthority
from tests.support.environment import ROOT, TEST_TOOL_VARIABLES, plain_environment
from tests.support.proxy import Proxy
from tests.support.servers import RawServer

if sys.dont_write_bytecode:
    # Rewriting the assertions of all test files takes 8 s; it is cached apart from the sources.
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(ROOT / ".pytest_cache" / "bytecode")


def pytest_configure(config: pytest.Config) -> None:
    """Let hypothesis remember its finds here, although no test works in this folder.

    An example may take its time: how long it takes says more of the machine. While one
    works, some examples do; ``--hypothesis-profile=thorough`` is for CI.
    """
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(ROOT / ".hypothesis"))
    settings.register_profile("here", deadline=None, max_examples=15)
    settings.register_profile("thorough", deadline=None, max_examples=100)
    settings.load_profile(config.getoption("--hypothesis-profile") or "here")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a home directory, a plain environment, and a place to work in."""
    folder = tmp_path / "home"
    folder.mkdir()
    plain = plain_environment(folder)
    for name in set(os.environ) - TEST_TOOL_VARIABLES:
        monkeypatch.delenv(name)
    for name, value in plain.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture(scope="session")
def ca(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    """Make one CA for all tests; only who names its file trusts it."""
    return CertificateAuthority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="session")
def ca_file(ca: CertificateAuthority) -> str:
    """Name the CA's certificate file."""
    return str(ca.file)


@pytest.fixture
def server() -> Iterator[RawServer]:
    """Start a server; it must be called."""
    with RawServer() as running:
        yield running


@pytest.fixture
def other_server() -> Iterator[RawServer]:
    """Start a second origin; it must be called."""
    with RawServer() as running:
        yield running


@pytest.fixture
def tls_server(ca: CertificateAuthority) -> Iterator[RawServer]:
    """Start a server that speaks TLS with a certificate of ``ca``; it must be called."""
    with RawServer(ca.trusted()) as running:
        yield running


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """Start a recording proxy; it must be called."""
    with Proxy() as running:
        yield running
