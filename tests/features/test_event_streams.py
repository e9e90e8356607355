"""Server-sent events: raw and JSON output, terminal output, limits, and reconnecting."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.support.http_connection import chunk, close, reset, response, stall
from tests.support.run import run, start_process
from tests.support.run_result import TIMEOUT
from tests.support.servers import RawServer, refused_port

HEAD = ("Content-Type: text/event-stream", "Transfer-Encoding: chunked")


def stream(*pieces: bytes | str, ends: bool = True) -> bytes:
    return response(b"", *HEAD) + b"".join(map(chunk, pieces)) + (chunk("") if ends else b"")


TWO = "event: tick\nid: 1\ndata: a\n\n: still here\ndata: b\r\ndata: c\r\n\r\n"


def test_pipe_receives_the_bytes_unchanged(server: RawServer) -> None:
    server.answer(stream("\ufeff", TWO, "data: cut"))
    assert run(server.url).text == f"\ufeff{TWO}data: cut"


@pytest.mark.parametrize("options", [[], ["--pretty=none"], ["--stream"]])
def test_json_output_is_one_object_per_line(server: RawServer, options: list[str]) -> None:
    server.answer(stream(*(bytes([byte]) for byte in f"{TWO}data: cut".encode())))
    lines = run(server.url, "--events=json", *options).text.splitlines()
    assert [json.loads(line) for line in lines] == [
        {"event": "tick", "data": "a", "id": "1"},
        {"event": "message", "data": "b\nc", "id": "1"},
    ]


def test_json_event_has_a_time_with_timestamps(server: RawServer) -> None:
    server.answer(stream("data: a\n\n"))
    event = run(server.url, "--events=json", "--timestamps").json
    assert event["time"].endswith("Z")


def test_json_output_on_a_terminal_is_escaped_and_coloured(server: RawServer) -> None:
    server.answer(stream("data: \x1b[2J\x9b\u202e\n\n"))
    result = run("-b", server.url, "--events=json", "--pretty=none", terminal=True)
    line = result.text.splitlines()[0]
    assert line.isascii()
    assert json.loads(line)["data"] == "\x1b[2J\x9b\u202e"
    server.answer(stream("data: 1\n\n"))
    coloured = run("-b", server.url, "--events=json", terminal=True, env={"TERM": "xterm"})
    assert coloured.text.startswith('{\x1b[94m"event"')
    assert len(coloured.text.rstrip().splitlines()) == 1


@pytest.mark.parametrize("options", [[], pytest.param(["--reconnect"], marks=pytest.mark.wide)])
def test_event_that_never_ends_is_an_error(server: RawServer, options: list[str]) -> None:
    line = f"data: {'x' * 1_000_000}\n"
    server.answer(stream("data: a\n\n", *[line] * 18))
    result = run(server.url, "--events=json", *options)
    assert (result.text, result.status) == ('{"event": "message", "data": "a"}\n', 13)
    assert "an event is larger than 8 MiB" in result.err


def test_events_option_does_not_change_other_content(server: RawServer) -> None:
    server.answer(response("data: a\n\n", "Content-Type: text/plain"))
    assert run(server.url, "--events=json").text == "data: a\n\n"


def test_terminal_output_has_times_and_formatted_json(server: RawServer) -> None:
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
def test_terminal_output_accepts_every_line_ending(
    server: RawServer, end: str, pretty: str
) -> None:
    content = "".join(f"{line}{end}" for line in ("event: é", 'data: {"n":1}', "", "data: b", ""))
    server.answer(stream(*(bytes([byte]) for byte in content.encode())))
    result = run("-b", f"--pretty={pretty}", server.url, terminal=True)
    lines = [line for line in result.text.splitlines() if not line.startswith(": ")]
    data = ["data: {", '    "n": 1', "}"] if pretty == "format" else ['data: {"n":1}']
    assert lines[: len(data) + 3] == ["event: é", *data, "", "data: b"]
    assert "\\r" not in result.text


def test_nul_in_an_event_does_not_hide_later_events(server: RawServer) -> None:
    server.answer(stream("data: a\n\nid: \0\ndata: b\n\ndata: \x1b[2J\n\n"))
    shown = run("-b", "--pretty=none", server.url, terminal=True).text
    assert shown.rstrip() == "data: a\n\nid: \\x00\ndata: b\n\ndata: \\x1b[2J"


@pytest.mark.parametrize("limit", [1, 2])
def test_max_events_ends_the_run(server: RawServer, limit: int) -> None:
    server.answer(stream("data: 1\n\ndata: 2\n\ndata: 3\n\n", ends=False), stall)
    result = run(server.url, f"--max-events={limit}")
    assert result.text == "".join(f"data: {n + 1}\n\n" for n in range(limit))
    assert result.status == 0
    assert server.request.header("Accept") == "text/event-stream"


def test_stream_shorter_than_max_events_is_printed_completely(server: RawServer) -> None:
    server.answer(stream("data: 1\n\ndata: 2"))
    assert run(server.url, "--max-events=5").text == "data: 1\n\ndata: 2"


def test_response_that_is_not_a_stream_is_printed_unchanged(server: RawServer) -> None:
    server.answer(response("data: 1\n\ndata: 2\n\n", "Content-Type: text/plain"))
    result = run(server.url, "--max-events=1", "--reconnect", "Accept:text/x")
    assert (result.text, result.status) == ("data: 1\n\ndata: 2\n\n", 0)
    assert server.request.header("Accept") == "text/x"


def test_reconnect_resumes_after_the_last_event_until_204(server: RawServer) -> None:
    server.answer(stream("retry: 10\nid: 1\ndata: a\n\nid: 2\ndata: torn"))
    server.answer(stream("\ufeffid: ü\ndata: b\n\n", ends=False), close)
    server.answer(stream("id\ndata: c\n\n", ends=False), reset)
    server.answer(response("", status="204 No Content"))
    result = run(server.url, "--reconnect")
    assert result.text == "retry: 10\nid: 1\ndata: a\n\nid: ü\ndata: b\n\nid\ndata: c\n\n"
    assert result.status == 0
    ids = [request.header("Last-Event-ID") for request in server.requests]
    assert ids == [None, "1", "ü", None]
    assert "the stream ended; reconnecting in 0.1 s, after event 1" in result.err
    assert len(result.err.splitlines()) == 3


def test_first_event_id_can_be_given(server: RawServer) -> None:
    server.answer(stream("retry: 1\ndata: a\n\n"))
    server.answer(response("", status="204 No Content"))
    run(server.url, "--reconnect", "Last-Event-ID:41")
    assert [request.header_values("Last-Event-ID") for request in server.requests] == [
        ["41"],
        ["41"],
    ]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (response("gone\n", status="410 Gone"), 4),
        (response("", status="503 Service Unavailable"), 5),
        (response("data: x\n\n", "Content-Type: text/plain"), 1),
    ],
)
def test_reconnect_ends_at_a_response_that_is_not_a_stream(
    server: RawServer, answer: bytes, status: int
) -> None:
    server.answer(stream("retry: 1\ndata: a\n\n"))
    server.answer(answer)
    result = run(server.url, "--reconnect")
    assert (result.text, result.status) == ("retry: 1\ndata: a\n\n", status)
    assert "cannot continue the event stream: HTTP" in result.err


def test_reconnect_does_not_retry_the_first_connection() -> None:
    result = run(f"http://127.0.0.1:{refused_port()}/", "--reconnect")
    assert result.status == 12


@pytest.mark.wide
def test_reconnect_delay_doubles_while_the_server_is_unreachable(server: RawServer) -> None:
    server.answer(stream("retry: 100\ndata: a\n\n", ends=False), close)
    for _ in range(3):
        server.answer(close)
    server.answer(stream("data: b\n\n"))
    server.answer(response("", status="204 No Content"))
    result = run(server.url, "--reconnect")
    waits = [line.partition("reconnecting in ")[2] for line in result.err.splitlines()]
    assert waits == ["0.1 s", "0.2 s", "0.4 s", "0.8 s", "0.1 s"]


@pytest.mark.wide
def test_zero_reconnect_delay_becomes_the_shortest(server: RawServer) -> None:
    server.answer(stream("retry: 0\ndata: a\n\n", ends=False), close)
    server.answer(close)
    server.answer(close)
    server.answer(response("", status="204 No Content"))
    result = run(server.url, "--reconnect")
    waits = [line.partition("reconnecting in ")[2] for line in result.err.splitlines()]
    assert waits == ["0.1 s", "0.2 s", "0.4 s"]


@pytest.mark.wide
def test_silent_connection_is_replaced(server: RawServer) -> None:
    server.answer(stream("retry: 1\ndata: a\n\n", ends=False), stall)
    server.answer(response("", status="204 No Content"))
    result = run(server.url, "--reconnect", "--timeout=3")
    assert (result.text, result.status) == ("retry: 1\ndata: a\n\n", 0)


def test_max_events_counts_across_connections(server: RawServer) -> None:
    server.answer_always(stream("retry: 1\ndata: x\n\n"))
    result = run(server.url, "--reconnect", "--max-events=3", "--events=json", "-q")
    assert result.err == ""
    server.requests.clear()
    result = run(server.url, "--reconnect", "--max-events=3", "--events=json")
    assert len(result.text.splitlines()) == 3
    assert len(server.requests) == 3


@pytest.mark.wide
def test_max_time_ends_a_reconnecting_run(server: RawServer) -> None:
    server.answer(stream("data: x\n\n", ends=False), stall)
    result = run(server.url, "--reconnect", "--max-time=3")
    assert (result.text, result.status) == ("data: x\n\n", 2)


def test_complete_events_are_printed_at_once(server: RawServer) -> None:
    server.answer(stream("data: x\n\ndata: half", ends=False), stall)
    with start_process(server.url, "--reconnect", stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None
        assert child.stdout.read(9) == b"data: x\n\n"
        child.terminate()
        child.wait(TIMEOUT)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--max-events=0"], "--max-events=0: must be at least 1"),
        (["--max-events=x"], "--max-events: invalid number 'x'"),
        (["--events=xml"], "--events"),
        (["--reconnect", "a=1"], "--reconnect cannot be used with a request body"),
    ],
)
def test_invalid_options_are_a_usage_error(options: list[str], message: str) -> None:
    result = run("http://host/", *options)
    assert result.status == 10
    assert message in result.err
