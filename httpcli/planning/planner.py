"""Invocation and Surroundings become a Plan; pure but for what ``Files`` is asked.

Everything is settled here once: the method, the stdin rule, every default. The
rest of the program looks only at the Plan.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from httpcli import __version__
from httpcli.cli.typed_options import TypedOptions
from httpcli.core.entry_points import load
from httpcli.core.errors import Fault, UsageError
from httpcli.core.headers import TOKEN, Field, Fields
from httpcli.core.invocation import Environment, Invocation
from httpcli.core.plan import Display, Mode, Network, Plan
from httpcli.core.request import Request
from httpcli.planning.body import BodySources, PlannedBody
from httpcli.planning.display import plan_display
from httpcli.planning.features import FEATURES, PlanningInput
from httpcli.planning.network import plan_network, plan_send_policy
from httpcli.planning.request_items import (
    TypedFields,
    content_of,
    fields_of,
    items_of,
    params_of,
    secrets_of,
    with_parameters,
)
from httpcli.protocol.coding_registry import ENCODERS
from httpcli.protocol.codings import accepted
from httpcli.syntax.items import Item
from httpcli.syntax.urls import RequestTarget, parse_target, with_query

if TYPE_CHECKING:
    from httpcli.core.body import Compression
    from httpcli.core.interfaces import Files
    from httpcli.core.transfers import ProgressStyle

# A text: most methods need no pattern.
_METHOD = rf"{TOKEN}\Z"


def make_plan(invocation: Invocation, environment: Environment, files: Files) -> Plan:
    """Settle what will be done. Raises UsageError; nothing was sent then."""
    options = TypedOptions(invocation.options)
    shows = options.switch("show-cert")
    target = parse_target(
        invocation.target,
        default_scheme=options.text("default-scheme") or _scheme(environment.program, shows=shows),
        path_as_is=options.switch("path-as-is"),
        encoded=options.switch("url-encoded"),
    )
    items = items_of(invocation)
    if shows and target.url.scheme != "https":
        raise UsageError("--show-cert: only https has certificates", hint="type https://")
    offline = options.switch("offline")
    network = plan_network(options, environment.env, target, files)
    typed = fields_of(items, files)
    inputs = PlanningInput(invocation, options, target, environment, files)
    opened = None
    if _is_remembered(options) and not target.echo:
        from httpcli.planning.session import open_session

        opened = open_session(inputs, typed)
    all_fields = typed
    if opened is not None:
        from httpcli.planning.session import with_remembered

        all_fields = with_remembered(typed, opened.before)
    request = _request(invocation, items, all_fields, target, environment, files)
    display = plan_display(options, environment, secrets_of(items, files), offline=offline)
    plan = Plan(
        mode=_mode(options),
        request=request,
        network=network._replace(record_connection="m" in display.parts),
        send_policy=plan_send_policy(options, target, request, files),
        display=display,
        output=_output(options),
        check_status=options.switch("check-status"),
        quiet=options.count("quiet"),
        announce_status=not environment.stdout.is_terminal or options.count("quiet") == 1,
        echo=target.echo,
        upload_progress=_telling(request, display, environment, options),
        warnings=_warnings(target, network, options),
    )
    if opened is not None:
        from httpcli.planning.session import in_session

        plan = in_session(plan, inputs, opened, typed)
    if target.websocket:
        from httpcli.planning.streaming import apply_websocket

        plan = apply_websocket(plan, inputs)
    for feature in FEATURES:
        if options.any(feature.options):
            plan = load(feature.apply)(plan, inputs)
    return plan


def _is_remembered(options: TypedOptions) -> bool:
    """Tell whether the run has a session."""
    return options.text("session") is not None or options.text("session-read-only") is not None


def _scheme(program: str, *, shows: bool) -> str:
    """Return the scheme of a URL without one.

    A link to the program that is called ``https`` asks for it, as HTTPie's twin
    does; only there are certificates to be shown.
    """
    return "https" if shows or program == "https" else "http"


def _request(
    invocation: Invocation,
    items: tuple[Item, ...],
    typed: TypedFields,
    target: RequestTarget,
    environment: Environment,
    files: Files,
) -> Request:
    options = TypedOptions(invocation.options)
    sources = BodySources(items, options, environment.stdin, files, environment.entropy)
    content = content_of(sources, invocation.method)
    _check_fields(typed.fields)
    chunked = options.switch("chunked") or _asks_for_chunked(typed.fields)
    fields = with_parameters(typed.fields.without("Transfer-Encoding"), content)
    if options.switch("expect-continue") and content.body is not None:
        fields = fields.plus([Field("Expect", "100-continue")])
    return Request(
        method=_method(invocation, content, options),
        url=with_query(target.url, params_of(items, files)),
        fields=fields.with_defaults(_defaults(content, typed.unset)),
        body=content.body,
        removed_defaults=typed.unset,
        chunked=chunked and content.body is not None,
        compression=_compression(options, typed.fields),
    )


def _mode(options: TypedOptions) -> Mode:
    if options.switch("offline"):
        return Mode.OFFLINE
    return Mode.CERTIFICATES if options.switch("show-cert") else Mode.REQUEST


def _check_fields(fields: Fields) -> None:
    """Refuse fields that would say to the origin what is not for it, or twice."""
    if len(fields.all_values("Host")) > 1:
        raise UsageError("two Host fields", hint="a request has one")
    if fields.has("Proxy-Authorization"):
        # Inside a tunnel it would reach the origin.
        raise UsageError(
            "Proxy-Authorization is not for the origin", hint="--proxy=http://USER:PASSWORD@HOST"
        )


def _output(options: TypedOptions) -> str | None:
    typed = options.text("output")
    if typed == "":
        raise UsageError("--output names no file", hint="--output FILE, or - for standard output")
    return None if typed == "-" else typed


def _method(invocation: Invocation, content: PlannedBody, options: TypedOptions) -> str:
    method = invocation.method
    if method is None and options.text("upload-file") is not None:
        return "PUT"
    if method is None:
        return "GET" if content.body is None else "POST"
    if options.texts("compress") and method.lower() in ENCODERS:
        raise UsageError(
            f"{method} is not a method here", hint=f"did you mean --compress={method.lower()}?"
        )
    if method.upper() == "CONNECT":
        raise UsageError("CONNECT is between a client and its proxy", hint="see --proxy")
    if not (method.isascii() and method.isalpha()) and re.match(_METHOD, method) is None:
        raise UsageError(
            f"{method!r} is not a method",
            hint="a method is one word of letters, digits and !#$%&'*+-.^_`|~",
            fault=Fault(method, 0, len(method)),
        )
    return method


def _defaults(content: PlannedBody, unset: frozenset[str]) -> list[Field]:
    defaults = [
        Field("User-Agent", f"httpcli/{__version__}"),
        Field("Accept", content.accept),
        Field("Accept-Encoding", accepted()),
    ]
    if content.media_type is not None:
        defaults.append(Field("Content-Type", content.media_type))
    return [field for field in defaults if field.name.lower() not in unset]


def _telling(
    request: Request, display: Display, environment: Environment, options: TypedOptions
) -> ProgressStyle | None:
    """Have an upload drawn where a person would see it, and nothing else is drawn there."""
    if request.body is None or not environment.stderr.is_terminal or options.count("quiet"):
        return None
    if display.terminal and "B" in display.parts:
        return None
    from httpcli.planning.transfers import upload_progress_style

    return upload_progress_style(environment)


def _compression(options: TypedOptions, fields: Fields) -> Compression | None:
    if not options.texts("compress"):
        return None
    from httpcli.planning.body_kinds import compression_of

    return compression_of(options, fields)


def _asks_for_chunked(fields: Fields) -> bool:
    """A typed ``Transfer-Encoding: chunked`` is a wish for framing, not a field to copy.

    Sent as typed beside a length it would make a request that two servers read
    differently (RFC 9112, 6.1).
    """
    values = fields.all_values("Transfer-Encoding")
    for value in values:
        if value.strip().lower() != "chunked":
            raise UsageError(
                f"Transfer-Encoding: {value} cannot be sent",
                hint="chunked is the only one; --chunked asks for it",
            )
    return bool(values)


def _warnings(target: RequestTarget, network: Network, options: TypedOptions) -> tuple[str, ...]:
    if target.echo and options.text("cookie-jar") is not None:
        return ("echo: keeps nothing between runs, so the cookie jar is not used",)
    if target.echo and _is_remembered(options):
        return ("echo: keeps nothing between runs, so the session is not used",)
    if network.verify is False and target.url.scheme == "https":
        return (f"the certificate of {target.url.host} is not checked (--verify=no)",)
    return ()
