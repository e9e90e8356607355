"""The exit status of a run follows from its responses."""

from __future__ import annotations

import pytest

from httpcli.core.events import ResponseStarted
from httpcli.core.headers import Fields
from httpcli.core.url import Url
from httpcli.observers.base import ResponseStatus


@pytest.mark.parametrize(
    ("status", "check", "following", "exit_status", "reason"),
    [
        (200, True, False, 0, ""),
        (404, False, False, 0, ""),
        (404, True, False, 4, "HTTP 404 Why"),
        (503, True, True, 5, "HTTP 503 Why"),
        (302, True, False, 3, "HTTP 302 Why"),
        (304, True, True, 0, ""),
    ],
)
def test_last_response_decides_the_exit_status(
    status: int, check: bool, following: bool, exit_status: int, reason: str
) -> None:
    observer = ResponseStatus(check_status=check, following=following)
    url = Url("http", "h")
    observer.observe(ResponseStarted("1.1", 500, "Before", Fields(), url, is_followed=True))
    observer.observe(ResponseStarted("1.1", status, "Why", Fields(), url))
    assert (observer.status, observer.reason) == (exit_status, reason)


def test_missing_response_is_no_failure() -> None:
    assert ResponseStatus(check_status=True, following=False).status == 0
