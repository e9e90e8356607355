"""The servers of the benchmarks: nginx for files, and a server that reads uploads."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CONFIG = """
daemon off; worker_processes 2; pid {run}/pid; error_log {run}/errors crit;
events {{ worker_connections 1024; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
    client_body_temp_path {run}/b; proxy_temp_path {run}/p; fastcgi_temp_path {run}/f;
    uwsgi_temp_path {run}/u; scgi_temp_path {run}/s;
    server {{
        listen 127.0.0.1:{port}; root {root};
        location /slow/ {{ alias {root}/; limit_rate {rate}; }}
    }}
}}
"""

_UPLOAD_SERVER = """
import socket, sys, threading
listener = socket.create_server(("127.0.0.1", 0), backlog=64)
print(listener.getsockname()[1], flush=True)
def serve(connection):
    buffer = memoryview(bytearray(1 << 20))
    data = b""
    while b"\\r\\n\\r\\n" not in data:
        data += connection.recv(65536)
    head, _, rest = data.partition(b"\\r\\n\\r\\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\\r\\n")[1:])
    if b"expect" in fields:
        connection.sendall(b"HTTP/1.1 100 Continue\\r\\n\\r\\n")
    if b"content-length" in fields:
        left = int(fields[b"content-length"]) - len(rest)
        while left > 0:
            left -= connection.recv_into(buffer)
    else:
        tail = rest[-5:]
        while tail != b"0\\r\\n\\r\\n":
            read = connection.recv_into(buffer)
            if not read:
                break
            tail = (tail + bytes(buffer[max(0, read - 5) : read]))[-5:]
    connection.sendall(b"HTTP/1.1 204 No Content\\r\\nConnection: close\\r\\n\\r\\n")
    connection.close()
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
"""


@contextmanager
def file_server(root: Path, rate: str = "4m") -> Iterator[str | None]:
    """Serve a folder with nginx; yield its URL, or None if nginx is missing.

    Below ``/slow/`` each connection is limited to ``rate`` bytes a second.
    """
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if nginx is None:
        yield None
        return
    port = _free_port()
    with tempfile.TemporaryDirectory() as run:
        config = Path(run, "conf")
        config.write_text(_CONFIG.format(run=run, port=port, root=root, rate=rate))
        with subprocess.Popen([nginx, "-c", str(config), "-e", f"{run}/errors"]) as child:
            try:
                _wait_until_listening(port)
                yield f"http://127.0.0.1:{port}"
            finally:
                child.terminate()


@contextmanager
def upload_server() -> Iterator[str]:
    """Run a server that reads the whole body before it responds; yield its URL."""
    with subprocess.Popen([sys.executable, "-c", _UPLOAD_SERVER], stdout=subprocess.PIPE) as child:
        try:
            port = child.stdout.readline().decode().strip() if child.stdout else ""
            yield f"http://127.0.0.1:{port}/"
        finally:
            child.kill()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _wait_until_listening(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.05).close()
        except OSError:
            continue
        return
    raise RuntimeError("nginx does not listen")
