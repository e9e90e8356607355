"""Makes a Plan from an Invocation and the Environment.

Every default and every conflict is resolved here, once; the rest of the program uses
only the Plan. Files are read only through ``Files``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.cli.parser import OptionValues
from httpcli.core.errors import UsageError
from httpcli.core.lazy_load import load
from httpcli.core.plan import Mode, Plan
from httpcli.planning.display import plan_display
from httpcli.planning.network import plan_network, plan_send_policy
from httpcli.planning.optional_features import FEATURES, PlanningInput
from httpcli.planning.request import parse_items, plan_request, referenced_values, typed_fields
from httpcli.syntax.urls import parse_url

if TYPE_CHECKING:
    from httpcli.core.interfaces import Files
    from httpcli.core.invocation import Environment, Invocation
    from httpcli.core.plan import Display, Network
    from httpcli.core.plan_options import ProgressStyle
    from httpcli.core.request import Request
    from httpcli.syntax.urls import ParsedUrl


def make_plan(invocation: Invocation, environment: Environment, files: Files) -> Plan:
    """Return the plan of a run; nothing is sent. Raises UsageError."""
    options = OptionValues(invocation.options)
    show_cert = options.switch("show-cert")
    parsed_url = parse_url(
        invocation.typed_url,
        default_scheme=options.text("default-scheme")
        or _default_scheme(environment.program, show_cert=show_cert),
        path_as_is=options.switch("path-as-is"),
        encoded=options.switch("url-encoded"),
    )
    items = parse_items(invocation)
    if show_cert and parsed_url.url.scheme != "https":
        raise UsageError("--show-cert needs an https URL", hint="use https://")
    network = plan_network(options, environment.env, parsed_url, files)
    typed = typed_fields(items, files)
    inputs = PlanningInput(invocation, options, parsed_url, environment, files)
    opened = None
    headers = typed
    if _has_session(options) and not parsed_url.echo:
        from httpcli.planning.session import add_stored_fields, open_session

        opened = open_session(inputs, typed)
        headers = add_stored_fields(typed, opened.stored)
    request = plan_request(invocation, items, headers, parsed_url, environment, files)
    display = plan_display(
        options, environment, referenced_values(items, files), offline=options.switch("offline")
    )
    plan = Plan(
        mode=_mode(options),
        request=request,
        network=network._replace(record_connection="m" in display.parts),
        send_policy=plan_send_policy(options, parsed_url, request, files),
        display=display,
        output=_output(options),
        check_status=options.switch("check-status"),
        quiet=options.count("quiet"),
        announce_status=not environment.stdout.is_terminal or options.count("quiet") == 1,
        echo=parsed_url.echo,
        upload_progress=_upload_progress_style(request, display, environment, options),
        warnings=_warnings(parsed_url, network, options),
    )
    if opened is not None:
        from httpcli.planning.session import apply_session

        plan = apply_session(plan, inputs, opened, typed)
    if parsed_url.websocket:
        from httpcli.planning.streaming import apply_websocket

        plan = apply_websocket(plan, inputs)
    for feature in FEATURES:
        if options.any(feature.options):
            plan = load(feature.apply)(plan, inputs)
    return plan


def _has_session(options: OptionValues) -> bool:
    return options.text("session") is not None or options.text("session-read-only") is not None


def _default_scheme(program: str, *, show_cert: bool) -> str:
    """Return the scheme of a URL without one.

    It is https for ``--show-cert``, and, as in HTTPie, if the program was started by a
    link with the name ``https``.
    """
    return "https" if show_cert or program == "https" else "http"


def _mode(options: OptionValues) -> Mode:
    if options.switch("offline"):
        return Mode.OFFLINE
    return Mode.CERTIFICATES if options.switch("show-cert") else Mode.REQUEST


def _output(options: OptionValues) -> str | None:
    path = options.text("output")
    if path == "":
        raise UsageError(
            "--output: missing file name",
            hint="use --output FILE, or --output - for standard output",
        )
    return None if path == "-" else path


def _upload_progress_style(
    request: Request, display: Display, environment: Environment, options: OptionValues
) -> ProgressStyle | None:
    """Return the progress style of an upload; None if it would not be seen.

    That is if stderr is no terminal, and if the body is printed on the terminal.
    """
    if request.body is None or not environment.stderr.is_terminal or options.count("quiet"):
        return None
    if display.to_terminal and "B" in display.parts:
        return None
    from httpcli.planning.retries_and_copies import upload_progress_style

    return upload_progress_style(environment)


def _warnings(parsed_url: ParsedUrl, network: Network, options: OptionValues) -> tuple[str, ...]:
    if parsed_url.echo and options.text("cookie-jar") is not None:
        return ("echo: URLs do not use the cookie jar",)
    if parsed_url.echo and _has_session(options):
        return ("echo: URLs do not use the session",)
    if network.verify is False and parsed_url.url.scheme == "https":
        return (f"the certificate of {parsed_url.url.host} is not verified (--verify=no)",)
    return ()
