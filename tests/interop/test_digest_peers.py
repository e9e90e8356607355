"""Other clients at the digest page of ``echo:``: what lets us in lets them in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from httpcli.echo.server import EchoServer, serve
from tests.support.environment import environment
from tests.support.peers import require

pytestmark = pytest.mark.slow

LET_IN = b'"authenticated": true'


@pytest.fixture
async def echo() -> AsyncIterator[EchoServer]:
    server = await serve()
    yield server
    await server.close()


async def said(*command: str) -> bytes:
    child = await asyncio.create_subprocess_exec(
        *command,
        env=environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await child.communicate()
    return out


@pytest.mark.parametrize("password", ["p w", "wrong"])
@pytest.mark.parametrize(
    "page",
    ["auth", "both", "none", "auth/MD5-sess", "auth/SHA-256", "both/SHA-256-sess"],
)
async def test_curl(echo: EchoServer, page: str, password: str) -> None:
    qop, _, algorithm = page.partition("/")
    url = f"http://{echo.host}:{echo.port}/digest-auth/{qop}/me/p%20w"
    url += f"/{algorithm}?a=%20" if algorithm else ""
    curl = require("curl")
    out = await said(curl, "-s", "--digest", "--user", f"me:{password}", "--data", "a=b", url)
    assert (LET_IN in out) is (password == "p w")


@pytest.mark.parametrize("password", ["p w", "wrong"])
@pytest.mark.parametrize("page", ["auth", "both", "none", "auth/MD5-sess", "auth/SHA-512"])
async def test_httpie(echo: EchoServer, httpie: str, page: str, password: str) -> None:
    qop, _, algorithm = page.partition("/")
    url = f"http://{echo.host}:{echo.port}/digest-auth/{qop}/me/p%20w"
    url += f"/{algorithm}?a=%20" if algorithm else ""
    out = await said(httpie, "--ignore-stdin", "-A", "digest", "-a", f"me:{password}", url, "a=b")
    assert (LET_IN in out) is (password == "p w")
