"""Checks of exit statuses and retries."""

from __future__ import annotations

from time import monotonic

from tests.interop.beside.runner import Runner
from tests.support.http_connection import ClientConnection, Step, chunk, close, response, stall
from tests.support.servers import RawServer, refused_port

_TEXT = "".join(f"{number} bottles\n" for number in range(5000)).encode()
_TRUNCATED = response(_TEXT)[:-100]
_TRUNCATED_CHUNKS = response("", "Transfer-Encoding: chunked") + chunk(_TEXT)
_RETRY_SECONDS = 2


def truncated_response_is_an_error(runner: Runner) -> bool | None:
    """Check whether a body shorter than its length, or without its last chunk, is an error."""
    assert _status(runner, response(_TEXT)) == 0
    return 0 not in (_status(runner, _TRUNCATED, close), _status(runner, _TRUNCATED_CHUNKS, close))


def has_distinct_statuses(runner: Runner) -> bool | None:
    """Check whether 404, a refused connection, a timeout and a truncated body differ in status."""
    ends = [
        _status(runner, response("no", status="404 Not Found")),
        runner.run(url=f"http://127.0.0.1:{refused_port()}/f").status,
        _status(runner, stall),
        _status(runner, _TRUNCATED, close),
    ]
    return 0 not in ends and len(set(ends)) == len(ends)


def _status(runner: Runner, *steps: Step) -> int:
    with RawServer().answer_always(*steps) as server:
        return runner.run(url=f"{server.url}/f").status


def obeys_retry_after(runner: Runner) -> bool | None:
    """Check whether the retry waits as long as Retry-After requires."""
    times: list[float] = []

    def record_time(_: ClientConnection) -> None:
        times.append(monotonic())

    later = f"Retry-After: {_RETRY_SECONDS}"
    with RawServer().may_be_idle() as server:
        server.answer(record_time, response("", later, status="503 Service Unavailable"))
        server.answer_always(record_time, response("good"))
        refused = runner.run(url=f"{server.url}/f").status != 0
    if not times:
        assert refused
        return None
    first, second = times
    return second - first > _RETRY_SECONDS - 0.05


def does_not_retry_post(runner: Runner) -> bool | None:
    """Check whether a POST is not retried after a 503 response."""
    with RawServer().may_be_idle() as server:
        server.answer(response("", status="503 Service Unavailable"))
        refused = runner.run(url=f"{server.url}/f").status != 0
    if not server.requests:
        assert refused
        return None
    assert server.requests[0].method == "POST"
    return len(server.requests) == 1
