"""Checks a response, or the messages of a WebSocket, against ``--expect``.

``ResponseRecord`` keeps the values of a response that the checks need. ``ExpectationChecker``
evaluates the checks. WebSocket messages are checked as they arrive and are not kept: a
conversation may be long.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from itertools import takewhile
from operator import ge, gt, le, lt
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from httpcli.core.escaping import REDACTED
from httpcli.core.events import (
    Event,
    RequestStarted,
    ResponseChunk,
    ResponseEnded,
    ResponseStarted,
    Retrying,
)
from httpcli.core.exit_status import ExitStatus, Outcome
from httpcli.core.expectation import (
    MESSAGE_SUBJECTS,
    NEED_BODY_TEXT,
    Check,
    CheckResult,
    Subject,
)
from httpcli.core.headers import Fields
from httpcli.core.json_limits import JsonLimits
from httpcli.core.json_prefix import json_prefix
from httpcli.core.websocket import WebSocketMessage
from httpcli.protocol.declared_charsets import ReadAs
from httpcli.protocol.redaction import Redaction
from httpcli.protocol.secrets import is_secret_name
from httpcli.syntax.lossless_json import (
    Json,
    NotJsonError,
    TooManyValuesError,
    dump,
    dump_start,
    equal,
    is_number,
    parse,
)

if TYPE_CHECKING:
    from httpcli.core.connection_info import Timings
    from httpcli.core.plan import Plan


_DEFAULT_LIMITS: Final = JsonLimits()
_SECONDS_PER_DAY: Final = 86_400

_AS_STATED: Final = ReadAs()
_MAX_SHOWN: Final = 120
"""Characters of an actual value that are shown in a message."""
_MAX_SEARCHED: Final = 4096
"""Characters of a body in which secrets are redacted before a part of it is shown."""
_MAX_REDACTED = 10_000
"""Values in a JSON document that is redacted as a whole: each takes 20 µs."""
_NOT_SHOWN = "another value (not shown: the document is large)"
_WORD = re.compile(r"[\w-]+")
_PLAIN_PATH = re.compile(r"[\w-]+(?:\.[\w-]+|\[-?[0-9]+\])*\s*")
"""A path that names all members above the selected value."""
_NUMBER = re.compile(r"\s*-?[0-9]+(?:\.[0-9]+)?\s*")


class NotAvailableError(Exception):
    """A value that a check needs is not available; the message is the reason."""


class LimitExceededError(NotAvailableError):
    """A body is too large to check."""


class ResponseRecord:
    """Records the events of a run; each response replaces the one before it.

    ``subjects`` are the values that will be checked: a body is kept, or hashed, only if one of
    them needs it. ``clock`` returns seconds, for differences; it is used if the events have no
    timings, which are more exact because events may be delayed. A WebSocket message is
    recorded as a body and nothing else. ``limits``: how much of a body is kept.
    """

    def __init__(
        self,
        subjects: Collection[Subject],
        clock: Callable[[], float],
        limits: JsonLimits = _DEFAULT_LIMITS,
        read_as: ReadAs = _AS_STATED,
    ) -> None:
        self._clock = clock
        self._read_as = read_as
        self._limits = limits
        self._keeps_body = bool(NEED_BODY_TEXT & set(subjects))
        self._needs_hash = Subject.SHA256 in subjects
        self._restart()

    def _restart(self) -> None:
        self._started_at: float | None = None
        self._first_started_at: float | None = None
        self.redirects = 0
        self._discard_response()

    def _discard_response(self) -> None:
        self.head: ResponseStarted | None = None
        self.size = 0
        self.time_to_response: float | None = None
        self.elapsed: float | None = None
        self._body = bytearray()
        self.exceeds_limit = False
        """Whether a check needed a body over the limits."""
        self._hash = hashlib.sha256() if self._needs_hash else None
        self._parsed: list[Json] = []
        """The body as JSON. Empty until it is parsed: the value itself may be None."""

    def observe(self, event: Event) -> None:
        """Record one event."""
        match event:
            case RequestStarted():
                if self._started_at is None:
                    self._started_at = self._clock()
            case Retrying():
                self._restart()
            case ResponseStarted(timings=timings):
                if timings is not None and self._first_started_at is None:
                    self._first_started_at = timings.started_at
                self._start_response(event)
            case ResponseChunk(data) if self.head is not None:
                self.add(data)
            case ResponseEnded(timings=timings) if self.head is not None:
                self.elapsed = self._since(timings, timings and timings.ended)

    def _start_response(self, head: ResponseStarted) -> None:
        if head.is_followed:
            self.redirects += 300 <= head.status <= 399
            return
        self._discard_response()
        self.head = head
        self.time_to_response = self._since(head.timings, head.timings and head.timings.responded)

    def add(self, data: bytes) -> None:
        """Record a piece of the body."""
        self.size += len(data)
        if self._hash is not None:
            self._hash.update(data)
        if self._keeps_body and self.size <= self._limits.size:
            self._body += data
        else:
            self._body.clear()

    @property
    def sha256(self) -> str:
        """The body's hash in hexadecimal digits."""
        return "" if self._hash is None else self._hash.hexdigest()

    @property
    def text(self) -> str:
        """The body as text, with U+FFFD for undecodable bytes. Raises NotAvailableError."""
        if self.size > self._limits.size:
            self.exceeds_limit = True
            raise LimitExceededError(
                f"the body is larger than {self._limits.size_text} (--max-json-size)"
            )
        fields = Fields() if self.head is None else self.head.fields
        return self._body.decode(self._read_as.charset_of(fields, self._body).name, "replace")

    @property
    def json(self) -> Json:
        """The body as a JSON value. Raises NotAvailableError."""
        if not self._parsed:
            text = self.text
            start = len(json_prefix(text) or "")
            try:
                self._parsed.append(parse(text[start:], self._limits.values))
            except TooManyValuesError as error:
                self.exceeds_limit = True
                raise LimitExceededError(
                    f"the body is too large: {error} (--max-json-values)"
                ) from None
            except NotJsonError as error:
                position = start + error.position
                line = text.count("\n", 0, position) + 1
                column = position - text.rfind("\n", 0, position)
                where = f"line {line}, column {column}: {error}" if text else "it is empty"
                raise NotAvailableError(f"the body is not JSON ({where})") from None
        return self._parsed[0]

    @property
    def days_left(self) -> float:
        """Days until the certificate expires. Raises NotAvailableError."""
        connection = self.head.connection if self.head is not None else None
        if connection is None or connection.certificate_expires is None:
            raise NotAvailableError("no certificate")
        return connection.certificate_time_left.total_seconds() / _SECONDS_PER_DAY

    def _since(self, timings: Timings | None, instant: float | None) -> float | None:
        """Return the seconds since the first request of this attempt began."""
        if timings is not None and instant is not None and self._first_started_at is not None:
            return timings.started_at - self._first_started_at + instant
        return None if self._started_at is None else self._clock() - self._started_at


class MessageCheck:
    """Evaluates one check against each message until one passes.

    A negated check fails as soon as a message passes.
    """

    def __init__(self, check: Check, redaction: Redaction) -> None:
        self.check = check
        self.matched = False
        """Whether a message passed the check, before negation."""
        self._redaction = redaction
        self._count = 0
        self._last: tuple[ResponseRecord, Any] | None = None
        """The last message and the value of it; None if it has no value."""
        self._reason = ""
        """Why the last message has no value."""

    def add(self, message: ResponseRecord) -> None:
        """Evaluate the check against a message."""
        if self.matched:
            return
        self._count += 1
        try:
            actual = _VALUES[self.check.subject](message, self.check)
            self.matched = _holds(self.check, actual)
            self._last = (message, actual)
        except (NotAvailableError, ValueError) as error:
            self._last, self._reason = None, self._redaction.text(str(error))
        except RecursionError:
            self._last, self._reason = None, "a value that is nested too deeply"

    @property
    def actual(self) -> str:
        """The value that failed the check; empty if the check passes."""
        if self.matched or self.check.negated:
            return self._summary if self.matched and self.check.negated else ""
        if not self._count:
            return "no message"
        return f"{self._summary} (the last of {self._count})" if self._count > 1 else self._summary

    @property
    def _summary(self) -> str:
        if self._last is None:
            return self._reason
        return _summary(self.check, *self._last, self._redaction)


class ExpectationChecker:
    """Observes a run, or one attempt of it, and evaluates the checks."""

    def __init__(
        self,
        checks: Iterable[Check],
        clock: Callable[[], float] = monotonic,
        redaction: Redaction | None = None,
        limits: JsonLimits = _DEFAULT_LIMITS,
        read_as: ReadAs = _AS_STATED,
    ) -> None:
        self.checks = tuple(checks)
        self._redaction = redaction or Redaction()
        self._limits = limits
        self._message_exceeds_limit = False
        subjects = {check.subject for check in self.checks}
        self.response = ResponseRecord(subjects, clock, limits, read_as)
        self._message_checks = {
            number: MessageCheck(check, self._redaction)
            for number, check in enumerate(self.checks)
            if check.subject in MESSAGE_SUBJECTS
        }
        self._results: tuple[CheckResult, ...] | None = None

    def observe(self, event: Event) -> None:
        """Record one event."""
        if isinstance(event, WebSocketMessage):
            self._check_message(event)
        else:
            self.response.observe(event)
        self._results = None

    def _check_message(self, message: WebSocketMessage) -> None:
        if not message.sent and not self.has_all_expected:
            record = ResponseRecord({Subject.BODY}, lambda: 0.0, self._limits)
            record.add(message.data)
            for check in self._message_checks.values():
                check.add(record)
            self._message_exceeds_limit |= record.exceeds_limit

    @property
    def has_all_expected(self) -> bool:
        """Whether there are checks of messages, and further messages cannot change a result."""
        return bool(self._message_checks) and all(
            check.matched and not check.check.negated for check in self._message_checks.values()
        )

    @property
    def results(self) -> tuple[CheckResult, ...]:
        """The result of each check, in the order typed."""
        if self._results is None:
            self._results = tuple(self._result(*item) for item in enumerate(self.checks))
        return self._results

    def _result(self, number: int, check: Check) -> CheckResult:
        message_check = self._message_checks.get(number)
        if message_check is not None:
            return CheckResult(_expected(check, self._redaction), message_check.actual)
        return check_response(check, self.response, self._redaction)

    @property
    def failures(self) -> tuple[str, ...]:
        """A line for each failed check, without a line end."""
        return tuple(str(result) for result in self.results if not result.passed)

    def outcome(self) -> Outcome:
        """Return the exit status and the results, with all failures as the reason."""
        failures = self.failures
        if not failures:
            return Outcome(ExitStatus.OK, check_results=self.results)
        return Outcome(self.failure_status, "; ".join(failures), check_results=self.results)

    @property
    def failure_status(self) -> ExitStatus:
        """The exit status of failed checks."""
        exceeds = self.response.exceeds_limit or self._message_exceeds_limit
        return ExitStatus.INCOMPLETE if exceeds else ExitStatus.EXPECTATION


def check_response(
    check: Check, response: ResponseRecord, redaction: Redaction | None = None
) -> CheckResult:
    """Evaluate a check. One that cannot be evaluated fails, negated or not."""
    redaction = redaction or Redaction()
    expected = _expected(check, redaction)
    try:
        actual = _VALUES[check.subject](response, check)
        holds = not actual if check.operator == "valid" else _holds(check, actual)
    except (NotAvailableError, ValueError) as error:
        return CheckResult(expected, f"no value: {redaction.text(str(error))}")
    except RecursionError:
        return CheckResult(expected, "no value: the body is nested too deeply")
    if holds is not check.negated:
        return CheckResult(expected, "")
    return CheckResult(expected, _summary(check, response, actual, redaction))


def _holds(check: Check, actual: Any) -> bool:
    """Evaluate the check's operator, before negation."""
    operator, expected = _OPERATORS[check.operator], check.expected
    if check.subject is Subject.BODY and check.operator == "exists":
        return bool(actual)
    if check.subject is not Subject.HEADER:
        return operator(actual, expected)
    # A header may have several lines, which mean the same as one with commas.
    values = [*actual, ", ".join(actual)] if len(actual) > 1 else actual
    if check.operator == "!=":
        return not any(equal(value, expected[0]) for value in values)
    if expected and is_number(expected[0]):
        values = [Decimal(value.strip()) for value in values if _NUMBER.fullmatch(value)]
    return any(operator(value, expected) for value in values)


def _expected(check: Check, redaction: Redaction) -> str:
    """Return the text of a check, without a value that is compared with a secret."""
    if _is_secret(check) and check.expected:
        before, operator, _ = check.text.partition(check.operator)
        return f"{before}{operator} {REDACTED}"
    return redaction.text(check.text)


def _is_secret(check: Check) -> bool:
    """Return whether the checked value has the name of a secret."""
    if check.subject not in (Subject.HEADER, Subject.JSON, Subject.MESSAGE_JSON):
        return False
    path = check.text.partition(check.operator)[0]
    return any(map(is_secret_name, _WORD.findall(check.name or path)))


def _summary(check: Check, response: ResponseRecord, actual: Any, redaction: Redaction) -> str:
    """Return the actual value on one short line, without secrets."""
    if check.operator == "valid":
        return _without_quoted_secrets(str(actual), response, redaction) or "a valid document"
    if actual and _is_secret(check):
        return REDACTED
    match check.subject:
        case Subject.HEADER:
            values = [redaction.value(check.name, value) for value in actual]
            text = ", ".join(map(dump, values)) or "no such header"
        case Subject.BODY | Subject.MESSAGE:
            text = dump(_beginning(response, actual, redaction)) if actual else "nothing"
        case Subject.JSON | Subject.MESSAGE_JSON:
            value = _selected_without_secrets(check, response, redaction)
            text = value if value is _NOT_SHOWN else dump_start(value, _MAX_SHOWN)
        case Subject.TIME | Subject.TTFB:
            text = f"{actual:.3f} s"
        case Subject.CERTIFICATE:
            text = f"{actual:.1f}"
        case Subject.SIZE:
            text = f"{actual} bytes"
        case _:
            text = str(actual)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"


def _beginning(response: ResponseRecord, text: str, redaction: Redaction) -> str:
    """Return the beginning of a body without secrets."""
    media_type = response.head.fields.first("Content-Type") if response.head is not None else ""
    data = text[:_MAX_SEARCHED].encode("utf-8", "replace")
    media_type = (media_type or "").partition(";")[0]  # the charset was decoded
    complete = len(text) <= _MAX_SEARCHED
    redacted = redaction.body(data, media_type, complete=complete).decode("utf-8", "replace")
    return redacted[:_MAX_SHOWN]


def _selected_without_secrets(check: Check, response: ResponseRecord, redaction: Redaction) -> Any:
    """Return the part of a JSON value that a check selects, without secrets.

    Of a part that a path or nothing selects: the beginning.
    """
    try:
        if _PLAIN_PATH.fullmatch(check.text.partition(check.operator)[0]):
            # No secret name is above this part: those in the path were searched for.
            return redaction.json(_first_values(_selected(response, check)))
        if _has_more_values(response.json, _MAX_REDACTED):
            return _NOT_SHOWN
        value = redaction.json(response.json)
        return value if check.select is None else check.select(value)
    except (NotAvailableError, ValueError, RecursionError):
        return REDACTED


def _first_values(value: Json) -> Json:
    """Return a copy with so much of a value that its first ``_MAX_SHOWN`` characters are there."""
    left = _MAX_SHOWN

    def copied(value: Json) -> Json:
        nonlocal left
        left -= 1
        if isinstance(value, str):
            return value[:_MAX_SEARCHED]
        if isinstance(value, list):
            return [copied(element) for element in takewhile(lambda _: left > 0, value)]
        if isinstance(value, dict):
            return {
                name[:_MAX_SEARCHED]: copied(member) if len(name) <= _MAX_SEARCHED else REDACTED
                for name, member in takewhile(lambda _: left > 0, value.items())
            }
        return value

    return copied(value)


def _has_more_values(value: Json, limit: int) -> bool:
    """Return whether a value has more values in it than ``limit``."""
    containers = [value]
    while containers and limit >= 0:
        container = containers.pop()
        if isinstance(container, list | dict):
            limit -= len(container)
            if limit >= 0:
                containers.extend(container.values() if isinstance(container, dict) else container)
    return limit < 0


def _without_quoted_secrets(text: str, response: ResponseRecord, redaction: Redaction) -> str:
    """Return a message that quotes a JSON value, without the secrets of that value."""
    try:
        if _has_more_values(response.json, _MAX_REDACTED):
            return f"{text.partition(': ')[0]}: {_NOT_SHOWN}"
        quoted = tuple(redaction.values_of_secrets(response.json))
    except RecursionError:
        return REDACTED
    return Redaction(quoted).text(redaction.text(text))


def _head(response: ResponseRecord) -> ResponseStarted:
    if response.head is None:
        raise NotAvailableError("no response")
    return response.head


def _time(seconds: float | None) -> float:
    if seconds is None:
        raise NotAvailableError("the response did not end")
    return seconds


def _selected(response: ResponseRecord, check: Check) -> Any:
    return response.json if check.select is None else check.select(response.json)


def _schema_error(response: ResponseRecord, check: Check) -> str:
    return check.find_error(response.json) if check.find_error is not None else ""


_VALUES: Final[dict[Subject, Callable[[ResponseRecord, Check], Any]]] = {
    Subject.STATUS: lambda response, _: _head(response).status,
    Subject.HEADER: lambda response, check: _head(response).fields.all_values(check.name),
    Subject.BODY: lambda response, _: response.text,
    Subject.SIZE: lambda response, _: response.size,
    Subject.SHA256: lambda response, _: response.sha256,
    Subject.JSON: _selected,
    Subject.SCHEMA: _schema_error,
    Subject.TIME: lambda response, _: _time(response.elapsed),
    Subject.TTFB: lambda response, _: _time(response.time_to_response),
    Subject.REDIRECTS: lambda response, _: response.redirects,
    Subject.CERTIFICATE: lambda response, _: response.days_left,
    Subject.MESSAGE: lambda response, _: response.text,
    Subject.MESSAGE_JSON: _selected,
}


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, tuple[Any, ...]], bool]:
    """Return an operator that orders two numbers or two strings; it is false for other values."""

    def operator(actual: Any, expected: tuple[Any, ...]) -> bool:
        wanted = expected[0]
        alike = is_number(actual) and is_number(wanted)
        alike = alike or (isinstance(actual, str) and isinstance(wanted, str))
        return alike and compare(actual, wanted)

    return operator


def _contains(actual: Any, expected: tuple[Any, ...]) -> bool:
    wanted = expected[0]
    if isinstance(actual, list):
        return any(equal(element, wanted) for element in actual)
    if isinstance(actual, str | dict):
        return isinstance(wanted, str) and wanted in actual
    return False


def _matches(actual: Any, expected: tuple[Any, ...]) -> bool:
    return isinstance(actual, str) and expected[0].search(actual) is not None


def _exists(actual: Any, _expected: tuple[Any, ...]) -> bool:
    return actual is not None


_OPERATORS: Final[dict[str, Callable[[Any, tuple[Any, ...]], bool]]] = {
    "==": lambda actual, expected: equal(actual, expected[0]),
    "!=": lambda actual, expected: not equal(actual, expected[0]),
    "<": _ordered(lt),
    "<=": _ordered(le),
    ">": _ordered(gt),
    ">=": _ordered(ge),
    "in": lambda actual, expected: any(equal(actual, value) for value in expected),
    "contains": _contains,
    "~": _matches,
    "exists": _exists,
}


def checker_of(plan: Plan, clock: Callable[[], float], redaction: Redaction) -> ExpectationChecker:
    """Return the checker for the checks of a plan."""
    display = plan.display
    return ExpectationChecker(
        plan.checks,
        clock,
        redaction,
        display.json_limits or _DEFAULT_LIMITS,
        ReadAs(display.response_media_type, display.response_charset),
    )
