"""Content codings by the name that Content-Encoding gives them: one file, one line each.

``identity`` is no row: it does nothing, and no server should send it (RFC 9110, 8.4.1).
"""

from __future__ import annotations

CODINGS: dict[str, str] = {
    "gzip": "httpcli.protocol.codings.gzip:Gzip",
    "x-gzip": "httpcli.protocol.codings.gzip:Gzip",
    "deflate": "httpcli.protocol.codings.deflate:Deflate",
    "br": "httpcli.protocol.codings.brotli:Brotli",
    "zstd": "httpcli.protocol.codings.zstd:Zstd",
}

ENCODERS: dict[str, str] = {
    "deflate": "httpcli.protocol.codings.deflate:encoder",
    "gzip": "httpcli.protocol.codings.gzip:encoder",
    "br": "httpcli.protocol.codings.brotli:BrotliEncoder",
    "zstd": "httpcli.protocol.codings.zstd:encoder",
}
"""The codings that ``--compress`` knows; the first is what it means by itself."""
