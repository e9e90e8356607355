"""Imports slow modules up front, so that no hypothesis example pays for the import."""

from __future__ import annotations

from httpcli.core.entry_points import load

load("httpcli.output.formats.highlight:highlighter")
load("httpcli.output.charset_guess:guess")
