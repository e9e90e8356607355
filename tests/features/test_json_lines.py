"""JSON Lines and JSON sequences in a pipe and on a terminal."""

from __future__ import annotations

import re

import pytest

from tests.support.http_connection import chunk, response
from tests.support.run import run
from tests.support.servers import RawServer

LINES = '{"n":1,"é":"😀"}\n\n[1,2]\r\n"x"\n{"broken":\n{"n":2}'


def in_one_byte_chunks(text: str, media: str) -> bytes:
    """Return a response whose chunks hold one byte each."""
    head = response(b"", f"Content-Type: {media}", "Transfer-Encoding: chunked")
    return head + b"".join(chunk(bytes([byte])) for byte in text.encode()) + chunk("")


@pytest.mark.parametrize("media", ["application/x-ndjson", "application/jsonl", "text/plain"])
@pytest.mark.parametrize("options", [[], ["--stream"]])
def test_json_lines_are_unchanged_in_a_pipe(
    server: RawServer, media: str, options: list[str]
) -> None:
    server.answer(in_one_byte_chunks(LINES, media))
    assert run(server.url, *options).text == LINES


def test_colours_alone_keep_each_value_on_its_line(server: RawServer) -> None:
    server.answer(in_one_byte_chunks('{"n": 1}\n{"é": "😀"}\n', "application/x-ndjson"))
    shown = run("-b", "--pretty=colors", server.url, terminal=True, env={"TERM": "xterm"}).text
    assert "\x1b[94m" in shown
    plain = re.sub("\x1b\\[[0-9;]*m", "", shown)
    assert plain.rstrip() == '{"n": 1}\n{"é": "😀"}'


def test_json_sequence_is_formatted_value_by_value(server: RawServer) -> None:
    server.answer(in_one_byte_chunks('\x1e{"n": 1}\n\x1e[2]\n', "application/json-seq"))
    assert run(server.url).text == '\x1e{"n": 1}\n\x1e[2]\n'
    server.answer(in_one_byte_chunks('\x1e{"n": 1}\n\x1e"a"\n', "application/json-seq"))
    shown = run("-b", "--pretty=format", server.url, terminal=True).text
    assert shown.rstrip() == '{\n    "n": 1\n}\n"a"'
