"""Content codings by the name that Content-Encoding gives them: one file, one line each.

``identity`` is no row: it does nothing, and no server should send it (RFC 9110, 8.4.1).
"""

from __future__ import annotations

CODINGS: dict[str, str] = {
    "gzip": "httpcli.protocol.coding_gzip:Gzip",
    "x-gzip": "httpcli.protocol.coding_gzip:Gzip",
    "deflate": "httpcli.protocol.coding_deflate:Deflate",
    "br": "httpcli.protocol.coding_brotli:Brotli",
    "zstd": "httpcli.protocol.coding_zstd:Zstd",
}

ENCODERS: dict[str, str] = {
    "deflate": "httpcli.protocol.coding_deflate:encoder",
    "gzip": "httpcli.protocol.coding_gzip:encoder",
    "br": "httpcli.protocol.coding_brotli:BrotliEncoder",
    "zstd": "httpcli.protocol.coding_zstd:encoder",
}
"""The codings that ``--compress`` knows; the first is what it means by itself."""
