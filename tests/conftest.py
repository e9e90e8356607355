"""Fixtures of all tests: a plain environment, and servers that fail a test if unused."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.certificates import CertificateAuthority
from tests.support.environment import ROOT, TEST_TOOL_VARIABLES, plain_environment
from tests.support.proxy import ProxyServer
from tests.support.servers import RawServer

if sys.dont_write_bytecode:
    # Rewriting the assertions of all test files takes 8 s. Cache the result outside the sources.
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(ROOT / ".pytest_cache" / "bytecode")


def pytest_configure(config: pytest.Config) -> None:
    """Configure hypothesis.

    Its database is in the repository, although each test runs in another folder. Examples have
    no deadline, because their time depends on the machine. The default profile runs few
    examples; ``--hypothesis-profile=thorough`` is for CI.
    """
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(ROOT / ".hypothesis"))
    settings.register_profile("quick", deadline=None, max_examples=15)
    settings.register_profile("thorough", deadline=None, max_examples=100)
    settings.load_profile(config.getoption("--hypothesis-profile") or "quick")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a home directory, a plain environment, and an empty working directory."""
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
    """Create one CA for all tests; a run trusts it only with ``--verify``."""
    return CertificateAuthority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="session")
def ca_file(ca: CertificateAuthority) -> str:
    """Return the path of the CA's certificate."""
    return str(ca.file)


@pytest.fixture
def server() -> Iterator[RawServer]:
    """Start a server; a test that does not use it fails."""
    with RawServer() as running:
        yield running


@pytest.fixture
def other_server() -> Iterator[RawServer]:
    """Start a second server; a test that does not use it fails."""
    with RawServer() as running:
        yield running


@pytest.fixture
def tls_server(ca: CertificateAuthority) -> Iterator[RawServer]:
    """Start a TLS server with a certificate of ``ca``; a test that does not use it fails."""
    with RawServer(ca.trusted()) as running:
        yield running


@pytest.fixture
def proxy() -> Iterator[ProxyServer]:
    """Start a proxy that records requests; a test that does not use it fails."""
    with ProxyServer() as running:
        yield running
