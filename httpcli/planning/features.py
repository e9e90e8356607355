"""Features that add to a plan where one of their options was typed: one row each.

A row names a function of (Plan, Asked) that returns the plan with the feature's
part in it, or raises UsageError. They are asked in the order of the rows, and one
that nobody asks for is not loaded.
"""

from typing import TYPE_CHECKING, NamedTuple

from httpcli.cli.typed_options import Options
from httpcli.core.invocation import Invocation, Surroundings
from httpcli.syntax.urls import Target

if TYPE_CHECKING:
    from httpcli.core.interfaces import Files
else:  # what is in quotes would be compiled when its class is made (model.registry)
    Files = object


class Asked(NamedTuple):
    """What a feature's planning may look at: the command line, and where it was typed."""

    invocation: Invocation
    options: Options
    target: Target
    around: Surroundings
    files: Files


class Extension(NamedTuple):
    """The options that wake it, by long name, and the function that settles them.

    ``alike``: what it adds is the same for every path of an origin, so that the
    plan for one line of a batch fits the next.
    """

    options: frozenset[str]
    apply: str
    alike: bool = False


OF_DOWNLOAD = frozenset(
    {
        *("download", "continue", "overwrite", "skip-existing", "newer"),
        *("remote-time", "create-dirs", "output-dir", "max-size"),
    }
)
OF_WEBSOCKET = frozenset(
    {
        *("subprotocol", "heartbeat", "ws-binary", "ws-compress", "ws-json"),
        *("ws-max-size", "ws-wait"),
    }
)

EXTENSIONS: tuple[Extension, ...] = (
    Extension(frozenset({"cookie-jar"}), "httpcli.planning.cookie_jar:apply_cookie_jar", alike=True),
    Extension(
        frozenset({"keep-alive", "max-connections", "max-connections-per-host"}),
        "httpcli.planning.pool:apply_pool",
        alike=True,
    ),
    Extension(frozenset({"write-out"}), "httpcli.planning.write_out:apply_write_out"),
    Extension(frozenset({"fail"}), "httpcli.planning.fail:apply_fail"),
    Extension(frozenset({"select"}), "httpcli.planning.select:apply_select"),
    Extension(frozenset({"print-curl", "report", "timings"}), "httpcli.planning.reports:apply_reports"),
    Extension(frozenset({"retry", "retry-on", "spool"}), "httpcli.planning.retry:apply_retry"),
    Extension(frozenset({"limit-rate", "min-rate"}), "httpcli.planning.transfers:apply_rates"),
    Extension(frozenset({"tee", "hash"}), "httpcli.planning.transfers:apply_passing"),
    Extension(frozenset({"progress"}), "httpcli.planning.progress:apply_progress"),
    Extension(OF_DOWNLOAD, "httpcli.planning.download:apply_download"),
    # Behind the download, which keeps what its name says.
    Extension(frozenset({"raw-body"}), "httpcli.planning.raw_body:apply_raw_body"),
    Extension(frozenset({"checksum"}), "httpcli.planning.checksum:apply_checksum"),
    Extension(
        frozenset({"events", "timestamps", "reconnect", "max-events"}),
        "httpcli.planning.streams:apply_streams",
    ),
    Extension(OF_WEBSOCKET, "httpcli.planning.websocket:misplaced"),
    Extension(
        frozenset({"jobs", "rate", "fail-early", "raw-strings"}),
        "httpcli.planning.idle_options:apply_idle_options",
        alike=True,
    ),
    # Behind all that says whether a status fails: what is expected of it takes their place.
    Extension(frozenset({"expect"}), "httpcli.planning.expectations:apply_expectations"),
)
