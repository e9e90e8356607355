"""The help of ``httpcli download``, from its tables."""

from __future__ import annotations

from collections.abc import Iterator

from httpcli.manual.help import chapter, examples
from httpcli.options.download import DOWNLOAD
from httpcli.options.download_command import OF_DOWNLOADS
from httpcli.options.transfers import TRANSFERS

_EXAMPLES = (
    ("httpcli download https://example.org/a.iso", "one large file, in parts where that helps"),
    ("httpcli download --input list.txt --output-dir isos", "all files of a list"),
    ("httpcli download -c https://example.org/a.iso", "go on where an earlier run ended"),
    ("httpcli download URL --checksum URL.sha256", "proved by the list beside it"),
)


def downloads_help() -> str:
    """Return usage, examples and the options that are about files."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "usage: httpcli download [OPTIONS] URL..."
    yield ""
    yield "Each file takes its name only when it is whole; what is left of one that is not"
    yield "can be gone on with. Failed requests are repeated five times (--retry)."
    yield ""
    yield from examples(_EXAMPLES)
    for group in (OF_DOWNLOADS, DOWNLOAD, TRANSFERS):
        yield ""
        yield from chapter(group)
    yield ""
    yield "All options of a request that say how the server is reached, who asks, what is"
    yield "trusted and when to give up go here, too, for every URL: see httpcli --help."
    yield "What is typed once is for one origin: with URLs of several ones --auth, --cert,"
    yield "--cookie and fields with secrets are refused, unless --trust-redirects says that"
    yield "all may have them. --max-time is for each file."
    yield ""
    yield "The path of each finished file is a line on standard output where that is no"
    yield "terminal. The exit status is that of the worst file."
    yield "A host that is called so is typed http://download, or GET download."
