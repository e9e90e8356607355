"""Limits that several packages share, each in one place."""

JSON_DEPTH = 10_000
"""Nested arrays and objects in a JSON text; a deeper text is rejected or left as it is."""
