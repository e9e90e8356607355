"""Server-sent events: as they are, as JSON, so many of them, and again when they end."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.support.result import PATIENCE
from tests.support.run import run, started
from tests.support.servers import RawServer, refused_port
from tests.support.wire import chunk, close, reset, response, stall

HEAD = ("Content-Type: text/event-stream", "Transfer-Encoding: chunked")


def stream(*pieces: bytes | str, ends: bool = True) -> bytes:
    return response(b"", *HEAD) + b"".join(map(chunk, pieces)) + (chunk("") if ends else b"")


TWO = "event: tick\nid: 1\ndata: a\n\n: still here\ndata: b\r\ndata: c\r\n\r\n"


def test_in_a_pipe_the_bytes_are_as_they_came(server: RawServer) -> None:
    server.answer(stream("\ufeff", TWO, "data: cut"))
    assert run(server.url).text == f"\ufeff{TWO}data: cut"


@pytest.mark.parametrize("words", [[], ["--pretty=none"], ["--stream"]])
def test_as_json_each_event_is_an_object_on_a_line(server: RawServer, words: list[str]) -> None:
    server.answer(stream(*(bytes([byte]) for byte in f"{TWO}data: cut".encode())))
    lines = run(server.url, "--events=json", *words).text.splitlines()
    assert [json.loads(line) for line in lines] == [
        {"event": "tick", "data": "a", "id": "1"},
        {"event": "message", "data": "b\nc", "id": "1"},
    ]


def test_as_json_an_event_has_its_time_where_that_is_asked_for(server: RawServer) -> None:
    server.answer(stream("data: a\n\n"))
    told = run(server.url, "--events=json", "--timestamps").json
    assert told["time"].endswith("Z")


def test_as_json_a_terminal_gets_the_same_in_colour(server: RawServer) -> None:
    server.answer(stream("data: \x1b[2J\x9b\u202e\n\n"))
    result = run("-b", server.url, "--events=json", "--pretty=none", terminal=True)
    line = result.text.splitlines()[0]
    assert line.isascii()
    assert json.loads(line)["data"] == "\x1b[2J\x9b\u202e"
    server.answer(stream("data: 1\n\n"))
    coloured = run("-b", server.url, "--events=json", terminal=True, env={"TERM": "xterm"})
    assert coloured.text.startswith('{\x1b[94m"event"')
    assert len(coloured.text.rstrip().splitlines()) == 1


@pytest.mark.parametrize("words", [[], ["--reconnect"]])
def test_an_event_that_never_ends_is_an_error(server: RawServer, words: list[str]) -> None:
    line = f"data: {'x' * 1_000_000}\n"
    server.answer(stream("data: a\n\n", *[line] * 18))
    result = run(server.url, "--events=json", *words)
    assert (result.text, result.status) == ('{"event": "message", "data": "a"}\n', 13)
    assert "the stream has an event of more than 16 MiB" in result.err


def test_events_as_json_is_nothing_to_other_content(server: RawServer) -> None:
    server.answer(response("data: a\n\n", "Content-Type: text/plain"))
    assert run(server.url, "--events=json").text == "data: a\n\n"


def test_a_terminal_shows_the_time_and_sets_json_out(server: RawServer) -> None:
    server.answer(stream('event: tick\nid: 7\ndata: {"a":[1.10],"b":"\\u4f60"}\n\ndata: [x]\n\n'))
    lines = run("-b", "--pretty=format", server.url, terminal=True).text.splitlines()
    assert lines[0].startswith(": ")
    assert lines[1:3] == ["event: tick", "id: 7"]
    assert lines[3:10] == [
        "data: {",
        '    "a": [',
        "        1.10",
        "    ],",
        '    "b": "你"',
        "}",
        "",
    ]
    assert lines[10].startswith(": ")
    assert lines[11] == "data: [x]"


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("pretty", ["none", "format"])
def test_a_terminal_shows_lines_however_they_end(server: RawServer, end: str, pretty: str) -> None:
    sent = "".join(f"{line}{end}" for line in ("event: é", 'data: {"n":1}', "", "data: b", ""))
    server.answer(stream(*(bytes([byte]) for byte in sent.encode())))
    result = run("-b", f"--pretty={pretty}", server.url, terminal=True)
    lines = [line for line in result.text.splitlines() if not line.startswith(": ")]
    data = ["data: {", '    "n": 1', "}"] if pretty == "format" else ['data: {"n":1}']
    assert lines[: len(data) + 3] == ["event: é", *data, "", "data: b"]
    assert "\\r" not in result.text


def test_a_nul_in_an_event_hides_nothing_that_follows(server: RawServer) -> None:
    server.answer(stream("data: a\n\nid: \0\ndata: b\n\ndata: \x1b[2J\n\n"))
    shown = run("-b", "--pretty=none", server.url, terminal=True).text
    assert shown.rstrip() == "data: a\n\nid: \\x00\ndata: b\n\ndata: \\x1b[2J"


@pytest.mark.parametrize("most", [1, 2])
def test_after_so_many_events_it_ends(server: RawServer, most: int) -> None:
    server.answer(stream("data: 1\n\ndata: 2\n\ndata: 3\n\n", ends=False), stall)
    result = run(server.url, f"--max-events={most}")
    assert result.text == "".join(f"data: {n + 1}\n\n" for n in range(most))
    assert result.status == 0
    assert server.request.field("Accept") == "text/event-stream"


def test_fewer_events_than_asked_for_are_all_there_are(server: RawServer) -> None:
    server.answer(stream("data: 1\n\ndata: 2"))
    assert run(server.url, "--max-events=5").text == "data: 1\n\ndata: 2"


def test_a_response_that_is_no_stream_passes_as_it_is(server: RawServer) -> None:
    server.answer(response("data: 1\n\ndata: 2\n\n", "Content-Type: text/plain"))
    result = run(server.url, "--max-events=1", "--reconnect", "Accept:text/x")
    assert (result.text, result.status) == ("data: 1\n\ndata: 2\n\n", 0)
    assert server.request.field("Accept") == "text/x"


def test_it_connects_again_behind_the_last_event_until_204(server: RawServer) -> None:
    server.answer(stream("retry: 10\nid: 1\ndata: a\n\nid: 2\ndata: torn"))
    server.answer(stream("\ufeffid: ü\ndata: b\n\n", ends=False), close)
    server.answer(stream("id\ndata: c\n\n", ends=False), reset)
    server.answer(response("", status="204 No Content"))
    result = run(server.url, "--reconnect")
    assert result.text == "retry: 10\nid: 1\ndata: a\n\nid: ü\ndata: b\n\nid\ndata: c\n\n"
    assert result.status == 0
    ids = [request.field("Last-Event-ID") for request in server.requests]
    assert ids == [None, "1", "ü", None]
    assert "the stream ended; again in 0.01 s, after event 1" in result.err
    assert len(result.err.splitlines()) == 3


def test_the_first_id_may_be_typed(server: RawServer) -> None:
    server.answer(stream("retry: 1\ndata: a\n\n"))
    server.answer(response("", status="204 No Content"))
    run(server.url, "--reconnect", "Last-Event-ID:41")
    assert [request.every("Last-Event-ID") for request in server.requests] == [["41"], ["41"]]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (response("gone\n", status="410 Gone"), 4),
        (response("", status="503 Service Unavailable"), 5),
        (response("data: x\n\n", "Content-Type: text/plain"), 1),
    ],
)
def test_an_answer_that_is_no_stream_ends_it(
    server: RawServer, answer: bytes, status: int
) -> None:
    server.answer(stream("retry: 1\ndata: a\n\n"))
    server.answer(answer)
    result = run(server.url, "--reconnect")
    assert (result.text, result.status) == ("retry: 1\ndata: a\n\n", status)
    assert "the stream does not go on: HTTP" in result.err


def test_who_cannot_be_reached_at_first_is_not_waited_for() -> None:
    result = run(f"http://127.0.0.1:{refused_port()}/", "--reconnect")
    assert result.status == 12


def test_who_cannot_be_reached_is_waited_for_longer_each_time(server: RawServer) -> None:
    server.answer(stream("retry: 10\ndata: a\n\n", ends=False), close)
    for _ in range(3):
        server.answer(close)
    server.answer(stream("data: b\n\n"))
    server.answer(response("", status="204 No Content"))
    result = run(server.url, "--reconnect")
    waits = [line.partition("again in ")[2] for line in result.err.splitlines()]
    assert waits == ["0.01 s", "0.02 s", "0.04 s", "0.08 s", "0.01 s"]


def test_who_wants_no_pause_gets_one_when_it_cannot_be_reached(server: RawServer) -> None:
    server.answer(stream("retry: 0\ndata: a\n\n", ends=False), close)
    server.answer(close)
    server.answer(close)
    server.answer(response("", status="204 No Content"))
    result = run(server.url, "--reconnect")
    waits = [line.partition("again in ")[2] for line in result.err.splitlines()]
    assert waits == ["0 s", "0.002 s", "0.004 s"]


def test_a_silent_connection_is_left_for_another(server: RawServer) -> None:
    server.answer(stream("retry: 1\ndata: a\n\n", ends=False), stall)
    server.answer(response("", status="204 No Content"))
    result = run(server.url, "--reconnect", "--timeout=0.2")
    assert (result.text, result.status) == ("retry: 1\ndata: a\n\n", 0)


def test_events_of_all_connections_count(server: RawServer) -> None:
    server.always(stream("retry: 1\ndata: x\n\n"))
    result = run(server.url, "--reconnect", "--max-events=3", "--events=json", "-q")
    assert result.err == ""
    server.requests.clear()
    result = run(server.url, "--reconnect", "--max-events=3", "--events=json")
    assert len(result.text.splitlines()) == 3
    assert len(server.requests) == 3


def test_all_of_it_ends_with_max_time(server: RawServer) -> None:
    server.answer(stream("data: x\n\n", ends=False), stall)
    result = run(server.url, "--reconnect", "--max-time=0.3")
    assert (result.text, result.status) == ("data: x\n\n", 2)


def test_whole_events_are_passed_on_at_once(server: RawServer) -> None:
    server.answer(stream("data: x\n\ndata: half", ends=False), stall)
    with started(server.url, "--reconnect", stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None
        assert child.stdout.read(9) == b"data: x\n\n"
        child.terminate()
        child.wait(PATIENCE)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--max-events=0"], "--max-events=0: no event at all"),
        (["--max-events=x"], "--max-events: 'x' is not a whole number"),
        (["--events=xml"], "--events"),
        (["--reconnect", "a=1"], "--reconnect: a request with a body is not repeated"),
    ],
)
def test_what_makes_no_sense_is_refused(words: list[str], told: str) -> None:
    result = run("http://host/", *words)
    assert result.status == 10
    assert told in result.err
