"""Imports slow modules up front, so that no hypothesis example pays for the import."""

from __future__ import annotations

import charset_normalizer  # noqa: F401

from httpcli.output.formats import highlight  # noqa: F401
