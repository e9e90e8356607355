"""``--select`` prints the result of a JMESPath expression instead of the body."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.http_connection import chunk, close, response, stall
from tests.support.run import run
from tests.support.servers import RawServer
from tests.support.terminal import Terminal

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
def test_selection_in_a_pipe_is_one_line_of_json(
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
def test_raw_strings_are_printed_unquoted_one_per_line(
    server: RawServer, option: str, expression: str, shown: str
) -> None:
    server.answer(response(BODY, JSON))
    assert run(option, server.url, "--select", expression).text == shown


def test_selection_is_formatted_like_a_body(server: RawServer) -> None:
    server.answer(response(BODY, "Content-Type: text/plain"))
    result = run(
        *("--pretty=format", "--format-options=json.indent:2,json.sort_keys:true"),
        *(server.url, "--select", "{z: z, a: items[0].id}"),
    )
    assert result.text == '{\n  "a": 1.0,\n  "z": 1\n}\n'


@pytest.mark.wide
def test_terminal_shows_a_coloured_selection_after_the_headers(server: RawServer) -> None:
    server.answer(response(BODY, "Content-Type: text/plain", "X-A: 1"))
    with Terminal(server.url, "--select", "items[0]") as screen:
        assert screen.wait() == 0
    assert "X-A: 1" in screen.text
    assert '{\n    "id": 1.0,\n    "name": "café"\n}\n' in screen.text
    assert b'\x1b[94m"id"' in screen.raw
    assert b"\x1b[34m1.0" in screen.raw
    assert b'\x1b[33m"caf\xc3\xa9"' in screen.raw


@pytest.mark.wide
def test_control_characters_in_raw_strings_are_escaped(server: RawServer) -> None:
    server.answer(response('{"t": "a\\u001b]0;owned\\u0007b"}', JSON))
    with Terminal("-b", "-r", server.url, "--select", "t") as screen:
        assert screen.wait() == 0
    assert b"\x1b]0" not in screen.raw
    assert "\\x1b]0;owned" in screen.text


def test_uncoloured_selection_ends_with_a_line_feed(server: RawServer) -> None:
    server.answer(response("[1]", JSON))
    with Terminal("-b", server.url, "--select", "[0]", env={"NO_COLOR": "1"}) as screen:
        assert screen.wait() == 0
    assert screen.text.startswith("1\n")


def test_selection_applies_to_the_last_response_only(server: RawServer) -> None:
    server.answer(response("gone\n", "Location: /b", status="302 Found"))
    server.answer(response('{"a": 1}', JSON))
    assert run("--all", "-b", "-F", server.url, "--select", "a").text == "gone\n1\n"


def test_selection_is_written_to_the_output_file(server: RawServer, tmp_path: Path) -> None:
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
def test_body_that_is_not_json_exits_with_13(
    server: RawServer, tmp_path: Path, body: bytes, message: str
) -> None:
    (tmp_path / "f").write_text("good")
    server.answer_always(response(body))
    result = run(server.url, "--select", "a")
    assert (result.status, result.out) == (13, b"")
    assert result.err.startswith("httpcli: error: --select: the body is not JSON: ")
    assert message in result.err
    assert run(server.url, "--select", "a", "-o", "f").status == 13
    assert (tmp_path / "f").read_text() == "good"


def test_other_charsets_are_decoded(server: RawServer) -> None:
    server.answer(response('{"a": "é"}'.encode("utf-16"), JSON))
    server.answer(response(b'{"a": "\xe9"}', f"{JSON}; charset=latin-1"))
    assert run(server.url, "--select", "a").text == '"é"\n'
    assert run(server.url, "--select", "a").text == '"é"\n'


def test_type_error_in_the_expression_exits_with_1(server: RawServer) -> None:
    server.answer(response('{"a": ["x"]}', JSON))
    result = run(server.url, "--select", "sum(a)")
    assert (result.status, result.out) == (1, b"")
    assert result.err.startswith("httpcli: error: --select: In function sum(), invalid type")


def test_incomplete_body_prints_no_selection(server: RawServer) -> None:
    server.answer(response('{"a": 1}', JSON, "Content-Length: 20"), close)
    result = run(server.url, "--select", "a")
    assert (result.status, result.out) == (13, b"")
    assert len(result.err.splitlines()) == 1


def test_body_over_the_size_limit_is_an_error(server: RawServer) -> None:
    server.answer_always(response(" " * (1 << 20) + "1", JSON))
    result = run("--max-json-size=1MiB", server.url, "--select", "@")
    assert (result.status, result.out) == (13, b"")
    assert "more than 1 MiB" in result.err
    assert "--max-json-size" in result.err
    assert run("--max-json-size=1048577", server.url, "--select", "@").text == "1\n"


def test_body_with_too_many_values_is_an_error(server: RawServer) -> None:
    server.answer_always(response("[1, 2, 3]", JSON))
    result = run("--max-json-values=3", server.url, "--select", "@")
    assert (result.status, result.out) == (13, b"")
    assert "more than 3 values" in result.err
    assert "--max-json-values" in result.err
    for enough in ("4", "0"):
        assert run(f"--max-json-values={enough}", server.url, "--select", "[0]").text == "1\n"


def test_response_that_fails_check_status_is_shown_unchanged(server: RawServer) -> None:
    server.answer_always(response("<html>no", status="502 Bad Gateway"))
    result = run("--check-status", server.url, "--select", "a")
    assert (result.status, result.text) == (5, "<html>no")
    assert "HTTP 502 Bad Gateway" in result.err
    result = run("--fail", server.url, "--select", "a")
    assert (result.status, result.text) == (5, "")


def test_invalid_expression_sends_nothing(server: RawServer) -> None:
    server.assert_not_called()
    result = run(server.url, "--select", "items[0")
    assert (result.status, result.out) == (10, b"")
    assert "\n  items[0\n         ^\n" in result.err


@pytest.mark.parametrize(
    ("media_type", "hint"),
    [("text/event-stream", "with --events=json, each event"), ("application/x-ndjson", "each is")],
)
def test_selecting_from_a_stream_is_an_immediate_error(
    server: RawServer, media_type: str, hint: str
) -> None:
    head = response(b"", f"Content-Type: {media_type}", "Transfer-Encoding: chunked")
    server.answer(head + chunk("{}\n"), stall)
    result = run(server.url, "--select=a")
    assert (result.out, result.status) == (b"", 13)
    assert f"--select: the body is {media_type}: not one JSON value but many" in result.err
    assert hint in result.err
