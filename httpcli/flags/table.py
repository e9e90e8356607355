"""All options, in the order of the help."""

from __future__ import annotations

from httpcli.flags.auth import AUTH, SESSIONS
from httpcli.flags.download import DOWNLOAD
from httpcli.flags.flag import Flag, Group
from httpcli.flags.network import NETWORK
from httpcli.flags.output import OUTPUT
from httpcli.flags.program import PROGRAM
from httpcli.flags.request import REQUEST
from httpcli.flags.scripting import SCRIPTING
from httpcli.flags.streams import STREAMS
from httpcli.flags.transfers import TRANSFERS

GROUPS: tuple[Group, ...] = (
    REQUEST,
    AUTH,
    SESSIONS,
    NETWORK,
    OUTPUT,
    SCRIPTING,
    STREAMS,
    DOWNLOAD,
    TRANSFERS,
    PROGRAM,
)

FLAGS: tuple[Flag, ...] = tuple(flag for group in GROUPS for flag in group.flags)
