"""All options, in the order of the help."""

from __future__ import annotations

from httpcli.flags.auth import AUTH, SESSIONS
from httpcli.flags.batch import BATCH
from httpcli.flags.flag import Flag, Group
from httpcli.flags.network import NETWORK
from httpcli.flags.output import OUTPUT
from httpcli.flags.program import PROGRAM
from httpcli.flags.request import REQUEST

GROUPS: tuple[Group, ...] = (
    REQUEST,
    AUTH,
    SESSIONS,
    NETWORK,
    BATCH,
    OUTPUT,
    PROGRAM,
)

FLAGS: tuple[Flag, ...] = tuple(flag for group in GROUPS for flag in group.flags)
