"""The syntax of a list of downloads (``--input``): a URL on each line, its options below it.

::

    # a comment
    https://example.org/a.iso
      out=images/a.iso
      checksum=sha256:…
      checksum=md5:…
    https://example.org/b.iso
"""

from collections.abc import Iterator

from httpcli.core.errors import UsageError
from httpcli.core.named_tuple import NamedTuple

_OPTIONS = ("out", "checksum")


class ListedDownload(NamedTuple):
    """One URL of a list, with its options."""

    url: str
    out: str = ""
    """The name of the file; empty if not given."""
    checksums: tuple[str, ...] = ()
    """Each as ``ALGORITHM:HEX``; the file must have all of them."""


def parse_download_list(text: str, name: str) -> tuple[ListedDownload, ...]:
    """Return the downloads of a list; ``name`` is its file name, for errors. Raises UsageError."""
    return tuple(_parse_lines(text.removeprefix("\ufeff"), name))


def _parse_lines(text: str, name: str) -> Iterator[ListedDownload]:
    download: ListedDownload | None = None
    for number, line in enumerate(text.split("\n"), 1):
        content = line.strip()
        if not content or content.startswith("#"):
            continue
        if line[0] not in " \t":
            if download is not None:
                yield download
            download = ListedDownload(content)
            continue
        key, equals, value = content.partition("=")
        value = value.strip()
        place = f"{name}, line {number}"
        if download is None:
            raise UsageError(f"{place}: an indented line must follow a URL")
        if not equals or key not in _OPTIONS or not value:
            raise UsageError(
                f"{place}: unknown key {key!r}",
                hint="allowed below a URL: out=NAME and checksum=ALGORITHM:HEX",
            )
        if key == "checksum":
            download = download._replace(checksums=(*download.checksums, value))
        elif download.out:
            raise UsageError(f"{place}: out is set twice for {download.url}")
        else:
            download = download._replace(out=value)
    if download is not None:
        yield download
