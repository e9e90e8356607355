"""Features that add to a plan where one of their options was typed: one row each.

A row names a function of (Plan, Asked) that returns the plan with the feature's
part in it, or raises UsageError. They are asked in the order of the rows, and one
that nobody asks for is not loaded.
"""

from typing import TYPE_CHECKING, NamedTuple

from httpcli.cli.typed_options import TypedOptions
from httpcli.core.invocation import Environment, Invocation
from httpcli.core.plan import Mode
from httpcli.syntax.urls import RequestTarget

if TYPE_CHECKING:
    from httpcli.core.interfaces import Files
    from httpcli.core.plan import Plan
else:  # strings would be compiled when the NamedTuple is created
    Files = object


class PlanningInput(NamedTuple):
    """What a feature's planning may look at: the command line, and where it was typed."""

    invocation: Invocation
    options: TypedOptions
    target: RequestTarget
    environment: Environment
    files: Files


class Feature(NamedTuple):
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

FEATURES: tuple[Feature, ...] = (
    Feature(frozenset({"cookie-jar"}), "httpcli.planning.session:apply_cookie_jar", alike=True),
    Feature(
        frozenset({"keep-alive", "max-connections", "max-connections-per-host"}),
        "httpcli.planning.transfers:apply_pool",
        alike=True,
    ),
    Feature(frozenset({"write-out"}), "httpcli.planning.checks_and_reports:apply_write_out"),
    Feature(frozenset({"fail"}), "httpcli.planning.checks_and_reports:apply_fail"),
    Feature(frozenset({"select"}), "httpcli.planning.checks_and_reports:apply_select"),
    Feature(
        frozenset({"print-curl", "report", "timings"}),
        "httpcli.planning.checks_and_reports:apply_reports",
    ),
    Feature(frozenset({"retry", "retry-on", "spool"}), "httpcli.planning.transfers:apply_retry"),
    Feature(frozenset({"limit-rate", "min-rate"}), "httpcli.planning.transfers:apply_rates"),
    Feature(frozenset({"tee", "hash"}), "httpcli.planning.transfers:apply_passing"),
    Feature(frozenset({"progress"}), "httpcli.planning.transfers:apply_progress"),
    Feature(OF_DOWNLOAD, "httpcli.planning.transfers:apply_download"),
    # Behind the download, which keeps what its name says.
    Feature(frozenset({"raw-body"}), "httpcli.planning.transfers:apply_raw_body"),
    Feature(frozenset({"checksum"}), "httpcli.planning.transfers:apply_checksum"),
    Feature(
        frozenset({"events", "timestamps", "reconnect", "max-events"}),
        "httpcli.planning.streaming:apply_streams",
    ),
    Feature(OF_WEBSOCKET, "httpcli.planning.streaming:misplaced"),
    Feature(
        frozenset({"jobs", "rate", "fail-early", "raw-strings"}),
        "httpcli.planning.features:apply_idle_options",
        alike=True,
    ),
    # Behind all that says whether a status fails: what is expected of it takes their place.
    Feature(frozenset({"expect"}), "httpcli.planning.checks_and_reports:apply_expectations"),
)


# Options that do nothing without another one: the user hears of it, and the request is sent.


_NEEDED = {"jobs": "batch", "rate": "batch", "fail-early": "batch", "raw-strings": "select"}


def apply_idle_options(plan: "Plan", inputs: PlanningInput) -> "Plan":
    """Warn of what was typed in vain; what stands in the settings is for other runs."""
    if plan.mode is Mode.DOWNLOAD:
        return plan
    warnings = [
        f"--{name} does nothing without --{needed}"
        for name, needed in _NEEDED.items()
        if inputs.options.given(name)
        and not inputs.options.given(needed)
        and name not in inputs.invocation.locations
    ]
    return plan._replace(warnings=(*plan.warnings, *warnings))
