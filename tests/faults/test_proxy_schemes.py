"""The schemes of proxies: SOCKS by its short name, and unknown ones."""

from __future__ import annotations

import pytest

from tests.support.run import run_process
from tests.support.servers import RawServer
from tests.support.socks import SocksProxy


@pytest.mark.parametrize(
    ("variable", "scheme"),
    [
        ("all_proxy", "socks"),
        pytest.param("http_proxy", "SOCKS", marks=pytest.mark.wide),
        pytest.param("ALL_PROXY", "socks", marks=pytest.mark.wide),
        pytest.param("", "socks", marks=pytest.mark.wide),
    ],
)
def test_socks_is_socks5(server: RawServer, variable: str, scheme: str) -> None:
    with SocksProxy() as socks:
        proxy = f"{scheme}://{socks.address}"
        if variable:
            result = run_process(server.url, env={variable: proxy})
        else:
            result = run_process(f"--proxy={proxy}", server.url)
    assert result.status == 0
    assert len(server.requests) == 1


@pytest.mark.wide
@pytest.mark.parametrize("scheme", ["sock5", "socks5a", "ftp"])
def test_an_unknown_scheme_in_the_environment_names_the_known_ones(scheme: str) -> None:
    result = run_process("http://h.test/", env={"all_proxy": f"{scheme}://127.0.0.1:9"})
    assert result.status == 15
    assert f"all_proxy: {scheme} proxies are not supported" in result.err
    assert "http, https, socks4, socks4a, socks5, socks5h" in result.err
