"""What was heard on a WebSocket, held against what is expected of its messages; pure.

Each message is judged as it comes, and none is kept: a conversation may be long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from operator import ge, gt, le, lt
from time import monotonic
from typing import Any, Final, NamedTuple

from httpcli.core.escaping import REDACTED
from httpcli.core.events import Event
from httpcli.core.exit_status import ExitStatus, Outcome
from httpcli.core.expectation import MESSAGE_SUBJECTS, Check, CheckResult, Subject, need_body
from httpcli.core.websocket import WebSocketMessage
from httpcli.report.response_record import ResponseRecord, UnknownError
from httpcli.syntax.json_values import dump, equal, is_number


class Judgement(NamedTuple):
    """Whether a check holds of one message, and what was found there."""

    holds: bool
    found: str


Judge = Callable[[Check, ResponseRecord], Judgement]
"""Judge one message, whatever ``negated`` says."""


class MessageCheck:
    """Looks for a message that fits: one is enough, and where ``negated`` one too many."""

    def __init__(self, check: Check, judge: Judge) -> None:
        self.check = check
        self.fits = False
        self._judge = judge
        self._count = 0
        self._found = ""

    def hear(self, message: ResponseRecord) -> None:
        """Take note of a message that came."""
        if not self.fits:
            self._count += 1
            self.fits, self._found = self._judge(self.check, message)

    @property
    def fault(self) -> str:
        """What came instead of what was expected; empty where that came."""
        if self.fits or self.check.negated:
            return self._found if self.fits and self.check.negated else ""
        if not self._count:
            return "no message"
        return f"{self._found} (the last of {self._count})" if self._count > 1 else self._found


class Conversation:
    """Listens to all messages for all who look for one."""

    def __init__(self, checks: Iterable[Check], judge: Judge) -> None:
        self._heard = {
            number: MessageCheck(check, judge)
            for number, check in enumerate(checks)
            if check.subject in MESSAGE_SUBJECTS
        }

    def hear(self, message: WebSocketMessage) -> None:
        """Take note of a message; what was sent is not expected."""
        if not message.sent and not self.has_enough:
            content = ResponseRecord({Subject.BODY}, float)
            content.add(message.data)
            for heard in self._heard.values():
                heard.hear(content)

    def fault(self, number: int) -> str | None:
        """Say what came instead of what the check expects; None where it is of no message."""
        heard = self._heard.get(number)
        return None if heard is None else heard.fault

    @property
    def has_enough(self) -> bool:
        """Whether messages were waited for, and all of them have come."""
        return bool(self._heard) and all(
            heard.fits and not heard.check.negated for heard in self._heard.values()
        )


# Holds what was seen of an exchange against what was expected of it.


_LONGEST: Final = 120
"""Characters that are told of what was found."""
_NUMBER = re.compile(r"\s*-?[0-9]+(?:\.[0-9]+)?\s*")


class Expectations:
    """Listens to one exchange, or one attempt at it, and judges it when it is over."""

    def __init__(self, checks: Iterable[Check], clock: Callable[[], float] = monotonic) -> None:
        self.checks = tuple(checks)
        self.seen = ResponseRecord({check.subject for check in self.checks}, clock)
        self._conversation = Conversation(self.checks, _judged)
        self._results: tuple[CheckResult, ...] | None = None

    @property
    def wants_content(self) -> bool:
        """Whether the content has to be received, all of it."""
        return need_body(self.checks)

    def observe(self, event: Event) -> None:
        """Take note of one event."""
        if isinstance(event, WebSocketMessage):
            self._conversation.hear(event)
        else:
            self.seen.observe(event)
        self._results = None

    @property
    def has_enough(self) -> bool:
        """Whether messages were waited for, and all of them have come."""
        return self._conversation.has_enough

    @property
    def results(self) -> tuple[CheckResult, ...]:
        """How each came out, in the order typed."""
        if self._results is None:
            self._results = tuple(self._result(*each) for each in enumerate(self.checks))
        return self._results

    def _result(self, number: int, check: Check) -> CheckResult:
        fault = self._conversation.fault(number)
        return result_of(check, self.seen) if fault is None else CheckResult(check.text, fault)

    @property
    def failures(self) -> tuple[str, ...]:
        """A line for each that does not hold, without an end."""
        return tuple(str(result) for result in self.results if not result.passed)

    def outcome(self) -> Outcome:
        """Return the exit status, and all the lines as one."""
        failures = self.failures
        if not failures:
            return Outcome(ExitStatus.OK, check_results=self.results)
        return Outcome(ExitStatus.EXPECTATION, "; ".join(failures), check_results=self.results)


def result_of(check: Check, seen: ResponseRecord) -> CheckResult:
    """Judge by what was seen. What cannot be judged does not hold, negated or not."""
    try:
        actual = _LOOK[check.subject](seen, check)
        holds = check.operator == "valid" and not actual
        if check.operator != "valid":
            holds = _holds(check, actual)
    except (UnknownError, ValueError) as error:
        return CheckResult(check.text, f"nothing: {error}")
    except RecursionError:
        return CheckResult(check.text, "nothing: the content is nested too deeply")
    if holds is not check.negated:
        return CheckResult(check.text, "")
    return CheckResult(check.text, _told(check, actual))


def _judged(check: Check, seen: ResponseRecord) -> Judgement:
    """Judge one message. One that cannot be judged is none that fits."""
    try:
        actual = _LOOK[check.subject](seen, check)
        return Judgement(_holds(check, actual), _told(check, actual))
    except (UnknownError, ValueError) as error:
        return Judgement(holds=False, found=str(error))
    except RecursionError:
        return Judgement(holds=False, found="what is nested too deeply")


def _holds(check: Check, actual: Any) -> bool:
    relation, expected = _RELATIONS[check.operator], check.expected
    if check.subject is Subject.BODY and check.operator == "exists":
        return bool(actual)
    if check.subject is not Subject.HEADER:
        return relation(actual, expected)
    # A field may stand in several lines, which say the same as one with commas.
    values = [*actual, ", ".join(actual)] if len(actual) > 1 else actual
    if check.operator == "!=":
        return not any(equal(value, expected[0]) for value in values)
    if expected and is_number(expected[0]):
        values = [Decimal(value.strip()) for value in values if _NUMBER.fullmatch(value)]
    return any(relation(value, expected) for value in values)


def _told(check: Check, actual: Any) -> str:
    """Say what was found, on one short line."""
    if check.operator == "valid":
        return str(actual) or "what fits it"
    if check.secret and actual:
        return REDACTED
    match check.subject:
        case Subject.HEADER:
            told = ", ".join(map(dump, actual)) or "no such field"
        case Subject.BODY | Subject.MESSAGE:
            told = dump(actual[:_LONGEST]) if actual else "nothing"
        case Subject.JSON | Subject.MESSAGE_JSON:
            told = dump(actual)
        case Subject.TIME | Subject.TTFB:
            told = f"{actual:.3f} s"
        case Subject.CERTIFICATE:
            told = f"{actual:.1f}"
        case Subject.SIZE:
            told = f"{actual} bytes"
        case _:
            told = str(actual)
    return told if len(told) <= _LONGEST else f"{told[:_LONGEST]}…"


def _answered(seen: ResponseRecord) -> Any:
    if seen.head is None:
        raise UnknownError("there was no response")
    return seen.head


def _timed(seconds: float | None) -> float:
    if seconds is None:
        raise UnknownError("it did not come to an end")
    return seconds


def _selected(seen: ResponseRecord, check: Check) -> Any:
    return seen.json if check.select is None else check.select(seen.json)


def _fault(seen: ResponseRecord, check: Check) -> str:
    return check.find_error(seen.json) if check.find_error is not None else ""


_LOOK: Final[dict[Subject, Callable[[ResponseRecord, Check], Any]]] = {
    Subject.STATUS: lambda seen, _: _answered(seen).status,
    Subject.HEADER: lambda seen, check: _answered(seen).fields.all_values(check.name),
    Subject.BODY: lambda seen, _: seen.text,
    Subject.SIZE: lambda seen, _: seen.size,
    Subject.SHA256: lambda seen, _: seen.sha256,
    Subject.JSON: _selected,
    Subject.SCHEMA: _fault,
    Subject.TIME: lambda seen, _: _timed(seen.elapsed),
    Subject.TTFB: lambda seen, _: _timed(seen.until_answer),
    Subject.REDIRECTS: lambda seen, _: seen.redirects,
    Subject.CERTIFICATE: lambda seen, _: seen.days_left,
    Subject.MESSAGE: lambda seen, _: seen.text,
    Subject.MESSAGE_JSON: _selected,
}


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, tuple[Any, ...]], bool]:
    """Return the relation that orders numbers, or texts; others are in no order."""

    def relation(actual: Any, expected: tuple[Any, ...]) -> bool:
        wanted = expected[0]
        alike = is_number(actual) and is_number(wanted)
        alike = alike or (isinstance(actual, str) and isinstance(wanted, str))
        return alike and compare(actual, wanted)

    return relation


def _contains(actual: Any, expected: tuple[Any, ...]) -> bool:
    wanted = expected[0]
    if isinstance(actual, list):
        return any(equal(one, wanted) for one in actual)
    if isinstance(actual, str | dict):
        return isinstance(wanted, str) and wanted in actual
    return False


def _matches(actual: Any, expected: tuple[Any, ...]) -> bool:
    return isinstance(actual, str) and expected[0].search(actual) is not None


def _exists(actual: Any, _expected: tuple[Any, ...]) -> bool:
    return actual is not None


_RELATIONS: Final[dict[str, Callable[[Any, tuple[Any, ...]], bool]]] = {
    "==": lambda actual, expected: equal(actual, expected[0]),
    "!=": lambda actual, expected: not equal(actual, expected[0]),
    "<": _ordered(lt),
    "<=": _ordered(le),
    ">": _ordered(gt),
    ">=": _ordered(ge),
    "in": lambda actual, expected: any(equal(actual, one) for one in expected),
    "contains": _contains,
    "~": _matches,
    "exists": _exists,
}
