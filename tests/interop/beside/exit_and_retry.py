"""Judges of exit statuses and of trying again."""

from __future__ import annotations

from time import monotonic

from tests.interop.beside.seat import Seat
from tests.support.servers import RawServer, refused_port
from tests.support.wire import Connection, Step, chunk, close, response, stall

_TEXT = "".join(f"{number} bottles\n" for number in range(5000)).encode()
_CUT = response(_TEXT)[:-100]
_CUT_CHUNKS = response("", "Transfer-Encoding: chunked") + chunk(_TEXT)
_ASKED_SECONDS = 2


def half_is_an_error(seat: Seat) -> bool | None:
    """Ask whether content that is shorter than its length, or lacks the last chunk, fails."""
    assert _status(seat, response(_TEXT)) == 0
    return 0 not in (_status(seat, _CUT, close), _status(seat, _CUT_CHUNKS, close))


def tells_apart(seat: Seat) -> bool | None:
    """Ask whether 404, no connection, a time-out and cut content end with four statuses."""
    ends = [
        _status(seat, response("no", status="404 Not Found")),
        seat.run(url=f"http://127.0.0.1:{refused_port()}/f").status,
        _status(seat, stall),
        _status(seat, _CUT, close),
    ]
    return 0 not in ends and len(set(ends)) == len(ends)


def _status(seat: Seat, *steps: Step) -> int:
    with RawServer().always(*steps) as server:
        return seat.run(url=f"{server.url}/f").status


def waits_as_told(seat: Seat) -> bool | None:
    """Ask whether the second try comes when Retry-After said, and not before."""
    came: list[float] = []

    def arrive(_: Connection) -> None:
        came.append(monotonic())

    later = f"Retry-After: {_ASKED_SECONDS}"
    with RawServer().may_be_idle() as server:
        server.answer(arrive, response("", later, status="503 Service Unavailable"))
        server.always(arrive, response("good"))
        refused = seat.run(url=f"{server.url}/f").status != 0
    if not came:
        assert refused
        return None
    first, second = came
    return second - first > _ASKED_SECONDS - 0.05


def posts_once(seat: Seat) -> bool | None:
    """Ask whether a POST that was answered by 503 is left at that."""
    with RawServer().may_be_idle() as server:
        server.answer(response("", status="503 Service Unavailable"))
        refused = seat.run(url=f"{server.url}/f").status != 0
    if not server.requests:
        assert refused
        return None
    assert server.requests[0].method == "POST"
    return len(server.requests) == 1
