"""What a JMESPath expression selects, shown in place of the body."""

from __future__ import annotations

from pathlib import Path

import pytest

from httpcli.output import selection as selected
from tests.support.run import run
from tests.support.servers import RawServer
from tests.support.terminal import Terminal
from tests.support.wire import chunk, close, response, stall

JSON = "Content-Type: application/json"
BODY = (
    '{"items": [{"id": 1.0, "name": "caf\\u00e9"}, {"id": 1e400, "name": "b\\nc"}],'
    ' "z": 1, "a": {"k": 1, "k": 2}, "big": 12345678901234567890123}'
)


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("items[].id", "[1.0, 1e400]\n"),
        ("items[0].name", '"café"\n'),
        ("big", "12345678901234567890123\n"),
        ("a", '{"k": 1, "k": 2}\n'),
        ("{z: z, big: big}", '{"z": 1, "big": 12345678901234567890123}\n'),
        ("missing", "null\n"),
        ("length(items)", "2\n"),
        ("items[?id > `5`].name | [0]", '"b\\nc"\n'),
    ],
)
def test_into_a_pipe_it_is_one_line_of_json(
    server: RawServer, expression: str, shown: str
) -> None:
    server.answer(response(BODY, JSON))
    result = run(server.url, "--select", expression)
    assert (result.status, result.text, result.err) == (0, shown, "")


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("items[0].name", "café\n"),
        ("items[].name", "café\nb\nc\n"),
        ("items[].id", "1.0\n1e400\n"),
        ("items[:1]", '{"id": 1.0, "name": "café"}\n'),
        ("a", '{"k": 1, "k": 2}\n'),
        ("missing", "null\n"),
        ("z", "1\n"),
        ("`[]`", ""),
    ],
)
@pytest.mark.parametrize("option", ["-r", "--raw-strings"])
def test_raw_strings_have_no_quotes_and_a_line_each(
    server: RawServer, option: str, expression: str, shown: str
) -> None:
    server.answer(response(BODY, JSON))
    assert run(option, server.url, "--select", expression).text == shown


def test_it_is_formatted_as_the_body_would_be(server: RawServer) -> None:
    server.answer(response(BODY, "Content-Type: text/plain"))
    result = run(
        *("--pretty=format", "--format-options=json.indent:2,json.sort_keys:true"),
        *(server.url, "--select", "{z: z, a: items[0].id}"),
    )
    assert result.text == '{\n  "a": 1.0,\n  "z": 1\n}\n'


def test_on_a_terminal_it_is_coloured_and_stands_behind_the_head(server: RawServer) -> None:
    server.answer(response(BODY, "Content-Type: text/plain", "X-A: 1"))
    with Terminal(server.url, "--select", "items[0]") as screen:
        assert screen.wait() == 0
    assert "X-A: 1" in screen.text
    assert '{\n    "id": 1.0,\n    "name": "café"\n}\n' in screen.text
    assert b'\x1b[94m"id"' in screen.raw
    assert b"\x1b[34m1.0" in screen.raw
    assert b'\x1b[33m"caf\xc3\xa9"' in screen.raw


def test_a_raw_string_does_not_drive_the_terminal(server: RawServer) -> None:
    server.answer(response('{"t": "a\\u001b]0;owned\\u0007b"}', JSON))
    with Terminal("-b", "-r", server.url, "--select", "t") as screen:
        assert screen.wait() == 0
    assert b"\x1b]0" not in screen.raw
    assert "\\x1b]0;owned" in screen.text


def test_without_colours_the_last_line_ends_too(server: RawServer) -> None:
    server.answer(response("[1]", JSON))
    with Terminal("-b", server.url, "--select", "[0]", env={"NO_COLOR": "1"}) as screen:
        assert screen.wait() == 0
    assert screen.text.startswith("1\n")


def test_only_the_last_response_is_selected_from(server: RawServer) -> None:
    server.answer(response("gone\n", "Location: /b", status="302 Found"))
    server.answer(response('{"a": 1}', JSON))
    assert run("--all", "-b", "-F", server.url, "--select", "a").text == "gone\n1\n"


def test_it_goes_into_a_file(server: RawServer, tmp_path: Path) -> None:
    server.answer(response('{"a": "x"}', JSON))
    assert run("-r", server.url, "--select", "a", "-o", "f").status == 0
    assert (tmp_path / "f").read_text() == "x\n"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>", "expecting value"),
        (b"", "expecting value"),
        (b'{"a": NaN}', "NaN is not JSON"),
        (b'{"a": "\xe9"}', "byte 7 is not utf-8"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_json_is_status_13(
    server: RawServer, tmp_path: Path, body: bytes, message: str
) -> None:
    (tmp_path / "f").write_text("good")
    server.always(response(body))
    result = run(server.url, "--select", "a")
    assert (result.status, result.out) == (13, b"")
    assert result.err.startswith("httpcli: error: --select: the body is not JSON: ")
    assert message in result.err
    assert run(server.url, "--select", "a", "-o", "f").status == 13
    assert (tmp_path / "f").read_text() == "good"


def test_another_charset_is_read(server: RawServer) -> None:
    server.answer(response('{"a": "é"}'.encode("utf-16"), JSON))
    server.answer(response(b'{"a": "\xe9"}', f"{JSON}; charset=latin-1"))
    assert run(server.url, "--select", "a").text == '"é"\n'
    assert run(server.url, "--select", "a").text == '"é"\n'


def test_what_does_not_fit_the_body_is_status_1(server: RawServer) -> None:
    server.answer(response('{"a": ["x"]}', JSON))
    result = run(server.url, "--select", "sum(a)")
    assert (result.status, result.out) == (1, b"")
    assert result.err.startswith("httpcli: error: --select: In function sum(), invalid type")


def test_a_body_that_is_cut_is_not_selected_from(server: RawServer) -> None:
    server.answer(response('{"a": 1}', JSON, "Content-Length: 20"), close)
    result = run(server.url, "--select", "a")
    assert (result.status, result.out) == (13, b"")
    assert len(result.err.splitlines()) == 1


def test_more_than_the_bound_is_an_error(
    server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selected, "MOST_HELD", 1 << 20)
    server.answer(response(" " * (1 << 20) + "1", JSON))
    result = run(server.url, "--select", "@")
    assert (result.status, result.out) == (1, b"")
    assert "more than 1 MiB" in result.err


def test_a_response_that_the_status_fails_is_shown_as_it_came(server: RawServer) -> None:
    server.always(response("<html>no", status="502 Bad Gateway"))
    result = run("--check-status", server.url, "--select", "a")
    assert (result.status, result.text) == (5, "<html>no")
    assert "HTTP 502 Bad Gateway" in result.err
    result = run("--fail", server.url, "--select", "a")
    assert (result.status, result.text) == (5, "")


def test_a_wrong_expression_sends_nothing(server: RawServer) -> None:
    server.must_be_idle()
    result = run(server.url, "--select", "items[0")
    assert (result.status, result.out) == (10, b"")
    assert "\n  items[0\n         ^\n" in result.err


@pytest.mark.parametrize(
    ("kind", "hint"),
    [("text/event-stream", "with --events=json each event"), ("application/x-ndjson", "each is")],
)
def test_of_a_stream_nothing_is_selected_and_its_end_not_waited_for(
    server: RawServer, kind: str, hint: str
) -> None:
    head = response(b"", f"Content-Type: {kind}", "Transfer-Encoding: chunked")
    server.answer(head + chunk("{}\n"), stall)
    result = run(server.url, "--select=a")
    assert (result.out, result.status) == (b"", 13)
    assert f"--select: {kind} is not one JSON value but many" in result.err
    assert hint in result.err
