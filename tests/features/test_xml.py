"""XML formatting on a terminal and in a pipe."""

from __future__ import annotations

import re

import pytest

from tests.support.http_connection import response
from tests.support.run import run
from tests.support.servers import RawServer
from tests.support.terminal import Terminal

XML = "<?xml version='1.0'?><a><b c='1'>x</b>\n\n<d></d></a>\n"
XML_SHOWN = "<?xml version='1.0'?>\n<a>\n  <b c='1'>x</b>\n  <d></d>\n</a>\n"
XML_TYPED = "Content-Type: application/atom+xml"


def test_pretty_format_indents_xml_in_a_pipe(server: RawServer) -> None:
    server.answer(response(XML, XML_TYPED))
    assert run("--pretty=format", server.url).text == XML_SHOWN


def test_pretty_all_indents_and_colours_xml_in_a_pipe(server: RawServer) -> None:
    server.answer(response(XML, XML_TYPED))
    shown = run("--pretty=all", server.url).text
    assert "\x1b[" in shown
    assert re.sub("\x1b\\[[0-9;]*m", "", shown) == XML_SHOWN


@pytest.mark.wide
def test_terminal_gets_indented_xml(server: RawServer) -> None:
    server.answer(response(XML, XML_TYPED))
    with Terminal("-b", server.url) as screen:
        assert screen.wait() == 0
    assert b"\x1b[" in screen.raw
    assert screen.text.replace("\r", "") == XML_SHOWN + "\n\n"


def test_truncated_xml_is_shown_unchanged(server: RawServer) -> None:
    server.answer(response(XML[:40], XML_TYPED))
    assert run("--pretty=format", server.url).text == XML[:40]


def test_xml_of_the_request_is_indented() -> None:
    argv = ("--offline", "--pretty=format", "--print=B", "example.org", "--raw", XML)
    assert run(*argv, "Content-Type:text/xml").text.rstrip() == XML_SHOWN.rstrip()
