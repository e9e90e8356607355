"""JSON behind a prefix against scripts is formatted, selected from, and checked."""

from __future__ import annotations

import pytest

from tests.support.http_connection import response
from tests.support.run import run_process
from tests.support.servers import RawServer

JSON = '{"b":[7],"a":"x"}'
FORMATTED = '{\n    "b": [\n        7\n    ],\n    "a": "x"\n}'
PREFIXES = (
    *(")]}',\n", ")]}'\n", ")]}\n", "while(1);", "for(;;);", "for (;;);", "throw 1;", "{}&&"),
    *("&&&START&&&", "])}while(1);</x>", "/**/", "\ufeff)]}',\n"),
)
TYPES = ("application/json", "text/plain", "application/javascript")


def body(prefix: str, media_type: str = "application/json") -> bytes:
    return response(prefix + JSON, f"Content-Type: {media_type}")


def test_json_behind_a_prefix_is_selected_from(server: RawServer) -> None:
    server.answer(body(")]}',\n"))
    result = run_process("--select", "b[0]", server.url)
    assert (result.status, result.text) == (0, "7\n")


@pytest.mark.wide
@pytest.mark.parametrize("prefix", PREFIXES)
def test_json_behind_each_prefix_is_selected_from_and_checked(
    server: RawServer, prefix: str
) -> None:
    server.answer_always(body(prefix))
    assert run_process("--select", "b[0]", server.url).text == "7\n"
    checks = ("--expect", "json.b[0] == 7", "--expect", "json(length(b)) == 1")
    assert run_process("-q", *checks, server.url).status == 0


@pytest.mark.wide
@pytest.mark.parametrize("media_type", TYPES)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_prefix_is_kept_and_the_json_formatted(
    server: RawServer, prefix: str, media_type: str
) -> None:
    server.answer(body(prefix, media_type))
    shown = run_process("--pretty=format", server.url).text
    assert shown.rstrip("\n") == prefix + FORMATTED


@pytest.mark.wide
def test_json_behind_a_prefix_is_coloured(server: RawServer) -> None:
    server.answer(body("for (;;);"))
    shown = run_process("--pretty=colors", server.url).text
    assert shown.startswith("for (;;);{\x1b[")


@pytest.mark.wide
def test_secret_behind_a_prefix_stays_out_of_reports(server: RawServer) -> None:
    server.answer(
        response("throw 1;" + '{"password":"hunter2"}', "Content-Type: application/json")
    )
    assert "hunter2" not in run_process("-q", "--report=har=-", server.url).text


@pytest.mark.wide
def test_position_of_an_error_counts_the_prefix(server: RawServer) -> None:
    server.answer(response(")]}',\n{x", "Content-Type: application/json"))
    result = run_process("-q", "--expect", "json.a == 1", server.url)
    assert result.status == 16
    assert "line 2, column 2" in result.err
