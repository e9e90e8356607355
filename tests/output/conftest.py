"""Loads what property tests load on their way: that takes longer than an example may."""

from __future__ import annotations

from httpcli.core.entry_points import load

load("httpcli.output.formats.highlight:highlighter")
load("httpcli.output.charset_guess:guess")
