"""curl and HTTPie can authenticate at the digest page of ``echo:``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from httpcli.echo.server import EchoServer, serve
from tests.support.environment import current_environment
from tests.support.other_programs import require_program

pytestmark = pytest.mark.slow

ADMITTED = b'"authenticated": true'


@pytest.fixture
async def echo() -> AsyncIterator[EchoServer]:
    server = await serve()
    yield server
    await server.close()


async def output_of(*command: str) -> bytes:
    child = await asyncio.create_subprocess_exec(
        *command,
        env=current_environment(),
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
async def test_curl_is_admitted_only_with_the_right_password(
    echo: EchoServer, page: str, password: str
) -> None:
    qop, _, algorithm = page.partition("/")
    url = f"http://{echo.host}:{echo.port}/digest-auth/{qop}/me/p%20w"
    url += f"/{algorithm}?a=%20" if algorithm else ""
    curl = require_program("curl")
    out = await output_of(curl, "-s", "--digest", "--user", f"me:{password}", "--data", "a=b", url)
    assert (ADMITTED in out) is (password == "p w")


@pytest.mark.parametrize("password", ["p w", "wrong"])
@pytest.mark.parametrize("page", ["auth", "both", "none", "auth/MD5-sess", "auth/SHA-512"])
async def test_httpie_is_admitted_only_with_the_right_password(
    echo: EchoServer, httpie: str, page: str, password: str
) -> None:
    qop, _, algorithm = page.partition("/")
    url = f"http://{echo.host}:{echo.port}/digest-auth/{qop}/me/p%20w"
    url += f"/{algorithm}?a=%20" if algorithm else ""
    out = await output_of(
        httpie, "--ignore-stdin", "-A", "digest", "-a", f"me:{password}", url, "a=b"
    )
    assert (ADMITTED in out) is (password == "p w")
