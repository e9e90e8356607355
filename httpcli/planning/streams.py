"""How event streams and messages are listened to and shown: the options for both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.errors import UsageError
from httpcli.core.headers import Field, Fields
from httpcli.core.listening import Listening

if TYPE_CHECKING:
    from httpcli.core.plan import Plan
    from httpcli.planning.features import Asked


def apply_streams(plan: Plan, asked: Asked) -> Plan:
    """Settle them. Raises UsageError."""
    options = asked.options
    most = options.whole_number("max-events", 0)
    if options.typed("max-events") and not most:
        raise UsageError("--max-events=0: no event at all", hint="1, 2, …")
    listening = Listening(options.switch("reconnect"), most)
    if listening.reconnects and plan.request.body is not None:
        raise UsageError("--reconnect: a request with a body is not repeated")
    if asked.target.websocket and listening != Listening():
        raise UsageError(
            "--reconnect and --max-events are for server-sent events",
            hint="--ws-wait=N says how many messages to wait for",
        )
    request = plan.request
    if listening != Listening() and request.fields.first("Accept") == "*/*":
        fields = Fields(
            Field("Accept", "text/event-stream") if field.name == "Accept" else field
            for field in request.fields
        )
        request = request._replace(fields=fields)
    return plan._replace(
        request=request,
        show=plan.show._replace(
            events_as_json=options.text("events") == "json",
            clock=asked.around.now if options.switch("timestamps") else plan.show.clock,
        ),
        journey=plan.journey._replace(
            listening=listening if listening != Listening() else None,
        ),
    )
