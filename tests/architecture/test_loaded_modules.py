"""Start-up is a feature: what a run does not use, it does not load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.architecture.loaded import heavy, loaded_by, loaded_by_aiohttp
from tests.support.http_connection import response

if TYPE_CHECKING:
    from tests.support.servers import RawServer

LIBRARIES = (
    "aiodns",
    "aiofiles",
    "aiohttp",
    "aiohttp.web",
    "asyncio",
    "backports.zstd",
    "brotli",
    "brotlicffi",
    "click",
    "compression.zstd",
    "importlib.metadata",
    "publicsuffixlist",
    "pydoc",
    "pygments",
    "rich",
    "unittest",
)
OF_A_SENDING_RUN = ("aiohttp", "asyncio", "click")


def test_a_get_into_a_pipe_loads_what_it_sends_with(server: RawServer) -> None:
    loaded = loaded_by("GET", server.url)
    assert heavy(loaded, LIBRARIES) == list(OF_A_SENDING_RUN)
    assert heavy(loaded, ("httpcli.echo", "httpcli.manual", "httpcli.storage.part_file")) == []


def test_a_get_loads_no_mail_and_no_web_beyond_aiohttps_own(server: RawServer) -> None:
    more = loaded_by("GET", server.url) - loaded_by_aiohttp()
    assert heavy(frozenset(more), ("email", "html", "http", "urllib", "xml")) == []


@pytest.mark.wide
def test_following_loads_no_jar_without_cookies_for_a_later_hop(server: RawServer) -> None:
    cookies = ("httpcli.protocol.cookies", "httpcli.protocol.cookies", "httpcli.core.session")
    server.answer(response("", "Location: /b", status="302 Found"))
    server.answer(response("", "Set-Cookie: last=1"))
    assert heavy(loaded_by("--follow", server.url), cookies) == []
    server.answer(response("", "Location: /b", "Set-Cookie: a=1", status="302 Found"))
    assert heavy(loaded_by("--follow", server.url), cookies) == list(cookies)


@pytest.mark.wide
@pytest.mark.parametrize(
    ("host", "domain", "asked"),
    [
        ("www.example.com", "example.com", True),
        ("www.example.com", "example.org", False),
        ("www.example.com", "com", False),
        ("www.example.com", "", False),
        ("127.0.0.1", "127.0.0.1", False),
        ("127.0.0.1", "0.0.1", False),
        ("localhost", "localhost", False),
    ],
)
def test_the_list_of_public_suffixes_is_loaded_where_it_can_say_something(
    server: RawServer, host: str, domain: str, asked: bool
) -> None:
    server.answer(response("", f"Set-Cookie: a=1; Domain={domain}"))
    way = f"--connect-to=::127.0.0.1:{server.port}"
    loaded = loaded_by(way, "--cookie-jar=jar", f"http://{host}")
    assert (heavy(loaded, ("publicsuffixlist",)) == ["publicsuffixlist"]) is asked


@pytest.mark.wide
def test_a_session_loads_no_mail_and_no_web_beyond_aiohttps_own(server: RawServer) -> None:
    server.answer_always(response("", "Set-Cookie: a=1; Domain=127.0.0.1"))
    more = loaded_by("--session=s", server.url) | loaded_by("--cookie-jar=jar", server.url)
    more -= loaded_by_aiohttp()
    assert heavy(frozenset(more), ("aiofiles", "email", "http", "tempfile", "urllib")) == []


@pytest.mark.parametrize(
    "argv",
    [
        pytest.param(("--help",), id="help"),
        pytest.param(("--version",), id="version"),
        pytest.param(("sessions", "list"), id="a list of sessions"),
        pytest.param((), id="nothing said"),
        pytest.param(("--no-such-option",), id="a usage error"),
        pytest.param(("http://localhost/", "a[=1"), id="a wrong item"),
    ],
)
def test_a_run_that_sends_nothing_loads_no_network(argv: tuple[str, ...]) -> None:
    loaded = loaded_by(*argv)
    assert "httpcli.app" in loaded
    assert set(heavy(loaded, LIBRARIES)) <= {"click"}


@pytest.mark.parametrize(
    "argv",
    [
        pytest.param(("--offline", "example.org", "a=1"), id="json"),
        pytest.param(("--offline", "--pretty=none", "example.org"), id="plain"),
    ],
)
def test_an_offline_run_loads_no_network(argv: tuple[str, ...]) -> None:
    loaded = loaded_by(*argv)
    assert "httpcli.app" in loaded
    assert set(heavy(loaded, LIBRARIES)) <= {"click", "asyncio"}
    assert heavy(loaded, ("httpcli.transport.aiohttp.engine", "httpcli.echo")) == []
