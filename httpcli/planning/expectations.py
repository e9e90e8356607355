"""``--expect``: what has to hold, read before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.errors import UsageError
from httpcli.core.expectation import NEED_CONTENT, OF_MESSAGES, Check, Subject
from httpcli.protocol.secret_names import is_secret
from httpcli.syntax.expectations import parse_expectation

if TYPE_CHECKING:
    from httpcli.core.plan import Plan
    from httpcli.planning.features import Asked


_WITH_PATHS = (Subject.JSON, Subject.MESSAGE_JSON)


def apply_expectations(plan: Plan, asked: Asked) -> Plan:
    """Return the plan with all that is expected. Raises UsageError."""
    files = asked.files
    typed = (parse_expectation(text, files.read) for text in asked.options.texts("expect"))
    checks = tuple(check._replace(secret=_is_secret(check)) for check in typed)
    subjects = {check.subject for check in checks}
    _check_place(checks, websocket=asked.target.websocket)
    if plan.download is not None and subjects & NEED_CONTENT - {Subject.TIME}:
        # It may come in pieces, at once or in several runs.
        raise UsageError(
            "--expect: of a download's content nothing can be expected",
            hint="--checksum=sha256:HEX and --max-size are for that",
        )
    if Subject.STATUS in subjects:
        # What is expected of the status says which one fails.
        plan = plan._replace(check_status=False)
    if Subject.CERTIFICATE in subjects:
        plan = plan._replace(wire=plan.wire._replace(describes=True))
    if subjects & {Subject.TIME, Subject.TTFB}:
        plan = plan._replace(wire=plan.wire._replace(times=True))
    return plan._replace(checks=checks)


def _check_place(checks: tuple[Check, ...], *, websocket: bool) -> None:
    """Refuse what could never hold: messages of a response, content of a WebSocket."""
    for check in checks:
        if not websocket and check.subject in OF_MESSAGES:
            raise UsageError(
                f"--expect {check.text!r}: only a WebSocket has messages",
                hint="ws://HOST/PATH or wss://HOST/PATH; of other answers: json.PATH, body",
            )
        if websocket and check.subject in NEED_CONTENT - {Subject.TIME}:
            raise UsageError(
                f"--expect {check.text!r}: a WebSocket has messages, and no content",
                hint="message.json.PATH, message.json(EXPR) or message",
            )


def _is_secret(check: Check) -> bool:
    """Tell whether what is found may be a secret: a failure is told where many may read it."""
    return is_secret(check.name or (check.text if check.subject in _WITH_PATHS else ""))
