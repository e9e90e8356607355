"""Expectations: ``syntax.expectations`` parses them, ``report.expectation_checks`` checks them."""

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

from httpcli.core.named_tuple import NamedTuple


class Subject(Enum):
    """The part of an exchange that is checked, by its word in ``--expect``."""

    STATUS = "status"
    HEADER = "header"
    BODY = "body"
    SIZE = "size"
    SHA256 = "sha256"
    JSON = "json"
    SCHEMA = "schema"
    TIME = "time"
    TTFB = "time.ttfb"
    REDIRECTS = "redirects"
    CERTIFICATE = "cert.days"
    MESSAGE = "message"
    MESSAGE_JSON = "message.json"


class Check(NamedTuple):
    """One expectation."""

    text: str
    """The expectation as typed."""
    subject: Subject
    operator: str
    """One of ``== != < <= > >= in contains ~ exists valid``."""
    expected: tuple[Any, ...] = ()
    """The values: numbers, texts, JSON values, a compiled regular expression for ``~``."""
    negated: bool = False
    """Whether the comparison must be false."""
    name: str = ""
    """The name of a header field."""
    select: Callable[[Any], Any] | None = None
    """Returns the part of a JSON value to compare; None to compare the whole value."""
    find_error: Callable[[Any], str] | None = None
    """Returns why a JSON value is not valid; empty if it is."""


class CheckResult(NamedTuple):
    """The result of one expectation."""

    expected: str
    actual: str
    """The actual value, for the message; empty if the expectation is met."""

    @property
    def passed(self) -> bool:
        """Whether the expectation is met."""
        return not self.actual

    def __str__(self) -> str:
        return f"expected {self.expected}, got {self.actual}"


NEED_BODY = frozenset(
    {Subject.BODY, Subject.SIZE, Subject.SHA256, Subject.JSON, Subject.SCHEMA, Subject.TIME}
)
"""Subjects that are known only when the body is complete."""
NEED_BODY_TEXT = frozenset({Subject.BODY, Subject.JSON, Subject.SCHEMA})
"""Subjects that need the text of the body in memory."""
MESSAGE_SUBJECTS = frozenset({Subject.MESSAGE, Subject.MESSAGE_JSON})
"""Subjects that are compared with each WebSocket message until one matches."""


def checks_need_body(checks: Iterable[Check]) -> bool:
    """Return whether one of the checks needs the complete body."""
    return any(check.subject in NEED_BODY for check in checks)
