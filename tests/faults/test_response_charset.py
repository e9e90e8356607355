"""``--response-charset`` applies to each reader of the body."""

from __future__ import annotations

import json

import pytest

from tests.support.http_connection import response
from tests.support.run import run_process
from tests.support.servers import RawServer

DOCUMENT = '{"name":"Zoë"}'
LATIN = ("--response-charset", "latin-1")
CHECKS = ('json.name == "Zoë"', "body contains Zoë", 'json(name) == "Zoë"')


def latin(media_type: str = "application/json") -> bytes:
    return response(DOCUMENT.encode("latin-1"), f"Content-Type: {media_type}")


def test_expectation_reads_the_body_in_the_typed_charset(server: RawServer) -> None:
    server.answer(latin())
    result = run_process("-q", *LATIN, "--expect", CHECKS[0], server.url)
    assert (result.status, result.err) == (0, "")


@pytest.mark.wide
@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("media_type", ["text/plain", "application/json; charset=utf-8"])
def test_typed_charset_overrides_the_stated_one(
    server: RawServer, check: str, media_type: str
) -> None:
    server.answer(latin(media_type))
    assert run_process("-q", *LATIN, "--expect", check, server.url).status == 0


@pytest.mark.wide
def test_charset_of_the_typed_media_type_is_used(server: RawServer) -> None:
    server.answer(latin())
    mime = ("--response-mime", "application/json; charset=latin-1")
    assert run_process("-q", *mime, "--expect", CHECKS[0], server.url).status == 0


@pytest.mark.wide
@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_expectation_recognizes_the_charset_as_a_selection_does(
    server: RawServer, charset: str
) -> None:
    server.answer_always(response(DOCUMENT.encode(charset), "Content-Type: application/json"))
    assert run_process("--select", "name", "-r", server.url).text == "Zoë\n"
    assert run_process("-q", "--expect", CHECKS[0], server.url).status == 0


@pytest.mark.wide
def test_polling_reads_the_body_in_the_typed_charset(server: RawServer) -> None:
    server.answer_always(latin())
    polling = ("--retry=1", "--retry-delay=0", "--retry-on=expect", "--expect", CHECKS[0])
    assert run_process("-q", *LATIN, *polling, server.url).status == 0
    assert len(server.requests) == 1


@pytest.mark.wide
def test_har_report_has_the_text_in_the_typed_charset(server: RawServer) -> None:
    server.answer(latin())
    har = json.loads(run_process("-q", *LATIN, "--report=har=-", server.url).out)
    assert har["log"]["entries"][0]["response"]["content"]["text"] == DOCUMENT
