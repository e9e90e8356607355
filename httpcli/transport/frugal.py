"""Keeps ``import aiohttp`` from reading the trust store, which it would do twice.

aiohttp makes two TLS contexts at import and each parses the whole CA bundle:
40 % of a start, for contexts that we never use. While it is imported OpenSSL is
pointed at an empty place, so those contexts trust nothing (they fail closed).
Ours (``transport.tls``) reads the user's trust store at the first handshake.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

_STORES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


@contextmanager
def without_trust_store() -> Iterator[None]:
    """Point OpenSSL at no certificates; put the environment back at the end.

    A thread that reads the environment (a name lookup does) must be started
    inside: adding a variable may move the table under its feet, putting it
    back does not.
    """
    before = {name: os.environ.get(name) for name in _STORES}
    os.environ.update(dict.fromkeys(_STORES, os.devnull))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
