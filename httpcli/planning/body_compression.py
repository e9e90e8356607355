"""What ``--compress`` asks for."""

from __future__ import annotations

from httpcli.cli.typed_options import Options
from httpcli.core.body import Compression
from httpcli.core.errors import UsageError
from httpcli.core.headers import Fields
from httpcli.protocol.coding_registry import ENCODERS


def compression_of(options: Options, fields: Fields) -> Compression:
    """Return the coding: ``--compress=CODING``, or alone, twice to force it. Raises UsageError."""
    typed = options.texts("compress")
    if fields.has("Content-Encoding"):
        raise UsageError(
            "--compress and Content-Encoding exclude each other",
            hint="content that is compressed already goes with its Content-Encoding alone",
        )
    coding = next((value.lower() for value in reversed(typed) if value), next(iter(ENCODERS)))
    if coding not in ENCODERS:
        raise UsageError(f"--compress={coding}: unknown coding", hint=", ".join(ENCODERS))
    return Compression(coding, force=len(typed) > 1)
