"""The table of features: options that change a plan after its main parts are made.

The function of a row takes (Plan, PlanningInput) and returns the changed plan, or raises
UsageError. It is imported only if one of its options was given. The rows apply in order.
"""

from typing import TYPE_CHECKING

from httpcli.cli.parser import OptionValues
from httpcli.core.invocation import Environment, Invocation
from httpcli.core.named_tuple import NamedTuple
from httpcli.syntax.urls import ParsedUrl

if TYPE_CHECKING:
    from httpcli.core.interfaces import Files
else:  # quoted annotations would be compiled when the NamedTuple class is made
    Files = object


class PlanningInput(NamedTuple):
    """Everything that the planning of a feature may use."""

    invocation: Invocation
    """The parsed command line, with the settings applied."""
    options: OptionValues
    """The options of the invocation."""
    parsed_url: ParsedUrl
    """The parsed URL."""
    environment: Environment
    """Environment variables, standard streams, clock."""
    files: Files
    """Opens the files that options name."""


class Feature(NamedTuple):
    """A row of the table of features."""

    options: frozenset[str]
    """The options, by long name, for which the feature is applied."""
    apply: str
    """The function, as ``module:name``."""
    path_independent: bool = False
    """Whether the result does not depend on the path of the URL.

    Then the plan of one line of a batch can be used for a line with another path.
    """


DOWNLOAD_FEATURE_OPTIONS = frozenset(
    {
        *("download", "continue", "overwrite", "skip-existing", "newer"),
        *("remote-time", "create-dirs", "output-dir", "max-size"),
    }
)
WEBSOCKET_OPTIONS = frozenset(
    {
        *("subprotocol", "heartbeat", "ws-binary", "ws-compress", "ws-json"),
        *("ws-max-size", "ws-wait"),
    }
)

FEATURES: tuple[Feature, ...] = (
    Feature(
        frozenset({"cookie-jar"}),
        "httpcli.planning.session:apply_cookie_jar",
        path_independent=True,
    ),
    Feature(
        frozenset({"keep-alive", "max-connections", "max-connections-per-host"}),
        "httpcli.planning.connection_options:apply_pool_limits",
        path_independent=True,
    ),
    Feature(frozenset({"write-out"}), "httpcli.planning.scripting:apply_write_out"),
    Feature(frozenset({"fail"}), "httpcli.planning.scripting:apply_fail"),
    Feature(frozenset({"select"}), "httpcli.planning.scripting:apply_select"),
    Feature(
        frozenset({"max-json-size", "max-json-values"}),
        "httpcli.planning.scripting:apply_json_limits",
    ),
    Feature(
        frozenset({"print-curl", "report", "timings"}), "httpcli.planning.reports:apply_reports"
    ),
    Feature(
        frozenset({"retry", "retry-on", "spool"}),
        "httpcli.planning.retries_and_copies:apply_retry",
    ),
    Feature(
        frozenset({"limit-rate", "min-rate"}),
        "httpcli.planning.connection_options:apply_rate_limits",
    ),
    Feature(frozenset({"tee", "hash"}), "httpcli.planning.retries_and_copies:apply_tee_and_hash"),
    Feature(frozenset({"progress"}), "httpcli.planning.retries_and_copies:apply_progress"),
    Feature(DOWNLOAD_FEATURE_OPTIONS, "httpcli.planning.download:apply_download"),
    # After the download, which keeps some content codings, depending on the file name.
    Feature(frozenset({"raw-body"}), "httpcli.planning.retries_and_copies:apply_raw_body"),
    Feature(frozenset({"checksum"}), "httpcli.planning.download:apply_checksum"),
    Feature(
        frozenset({"events", "timestamps", "reconnect", "max-events", "max-event-size"}),
        "httpcli.planning.streaming:apply_streaming",
    ),
    Feature(WEBSOCKET_OPTIONS, "httpcli.planning.streaming:refuse_without_websocket"),
    Feature(
        frozenset({"jobs", "rate", "fail-early", "raw-strings"}),
        "httpcli.planning.scripting:warn_of_unused_options",
        path_independent=True,
    ),
    # After all features that set check_status: an expected status replaces them.
    Feature(frozenset({"expect"}), "httpcli.planning.scripting:apply_expectations"),
)
