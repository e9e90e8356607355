"""One host has many spellings: a dot at the end, upper case, forms of an IPv6 address.

What is bound to a host (pins, credentials, cookies, addresses, proxies) is bound to all of them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.certificates import CertificateAuthority
from tests.support.http_connection import response
from tests.support.proxy import ProxyServer
from tests.support.run import run_process
from tests.support.servers import RawServer

SPELLINGS = ["good.test.", "GOOD.test", "GOOD.TEST."]


def moved(location: str, *fields: str) -> bytes:
    return response("", f"Location: {location}", *fields, status="302 Found")


@pytest.mark.parametrize(
    ("host", "spelling"),
    [
        *(("good.test", spelling) for spelling in SPELLINGS),
        ("good.test.", "good.test"),
        ("127.0.0.1", "[::ffff:127.0.0.1]"),
        ("127.0.0.1", "[::FFFF:7f00:1]"),
        ("bücher.test", "xn--bcher-kva.test."),
    ],
)
def test_a_pin_holds_for_every_spelling_of_the_host(
    ca: CertificateAuthority, host: str, spelling: str
) -> None:
    names = ["good.test", "xn--bcher-kva.test", "127.0.0.1"]
    with RawServer(ca.for_hosts(*names)) as pinned, RawServer(ca.for_hosts(*names)) as other:
        pin = re.search(r"sha256//\S+", run_process("-k", "--show-cert", pinned.url).text)
        assert pin is not None
        pinned.answer(moved(f"https://{spelling}:{other.port}/"))
        addresses = [
            f"--resolve={name}:{port}:127.0.0.1"
            for port in (pinned.port, other.port)
            for name in ("good.test", "good.test.", "xn--bcher-kva.test", "xn--bcher-kva.test.")
        ]
        result = run_process(
            *("-k", "--follow", "--pin", pin.group(), *addresses, f"https://{host}:{pinned.port}/")
        )
        assert result.status == 14
        assert other.requests == []


@pytest.mark.parametrize("rule", ["GOOD.test.", "good.test"])
@pytest.mark.parametrize("host", ["good.test", *SPELLINGS])
def test_an_address_is_used_for_every_spelling_of_the_host(
    server: RawServer, rule: str, host: str
) -> None:
    url = f"http://{host}:{server.port}/"
    assert run_process(f"--resolve={rule}:{server.port}:127.0.0.1", url).status == 0
    assert run_process(f"--connect-to={rule}:{server.port}:127.0.0.1:", url).status == 0


@pytest.mark.parametrize(
    ("entry", "host"),
    [
        ("good.test.", "good.test"),
        ("good.test", "GOOD.test."),
        (".test.", "good.test"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("127.0.0.0/8", "[::ffff:127.0.0.1]"),
        ("127.0.0.1.", "127.0.0.1"),
        ("bücher.test", "xn--bcher-kva.test"),
    ],
)
def test_no_proxy_applies_to_every_spelling_of_the_host(
    server: RawServer, proxy: ProxyServer, entry: str, host: str
) -> None:
    proxy.may_be_idle()
    addresses = [
        f"--resolve={name}:{server.port}:127.0.0.1" for name in ("good.test", "xn--bcher-kva.test")
    ]
    url = f"http://{host}:{server.port}/"
    env = {"http_proxy": proxy.url, "no_proxy": entry}
    assert run_process(*addresses, url, env=env).status == 0
    assert run_process(*addresses, f"--proxy={proxy.url}", f"--noproxy={entry}", url).status == 0
    proxy.assert_not_called()


@pytest.mark.parametrize("host", ["GOOD.test.", "good.test."])
def test_a_proxy_for_a_host_is_used_for_every_spelling(proxy: ProxyServer, host: str) -> None:
    run_process(f"--proxy=all://{host}:{proxy.url}", "http://good.test:9/", "--max-time=5")
    run_process(f"--proxy=all://good.test:{proxy.url}", f"http://{host}:9/", "--max-time=5")
    assert len(proxy.requests) == 2


@pytest.mark.parametrize(
    ("entry", "host"),
    [
        ("good.test.", "good.test"),
        ("GOOD.test", "good.test."),
        ("::1", "[0:0:0:0:0:0:0:1]"),
        ("[::1]", "[::1]"),
        ("127.0.0.1", "[::ffff:127.0.0.1]"),
        ("bücher.test", "xn--bcher-kva.test"),
    ],
)
def test_a_netrc_entry_is_for_every_spelling_of_its_host(
    tmp_path: Path, entry: str, host: str
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine {entry} login me password hunter2\n")
    netrc.chmod(0o600)
    result = run_process("--offline", f"http://{host}/", env={"NETRC": str(netrc)})
    assert "Authorization: " in result.text


def test_cookies_are_sent_to_every_spelling_of_their_host(server: RawServer) -> None:
    for spelling in SPELLINGS:
        server.answer(moved(f"http://{spelling}:{server.port}/x", "Set-Cookie: a=1"))
        server.answer(moved(f"http://good.test:{server.port}/y"))
    url = f"http://good.test:{server.port}/"
    addresses = [
        f"--resolve={name}:{server.port}:127.0.0.1" for name in ("good.test", "good.test.")
    ]
    assert run_process("--follow", *addresses, url).status == 0
    cookies = [request.header("Cookie") for request in server.requests]
    assert cookies == [None] + ["a=1"] * 6


def test_a_dot_at_the_end_does_not_make_a_cookie_for_a_whole_suffix(server: RawServer) -> None:
    server.answer(
        moved(f"http://bank.co.uk.:{server.port}/", "Set-Cookie: evil=1; Domain=co.uk."),
    )
    addresses = [
        f"--resolve={name}:{server.port}:127.0.0.1" for name in ("evil.co.uk.", "bank.co.uk.")
    ]
    assert run_process("--follow", *addresses, f"http://evil.co.uk.:{server.port}/").status == 0
    assert [request.header("Cookie") for request in server.requests] == [None, None]


def test_a_session_is_the_same_for_every_spelling_of_its_host(
    server: RawServer, tmp_path: Path
) -> None:
    env = {"HTTPCLI_CONFIG_DIR": str(tmp_path)}
    addresses = [
        f"--resolve={name}:{server.port}:127.0.0.1" for name in ("good.test", "good.test.")
    ]
    session = [*addresses, "--session=me"]
    run_process(*session, f"http://good.test:{server.port}/", "X-Token:t", "Cookie:a=1", env=env)
    for spelling in SPELLINGS:
        run_process(*session, f"http://{spelling}:{server.port}/", env=env)
    assert [request.header("X-Token") for request in server.requests] == ["t"] * 4
    assert [request.header("Cookie") for request in server.requests] == ["a=1"] * 4
    assert [path.name for path in (tmp_path / "sessions").iterdir()] == [
        f"good.test_{server.port}"
    ]


def test_a_cookie_jar_is_for_every_spelling_of_its_hosts(
    server: RawServer, tmp_path: Path
) -> None:
    jar = tmp_path / "jar"
    jar.write_text("GOOD.test.\tFALSE\t/\tFALSE\t0\ta\t1\n.com\tTRUE\t/\tFALSE\t0\tevil\t1\n")
    jar.chmod(0o600)
    for host in ("good.test", *SPELLINGS, "shop.com"):
        address = f"--connect-to=::127.0.0.1:{server.port}"
        assert run_process(f"--cookie-jar={jar}", address, f"http://{host}/").status == 0
    cookies = [request.header("Cookie") for request in server.requests]
    assert cookies == ["a=1"] * 4 + [None]


@pytest.mark.parametrize("change", [{"domain": None}, {"domain": ""}, {"domain": "."}, {}])
def test_a_session_cookie_without_a_domain_stays_with_its_host(
    server: RawServer, tmp_path: Path, change: dict[str, str | None]
) -> None:
    session = tmp_path / "session.json"
    cookie = {"name": "sid", "value": "hunter2", "path": "/", "secure": False, **change}
    session.write_text(json.dumps({"cookies": [cookie], "headers": [], "auth": {}}))
    session.chmod(0o600)
    server.answer(moved(f"http://localhost:{server.port}/"))
    result = run_process("--follow", f"--session-read-only={session}", server.url)
    assert result.status == 0
    cookies = [request.header("Cookie") for request in server.requests]
    assert cookies == ["sid=hunter2", None]


@pytest.mark.parametrize(
    "change", [{"domain": 5}, {"domain": ".com"}, {"expires": True}, {"expires": float("nan")}]
)
def test_an_invalid_session_cookie_is_refused_with_a_warning(
    server: RawServer, tmp_path: Path, change: dict[str, object]
) -> None:
    session = tmp_path / "session.json"
    cookie = {"name": "sid", "value": "hunter2", "path": "/", "domain": "", **change}
    session.write_text(json.dumps({"cookies": [cookie]}))
    session.chmod(0o600)
    address = f"--connect-to=::127.0.0.1:{server.port}"
    result = run_process(f"--session-read-only={session}", address, "http://shop.com/")
    assert result.status == 0
    assert "cookie 1 is not used" in result.err
    assert "hunter2" not in result.err
    assert server.request.header("Cookie") is None
