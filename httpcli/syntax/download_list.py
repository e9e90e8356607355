"""Reads a list of what is to be downloaded: a URL a line, and below it what is said of it.

::

    # a comment
    https://example.org/a.iso
      out=images/a.iso
      checksum=sha256:…
    https://example.org/b.iso
"""

from collections.abc import Iterator
from typing import NamedTuple

from httpcli.core.errors import UsageError

_KNOWN = ("out", "checksum")


class ListedDownload(NamedTuple):
    """One URL as it stands in a list; ``out`` and ``checksum`` are empty where not said."""

    url: str
    out: str = ""
    checksum: str = ""


def parse_download_list(text: str, name: str) -> tuple[ListedDownload, ...]:
    """Return what a list says; ``name`` is the list's, for errors. Raises UsageError."""
    return tuple(_entries(text.removeprefix("\ufeff"), name))


def _entries(text: str, name: str) -> Iterator[ListedDownload]:
    entry: ListedDownload | None = None
    for number, line in enumerate(text.split("\n"), 1):
        said = line.strip()
        if not said or said.startswith("#"):
            continue
        if line[0] not in " \t":
            if entry is not None:
                yield entry
            entry = ListedDownload(said)
            continue
        key, equals, value = said.partition("=")
        place = f"{name}, line {number}"
        if entry is None:
            raise UsageError(f"{place}: an indented line belongs to a URL above it")
        if not equals or key not in _KNOWN or not value.strip():
            raise UsageError(
                f"{place}: {key!r} is nothing that is known here",
                hint="below a URL stand out=NAME and checksum=ALGORITHM:HEX",
            )
        if getattr(entry, key):
            raise UsageError(f"{place}: {key} is said twice of {entry.url}")
        said = value.strip()
        entry = entry._replace(out=said) if key == "out" else entry._replace(checksum=said)
    if entry is not None:
        yield entry
