"""A run imports only the modules that it uses, so that it starts quickly."""

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
NEEDED_TO_SEND = ("aiohttp", "asyncio", "click")


def test_get_loads_only_the_libraries_it_needs_to_send(server: RawServer) -> None:
    loaded = loaded_by("GET", server.url)
    assert heavy(loaded, LIBRARIES) == list(NEEDED_TO_SEND)
    assert heavy(loaded, ("httpcli.echo", "httpcli.manual", "httpcli.storage.part_file")) == []


def test_get_loads_no_web_modules_beyond_those_of_aiohttp(server: RawServer) -> None:
    more = loaded_by("GET", server.url) - loaded_by_aiohttp()
    assert heavy(frozenset(more), ("email", "html", "http", "urllib", "xml")) == []


@pytest.mark.wide
def test_redirect_loads_the_cookie_jar_only_for_cookies(server: RawServer) -> None:
    cookies = ("httpcli.protocol.cookies", "httpcli.core.session")
    server.answer(response("", "Location: /b", status="302 Found"))
    server.answer(response("", "Set-Cookie: last=1"))
    assert heavy(loaded_by("--follow", server.url), cookies) == []
    server.answer(response("", "Location: /b", "Set-Cookie: a=1", status="302 Found"))
    assert heavy(loaded_by("--follow", server.url), cookies) == list(cookies)


@pytest.mark.wide
@pytest.mark.parametrize(
    ("host", "domain", "loads"),
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
def test_public_suffix_list_is_loaded_only_if_it_can_matter(
    server: RawServer, host: str, domain: str, loads: bool
) -> None:
    server.answer(response("", f"Set-Cookie: a=1; Domain={domain}"))
    route = f"--connect-to=::127.0.0.1:{server.port}"
    loaded = loaded_by(route, "--cookie-jar=jar", f"http://{host}")
    assert (heavy(loaded, ("publicsuffixlist",)) == ["publicsuffixlist"]) is loads


@pytest.mark.wide
def test_session_loads_no_web_modules_beyond_those_of_aiohttp(server: RawServer) -> None:
    server.answer_always(response("", "Set-Cookie: a=1; Domain=127.0.0.1"))
    more = loaded_by("--session=s", server.url) | loaded_by("--cookie-jar=jar", server.url)
    more -= loaded_by_aiohttp()
    assert heavy(frozenset(more), ("aiofiles", "email", "http", "tempfile", "urllib")) == []


@pytest.mark.parametrize(
    "argv",
    [
        pytest.param(("--help",), id="help"),
        pytest.param(("--version",), id="version"),
        pytest.param(("sessions", "list"), id="sessions-list"),
        pytest.param((), id="no-arguments"),
        pytest.param(("--no-such-option",), id="usage-error"),
        pytest.param(("http://localhost/", "a[=1"), id="invalid-item"),
    ],
)
def test_run_without_a_request_loads_no_network(argv: tuple[str, ...]) -> None:
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
def test_offline_run_loads_no_network(argv: tuple[str, ...]) -> None:
    loaded = loaded_by(*argv)
    assert "httpcli.app" in loaded
    assert set(heavy(loaded, LIBRARIES)) <= {"click", "asyncio"}
    assert heavy(loaded, ("httpcli.transport.aiohttp.engine", "httpcli.echo")) == []
