"""Session fixtures that start nginx, tinyproxy, microsocks, httpbin and HTTPie."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.interop.peers import Peer, free_ports, listening
from tests.support.environment import plain_environment
from tests.support.other_programs import IN_CI, require_library, require_program

if TYPE_CHECKING:
    from tests.support.certificates import CertificateAuthority

HTTPIE_VERSION = "3.2.4"
"""The version that the tables of ``differential`` and ``beside`` describe."""

NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    default_type application/octet-stream;
    types {{ text/plain txt; application/json json; text/html html; }}
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    gzip on;
    gzip_min_length 1;
    gzip_types text/plain application/json;
    root {folder}/www;
    server {{ listen 127.0.0.1:{port}; location /moved {{ return 301 /hello.txt; }} }}
    server {{
        listen 127.0.0.1:{tls_port} ssl;
        ssl_certificate {chain};
        ssl_certificate_key {key};
    }}
    server {{
        listen 127.0.0.1:{mutual_port} ssl;
        ssl_certificate {chain};
        ssl_certificate_key {key};
        ssl_verify_client on;
        ssl_client_certificate {ca};
        return 200 "welcome\\n";
    }}
}}
"""

TINYPROXY = """
Port {port}
Listen 127.0.0.1
Timeout 60
LogFile "{folder}/proxy.log"
LogLevel Connect
MaxClients 20
Allow 127.0.0.1
ViaProxyName "tinyproxy"
"""


@pytest.fixture(scope="session")
def nginx_ports() -> tuple[int, int, int]:
    """Choose nginx's ports: HTTP, HTTPS, and HTTPS that requires a client certificate."""
    plain, tls, mutual = free_ports(3)
    return plain, tls, mutual


@pytest.fixture(scope="session")
def nginx(
    tmp_path_factory: pytest.TempPathFactory,
    nginx_ports: tuple[int, int, int],
    ca: CertificateAuthority,
) -> Iterator[Peer]:
    """Run nginx; it serves ``folder/www``, compressed if the client accepts gzip."""
    program = require_program("nginx")
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "www").mkdir()
    chain, key = ca.issue("localhost", "127.0.0.1")
    port, tls_port, mutual_port = nginx_ports
    config = folder / "nginx.conf"
    config.write_text(
        NGINX.format(
            folder=folder,
            port=port,
            tls_port=tls_port,
            mutual_port=mutual_port,
            chain=chain,
            key=key,
            ca=ca.file,
        )
    )
    command = [program, "-p", str(folder), "-c", str(config), "-e", str(folder / "error.log")]
    with listening(command, port, folder / "server.log"):
        yield Peer(port, folder)


@pytest.fixture(scope="session")
def nginx_tls(nginx: Peer, nginx_ports: tuple[int, int, int]) -> str:
    """Return the HTTPS origin of the same nginx."""
    return f"https://localhost:{nginx_ports[1]}" if nginx.port else ""


@pytest.fixture(scope="session")
def nginx_mutual(nginx: Peer, nginx_ports: tuple[int, int, int]) -> str:
    """Return the origin of the same nginx that requires a client certificate."""
    return f"https://localhost:{nginx_ports[2]}" if nginx.port else ""


@pytest.fixture(scope="session")
def tinyproxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """Run a real forward proxy; its log is ``folder/proxy.log``."""
    program = require_program("tinyproxy")
    folder = tmp_path_factory.mktemp("tinyproxy")
    (port,) = free_ports(1)
    config = folder / "tinyproxy.conf"
    config.write_text(TINYPROXY.format(folder=folder, port=port))
    with listening([program, "-d", "-c", str(config)], port, folder / "server.log"):
        yield Peer(port, folder)


@pytest.fixture(scope="session")
def guarded_tinyproxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """Run a real forward proxy with a password (user ann, password secret)."""
    program = require_program("tinyproxy")
    folder = tmp_path_factory.mktemp("guarded_tinyproxy")
    (port,) = free_ports(1)
    config = folder / "tinyproxy.conf"
    config.write_text(TINYPROXY.format(folder=folder, port=port) + "BasicAuth ann secret\n")
    with listening([program, "-d", "-c", str(config)], port, folder / "server.log"):
        yield Peer(port, folder)


@pytest.fixture(scope="session")
def microsocks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """Run a real SOCKS5 proxy with a password (user ann, password secret)."""
    program = require_program("microsocks")
    folder = tmp_path_factory.mktemp("microsocks")
    (port,) = free_ports(1)
    command = [program, "-i", "127.0.0.1", "-p", str(port), "-u", "ann", "-P", "secret"]
    with listening(command, port, folder / "server.log"):
        yield Peer(port, folder)


@pytest.fixture(scope="session")
def httpbin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """Run httpbin, an independent server that returns the request it received."""
    for package in ("gunicorn", "httpbin"):
        require_library(package)
    folder = tmp_path_factory.mktemp("httpbin")
    (port,) = free_ports(1)
    at = ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "4"]
    command = [sys.executable, "-m", "gunicorn", *at, "--chdir", str(folder), "httpbin:app"]
    with listening(command, port, folder / "server.log"):
        yield Peer(port, folder)


@pytest.fixture(scope="session")
def httpie() -> str:
    """Return the path of HTTPie: next to this Python, or else on the PATH."""
    beside = os.path.join(os.path.dirname(sys.executable), "http")
    program = beside if os.access(beside, os.X_OK) else require_program("http")
    found = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    if found.stdout.strip() != HTTPIE_VERSION:
        complain = pytest.fail if IN_CI else pytest.skip
        complain(f"{program} is not HTTPie {HTTPIE_VERSION}: {found.stdout}{found.stderr}")
    return program


@pytest.fixture(scope="session")
def warm_httpie(
    httpie: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, ...]]:
    """Start a preloaded HTTPie; return the command that runs it."""
    python = Path(httpie).read_text("utf-8").partition("\n")[0].removeprefix("#!")
    script = str(Path(__file__).with_name("differential") / "warm_httpie.py")
    env = plain_environment(tmp_path_factory.mktemp("warm_httpie"))
    # Not in tmp_path: the path of a Unix socket must be short.
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "http")
        served = [python, script, path, httpie]
        with subprocess.Popen(served, env=env, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            assert server.stdout.readline() == "ready\n"
            yield (python, "-I", "-S", script, path, "run")
            server.kill()
