"""JSON of a server: --select and --expect use limited memory for any document."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest

from tests.support.http_connection import response
from tests.support.memory import measure
from tests.support.run import run_process
from tests.support.servers import RawServer

MEBIBYTE = 1 << 20
BOMB_PEAK = 300
"""MiB for a document that is refused."""
LEGAL_PEAK = 700
"""MiB for a document at the limits: 64 MiB and 2,000,000 values."""
VALUES = 2_000_000
JSON = "Content-Type: application/json"
SECRET = "hunter2-hunter2"
GZIP = "Content-Encoding: gzip"


def zipped(pieces: str, count: int, begin: str = "", end: str = "") -> bytes:
    """Return a compressed response of repeated text."""
    return response(gzip.compress(f"{begin}{pieces * count}{end}".encode(), 6), JSON, GZIP)


BOMBS: dict[str, Callable[[], bytes]] = {
    "deep arrays": lambda: zipped("[", 60 * MEBIBYTE),
    "deep objects": lambda: zipped('{"a":', 12 * MEBIBYTE),
    "many deep arrays": lambda: zipped("[" * 900 + "]" * 900 + ",", 30_000, "[", "1]"),
    "empty arrays": lambda: zipped("[],", 20 * MEBIBYTE, "[", "1]"),
    "empty objects": lambda: zipped("{},", 20 * MEBIBYTE, "[", "1]"),
    "numbers": lambda: zipped("1.5,", 15 * MEBIBYTE, "[", "1]"),
    "strings": lambda: zipped('"",', 20 * MEBIBYTE, "[", "1]"),
    "objects": lambda: zipped('{"a":1},', 7 * MEBIBYTE, "[", "1]"),
    "too many bytes": lambda: zipped("x" * 1024, 100 * 1024, '["', '"]'),
    "too many blanks": lambda: zipped(" " * 1024, 100 * 1024, "[", "1]"),
}


@pytest.mark.slow
@pytest.mark.parametrize("option", ["--select=@", "--expect=json == 1"])
@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_compressed_json_over_a_limit_is_refused(bomb: Callable[[], bytes], option: str) -> None:
    with RawServer() as server:
        server.answer_always(bomb())
        result = measure(server.url, option, timeout=300)
    assert result.status == 13, result.err
    assert result.peak < BOMB_PEAK
    assert "--max-json-" in result.err


@pytest.mark.wide
@pytest.mark.parametrize("option", ["--select=@", "--expect=json == 1"])
def test_compressed_deep_json_is_refused(option: str) -> None:
    with RawServer() as server:
        server.answer_always(zipped("[" * 900 + "]" * 900 + ",", 30_000, "[", "1]"))
        result = measure(server.url, option)
    assert result.status == 13, result.err
    assert result.peak < BOMB_PEAK
    assert "more than 2000000 values" in result.err
    assert "--max-json-values" in result.err


def objects() -> str:
    """Return objects with different keys and exact numbers, at both limits."""
    count = VALUES // 2 - 1
    return "[" + ",".join(f'{{"{n:050}":1.5}}' for n in range(count)) + "]"


LEGAL: dict[str, Callable[[], str]] = {
    "objects with different keys": objects,
    "exact numbers": lambda: "[" + "1.5," * (VALUES - 2) + "1]",
    "large integers": lambda: "[" + f"{'9' * 30}," * (VALUES - 2) + "1]",
    "strings": lambda: "[" + '"abcdefghijklmnopqrstuvwxyz",' * (VALUES - 2) + "1]",
    "repeated keys": lambda: "[" + '{"a":1,"a":2},' * (VALUES // 3 - 1) + "1]",
    "one long string": lambda: '["' + "x" * (60 * MEBIBYTE) + '\U0001f600"]',
    "many escapes": lambda: '["' + "\\n" * (30 * MEBIBYTE) + '"]',
    "a long number": lambda: "[" + "9" * (60 * MEBIBYTE) + "]",
}


@pytest.mark.slow
@pytest.mark.parametrize("option", ["--select=@", "--expect=json != 1"])
@pytest.mark.parametrize("document", LEGAL.values(), ids=LEGAL)
def test_json_at_the_limits_is_accepted(document: Callable[[], str], option: str) -> None:
    with RawServer() as server:
        server.answer_always(response(document(), JSON))
        result = measure(server.url, option, timeout=300)
    assert result.status == 0, result.err[:300]
    assert result.peak < LEGAL_PEAK


@pytest.mark.wide
def test_failed_check_of_a_large_document_shows_its_start() -> None:
    with RawServer() as server:
        server.answer_always(response("[" + "1," * 1_000_000 + "1]", JSON))
        result = measure(server.url, "--expect", "json == 1", "-q")
    assert result.status == 16
    assert result.err.count("1, ") < 100
    assert result.peak < BOMB_PEAK


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        ["--expect=json.*|[0] == 1", "--expect=body == x"],
        ["--select=length(@)", "--expect=json == 1"],
    ],
    ids=" ".join,
)
def test_failed_check_of_json_at_the_limits(options: list[str]) -> None:
    with RawServer() as server:
        server.answer_always(response(objects(), JSON))
        result = measure(server.url, *options, timeout=300)
    assert result.status == 16, result.err[:300]
    assert result.peak < LEGAL_PEAK


def test_failed_check_of_a_large_document_shows_no_secret() -> None:
    many = "1," * 20_000
    body = f'{{"token": ["{SECRET}"], "many": [{many}1], "list": [{{"token": "{SECRET}"}}, 2]}}'
    checks = {
        "json == 1": '{"token": "',
        "json.list == 1": "2]",
        "json.list[1] == 1": "got 2",
        "json.many == 1": "[1, 1, 1",
        "json.token[0] == 1": "redacted",
        "json.list[].token == 1": "redacted",
        "json.*[] | [0] == 1": "not shown",
        "json.list[].* == 1": "not shown",
    }
    with RawServer() as server:
        server.answer_always(response(body, JSON))
        for check, shown in checks.items():
            result = run_process(server.url, "-q", "--expect", check)
            assert result.status == 16
            assert shown in result.err
            assert SECRET not in result.err


def test_limits_of_json_can_be_changed() -> None:
    with RawServer() as server:
        server.answer_always(response("[1, 2, 3]", JSON))
        for option in ("--select=@", "--expect=json[0] == 1"):
            assert run_process("--max-json-values=3", server.url, option).status == 13
            assert run_process("--max-json-values=4", server.url, option).status == 0
            assert run_process("--max-json-size=8", server.url, option).status == 13
            assert run_process("--max-json-size=9", server.url, option).status == 0


@pytest.mark.wide
def test_selection_that_grows_is_limited() -> None:
    with RawServer() as server:
        server.answer_always(response("[" + "1," * 100_000 + "1]", JSON))
        grown = "[" + ",".join(["@"] * 50) + "]"
        result = measure("--max-json-size=1MB", server.url, f"--select={grown}")
    assert result.status == 13
    assert "the selection is longer than" in result.err
    assert result.peak < 80


@pytest.mark.wide
def test_bytes_that_are_only_printed_are_not_limited() -> None:
    with RawServer() as server:
        server.answer_always(zipped("[],", 5 * MEBIBYTE, "[", "1]"))
        result = measure(server.url)
    assert (result.status, result.peak < 80) == (0, True)
