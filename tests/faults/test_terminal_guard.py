"""Nothing that a server or a file contains controls the terminal, whichever part prints it.

Each test plants ``HOSTILE`` text in one place, runs the program on a terminal, and examines every
byte that the terminal got.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.environment import ROOT
from tests.support.http_connection import ClientConnection, Step, response, wait_for_event
from tests.support.proxy import ProxyServer
from tests.support.servers import RawServer
from tests.support.terminal import Terminal
from tests.support.terminal_bytes import (
    COLOUR,
    HOSTILE,
    HOSTILE_BYTES,
    HOSTILE_LINE,
    INVISIBLE,
    MARK,
    SEQUENCES,
    violations,
)
from tests.support.websocket import TEXT, FrameServer, close_frame, frame

LINE = HOSTILE_LINE.encode() + b"\x9b2J\xff"
"""For a header."""


def on_terminal(
    *argv: str,
    env: Mapping[str, str | None] | None = None,
    cwd: str | os.PathLike[str] | None = None,
    redraws: bool = False,
    edits: bool = False,
) -> bytes:
    """Run on a terminal; return what it got, which must show the mark and control nothing."""
    with Terminal(*argv, env=env, cwd=cwd) as screen:
        screen.wait()
    assert not violations(screen.raw, redraws=redraws, edits=edits), screen.raw
    assert MARK.encode() in screen.raw, screen.raw
    assert COLOUR.encode() not in screen.raw, screen.raw
    return screen.raw


def hostile_response(
    body: bytes = HOSTILE_BYTES, media: str = "text/plain", status: str = "200"
) -> bytes:
    """Return a response that is hostile in every part."""
    return b"".join(
        (
            f"HTTP/1.1 {status} ".encode() + LINE + b"\r\n",
            f"Content-Type: {media}\r\nContent-Length: {len(body)}\r\n".encode(),
            b"X-Hostile: " + LINE + b"\r\n",
            b"Set-Cookie: " + HOSTILE_LINE.replace(";", "").encode() + b"=" + LINE + b"\r\n",
            b"WWW-Authenticate: Basic realm=" + LINE + b"\r\n",
            b"Server: " + LINE + b"\r\n\r\n",
            body,
        )
    )


def chunked(body: bytes, size: int = 1) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return chunks + b"0\r\nX-Trailer: " + LINE + b"\r\n\r\n"


def hold_connection(connection: ClientConnection) -> None:
    """Send nothing more until the test ends (a step)."""
    connection.stopping.wait()


DISPLAYS = {
    "plain": (),
    "verbose": ("-v",),
    "all": ("-vv", "--all"),
    "meta": ("--print=HBhbm",),
    "uncoloured": ("--pretty=none",),
    "coloured": ("--pretty=colors",),
    "formatted": ("--pretty=format",),
    "style": ("--style=monokai", "--pretty=all"),
    "stream": ("--stream",),
    "debug": ("--debug",),
    "check-status": ("-v", "--check-status"),
    "timings": ("-v", "--timings"),
    "hash": ("-v", "--hash=sha256"),
    "json": ("--report=json=-",),
    "jsonl": ("--report=jsonl=-",),
    "har": ("--report=har=-",),
    "junit": ("-v", "--report=junit=-"),
    "curl": ("-v", "--report=curl=-"),
    "expect-body": ("--expect=body == x",),
    "expect-header": ("--expect=header.X-Hostile == x",),
    "write-out-header": ("-q", "-w", "%header{x-hostile}"),
    "write-out-all": ("-q", "-w", "%{header_json}%{stderr}%header{server}"),
    "raw-head": ("-h", "--terminal=raw"),
    "raw-write-out": ("-h", "--terminal=raw", "-w", "%header{x-hostile}"),
    "raw-report": ("-h", "--terminal=raw", "--report=json=-"),
    "output-stdout": ("-o", "/dev/stdout"),
    "output-stderr": ("-o", "/dev/stderr"),
    "output-dash": ("-o", "-"),
    "output-tty": ("-o", "/dev/tty"),
    "tee-tty": ("-h", "--tee=/dev/tty"),
    "tee-stderr": ("-h", "--tee=/dev/stderr"),
    "report-tty": ("-h", "--report=json=/dev/tty"),
    "report-lines-tty": ("-h", "--report=jsonl=/dev/tty"),
    "download-dash": ("-d", "-o", "-"),
    "download-stdout": ("-d", "-o", "/dev/stdout"),
    "download-verbose": ("-d", "-v", "-o", "f"),
}


@pytest.mark.wide
@pytest.mark.parametrize("status", ["200", "404", "401"])
@pytest.mark.parametrize("options", DISPLAYS.values(), ids=DISPLAYS)
def test_every_output_escapes_a_hostile_response(
    options: tuple[str, ...], status: str, tmp_path: Path
) -> None:
    with RawServer() as server:
        server.answer_always(hostile_response(status=status))
        on_terminal(*options, server.url, cwd=tmp_path, redraws=True)


BODIES = {
    "text/plain": HOSTILE_BYTES,
    "text/plain; charset=iso-8859-1": HOSTILE_BYTES,
    "text/plain; charset=windows-1252": HOSTILE_BYTES,
    "text/plain; charset=utf-16": HOSTILE.encode("utf-16"),
    "text/plain; charset=utf-7": HOSTILE.encode("utf-7"),
    "text/plain; charset=iso-2022-jp": b"\x1b$B\x1b(B" + HOSTILE_BYTES,
    "text/plain; charset=koi8-r": HOSTILE_BYTES,
    "text/html": b"<p title='" + HOSTILE_BYTES + b"'>" + HOSTILE_BYTES,
    "text/css": b"a { b: '" + HOSTILE_BYTES + b"' }",
    "text/javascript": b"x = '" + HOSTILE_BYTES + b"'",
    "text/markdown": b"# " + HOSTILE_BYTES,
    "application/xml": b"<a b='&#x202e;'>" + HOSTILE_BYTES + b"</a>",
    "application/json": json.dumps({HOSTILE: [HOSTILE]}, ensure_ascii=False).encode(),
    "application/problem+json": json.dumps({HOSTILE: HOSTILE}).encode(),
    "application/x-ndjson": json.dumps(HOSTILE).encode() + b"\n" + HOSTILE_BYTES + b"\n",
    "application/json-seq": b"\x1e" + json.dumps(HOSTILE).encode() + b"\n",
    "application/x-www-form-urlencoded": b"a=" + HOSTILE_BYTES + b"&" + HOSTILE_BYTES,
    "text/event-stream": b"data: " + HOSTILE_BYTES + b"\nid: " + HOSTILE_BYTES + b"\n\n",
    "application/octet-stream": HOSTILE_BYTES,
    "": HOSTILE_BYTES,
}


@pytest.mark.wide
@pytest.mark.parametrize(
    "options",
    [(), ("--pretty=none",), ("--style=pie",), ("--stream",), ("--events=json",)],
    ids=["all", "none", "style", "stream", "events"],
)
@pytest.mark.parametrize("media", BODIES)
def test_body_of_every_type_is_escaped(media: str, options: tuple[str, ...]) -> None:
    with RawServer() as server:
        server.answer_always(hostile_response(BODIES[media], media))
        on_terminal(*options, server.url)


@pytest.mark.parametrize("media", ["text/plain", "application/json", "text/event-stream"])
def test_sequence_that_is_cut_between_chunks_is_escaped(media: str) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nTransfer-Encoding: chunked\r\n\r\n"
    with RawServer() as server:
        server.answer_always(head.encode() + chunked(BODIES[media]))
        on_terminal("--stream", server.url)


@pytest.mark.parametrize("sequence", SEQUENCES, ids=ascii)
def test_body_may_colour_but_not_hide_text(sequence: str) -> None:
    with RawServer() as server:
        server.answer_always(response(f"{sequence}{MARK}", "Content-Type: text/plain"))
        shown = on_terminal("-b", server.url)
    assert rb"\x1b" in shown


@pytest.mark.parametrize(
    "colours",
    [
        "\x1b[31mred\x1b[0m",
        "\x1b[1;97;41mred",
        "\x1b[38;5;196m\x1b[48;5;16mred",
        "\x1b[38;2;255;0;0;48;2;0;0;0mred",
        "\x1b[30mred\x1b[39;40mred",
    ],
    ids=ascii,
)
def test_colours_and_bold_of_a_body_pass(colours: str) -> None:
    with RawServer() as server:
        server.answer_always(response(colours + MARK, "Content-Type: text/plain"))
        assert colours.encode() in on_terminal("-b", server.url)


@pytest.mark.parametrize(
    "hidden",
    [
        "\x1b[30;40m",
        "\x1b[40m\x1b[30m",
        "\x1b[40mtext\x1b[31m\x1b[30m",
        "\x1b[97;107m",
        "\x1b[1;30;100m",
        "\x1b[38;5;16m\x1b[48;2;0;0;0m",
        "\x1b[38;2;20;20;20;48;2;0;0;0m",
        "\x1b[;31;41m",
        "\x1b[031;041m",
    ],
    ids=ascii,
)
def test_body_may_not_print_text_in_the_colour_of_its_background(hidden: str) -> None:
    with RawServer() as server:
        server.answer_always(response(hidden + MARK, "Content-Type: text/plain"))
        shown = on_terminal("-b", server.url)
    assert rb"\x1b[" in shown


@pytest.mark.parametrize(
    "sequence",
    [
        f"\x1b[30;{'1;' * 60}1m",
        f"\x1b[30;{'1;' * 20}39m",
        f"\x1b[{'1;' * 40}30m",
        "\x1b[38;2;256;256;256m",
        "\x1b[38;5;300m",
    ],
    ids=["long", "many parameters", "long before", "large rgb", "large number"],
)
def test_colour_that_is_not_understood_does_not_pass(sequence: str) -> None:
    """Else the next piece could set the same colour for the background."""
    with RawServer() as server:
        body = (f"{MARK}{sequence}text\n", "\x1b[40mhidden\n")
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
        server.answer(head, *(piece.encode() for piece in body), ClientConnection.close)
        shown = on_terminal("-b", "--stream", server.url)
    assert rb"shown\x1b[" in shown


@pytest.mark.parametrize("character", INVISIBLE, ids=lambda each: f"{ord(each):04x}")
def test_invisible_character_of_a_body_is_shown(character: str) -> None:
    with RawServer() as server:
        server.answer_always(response(f"a{character}b {MARK}", "Content-Type: text/plain"))
        on_terminal("-b", server.url)


@pytest.mark.parametrize(
    "text",
    [
        "नमस्ते क्\u200dष",
        "\u0645\u06cc\u200c\u062e\u0648",
        "👩\u200d🚀 👨\u200d👩\u200d👧 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3 ©\ufe0f",
        "葛\U000e0100城",
        "\u28ff\u2800\u28ff",
        "日本語 Ελληνικά עברית العربية ไทย é e\u0301",
    ],
)
def test_text_of_every_script_passes_unchanged(text: str) -> None:
    with RawServer() as server:
        server.answer_always(response(f"{text}\n", "Content-Type: text/plain; charset=utf-8"))
        with Terminal("-b", server.url) as screen:
            assert screen.wait() == 0
    assert screen.text.strip() == text


def test_joiners_are_escaped_in_headers() -> None:
    with RawServer() as server:
        server.answer_always(response("", "X-Name: पे\u200dपर👩\u200d🚀"))
        with Terminal("-h", server.url) as screen:
            assert screen.wait() == 0
    assert "\u200d" not in screen.text
    assert r"पे\u200dपर" in screen.text


def test_end_of_a_body_on_the_device_of_the_terminal_is_shown_and_colours_are_reset() -> None:
    with RawServer() as server:
        server.answer_always(response(b"\x1b[31mred \xe2\x82", "Content-Type: text/plain"))
        with Terminal("-o", "/dev/tty", server.url) as screen:
            assert screen.wait() == 0
    assert screen.raw.endswith(rb"red \xe2\x82" + b"\x1b[0m")


def test_byte_order_mark_before_a_body_is_not_shown() -> None:
    with RawServer() as server:
        server.answer_always(response("\ufeffshown", "Content-Type: text/plain; charset=utf-8"))
        with Terminal("-b", server.url) as screen:
            assert screen.wait() == 0
    assert screen.text.strip() == "shown"


# Errors


def transfer_encoding(connection: ClientConnection) -> None:
    connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + LINE + b"\r\n\r\n")
    connection.close()


FAULTY: dict[str, Step] = {
    "transfer encoding": transfer_encoding,
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: " + LINE + b"\r\n\r\n",
    "header name": b"HTTP/1.1 200 OK\r\n" + LINE + b"\r\n\r\n",
    "status line": b"HTTP/1.1 " + LINE + b"\r\n\r\n",
    "version": b"HTTP/" + LINE + b" 200 OK\r\n\r\n",
    "no HTTP": LINE + b"\r\n\r\n",
    "coding": b"HTTP/1.1 200 OK\r\nContent-Encoding: " + LINE + b"\r\n\r\n",
    "chunk size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + LINE + b"\r\n",
    "location": b"HTTP/1.1 302 Found\r\nLocation: http://" + LINE + b"/\r\n\r\n",
    "location path": b"HTTP/1.1 302 Found\r\nLocation: /"
    + LINE
    + b"\r\nContent-Length: 0\r\n\r\n",
    "location scheme": b"HTTP/1.1 302 Found\r\nLocation: " + LINE + b":x\r\n\r\n",
    "digest algorithm": (
        b"HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=r, nonce=n, algorithm="
        + HOSTILE_LINE.replace(";", "").replace(",", "").encode()
        + b"\r\nContent-Length: 0\r\n\r\n"
    ),
    "digest realm": (
        b'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="'
        + LINE.replace(b"\\", b"")
        + b'", qop="'
        + LINE.replace(b"\\", b"")
        + b'"\r\nContent-Length: 0\r\n\r\n'
    ),
    "event stream": (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: " + HOSTILE_BYTES
    ),
}


@pytest.mark.wide
@pytest.mark.parametrize(
    "options", [("--traceback",), ("--debug",), ("-v",)], ids=["traceback", "debug", "verbose"]
)
@pytest.mark.parametrize("fault", FAULTY.values(), ids=FAULTY)
def test_error_and_its_traceback_are_escaped(fault: Step, options: tuple[str, ...]) -> None:
    def close(connection: ClientConnection) -> None:
        connection.close()

    with RawServer() as server, server.may_be_idle():
        server.answer_always(fault, close)
        argv = (*options, "-F", "-a", "u:p", "-A", "digest", "--max-redirects=2", server.url)
        with Terminal(*argv) as screen:
            screen.wait()
    assert not violations(screen.raw), screen.raw
    assert COLOUR.encode() not in screen.raw, screen.raw


def test_traceback_in_a_pipe_is_not_changed() -> None:
    from tests.support.run import run_process

    with RawServer() as server:
        server.answer_always(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: \x1b]0;t\x07\r\n\r\n")
        result = run_process("--traceback", server.url)
    assert "\x1b]0;t\x07" in result.err


@pytest.mark.parametrize("options", [(), ("--traceback",), ("--debug",), ("-v",)], ids=str)
def test_websocket_close_reason_and_messages_are_escaped(options: tuple[str, ...]) -> None:
    reason = f"{MARK}\x1b[2J\x9b2J\u202e\u200e\x1b[8m\U000e0041"
    with FrameServer(frame(TEXT, HOSTILE), close_frame(1011, reason)) as server:
        on_terminal(*options, server.websocket_url, edits=True)


@pytest.mark.parametrize("options", [(), ("--traceback",), ("--debug",)], ids=str)
def test_websocket_subprotocol_is_escaped(options: tuple[str, ...]) -> None:
    protocol = HOSTILE_LINE.replace(",", "")
    headers = {"Sec-WebSocket-Protocol": protocol, "Sec-WebSocket-Extensions": protocol}
    with FrameServer(response_headers=headers) as server:
        on_terminal(*options, "-v", "--subprotocol=chat", server.websocket_url, edits=True)


def test_websocket_message_may_not_end_the_line_of_another() -> None:
    with FrameServer(frame(TEXT, f"a\r{MARK}\r\x1b[Ab\x85c\u2028d"), close_frame()) as server:
        on_terminal("--ws-wait=1", server.websocket_url, edits=True)


def test_pasted_text_is_escaped_in_the_line_editor() -> None:
    from tests.support.other_programs import require_library

    require_library("prompt_toolkit")
    with FrameServer() as server:
        server.steps = (server.read_frame_step,)
        with Terminal("-b", server.websocket_url) as screen:
            screen.read_until(">")
            screen.type(f"\x1b[200~a\u202e\u200b\u3164\x9b2J\U000e0041{MARK}\x1b[201~")
            screen.read_until(MARK)
            screen.type("\n")
            server.wait_for_requests()
            screen.type("\x04")
            screen.wait()
    assert not violations(screen.raw, edits=True), screen.raw
    assert server.frames[0].payload.startswith("a\u202e".encode())


def test_certificate_names_are_escaped(tmp_path: Path) -> None:
    import ssl

    from tests.support.certificates import CertificateAuthority

    authority = CertificateAuthority(tmp_path)
    name = f"{MARK}\x1b[2J\x9b2J\u202e\u200e\u3164\x1b[8m"
    chain, key = authority.issue_with_common_name(name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    for options in (
        ("--show-cert", f"--verify={authority.file}"),
        ("--show-cert",),
        ("-vv", f"--verify={authority.file}"),
        ("--traceback", "-vv", "-k"),
    ):
        with RawServer(tls=context) as server:
            on_terminal(*options, server.url.replace("127.0.0.1", "localhost"))


# What the user or a file names


@pytest.mark.parametrize(
    "argv",
    [
        ("http://127.0.0.1:9/{}",),
        ("http://{}/",),
        ("--offline", "-v", "http://h/", "X-A:{}", "a={}", "b=={}"),
        ("--offline", "-v", "--form", "http://h/", "a={}"),
        ("--offline", "-v", "--raw={}", "http://h/"),
        ("--print-curl", "http://h/", "X-A:{}", "a={}"),
        ("--print-curl", "--raw={}", "http://h/"),
        ("--{}", "http://h/"),
        ("http://h/", "{}"),
        ("http://h/", "a@{}"),
        ("--session={}", "http://127.0.0.1:9/"),
        ("--verify={}", "https://127.0.0.1:9/"),
        ("--cert={}", "https://127.0.0.1:9/"),
        ("--proxy=http://{}", "http://127.0.0.1:9/"),
        ("--style={}", "http://h/"),
        ("-o", "no/{}", "http://127.0.0.1:9/"),
        ("--debug", "http://127.0.0.1:9/{}"),
        ("--traceback", "http://127.0.0.1:9/{}"),
        ("-w", "{}", "http://127.0.0.1:9/"),
        ("--expect={}", "http://h/"),
        ("--select={}", "http://h/"),
        ("help", "{}"),
        ("--help", "{}"),
        ("download", "http://127.0.0.1:9/{}", "http://127.0.0.1:9/b{}"),
        ("sessions", "show", "{}"),
        ("config", "{}"),
        ("echo", "--host={}"),
        ("@{}",),
        ("--batch", "{}"),
        ("--resolve=a:1:{}", "http://h/"),
        ("--auth-type={}", "-a", "u:p", "http://h/"),
    ],
    ids=str,
)
def test_text_on_the_command_line_is_escaped(argv: tuple[str, ...], tmp_path: Path) -> None:
    typed = HOSTILE_LINE.replace("/", "")
    with Terminal(*(word.replace("{}", typed) for word in argv), cwd=tmp_path) as screen:
        screen.wait()
    assert not violations(screen.raw, redraws=True), screen.raw


def test_batch_escapes_each_part_of_each_line(tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    with RawServer() as server:
        server.answer_always(hostile_response())
        lines.write_text(
            f"{server.url}\n-v {server.url}/{HOSTILE_LINE}\nhttp://x y {MARK}\x1b[2J\n"
        )
        for options in (
            (),
            ("--report=json=-",),
            ("--report=junit=-",),
            ("--terminal=raw", "-h"),
        ):
            on_terminal("--batch", str(lines), *options, redraws=True)


def test_names_of_downloads_are_escaped(tmp_path: Path) -> None:
    name = f"{MARK}\u202e\u200e\u3164\u200b\U000e0041\x9b2J.txt"
    with RawServer() as server:
        disposition = f"Content-Disposition: attachment; filename*=utf-8''{_percent(name)}"
        server.answer_always(response("x", disposition))
        on_terminal("-d", server.url, cwd=tmp_path, redraws=True)
        on_terminal("download", server.url, f"{server.url}/b", cwd=tmp_path, redraws=True)
        on_terminal("-d", "--progress=plain", server.url, cwd=tmp_path)
        on_terminal("-d", "--progress=json", server.url, cwd=tmp_path)


def _percent(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


@pytest.mark.slow
def test_name_in_a_progress_bar_is_escaped(tmp_path: Path) -> None:
    name = f"{MARK}\u202e\u200e\u3164\u200b\x9b2J.txt"
    disposition = f"Content-Disposition: attachment; filename*=utf-8''{_percent(name)}"
    with RawServer() as server:
        head = f"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n{disposition}\r\n\r\n".encode()

        server.answer_always(head, b"x" * 500, hold_connection)
        with Terminal("-d", server.url, cwd=tmp_path) as screen:
            screen.read_until("50%")
            screen.interrupt()
            screen.wait()
    assert not violations(screen.raw.replace(b"^C", b""), redraws=True), screen.raw


def test_stored_sessions_and_settings_are_escaped(tmp_path: Path) -> None:
    env = {"HTTPCLI_CONFIG_DIR": str(tmp_path)}
    bad = f"{MARK}\x1b[2J\x9b2J\u202e\u200e\u3164\x1b[8m"
    with RawServer() as server:
        server.answer_always(response("", f"Set-Cookie: {MARK}=\u202e\u200e\u3164\u200b"))
        with Terminal("--session=s", server.url, env=env) as screen:
            screen.wait()
        on_terminal("sessions", "show", "s", "--show-secrets", env=env)
        with Terminal("sessions", "list", env=env) as screen:
            screen.wait()
        assert not violations(screen.raw)
    (tmp_path / "config.toml").write_text(
        f"[defaults]\nheaders = {{ X-A = {json.dumps(bad)} }}\n{json.dumps(bad)} = 1\n"
    )
    (tmp_path / "config.toml").chmod(0o600)
    for words in (("show",), ("check",)):
        on_terminal("config", *words, env=env)
    on_terminal("http://127.0.0.1:9/", env=env)


def test_entries_of_netrc_are_escaped(tmp_path: Path) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text(f"machine 127.0.0.1 login {MARK}\x1b[2J\u202e password x nonsense\x9b2J\n")
    netrc.chmod(0o600)
    with RawServer() as server:
        server.answer_always(response("x"))
        with Terminal("-v", "--debug", server.url, env={"HOME": str(tmp_path)}) as screen:
            screen.wait()
    assert not violations(screen.raw)


def test_reply_of_a_proxy_is_escaped() -> None:
    with ProxyServer() as proxy:
        proxy.refusal = f"403 {MARK}\x1b[2J\x9b2J\u202e\u200e\x1b[8m"
        for options in ((), ("--traceback",), ("--debug",), ("-v",)):
            argv = (*options, f"--proxy={proxy.url}", "https://example.test/")
            on_terminal(*argv)


# The charset of the terminal, and the program's own text


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("de_DE.ISO-8859-1", b"\xdb31m\xe9"),
        ("de_DE", b"\xdb31m\xe9"),
        ("de_DE@euro", b"\xdb31m\xe9"),
        ("ja_JP.ISO-2022-JP", rb"\xdb31m\xe9"),
        ("xx_XX.unknown", rb"\xdb31m\xe9"),
        ("ru_RU.KOI8-R", rb"\xdb31m\xe9"),
        ("de_DE.UTF-8", "Û31mé".encode()),
        ("C", "Û31mé".encode()),
    ],
)
def test_text_is_encoded_for_the_charset_of_the_terminal(locale: str, expected: bytes) -> None:
    """Û is C3 9B in UTF-8, and 9B starts a sequence on a terminal with 8-bit controls."""
    with RawServer() as server:
        server.answer_always(response("Û31mé", "Content-Type: text/plain; charset=utf-8"))
        for name in ("LANG", "LC_ALL"):
            env = {"LANG": None, name: locale}
            with Terminal("-b", server.url, env=env) as screen:
                assert screen.wait() == 0
            assert expected in screen.raw
    if "UTF-8" not in locale and locale != "C":
        assert not re.search(rb"[\x80-\x9f]", screen.raw)


def test_progress_and_timings_are_drawn_in_the_charset_of_the_terminal(tmp_path: Path) -> None:
    env = {"LANG": "de_DE.ISO-8859-1"}
    with RawServer() as server:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
        server.answer(head, b"x" * 500, hold_connection)
        server.answer(response("x"))
        with Terminal("-d", "-o", "日本.txt", server.url, cwd=tmp_path, env=env) as screen:
            screen.read_until("50%")
            screen.interrupt()
            screen.wait()
        drawn = screen.raw
        with Terminal("--timings", server.url, env=env) as screen:
            screen.wait()
    for written in (drawn, screen.raw):
        assert not re.search(rb"[\x80-\xff]|\\\\u2", written)


@pytest.mark.parametrize(
    "argv",
    [
        ("-a", "me{}", "http://127.0.0.1:9/"),
        ("--proxy=http://127.0.0.1:9", "--proxy-auth=me{}", "http://h/"),
    ],
    ids=["auth", "proxy"],
)
def test_password_prompt_is_escaped(argv: tuple[str, ...]) -> None:
    bad = f"{MARK}\x1b[2J\x9b2J\u202e\u200e"
    with Terminal(*(word.replace("{}", bad) for word in argv)) as screen:
        screen.read_until("password for")
        screen.read_until(MARK)
        screen.type("x\n")
        screen.wait()
    assert not violations(screen.raw), screen.raw


def test_usage_without_arguments_has_lines() -> None:
    with Terminal() as screen:
        assert screen.wait() == 10
    assert r"\x0a" not in screen.text
    assert len(screen.text.splitlines()) > 3


@pytest.mark.parametrize("report", ["json", "jsonl", "har"])
def test_json_report_on_a_terminal_stays_valid(report: str) -> None:
    value = "\x7f\x9b2J\u202e\U000e0041 shown"
    with RawServer() as server:
        server.answer_always(response("", f"X-A: {value}"))
        shown = on_terminal("-q", f"--report={report}=-", server.url)
    parsed = json.loads(shown)
    assert value in json.dumps(parsed, ensure_ascii=False)


def test_report_in_a_pipe_is_not_changed() -> None:
    from tests.support.run import run_process

    with RawServer() as server:
        server.answer_always(response("", "X-A: \u202e\x7f"))
        result = run_process("--report=jsonl=-", server.url)
    assert "\u202e\x7f".encode() in result.out


def test_raw_body_reaches_the_terminal_unchanged() -> None:
    with RawServer() as server:
        server.answer_always(response("a\x1b[2J\x1b]0;t\x07b", "Content-Type: text/plain"))
        with Terminal("-b", "--pretty=none", "--terminal=raw", server.url) as screen:
            assert screen.wait() == 0
    assert b"a\x1b[2J\x1b]0;t\x07b" in screen.raw


def test_raw_body_of_a_batch_reaches_the_terminal_unchanged(tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    with RawServer() as server:
        server.answer_always(response("a\x1b[2Jb", "Content-Type: text/plain"))
        lines.write_text(f"{server.url}\n{server.url}\n")
        argv = ("--batch", str(lines), "-b", "--pretty=none", "--terminal=raw")
        with Terminal(*argv) as screen:
            assert screen.wait() == 0
    assert screen.raw.count(b"a\x1b[2Jb") == 2


def test_output_of_a_library_is_escaped(tmp_path: Path) -> None:
    """Python prints warnings, logs and errors of threads; a plugin stands for a library."""
    (tmp_path / "sitecustomize.py").write_text(
        "import threading\n"
        "def speak():\n"
        "    import logging, sys, warnings\n"
        f"    bad = {MARK!r} + '\\x1b[2J\\x9b2J\\u202e\\x1b[8m'\n"
        "    while 'asyncio' not in sys.modules: pass\n"
        "    warnings.warn(bad)\n"
        "    logging.getLogger('library').error(bad)\n"
        "    print(bad)\n"
        "    raise ValueError(bad)\n"
        "threading.Thread(target=speak).start()\n"
    )
    done = threading.Event()
    with RawServer() as server:
        server.answer_always(wait_for_event(done), response("x"))
        env = {"PYTHONPATH": f"{tmp_path}:{ROOT}"}
        with Terminal(server.url, env=env) as screen:
            for _ in range(4):
                screen.read_until(MARK)
            done.set()
            screen.wait()
    assert not violations(screen.raw), screen.raw
