"""The digest page, tested with aiohttp's digest client, an independent RFC 7616 client."""

from __future__ import annotations

import aiohttp
import pytest

from httpcli.echo.server import EchoServer


async def post_status(echo: EchoServer, path: str, password: str, data: bytes = b"x") -> int:
    digest = aiohttp.DigestAuthMiddleware("me", password)
    url = f"http://{echo.host}:{echo.port}{path}"
    async with (
        aiohttp.ClientSession(middlewares=[digest]) as session,
        session.post(url, data=data) as response,
    ):
        assert (await response.json())["authenticated"] is (response.status == 200)
        return response.status


@pytest.mark.parametrize(
    "page",
    [
        *(f"{qop}/me/pw" for qop in ("auth", "auth-int", "both", "none")),
        *(f"none/me/pw/{algorithm}" for algorithm in ("MD5", "SHA-256", "SHA-512")),
        *(f"auth/me/pw/{algorithm}" for algorithm in ("MD5-sess", "SHA-256", "SHA-512-sess")),
        *(f"auth-int/me/pw/{algorithm}" for algorithm in ("MD5", "SHA-256-sess")),
    ],
)
@pytest.mark.parametrize(("password", "status"), [("pw", 200), ("wrong", 401)])
async def test_aiohttp_client_is_admitted_only_with_the_right_password(
    echo: EchoServer, page: str, password: str, status: int
) -> None:
    assert await post_status(echo, f"/digest-auth/{page}?a=%20", password) == status


async def test_challenge_names_qop_and_algorithm(client: aiohttp.ClientSession) -> None:
    async with client.get("/digest-auth/auth/me/pw/SHA-256") as response:
        challenge = response.headers["WWW-Authenticate"]
    assert challenge.startswith("Digest ")
    assert 'qop="auth"' in challenge
    assert "algorithm=SHA-256" in challenge


async def test_unknown_algorithm_is_400(client: aiohttp.ClientSession) -> None:
    async with client.get("/digest-auth/auth/me/pw/SHA3") as response:
        assert response.status == 400
        assert "one of MD5, SHA-256" in await response.text()


@pytest.mark.parametrize(
    "authorization", ["", "Basic x", "Digest", 'Digest a=b, =, "', "Digest x", "Digest qop=auth"]
)
async def test_invalid_authorization_is_401(
    client: aiohttp.ClientSession, authorization: str
) -> None:
    headers = {"Authorization": authorization}
    async with client.get("/digest-auth/auth/me/pw", headers=headers) as response:
        assert response.status == 401
