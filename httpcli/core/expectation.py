"""What is expected of an exchange: what ``grammar.expect`` reads and ``report`` checks."""

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, NamedTuple


class Subject(Enum):
    """What of an exchange is looked at, by the word for it."""

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
    """One thing that has to hold (or, ``negated``, must not).

    ``text`` is what was typed; ``relation`` is one of ``== != < <= > >= in
    contains ~ exists valid``. ``name`` is a header field's. ``expected`` are the
    values: numbers, texts, JSON values, a compiled expression for ``~``.
    ``select`` gives of a JSON value what is looked at, and ``find_fault`` says
    why one is not as it has to be (empty: it is). ``secret``: what is found
    there is not told.
    """

    text: str
    subject: Subject
    operator: str
    expected: tuple[Any, ...] = ()
    negated: bool = False
    name: str = ""
    select: Callable[[Any], Any] | None = None
    find_error: Callable[[Any], str] | None = None
    secret: bool = False


class CheckResult(NamedTuple):
    """How one expectation came out: what was expected, and what was found instead.

    ``actual`` is empty where it holds.
    """

    expected: str
    actual: str

    @property
    def passed(self) -> bool:
        """Whether all is as expected."""
        return not self.actual

    def __str__(self) -> str:
        return f"expected {self.expected}, got {self.actual}"


NEED_BODY = frozenset(
    {Subject.BODY, Subject.SIZE, Subject.SHA256, Subject.JSON, Subject.SCHEMA, Subject.TIME}
)
"""Subjects that are known only once all of the content is there."""
NEED_BODY_TEXT = frozenset({Subject.BODY, Subject.JSON, Subject.SCHEMA})
"""Subjects for which the content is held."""
MESSAGE_SUBJECTS = frozenset({Subject.MESSAGE, Subject.MESSAGE_JSON})
"""Subjects that are looked for in each message of a WebSocket: one that fits is enough."""


def need_body(checks: Iterable[Check]) -> bool:
    """Tell whether one of them can be judged only once the content is there."""
    return any(check.subject in NEED_BODY for check in checks)
