"""Judges of where a request goes, and what goes with it."""

from __future__ import annotations

from tests.interop.beside.seat import Seat
from tests.interop.peers import free_ports, listening
from tests.support.peers import require
from tests.support.servers import RawServer
from tests.support.wire import response

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


def keeps_the_secret(seat: Seat) -> bool | None:
    """Ask whether another host, to which a redirect leads, gets the secret."""
    with RawServer() as first, RawServer(host="127.0.0.2") as other:
        first.always(response("", f"Location: {other.url}/f", status="302 Found"))
        seat.run(url=f"{first.url}/f")
    assert b"s3cret" in first.request.head
    return b"s3cret" not in other.request.head


def follows_links(seat: Seat) -> bool | None:
    """Ask whether the page that a page links to is fetched, too."""
    page = response('<a href="/next">on</a>', "Content-Type: text/html")
    with RawServer().always(page) as server:
        seat.run(url=f"{server.url}/")
    return "/next" in {request.target for request in server.requests}


def speaks_http2(seat: Seat) -> bool | None:
    """Ask whether a server that takes nothing but HTTP/2 (without TLS) answers."""
    (port,) = free_ports(1)
    config = seat.folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=seat.folder, port=port))
    command = [require("nginx"), "-p", str(seat.folder), "-c", str(config), "-e", "stderr"]
    with listening(command, port, seat.folder / "said.log"):
        return b"over HTTP/2.0" in seat.run(url=f"http://127.0.0.1:{port}/").out
