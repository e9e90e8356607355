"""The help of ``httpcli echo``, from its table."""

from __future__ import annotations

from httpcli.manual.help import chapter
from httpcli.options.echo_command import OF_ECHO


def echo_help() -> str:
    """Return usage and options."""
    lines = [
        "usage: httpcli echo [OPTIONS]",
        "",
        "Serve the pages of echo: until Ctrl-C; / lists them.",
        "",
        *chapter(OF_ECHO),
        "",
        "A host that is called so is typed http://echo, or GET echo.",
    ]
    return "\n".join(lines) + "\n"
