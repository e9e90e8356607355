"""All options, in the order of the help."""

from __future__ import annotations

from httpcli.options.auth import AUTH, SESSIONS
from httpcli.options.batch import BATCH
from httpcli.options.download import DOWNLOAD
from httpcli.options.network import NETWORK
from httpcli.options.option import Flag, Group
from httpcli.options.output import OUTPUT
from httpcli.options.program import PROGRAM
from httpcli.options.request import REQUEST
from httpcli.options.scripting import SCRIPTING
from httpcli.options.streams import STREAMS
from httpcli.options.transfers import TRANSFERS

GROUPS: tuple[Group, ...] = (
    REQUEST,
    AUTH,
    SESSIONS,
    NETWORK,
    BATCH,
    OUTPUT,
    SCRIPTING,
    STREAMS,
    DOWNLOAD,
    TRANSFERS,
    PROGRAM,
)

FLAGS: tuple[Flag, ...] = tuple(flag for group in GROUPS for flag in group.flags)
