"""Keeps ``import aiohttp`` from doing what we never use, and pay for at every start.

aiohttp makes two TLS contexts at import and each parses the whole CA bundle:
40 % of a start. While it is imported OpenSSL is pointed at an empty place, so
those contexts trust nothing (they fail closed); ours (``transport.tls``) reads
the user's trust store at the first handshake. Nor may they open SSLKEYLOGFILE,
for all to read: ours does it with care. It also imports every decoder
that is installed, and aiodns; ours (``protocol.codings``, ``transport.name_servers``)
are loaded when a response or an option needs them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_STORES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_KEY_LOG = "SSLKEYLOGFILE"
_OPTIONAL = ("aiodns", "brotli", "brotlicffi", "backports.zstd")


@contextmanager
def frugal_import(optional: tuple[str, ...] = _OPTIONAL) -> Iterator[None]:
    """Hide the trust store and ``optional`` modules while aiohttp is imported; put all back then.

    A thread that reads the environment (a name lookup does) must be started
    inside: adding a variable may move the table under its feet, putting it
    back does not.
    """
    stores = {name: os.environ.get(name) for name in _STORES}
    if os.environ.get(_KEY_LOG):
        stores[_KEY_LOG] = os.environ[_KEY_LOG]
    hidden = [name for name in optional if name not in sys.modules]
    os.environ.update(dict.fromkeys(stores, os.devnull))
    # None in sys.modules is Python's own way to say that a module is not there.
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
        for name, value in stores.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
