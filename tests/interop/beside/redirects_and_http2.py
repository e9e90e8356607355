"""Checks of redirects, links and HTTP/2."""

from __future__ import annotations

from tests.interop.beside.runner import Runner
from tests.interop.peers import free_ports, listening
from tests.support.http_connection import response
from tests.support.other_programs import require_program
from tests.support.servers import RawServer

_NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} http2;
        default_type text/plain;
        return 200 "over $server_protocol\\n";
    }}
}}
"""


def drops_credentials_on_redirect(runner: Runner) -> bool | None:
    """Check whether the secret is not sent to another host after a redirect."""
    with RawServer() as first, RawServer(host="127.0.0.2") as other:
        first.answer_always(response("", f"Location: {other.url}/f", status="302 Found"))
        runner.run(url=f"{first.url}/f")
    assert b"s3cret" in first.request.head
    return b"s3cret" not in other.request.head


def follows_links(runner: Runner) -> bool | None:
    """Check whether a linked page is fetched too."""
    page = response('<a href="/next">on</a>', "Content-Type: text/html")
    with RawServer().answer_always(page) as server:
        runner.run(url=f"{server.url}/")
    return "/next" in {request.target for request in server.requests}


def supports_http2(runner: Runner) -> bool | None:
    """Check whether a request to a server with only HTTP/2 (without TLS) succeeds."""
    (port,) = free_ports(1)
    config = runner.folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=runner.folder, port=port))
    command = [
        require_program("nginx"),
        "-p",
        str(runner.folder),
        "-c",
        str(config),
        "-e",
        "stderr",
    ]
    with listening(command, port, runner.folder / "server.log"):
        return b"over HTTP/2.0" in runner.run(url=f"http://127.0.0.1:{port}/").out
