"""Which certificates TLS trusts, and when the trust store is loaded."""

from __future__ import annotations

import ssl
import sys
from pathlib import Path

import pytest

from httpcli.core.errors import UsageError
from httpcli.core.url import Url
from httpcli.transport.dial.tls_trust import LazyTrustContext, TlsContexts
from tests.support.run import run_process

_LOOK = """
import os
from httpcli.transport.open_engine import lean_aiohttp_import
before = dict(os.environ)
with lean_aiohttp_import():
    from aiohttp import connector
assert dict(os.environ) == before, "the environment was not restored"
for context in (connector._SSL_CONTEXT_VERIFIED, connector._SSL_CONTEXT_UNVERIFIED):
    print(context.cert_store_stats()["x509_ca"])
"""


@pytest.mark.parametrize("given", [True, False])
def test_contexts_that_aiohttp_creates_at_import_are_empty(ca_file: str, given: bool) -> None:
    env = {"SSL_CERT_FILE": ca_file} if given else None
    result = run_process("-c", _LOOK, program=[sys.executable], env=env)
    assert (result.text.split(), result.err) == (["0", "0"], "")


def context_for(verify: bool | str) -> LazyTrustContext:
    return TlsContexts(verify).for_origin(Url("https", "localhost"))


def _handshake(context: ssl.SSLContext) -> None:
    context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")


def test_trust_store_is_loaded_at_the_first_handshake(
    ca_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", ca_file)
    context = context_for(True)
    assert context.cert_store_stats()["x509_ca"] == 0
    _handshake(context)
    assert context.cert_store_stats()["x509_ca"] == 1


def test_invalid_trust_store_fails_closed(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    context = LazyTrustContext(ssl.PROTOCOL_TLS_CLIENT)
    with pytest.raises(UsageError, match=": no certificates found"):
        context.load_store(str(tmp_path / "ca.pem"))
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_given_ca_file_replaces_the_system_trust_store(ca_file: str) -> None:
    context = context_for(ca_file)
    _handshake(context)
    assert context.cert_store_stats()["x509_ca"] == 1


def test_directory_is_accepted_as_a_trust_store(tmp_path: Path) -> None:
    context = context_for(str(tmp_path))
    _handshake(context)
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_only_verify_no_disables_verification() -> None:
    assert context_for(True).verify_mode is ssl.CERT_REQUIRED
    assert context_for(True).check_hostname
    assert context_for(False).verify_mode is ssl.CERT_NONE


def test_decoders_hidden_during_import_are_available_afterwards() -> None:
    script = (
        "from httpcli.transport.open_engine import lean_aiohttp_import\n"
        "with lean_aiohttp_import():\n"
        "    import aiohttp\n"
        "import brotli, backports.zstd\n"
    )
    assert run_process("-c", script, program=[sys.executable]).err == ""
