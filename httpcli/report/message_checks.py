"""What was heard on a WebSocket, held against what is expected of its messages; pure.

Each message is judged as it comes, and none is kept: a conversation may be long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from httpcli.core.expectation import OF_MESSAGES, Check, Subject
from httpcli.core.messages import Message
from httpcli.report.response_record import Seen


class Judgement(NamedTuple):
    """Whether a check holds of one message, and what was found there."""

    holds: bool
    found: str


Judge = Callable[[Check, Seen], Judgement]
"""Judge one message, whatever ``negated`` says."""


class Heard:
    """Looks for a message that fits: one is enough, and where ``negated`` one too many."""

    def __init__(self, check: Check, judge: Judge) -> None:
        self.check = check
        self.fits = False
        self._judge = judge
        self._count = 0
        self._found = ""

    def hear(self, message: Seen) -> None:
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
            number: Heard(check, judge)
            for number, check in enumerate(checks)
            if check.subject in OF_MESSAGES
        }

    def hear(self, message: Message) -> None:
        """Take note of a message; what was sent is not expected."""
        if not message.sent and not self.has_enough:
            content = Seen({Subject.BODY}, float)
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
