"""WebSockets in a pipe: messages, handshake, limits, proxies and closing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest
from websockets.sync.server import ServerConnection

from tests.support.certificates import CertificateAuthority
from tests.support.http_connection import ClientConnection, Step, close, response, stall
from tests.support.proxy import ProxyServer
from tests.support.run import run, run_process, start_process
from tests.support.run_result import TIMEOUT
from tests.support.servers import RawServer
from tests.support.socks import SocksProxy
from tests.support.websocket import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    FrameServer,
    close_frame,
    frame,
    message_server,
    websockets_server,
)


def test_each_input_line_is_a_message_and_each_message_a_line() -> None:
    with websockets_server() as at:
        result = run(f"ws://{at}/", "--ws-wait=3", stdin='one\n\n{"é": 1}'.encode())
    assert (result.text, result.err, result.status) == ('one\n\n{"é": 1}\n', "", 0)


@pytest.mark.wide
def test_run_without_ws_wait_ends_after_a_silence() -> None:
    with websockets_server() as at:
        assert run(f"ws://{at}/", stdin=b"one\ntwo\n").text == "one\ntwo\n"


def test_get_listens_until_the_server_closes() -> None:
    with message_server("one", "two") as server:
        result = run("GET", server.websocket_url)
    assert (result.text, result.status) == ("one\ntwo\n", 0)
    assert [got.opcode for got in server.frames] == [CLOSE]


def test_get_and_ignore_stdin_do_not_read_the_pipe() -> None:
    for words in (["GET"], ["--ignore-stdin"]):
        with message_server("x") as server:
            assert run(*words, server.websocket_url, stdin=b"secret\n").text == "x\n"
        assert [got.opcode for got in server.frames] == [CLOSE]


def test_frames_are_masked_and_not_fragmented() -> None:
    with FrameServer() as server:
        run(server.websocket_url, "--ws-wait=0", stdin=b"a\n" + b"b" * 70_000)
    assert all(got.masked for got in server.frames)
    assert [(got.opcode, len(got.payload)) for got in server.frames] == [
        (TEXT, 1),
        (TEXT, 70_000),
        (CLOSE, 2),
    ]
    assert server.frames[-1].payload == (1000).to_bytes(2, "big")


@pytest.mark.parametrize("words", [["--raw", '{"a": "1"}'], ["a=1"]])
def test_request_body_is_the_first_message(words: list[str]) -> None:
    with FrameServer() as server:
        server.steps = (server.read_frame_step, frame(TEXT, "hi"), close_frame())
        assert run(server.websocket_url, *words).text == "hi\n"
    assert server.frames[0].payload == b'{"a": "1"}'
    assert server.request.method == "GET"
    assert server.request.header("Content-Type") is None


def test_binary_input_is_sent_unchanged() -> None:
    with FrameServer() as server:
        run(server.websocket_url, "--ws-binary", "--ws-wait=0", stdin=b"\0\xff\n\n")
    assert [(got.opcode, got.payload) for got in server.frames[:-1]] == [(BINARY, b"\0\xff\n\n")]


def test_binary_message_is_printed_unchanged() -> None:
    with message_server(b"\0\n\xff", "text") as server:
        assert run("GET", server.websocket_url).out == b"\0\n\xfftext\n"


def test_line_ends_inside_a_message_are_replaced() -> None:
    with message_server('{\n  "a": 1\n}', "no\njson") as server:
        assert run("GET", server.websocket_url).text == '{   "a": 1 }\nno\\njson\n'


def test_json_events_keep_all_information() -> None:
    with message_server("a\nb", b"\0\xff") as server:
        lines = run("GET", server.websocket_url, "--events=json").text.splitlines()
    assert [json.loads(line) for line in lines] == [
        {"type": "text", "data": "a\nb"},
        {"type": "binary", "data": "AP8="},
        {"type": "close", "code": 1000, "reason": ""},
    ]


def test_timestamps_precede_each_message() -> None:
    with message_server("a", "b") as server:
        lines = run("GET", server.websocket_url, "--timestamps").text.splitlines()
    assert [line.partition("Z ")[2] for line in lines] == ["a", "b"]


@pytest.mark.parametrize(
    ("words", "stdin", "error"),
    [
        ([], b"a\n\xff\n", "line 2 is not UTF-8"),
        (["--ws-json"], b'{"a": 1}\n{"a": }\n', "line 2 is not JSON (column 7)"),
        (["--ws-json"], b"NaN\n", "line 1 is not JSON"),
        (["--ws-max-size=10"], b"x" * 11, "a line is longer than 10 bytes"),
    ],
)
def test_invalid_input_line_is_an_error(words: list[str], stdin: bytes, error: str) -> None:
    with FrameServer() as server:
        result = run(server.websocket_url, *words, stdin=stdin)
    assert result.status == 17
    assert error in result.err
    assert len(result.err.splitlines()) == 2


@pytest.mark.parametrize(
    ("end", "status", "error"),
    [
        (close_frame(1000), 0, ""),
        (close_frame(1001, "bye"), 0, ""),
        (close_frame(None), 0, ""),
        (close_frame(1011), 13, "the server closed the WebSocket: 1011 internal error"),
        (close_frame(4001, "no\x1b[2Jtoken"), 13, "4001: no\\x1b[2Jtoken"),
        (close_frame(1008, "policy"), 13, "1008 policy violation: policy"),
    ],
)
def test_close_code_decides_the_exit_status(end: bytes, status: int, error: str) -> None:
    with FrameServer(frame(TEXT, "x"), end) as server:
        result = run("GET", server.websocket_url)
    assert (result.status, result.text) == (status, "x\n")
    assert error in result.err
    assert (result.err == "") == (error == "")


def test_connection_lost_without_a_close_is_an_error() -> None:
    with FrameServer(frame(TEXT, "x"), close) as server:
        result = run("GET", server.websocket_url)
    assert (result.status, result.text) == (13, "x\n")
    assert "the connection ended without a close" in result.err


def test_missing_reply_to_our_close_is_not_an_error() -> None:
    with FrameServer() as server:
        server.steps = (server.read_frame_step, close)
        assert run(server.websocket_url, "--ws-wait=0", stdin=b"").status == 0


def test_message_received_after_our_close_is_shown() -> None:
    with FrameServer() as server:
        server.steps = (server.read_frame_step, frame(TEXT, "late"), close_frame())
        assert run(server.websocket_url, "--ws-wait=0s", stdin=b"").text == "late\n"


def test_ws_wait_count_limits_the_messages_shown() -> None:
    with FrameServer(frame(TEXT, "a") * 5) as server:
        result = run("GET", server.websocket_url, "--ws-wait=3")
    assert (result.text, result.status) == ("a\na\na\n", 0)


@pytest.mark.wide
def test_heartbeat_detects_a_silent_server() -> None:
    with FrameServer(stall) as server:
        result = run("GET", server.websocket_url, "--heartbeat=100ms")
    assert result.status == 2
    assert "no reply to a ping within 0.1 s" in result.err


@pytest.mark.wide
def test_heartbeat_keeps_a_quiet_connection_open() -> None:
    with FrameServer() as server:
        answered: list[Step] = [server.read_frame_step, frame(PONG)]
        server.steps = (*answered * 3, close_frame())
        assert run("GET", server.websocket_url, "--heartbeat=1s").status == 0
    assert [got.opcode for got in server.frames] == [PING, PING, PING, CLOSE]


def test_pong_repeats_the_payload_of_the_ping() -> None:
    with FrameServer(frame(PING, "are you there?"), close_frame()) as server:
        run("GET", server.websocket_url)
    assert (server.frames[0].opcode, server.frames[0].payload) == (PONG, b"are you there?")


@pytest.mark.wide
def test_timeout_and_max_time_end_the_run() -> None:
    for limit, words in (
        ("--timeout", ": timed out: no message received"),
        ("--max-time", ": timed out after"),
    ):
        with FrameServer(stall) as server:
            result = run("GET", server.websocket_url, f"{limit}=0.2")
        assert result.status == 2
        assert words in result.err


@pytest.mark.parametrize(
    ("answer", "status", "error"),
    [
        ("401 Unauthorized", 4, "HTTP 401 Unauthorized"),
        ("404 Not Found", 4, "HTTP 404 Not Found"),
        ("503 Service Unavailable", 5, "HTTP 503"),
        ("200 OK", 1, "HTTP 200 OK"),
        ("302 Found", 1, "HTTP 302 Found"),
    ],
)
def test_refused_handshake_is_shown_and_sets_the_exit_status(
    server: RawServer, answer: str, status: int, error: str
) -> None:
    server.answer(response("who are you?\n", "Location: /x", status=answer))
    result = run(server.url.replace("http", "ws"), stdin=b"hello\n")
    assert (result.text, result.status) == ("who are you?\n", status)
    assert f"not a WebSocket: {error}" in result.err


@pytest.mark.parametrize(
    ("response_headers", "error"),
    [
        ({"Sec-WebSocket-Accept": "x"}, "Sec-WebSocket-Accept does not match the key"),
        ({"Upgrade": "h2c"}, "the Upgrade header is not websocket"),
        ({"Connection": "close"}, "the Connection header is not Upgrade"),
        ({"Sec-WebSocket-Protocol": "chat"}, "the subprotocol chat was not offered"),
        ({"Sec-WebSocket-Extensions": "permessage-deflate"}, "was not offered"),
    ],
)
def test_invalid_handshake_response_is_an_error(
    response_headers: dict[str, str], error: str
) -> None:
    with FrameServer(response_headers=response_headers) as server:
        result = run("GET", server.websocket_url)
    assert result.status == 13
    assert error in result.err


def test_connection_header_may_contain_keep_alive() -> None:
    with FrameServer(
        close_frame(), response_headers={"Connection": "keep-alive, Upgrade"}
    ) as server:
        assert run("GET", server.websocket_url).status == 0


def test_handshake_carries_query_headers_and_credentials() -> None:
    with FrameServer(close_frame()) as server:
        run(
            "GET",
            f"{server.websocket_url}/a",
            "q==1",
            "Origin:http://x",
            "Cookie:a=b",
            "-a",
            "me:pw",
        )
    request = server.request
    assert request.request_line == "GET /a?q=1 HTTP/1.1"
    assert request.header("Origin") == "http://x"
    assert request.header("Cookie") == "a=b"
    assert request.header("Authorization") == "Basic bWU6cHc="
    assert request.header("Sec-WebSocket-Version") == "13"


def test_digest_challenge_precedes_the_upgrade() -> None:
    def check(connection: ServerConnection) -> None:
        connection.send("in")

    def process_request(connection: ServerConnection, request: object) -> object:
        if "Authorization" in request.headers:  # type: ignore[attr-defined]
            return None
        answer = connection.respond(401, "no\n")
        answer.headers["WWW-Authenticate"] = 'Digest realm="r", nonce="n", qop="auth"'
        return answer

    with websockets_server(check, process_request=process_request) as at:
        result = run("GET", f"ws://{at}/", "-A", "digest", "-a", "me:pw")
    assert (result.text, result.status) == ("in\n", 0)


@pytest.mark.parametrize("scheme", ["http", "ws", "WS"])
def test_redirect_of_the_handshake_is_followed(server: RawServer, scheme: str) -> None:
    with message_server("there") as there:
        location = f"Location: {scheme}://{there.address}/"
        server.answer(response("", location, status="307 Temporary Redirect"))
        result = run("GET", "--follow", server.url.replace("http", "ws"))
    assert result.text == "there\n"


def test_subprotocol_is_negotiated() -> None:
    def tell(connection: ServerConnection) -> None:
        connection.send(connection.subprotocol or "none")

    offers = ["--subprotocol=b", "--subprotocol=c", "Sec-WebSocket-Protocol:a"]
    with websockets_server(tell, subprotocols=["c", "b"]) as at:
        assert run("GET", f"ws://{at}/", *offers).text == "c\n"


@pytest.mark.parametrize("size", [10, 100_000])
def test_messages_are_compressed_in_both_directions(size: int) -> None:
    with websockets_server() as at:
        message = b"x" * size
        result = run(
            f"ws://{at}/", "--ws-compress", "--ws-wait=2", stdin=message + b"\n" + message
        )
    assert result.out == (message + b"\n") * 2


def test_compressed_messages_are_smaller_when_sent() -> None:
    response_headers = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits=9"}
    with FrameServer(response_headers=response_headers) as server:
        run(server.websocket_url, "--ws-compress", "--ws-wait=0", stdin=b"x" * 5000)
    assert len(server.frames[0].payload) < 100
    assert server.frames[0].rsv == 4


def test_tls_verification_and_pins_apply(ca: CertificateAuthority, ca_file: str) -> None:
    with websockets_server(tls=ca.trusted()) as at:
        assert run(f"wss://{at}/", f"--verify={ca_file}", "--ws-wait=1", stdin=b"x").text == "x\n"
        assert run("GET", f"wss://{at}/").status == 14
        pin = "--pin=sha256:" + "0" * 64
        assert run("GET", f"wss://{at}/", f"--verify={ca_file}", pin).status == 14


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_http_proxy_tunnels_the_websocket(
    proxy: ProxyServer, ca: CertificateAuthority, ca_file: str, scheme: str
) -> None:
    proxy.credentials = ("ann", "pw")
    with websockets_server(tls=ca.trusted() if scheme == "wss" else None) as at:
        words = [f"--verify={ca_file}", "--ws-wait=1", f"{scheme}://{at}/"]
        known = proxy.url.replace("//", "//ann:pw@")
        assert run(f"--proxy={known}", *words, stdin=b"x").text == "x\n"
        unauthenticated = run(f"--proxy={proxy.url}", *words, stdin=b"x")
    assert unauthenticated.status == 15
    assert "requires a user and password: 407" in unauthenticated.err
    assert {request.method for request in proxy.requests} == {"CONNECT"}


def test_proxy_failure_exits_with_15(proxy: ProxyServer) -> None:
    proxy.refusal = "403 Forbidden"
    result = run(f"--proxy={proxy.url}", "GET", "ws://127.0.0.1:1/")
    assert result.status == 15
    assert "refused to connect to 127.0.0.1:1: 403 Forbidden" in result.err
    assert run("--proxy=http://127.0.0.1:1", "GET", "ws://127.0.0.1:1/").status == 15


def test_websocket_works_through_a_socks_proxy() -> None:
    with websockets_server() as at, SocksProxy() as proxy:
        words = [f"--proxy=socks5://{proxy.address}", "--ws-wait=1", f"ws://{at}/"]
        assert run(*words, stdin=b"x").text == "x\n"


def test_websocket_works_over_a_unix_socket(tmp_path: Path) -> None:
    path = str(tmp_path / "a.sock")
    with websockets_server(path=path):
        words = ["--unix-socket", path, "ws://docker/", "--ws-wait=1"]
        assert run(*words, stdin=b"x").text == "x\n"
        url = f"ws+unix://{path.replace('/', '%2F')}/"
        assert run(url, "--ws-wait=1", stdin=b"x").text == "x\n"


def test_output_file_receives_the_messages(tmp_path: Path) -> None:
    with message_server("a", "b") as server:
        assert run("GET", server.websocket_url, "-o", "log").out == b""
    assert (tmp_path / "log").read_bytes() == b"a\nb\n"


def test_offline_shows_the_handshake() -> None:
    result = run("--offline", "ws://host/x", "--subprotocol=a", "--ws-compress", "b=1")
    assert result.text.startswith("GET /x HTTP/1.1\r\nHost: host\r\n")
    assert "Upgrade: websocket\r\n" in result.text
    assert "Sec-WebSocket-Protocol: a\r\n" in result.text
    assert "Sec-WebSocket-Extensions: permessage-deflate" in result.text
    assert "Content-" not in result.text


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["http://host/", "--subprotocol=x"], "--subprotocol works only with WebSockets"),
        (["POST", "ws://host/"], "POST: a WebSocket request must use GET"),
        (["ws://host/", "--http1.0"], "--http1.0 cannot be used with WebSockets"),
        (
            ["ws://host/", "Upgrade:x"],
            ("Upgrade is set by the WebSocket handshake and cannot be sent"),
        ),
        (["ws://host/", "--subprotocol=a b"], "invalid subprotocol 'a b'"),
        (["ws://host/", "--ws-wait=x"], "--ws-wait: invalid time 'x'"),
        (["ws://host/", "--ws-max-size=x"], "--ws-max-size: invalid size 'x'"),
        (["ws://host/", "--reconnect"], "are for server-sent events"),
        (["ws://host/", "-T", "/etc/hostname"], "a WebSocket cannot send files"),
        (["ws://host/", "-d"], "--download works only with response bodies"),
        (["ws://host/", "--select=a"], "--select works only with response bodies"),
        (["ws://host/", "--hash=sha256"], "--hash works only with response bodies"),
    ],
)
def test_unsupported_options_are_usage_errors(words: list[str], error: str) -> None:
    result = run(*words)
    assert result.status == 10
    assert error in result.err


@pytest.mark.slow
def test_hundred_thousand_messages_keep_their_order() -> None:
    lines = b"".join(b"%d\n" % number for number in range(100_000))
    with websockets_server(compression=None) as at:
        result = run_process(f"ws://{at}/", "--ws-wait=100000", stdin=lines)
    assert result.status == 0
    assert result.out == lines


@pytest.mark.slow
def test_slow_reader_slows_the_server_and_memory_is_bounded() -> None:
    sent = 0
    stuck = threading.Event()

    def measured(connection: ClientConnection) -> None:
        nonlocal sent
        message = frame(TEXT, b"x" * 65536)
        connection.socket.settimeout(1.0)
        try:
            while not connection.stopping.is_set():
                connection.send(message)
                sent += len(message)
        except TimeoutError:
            stuck.set()
        connection.close()

    with FrameServer(measured) as server, start_process("GET", server.websocket_url) as child:
        assert stuck.wait(TIMEOUT)
        with open(f"/proc/{child.pid}/status") as status:
            peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        child.kill()
    assert sent < 64 * 1024 * 1024  # little more than the socket buffers
    assert peak < 100_000


@pytest.mark.slow
def test_server_that_reads_nothing_slows_the_input() -> None:
    with (
        FrameServer(stall) as server,
        start_process(server.websocket_url, stdin=subprocess.PIPE) as child,
    ):
        assert child.stdin is not None
        server.wait_for_requests()
        os.set_blocking(child.stdin.fileno(), False)
        taken = 0
        still = 0
        while still < 30:
            try:
                taken += os.write(child.stdin.fileno(), b"x" * 65535 + b"\n")
                still = 0
            except BlockingIOError:
                still += 1
                threading.Event().wait(0.1)
            assert taken < 64 * 1024 * 1024
        child.kill()


def test_ctrl_c_exits_with_130() -> None:
    with (
        FrameServer(frame(TEXT, "x"), stall) as server,
        start_process("GET", server.websocket_url) as child,
    ):
        assert child.stdout is not None
        assert child.stdout.read(2) == b"x\n"
        child.send_signal(signal.SIGINT)
        assert child.wait(TIMEOUT) in (130, -signal.SIGINT)


@pytest.mark.wide
def test_closed_pipe_exits_with_141() -> None:
    with (
        FrameServer(frame(TEXT, "x"), stall) as server,
        start_process("GET", server.websocket_url) as child,
    ):
        assert child.stdout is not None
        assert child.stdout.read(2) == b"x\n"
        child.stdout.close()
        assert child.wait(TIMEOUT) == 141


def test_sent_and_received_messages_are_marked_on_a_terminal() -> None:
    with FrameServer() as server:
        server.steps = (server.read_frame_step, frame(TEXT, '{"a": [1]}'), close_frame())
        result = run(
            "--pretty=format", server.websocket_url, "--ws-wait=1", stdin=b"hello", terminal=True
        )
    shown = result.text.partition("\r\n\r\n")[2]
    assert '> hello\n< {\n      "a": [\n          1\n      ]\n  }\n' in result.text, shown


def test_control_characters_from_the_server_are_escaped() -> None:
    evil = "\x1b[2J\x1b]0;title\x07\n> I said this\r\x9b"
    with message_server(evil, b"\x1b[2J") as server:
        result = run("GET", server.websocket_url, "--pretty=none", terminal=True)
    assert "\x1b" not in result.text
    assert "\x07" not in result.text
    assert "\x9b" not in result.text
    assert "\n  > I said this" in result.text  # indented, so it cannot pass for a mark
    assert "(binary message, 4 bytes)" in result.text
