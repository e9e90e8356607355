"""Loads what property tests load on their way: that takes longer than an example may."""

from __future__ import annotations

from httpcli.model.registry import load

load("httpcli.output.formats.highlight:highlighter")
load("httpcli.output.guess:guess")
