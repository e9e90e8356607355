"""Fuzzes the reader of HTTP/1 responses: ``python -m tests.fuzz.http1_reader [CORPUS]``.

Coverage-guided; runs until it is stopped (or ``-max_total_time=600``). It needs the
separate package atheris. A failing input ends the run and is written to a file. Then add
a case for it to ``tests/protocol/test_http1_reader.py``.

The first byte chooses the request and the piece lengths; the rest is the response.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["httpcli.protocol"]):
    from httpcli.protocol.http1_head import NOT_HTTP
    from tests.support.http1 import in_pieces, read_all


def check(data: bytes) -> None:
    """Fail if the pieces change the outcome, or any other error is raised."""
    choice, response = data[0] if data else 0, data[1:]
    for_head, for_connect = bool(choice & 1), bool(choice & 2)
    whole = read_all([response], has_no_content=for_head, opens_tunnel=for_connect)
    pieces = in_pieces(response, choice // 4 % 16 + 1)
    again = read_all(pieces, has_no_content=for_head, opens_tunnel=for_connect)
    assert again == whole or again.problem == whole.problem == NOT_HTTP
    assert whole.ended is False or not whole.problem
    for head in whole.heads:
        assert head.raw in response


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
