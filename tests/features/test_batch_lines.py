"""Batch lines: accepted syntax, options on the command line, and errors in a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.http_connection import response
from tests.support.run import run
from tests.support.run_result import RunResult
from tests.support.servers import RawServer
from tests.support.terminal import Terminal


def batch(tmp_path: Path, lines: str | bytes, *argv: str) -> RunResult:
    """Run a batch of these lines, one request after the other."""
    file = tmp_path / "list"
    file.write_bytes(lines.encode() if isinstance(lines, str) else lines)
    return run("--batch", "list", "--jobs=1", *argv, cwd=tmp_path)


@pytest.mark.parametrize(
    ("lines", "targets"),
    [
        ("", []),
        ("\n\n# nothing\n  # at all\n", []),
        ("{0}/1", ["/1"]),
        ("{0}/1\n{0}/2", ["/1", "/2"]),
        ("\ufeff{0}/1\r\n\r\n{0}/2 q==1\r\n", ["/1", "/2?q=1"]),
        ("GET {0}/1 'q==a b' # and so on\n", ["/1?q=a+b"]),
        (
            '{{"url": "{0}/1", "params": {{"q": [1, 2]}}}}\n  {{"url": "{0}/2"}}',
            ["/1?q=1&q=2", "/2"],
        ),
    ],
)
def test_comments_blank_lines_and_json_are_accepted(
    lines: str, targets: list[str], tmp_path: Path
) -> None:
    with RawServer().may_be_idle() as server:
        ran = batch(tmp_path, lines.format(server.url))
    assert [request.target for request in server.requests] == targets
    assert (ran.status, ran.err) == (0, "")


@pytest.mark.parametrize(
    ("line", "method", "media", "body"),
    [
        ("{0} n=1", "POST", "application/json", b'{"n": "1"}'),
        ("--form PUT {0} n=1", "PUT", "application/x-www-form-urlencoded; charset=utf-8", b"n=1"),
        ('{{"url": "{0}", "json": {{"n": 1.10}}}}', "POST", "application/json", b'{"n": 1.10}'),
        (
            '{{"method": "PATCH", "url": "{0}", "form": {{"n": "@x y"}}}}',
            "PATCH",
            "application/x-www-form-urlencoded; charset=utf-8",
            b"n=%40x+y",
        ),
        (
            '{{"url": "{0}", "data": "a,b", "headers": {{"Content-Type": "text/csv"}}}}',
            "POST",
            "text/csv",
            b"a,b",
        ),
    ],
)
def test_line_sends_the_same_request_as_a_command_line(
    line: str, method: str, media: str, body: bytes, server: RawServer, tmp_path: Path
) -> None:
    assert batch(tmp_path, line.format(server.url)).err == ""
    request = server.request
    assert (request.method, request.header("Content-Type"), request.body) == (method, media, body)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"--foo {0}", "list:2: unknown option --foo\n  see"),
        (b"{0} a[b=1", "list:2: 'a[b': expected ']'\n  a[b\n     ^"),
        (b"'{0}", "list:2: missing closing quote, in the argument at column 1"),
        (b'{"url": 1,}', "list:2: invalid JSON:"),
        (b'{"rul": "{0}"}', "list:2: unknown key 'rul'"),
        (b'{"url": 5}', "list:2: url must be a string"),
        (b"{0} n=\xff", "list:2: not UTF-8 at column"),
        (b"--follow", "list:2: missing URL"),
        (b"--jobs=2 {0}", "list:2: --jobs is not allowed in a line"),
        (b"--cookie-jar=x {0}", "list:2: --cookie-jar is not allowed in a line"),
        (b"--help", "list:2: --help is not allowed in a line"),
        (b"-T - {0}", "list:2: standard input cannot be sent from a batch"),
        (b"--form {0} f@-", "list:2: standard input cannot be sent from a batch"),
        (b"-a me {0}", "list:2: a batch cannot prompt for passwords"),
        (b"--timeout=x {0}", "list:2: --timeout: invalid time 'x'"),
        (b"--show-cert https://127.0.0.1", "list:2: not supported in a batch: certificates"),
        (b"ftp://h/", "list:2: ftp:// is not supported"),
    ],
)
def test_invalid_line_is_reported_and_the_others_are_sent(
    line: bytes, message: str, server: RawServer, tmp_path: Path
) -> None:
    url = server.url.encode()
    ran = batch(tmp_path, url + b"/1\n" + line.replace(b"{0}", url) + b"\n" + url + b"/3\n")
    assert ran.err.startswith(f"httpcli: error: {message}")
    assert ran.status == 10
    assert [request.target for request in server.requests] == ["/1", "/3"]


@pytest.mark.parametrize(
    "line",
    [
        "'http://h/?token=s3cret",
        "-H 'Authorization: Bearer s3cret http://h/",
        '{"url": "http://h/", "headers": {"Authorization": "s3cret" "x"}}',
        '{"url": "http://h/", "hdrs": {"Authorization": "s3cret"}}',
        '{"url": "http://u:s3cret@127.0.0.1:1/"}',
        "http://u:s3cret@127.0.0.1:1/?token=s3cret X-Api-Key:s3cret",
        "X-Api-Key:s3cret --jobs 1 http://127.0.0.1:1/",
    ],
)
def test_secret_in_a_line_is_not_shown(line: str, tmp_path: Path) -> None:
    ran = batch(tmp_path, line)
    assert ran.status in (10, 12)
    assert "list:1: " in ran.err
    assert "s3cret" not in ran.err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("--jobs=0",), "--jobs=0: must be between 1 and 1000"),
        (("--jobs=x",), "--jobs: invalid number 'x'"),
        (("--rate=5",), "--rate: invalid rate '5'"),
        (("--rate=0/s",), "--rate: invalid rate '0/s'"),
        (("--timeout=x",), "--timeout: invalid time 'x'"),
        (("--max-connections=x",), "--max-connections: invalid number 'x'"),
        (("http://h/",), "unexpected argument 'http://h/'"),
        (("--output=x",), "--batch and --output cannot be used together"),
        (("--tee=x",), "--batch and --tee cannot be used together"),
        (("--offline",), "--batch and --offline cannot be used together"),
        (("--print-curl",), "--batch and --print-curl cannot be used together"),
        (("--report=jsonl=./list",), ("--report=jsonl=./list: this file is the input of --batch")),
        (("--report=xml=a",), "--report: unknown kind 'xml'"),
        (("--foo",), "unknown option --foo"),
    ],
)
def test_invalid_options_are_reported_before_any_request(
    argv: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    with RawServer().may_be_idle() as server:
        ran = batch(tmp_path, server.url, *argv)
        server.assert_not_called()
    assert ran.err.startswith(f"httpcli: error: {message}")
    assert ran.status == 10


@pytest.mark.parametrize("name", ["missing", ".", ""])
def test_unreadable_batch_file_is_a_usage_error(name: str, tmp_path: Path) -> None:
    assert run("--batch", name, cwd=tmp_path).status == 10


def test_command_line_options_are_defaults_for_each_line(
    server: RawServer, tmp_path: Path
) -> None:
    lines = f"{server.url}/1\n{server.url}/2 x-a:own\nPUT {server.url}/3 --no-auth\n"
    options = ("--header=X-A: all", "--auth=u:p", "--method=POST")
    assert batch(tmp_path, lines.replace("PUT", "--method=PUT"), *options).err == ""
    assert [request.method for request in server.requests] == ["POST", "POST", "PUT"]
    assert [request.header_values("X-A") for request in server.requests] == [
        ["all"],
        ["own"],
        ["all"],
    ]
    assert [request.header("Authorization") is None for request in server.requests] == [
        False,
        False,
        True,
    ]


def test_options_and_lines_override_the_settings(
    server: RawServer, home: Path, tmp_path: Path
) -> None:
    folder = home / ".config" / "httpcli"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(
        '[defaults.headers]\nX-A = "d"\nX-B = "d"\nX-C = "d"\n'
        f'[profile.p]\nurl = "{server.url}/p/"\n'
    )
    ran = batch(tmp_path, f"@p/1 X-C:line\n{server.url}/2\n", "--header=X-B: beside")
    assert ran.err == ""
    sent = [
        (request.target, *(request.header(name) for name in ("X-A", "X-B", "X-C")))
        for request in server.requests
    ]
    assert sent == [("/p/1", "d", "beside", "line"), ("/2", "d", "beside", "d")]


def test_cookie_jar_is_shared_by_all_lines(server: RawServer, tmp_path: Path) -> None:
    server.answer(response("", "Set-Cookie: a=1; Max-Age=999"))
    batch(tmp_path, f"{server.url}\n{server.url}\n", "--cookie-jar=jar")
    assert [request.header("Cookie") for request in server.requests] == [None, "a=1"]
    assert "a\t1" in (tmp_path / "jar").read_text()


def test_session_is_shared_and_stores_only_cookies(server: RawServer, tmp_path: Path) -> None:
    server.answer(response("", "Set-Cookie: a=1; Max-Age=999"))
    batch(tmp_path, f"{server.url} X-A:1\n{server.url}\n", "--session=./s.json", "-a", "u:p")
    assert [request.header("Cookie") for request in server.requests] == [None, "a=1"]
    kept = (tmp_path / "s.json").read_text()
    assert '"a"' in kept
    assert "X-A" not in kept
    assert "u:p" not in kept


def test_lines_do_not_share_cookies_without_a_jar(server: RawServer, tmp_path: Path) -> None:
    server.answer_always(response("", "Set-Cookie: a=1"))
    batch(tmp_path, f"{server.url} --follow\n{server.url} --follow\n")
    assert [request.header("Cookie") for request in server.requests] == [None, None]


def test_each_line_can_write_its_own_file(server: RawServer, tmp_path: Path) -> None:
    server.answer(response("one")).answer(response("two"))
    lines = "-o a {0}\n-o b {0}\n-o ./a {0}\n-o /dev/null {0}\n-o /dev/null {0}\n"
    ran = batch(tmp_path, lines.format(server.url))
    assert ((tmp_path / "a").read_text(), (tmp_path / "b").read_text()) == ("one", "two")
    assert ran.err.startswith("httpcli: error: list:3: --output=./a: line 1 writes the same file")
    assert ran.status == 10
    assert len(server.requests) == 4


def test_standard_input_is_not_used_as_a_body(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "list").write_text(server.url)
    run("--batch", "list", stdin=b"not a body", cwd=tmp_path)
    assert (server.request.method, server.request.body) == ("GET", b"")


def test_http_error_warning_names_its_line(server: RawServer, tmp_path: Path) -> None:
    server.answer(response("", status="404 Not Found"))
    ran = batch(tmp_path, f"\n{server.url}\n", "--check-status")
    assert (ran.err, ran.status) == ("httpcli: warning: list:2: HTTP 404 Not Found\n", 4)


def test_warning_common_to_all_lines_is_printed_once(
    tls_server: RawServer, tmp_path: Path
) -> None:
    ran = batch(tmp_path, f"{tls_server.url}\n{tls_server.url}\n", "--verify=no")
    assert ran.err.count("is not verified") == 1
    assert ran.out == b"ok\nok\n"


def test_echo_urls_work_on_every_line(tmp_path: Path) -> None:
    ran = batch(tmp_path, "echo:/status/200\nPOST echo:/anything a=1\n")
    assert b'"json": {"a": "1"}' in ran.out
    assert ran.status == 0


@pytest.mark.wide
def test_terminal_output_is_formatted_like_single_requests(
    server: RawServer, tmp_path: Path
) -> None:
    server.answer_always(response('{"a":1}', "Content-Type: application/json"))
    (tmp_path / "list").write_text(f"{server.url}\n{server.url}\n")
    with Terminal("--batch", "list", "-q", "--jobs=1", cwd=tmp_path) as screen:
        assert screen.wait() == 0
    with Terminal("--batch", "list", "--jobs=1", cwd=tmp_path) as screen:
        assert screen.wait() == 0
        assert screen.text.count('{\n    "a": 1\n}\n\n') == 2


@pytest.mark.parametrize(
    ("option", "needed"),
    [
        ("--jobs=2", "--batch"),
        ("--rate=9/s", "--batch"),
        ("--fail-early", "--batch"),
        ("-r", "--select"),
    ],
)
def test_option_without_effect_gives_a_warning(
    option: str, needed: str, server: RawServer
) -> None:
    ran = run(option, server.url)
    assert (ran.status, ran.out) == (0, b"ok\n")
    assert f"has no effect without {needed}" in ran.err


def test_batch_settings_give_no_warning_for_a_single_request(
    server: RawServer, home: Path
) -> None:
    folder = home / ".config" / "httpcli"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('[defaults]\njobs = 2\nrate = "9/s"\n')
    assert run(server.url).err == ""
