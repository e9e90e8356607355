"""``--timings`` prints a chart on a terminal and a table otherwise."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from tests.support.dns import name_server
from tests.support.http_connection import ClientConnection, close, response, stall
from tests.support.junit import suite_of
from tests.support.other_programs import require_library
from tests.support.proxy import ProxyServer
from tests.support.run import run
from tests.support.servers import RawServer, refused_port
from tests.support.terminal import Terminal

pytestmark = pytest.mark.wide

COLUMNS = ["dns", "connect", "tls", "request", "wait", "body", "total", "result", "request"]
PAUSE = 0.3


def pause(_: ClientConnection) -> None:
    """Delay the response; the test measures this delay."""
    time.sleep(PAUSE)


def rows(err: str) -> list[list[str]]:
    """Return the rows of the table as lists of words."""
    head, *lines = [line.split() for line in err.splitlines()]
    assert head == COLUMNS
    return lines


def seconds(word: str) -> float:
    assert re.fullmatch(r"\d+\.\d{6}!?", word)
    return float(word.rstrip("!"))


def test_script_gets_a_table_on_stderr(server: RawServer) -> None:
    server.answer(pause, response("ok"))
    result = run("--timings", f"{server.url}/a b")
    assert result.text == "ok"
    [[dns, connect, tls, request, wait, body, total, status, method, url]] = rows(result.err)
    assert (dns, tls, status, method, url) == ("-", "-", "200", "GET", f"{server.url}/a%20b")
    assert PAUSE <= seconds(wait) < PAUSE + 3
    parts = sum(map(seconds, (connect, request, wait, body)))
    assert parts == pytest.approx(seconds(total), abs=0.00001)


def test_every_phase_has_a_time(tls_server: RawServer) -> None:
    require_library("aiodns")
    with name_server({"h.test": ["127.0.0.1"]}, delay=PAUSE) as names:
        url = f"https://h.test:{tls_server.port}/"
        options = ["--dns-server", names.address, "--verify=no", "-qq"]
        [row] = rows(run("--timings", *options, url).err)
    assert "-" not in row
    assert PAUSE <= seconds(row[0]) < PAUSE + 3


def test_every_hop_has_a_line(server: RawServer) -> None:
    server.answer(response("moved", "Location: /b", status="302 Found"))
    first, second = rows(run("-F", "--timings", f"{server.url}/a").err)
    assert (first[7], second[7]) == ("302", "200")
    assert second[1] == "-"


def test_authentication_challenge_has_a_line(server: RawServer) -> None:
    ask = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"'
    server.answer(response("", ask, status="401 Unauthorized"))
    lines = rows(run("-A", "digest", "-a", "u:p", "--timings", server.url).err)
    assert [line[7] for line in lines] == ["401", "200"]


def test_failed_phase_is_marked(server: RawServer) -> None:
    server.answer(stall)
    result = run("--timings", "--max-time=0.3", server.url)
    assert result.status == 2
    table = "".join(line for line in result.err.splitlines(True) if "error" not in line)
    [row] = rows(table.partition("  to allow more time")[0])
    assert row[4].endswith("!")
    assert 0.2 < seconds(row[4]) < 3.3
    assert (row[5], row[7]) == ("-", "failed")


def test_every_attempt_has_a_line(server: RawServer) -> None:
    server.answer(close).answer(response("", status="503 Busy")).answer(response("ok"))
    result = run("--retry=2", "--retry-delay=0.01", "--timings", server.url, "--report=har=a.har")
    assert result.text == "ok"
    table = "".join(line for line in result.err.splitlines(True) if "httpcli:" not in line)
    assert [line[7] for line in rows(table)] == ["failed", "503", "200"]
    entries = json.loads(Path("a.har").read_text())["log"]["entries"]
    assert [each["response"]["status"] for each in entries] == [0, 503, 200]


def test_attempt_without_a_response_is_skipped_in_junit(server: RawServer) -> None:
    server.answer(close).answer(response("ok"))
    run("--retry=1", "--retry-delay=0.01", server.url, "--report=junit=a.xml")
    first, second = suite_of("a.xml")
    assert [each.tag for each in first] == ["skipped"]
    assert list(second) == []


def test_unread_event_stream_has_times(server: RawServer) -> None:
    server.answer(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", stall)
    [row] = rows(run("-h", "--timings", server.url).err)
    assert row[7] == "200"
    assert seconds(row[6]) > 0


def test_hidden_body_has_a_time(server: RawServer) -> None:
    [row] = rows(run("-q", "--timings", server.url).err)
    assert seconds(row[5]) > 0


def test_proxy_connection_counts_as_connect_time(
    tls_server: RawServer, ca_file: str, proxy: ProxyServer
) -> None:
    options = [f"--proxy={proxy.url}", f"--verify={ca_file}"]
    [row] = rows(run("--timings", tls_server.url, *options).err)
    assert seconds(row[1]) > 0
    assert seconds(row[2]) > 0


def test_double_quiet_keeps_the_table(server: RawServer) -> None:
    assert len(rows(run("-qq", "--timings", server.url).err)) == 1


def test_table_contains_no_secret(server: RawServer) -> None:
    result = run("--timings", f"{server.url}/?api_key=s3cret", "a==@env:A", env={"A": "t0ken"})
    assert "s3cret" not in result.err
    assert "t0ken" not in result.err


def test_terminal_gets_a_chart(server: RawServer) -> None:
    server.answer(pause, response("ok"))
    with Terminal("--timings", "-b", f"{server.url}/a") as screen:
        assert screen.wait() == 0
    shown = screen.text
    assert f"GET {server.url}/a" in shown
    wait = next(line for line in shown.splitlines() if line.strip().startswith("wait"))
    assert wait.count("█") > 30
    shown_time = re.search(r"(\d+\.\d+) (m?s)$", wait)
    assert shown_time is not None
    delay = float(shown_time[1]) / (1000 if shown_time[2] == "ms" else 1)
    assert PAUSE <= delay < PAUSE + 3
    assert b"\x1b[32" in screen.raw


def test_later_hop_starts_further_right(server: RawServer) -> None:
    server.answer(pause, response("moved", "Location: /b", status="302 Found"))
    server.answer(pause, response("ok"))
    with Terminal("-F", "--timings", "-b", f"{server.url}/a") as screen:
        assert screen.wait() == 0
    waits = [line for line in screen.text.splitlines() if line.strip().startswith("wait")]
    first, second = (line.index("█") for line in waits)
    assert second > first + 20


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_chart_fits_the_terminal(server: RawServer, columns: int) -> None:
    url = f"{server.url}/{'long/' * 30}"
    with Terminal("--timings", "-b", url, columns=columns) as screen:
        assert screen.wait() == 0
    lines = screen.text.partition("ok\n")[2].splitlines()
    assert max(map(len, lines)) <= columns
    assert any(line.strip().startswith("total") for line in lines)


def test_no_color_draws_the_chart_without_colours(server: RawServer) -> None:
    with Terminal("--timings", "-b", server.url, env={"NO_COLOR": "1"}) as screen:
        assert screen.wait() == 0
    chart = screen.raw.partition(b"GET ")[2]
    assert "█".encode() in chart
    assert b"\x1b[3" not in chart


def test_dumb_terminal_gets_the_table(server: RawServer) -> None:
    with Terminal("--timings", "-b", server.url, env={"TERM": "dumb"}) as screen:
        assert screen.wait() == 0
    assert "dns" in screen.text
    assert "█" not in screen.text


def test_failed_connection_is_in_the_chart() -> None:
    with Terminal("--timings", f"http://127.0.0.1:{refused_port()}/") as screen:
        assert screen.wait() == 12
    assert "failed" in screen.text
    assert b"\x1b[31" in screen.raw


def test_control_characters_from_the_server_are_escaped(server: RawServer) -> None:
    server.answer(response("", "Location: /\x1b[2Jx", status="302 Found"))
    with Terminal("-F", "--timings", "-b", f"{server.url}/a") as screen:
        screen.wait()
    assert b"\x1b[2J" not in screen.raw
