"""Options of WebSockets and server-sent events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.body import BytesBody, StdinBody
from httpcli.core.errors import UsageError
from httpcli.core.headers import Field, Fields
from httpcli.core.limits import MAX_EVENT_SIZE, MAX_MESSAGE_SIZE
from httpcli.core.plan import Mode
from httpcli.core.plan_options import EventStreamPolicy
from httpcli.core.websocket import WebSocket
from httpcli.planning.optional_features import WEBSOCKET_OPTIONS
from httpcli.planning.request import JSON_ACCEPT
from httpcli.protocol.websocket import handshake_fields, is_subprotocol, make_key
from httpcli.syntax.units import parse_wait

if TYPE_CHECKING:
    from httpcli.cli.parser import OptionValues
    from httpcli.core.plan import Plan
    from httpcli.core.request import Request
    from httpcli.planning.optional_features import PlanningInput


_CONTENT_OPTIONS = ("download", "select", "tee", "hash", "limit-rate", "min-rate")
"""Options for the content of a response, which a WebSocket does not have."""
_HANDSHAKE_HEADERS = (
    "Connection",
    "Upgrade",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Extensions",
)
_SUBPROTOCOL_HEADER = "Sec-WebSocket-Protocol"


def refuse_without_websocket(plan: Plan, inputs: PlanningInput) -> Plan:
    """Refuse the options of a WebSocket for another URL. Raises UsageError."""
    if inputs.parsed_url.websocket:
        return plan
    option = next(name for name in sorted(WEBSOCKET_OPTIONS) if inputs.options.given(name))
    raise UsageError(f"--{option} works only with WebSockets", hint="use a ws:// or wss:// URL")


def apply_websocket(plan: Plan, inputs: PlanningInput) -> Plan:
    """Turn the request into the handshake of a WebSocket. Raises UsageError."""
    options = inputs.options
    _check_handshake(plan, inputs)
    request = plan.request
    max_message_size = options.byte_count("ws-max-size")
    wait = options.text("ws-wait")
    websocket = WebSocket(
        key=make_key(inputs.environment.entropy(16)),
        subprotocols=_subprotocols(request, options),
        compress=options.switch("ws-compress"),
        heartbeat=options.seconds("heartbeat") or None,
        first_message=_first_message(request),
        read_stdin=isinstance(request.body, StdinBody) or _is_interactive(inputs),
        interactive=_is_interactive(inputs) and plan.display.to_terminal,
        binary=options.switch("ws-binary"),
        json=options.switch("ws-json"),
        wait=None if wait is None else parse_wait(wait, "--ws-wait"),
        max_message_size=MAX_MESSAGE_SIZE if max_message_size is None else max_message_size,
        timestamps=options.switch("timestamps"),
    )
    fields = request.fields.without(_SUBPROTOCOL_HEADER)
    if request.body is not None:
        # The handshake has no content, so the defaults of a JSON body do not apply.
        fields = fields.without("Content-Type")
        fields = Fields(
            Field("Accept", "*/*") if field == Field("Accept", JSON_ACCEPT) else field
            for field in fields
        )
    return plan._replace(
        mode=Mode.WEBSOCKET if plan.mode is Mode.REQUEST else plan.mode,
        request=request._replace(
            method="GET",
            body=None,
            chunked=False,
            fields=fields.plus(handshake_fields(websocket)),
            websocket=websocket,
        ),
        upload_progress=None,
    )


def _check_handshake(plan: Plan, inputs: PlanningInput) -> None:
    """Refuse options and headers that conflict with the handshake (RFC 6455, 4.1)."""
    method = inputs.invocation.method
    if method is not None and method != "GET":
        raise UsageError(f"{method}: a WebSocket request must use GET", hint="remove the method")
    if plan.network.http_version == "1.0":
        raise UsageError("--http1.0 cannot be used with WebSockets")
    if plan.request.compression is not None:
        raise UsageError("--compress works only with request bodies", hint="--ws-compress")
    for name in _CONTENT_OPTIONS:
        if inputs.options.given(name):
            raise UsageError(
                f"--{name} works only with response bodies, not with WebSocket messages",
                hint="to save messages: -o FILE; to print them as JSON lines: --events=json",
            )
    for name in _HANDSHAKE_HEADERS:
        if plan.request.fields.has(name):
            hint = "--ws-compress" if name.endswith("Extensions") else ""
            raise UsageError(
                f"{name} is set by the WebSocket handshake and cannot be sent", hint=hint
            )


def _is_interactive(inputs: PlanningInput) -> bool:
    """Return whether a person types the messages on a terminal."""
    return inputs.environment.stdin.is_terminal and not inputs.options.switch("ignore-stdin")


def _first_message(request: Request) -> bytes | None:
    """Return the body as the first message; None without a body, or for standard input."""
    match request.body:
        case None | StdinBody():
            return None
        case BytesBody(data):
            return data
    raise UsageError(
        "a WebSocket cannot send files",
        hint="send one message with --raw TEXT or items, or one per line of standard input",
    )


def _subprotocols(request: Request, options: OptionValues) -> tuple[str, ...]:
    """Return the subprotocols to offer: first from a typed header, then from the option."""
    typed = [
        name.strip()
        for value in request.fields.all_values(_SUBPROTOCOL_HEADER)
        for name in value.split(",")
    ]
    names = tuple(dict.fromkeys([*typed, *options.texts("subprotocol")]))
    for name in names:
        if not is_subprotocol(name):
            raise UsageError(
                f"invalid subprotocol {name!r}", hint="use one word, for example graphql-ws"
            )
    return names


def apply_streaming(plan: Plan, inputs: PlanningInput) -> Plan:
    """Apply ``--events``, ``--timestamps``, ``--reconnect``, ``--max-events`` and their limit."""
    options = inputs.options
    max_events = options.whole_number("max-events", 0)
    if options.given("max-events") and not max_events:
        raise UsageError("--max-events=0: must be at least 1", hint="1, 2, …")
    max_event_size = options.byte_count("max-event-size")
    if max_event_size is None:
        max_event_size = MAX_EVENT_SIZE
    policy = EventStreamPolicy(options.switch("reconnect"), max_events, max_event_size)
    if policy.reconnect and plan.request.body is not None:
        raise UsageError("--reconnect cannot be used with a request body")
    if inputs.parsed_url.websocket and policy != EventStreamPolicy():
        raise UsageError(
            "--reconnect, --max-events and --max-event-size are for server-sent events",
            hint="--ws-wait=N says how many messages to wait for; --ws-max-size=SIZE, how long",
        )
    request = plan.request
    if policy != EventStreamPolicy() and request.fields.first("Accept") == "*/*":
        fields = Fields(
            Field("Accept", "text/event-stream") if field.name == "Accept" else field
            for field in request.fields
        )
        request = request._replace(fields=fields)
    return plan._replace(
        request=request,
        display=plan.display._replace(
            events_as_json=options.text("events") == "json",
            max_event_size=max_event_size,
            now=inputs.environment.now if options.switch("timestamps") else plan.display.now,
        ),
        send_policy=plan.send_policy._replace(
            event_stream=policy if policy != EventStreamPolicy() else None,
        ),
    )
