"""XML, on a terminal and in a pipe."""

from __future__ import annotations

import re

from tests.support.run import run
from tests.support.servers import RawServer
from tests.support.terminal import Terminal
from tests.support.wire import response

XML = "<?xml version='1.0'?><a><b c='1'>x</b>\n\n<d></d></a>\n"
XML_SHOWN = "<?xml version='1.0'?>\n<a>\n  <b c='1'>x</b>\n  <d></d>\n</a>\n"
XML_TYPED = "Content-Type: application/atom+xml"


def test_xml_is_indented_in_a_pipe_when_asked(server: RawServer) -> None:
    server.answer(response(XML, XML_TYPED))
    assert run("--pretty=format", server.url).text == XML_SHOWN


def test_xml_is_indented_and_coloured_in_a_pipe_when_asked(server: RawServer) -> None:
    server.answer(response(XML, XML_TYPED))
    seen = run("--pretty=all", server.url).text
    assert "\x1b[" in seen
    assert re.sub("\x1b\\[[0-9;]*m", "", seen) == XML_SHOWN


def test_a_terminal_gets_indented_xml(server: RawServer) -> None:
    server.answer(response(XML, XML_TYPED))
    with Terminal("-b", server.url) as screen:
        assert screen.wait() == 0
    assert b"\x1b[" in screen.raw
    assert screen.text.replace("\r", "") == XML_SHOWN + "\n\n"


def test_xml_that_is_cut_short_is_shown_as_it_came(server: RawServer) -> None:
    server.answer(response(XML[:40], XML_TYPED))
    assert run("--pretty=format", server.url).text == XML[:40]


def test_xml_that_we_send_is_indented_too() -> None:
    argv = ("--offline", "--pretty=format", "--print=B", "example.org", "--raw", XML)
    assert run(*argv, "Content-Type:text/xml").text.rstrip() == XML_SHOWN.rstrip()
