"""What a line of a batch may say, what stands beside it, and what happens to a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.result import Result
from tests.support.run import run
from tests.support.servers import RawServer
from tests.support.terminal import Terminal
from tests.support.wire import response


def batch(tmp_path: Path, lines: str | bytes, *argv: str) -> Result:
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
def test_lines_are_read_as_people_write_them(
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
def test_a_line_sends_what_a_command_line_would(
    line: str, method: str, media: str, body: bytes, server: RawServer, tmp_path: Path
) -> None:
    assert batch(tmp_path, line.format(server.url)).err == ""
    request = server.request
    assert (request.method, request.field("Content-Type"), request.body) == (method, media, body)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"--foo {0}", "list:2: unknown option --foo\n  see"),
        (b"{0} a[b=1", "list:2: Syntax error in 'a[b': expecting ']'\n  a[b\n     ^"),
        (b"'{0}", "list:2: a quote is not closed, in the word at column 1"),
        (b'{"url": 1,}', "list:2: invalid JSON:"),
        (b'{"rul": "{0}"}', "list:2: unknown key 'rul'"),
        (b'{"url": 5}', "list:2: url is not a text"),
        (b"{0} n=\xff", "list:2: not UTF-8 at column"),
        (b"--follow", "list:2: the URL is missing"),
        (b"--jobs=2 {0}", "list:2: --jobs cannot stand in a line"),
        (b"--cookie-jar=x {0}", "list:2: --cookie-jar cannot stand in a line"),
        (b"--help", "list:2: --help cannot stand in a line"),
        (b"-T - {0}", "list:2: a line of a batch cannot send standard input"),
        (b"--form {0} f@-", "list:2: a line of a batch cannot send standard input"),
        (b"-a me {0}", "list:2: a batch asks for no passwords"),
        (b"--timeout=x {0}", "list:2: --timeout: 'x' is not a time"),
        (b"--show-cert https://127.0.0.1", "list:2: a line cannot ask for this (certificates)"),
        (b"ftp://h/", "list:2: ftp:// is not supported"),
    ],
)
def test_a_wrong_line_is_named_and_the_others_are_sent(
    line: bytes, said: str, server: RawServer, tmp_path: Path
) -> None:
    url = server.url.encode()
    ran = batch(tmp_path, url + b"/1\n" + line.replace(b"{0}", url) + b"\n" + url + b"/3\n")
    assert ran.err.startswith(f"httpcli: error: {said}")
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
def test_a_secret_in_a_line_is_not_shown(line: str, tmp_path: Path) -> None:
    ran = batch(tmp_path, line)
    assert ran.status in (10, 12)
    assert "list:1: " in ran.err
    assert "s3cret" not in ran.err


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--jobs=0",), "--jobs=0: not from 1 to 1000"),
        (("--jobs=x",), "--jobs: 'x' is not a whole number"),
        (("--rate=5",), "--rate=5: not a rate"),
        (("--rate=0/s",), "--rate=0/s: not a rate"),
        (("--timeout=x",), "--timeout: 'x' is not a time"),
        (("--max-connections=x",), "--max-connections: 'x' is not a whole"),
        (("http://h/",), "'http://h/' beside --batch"),
        (("--output=x",), "--batch and --output exclude each other"),
        (("--tee=x",), "--batch and --tee exclude each other"),
        (("--offline",), "--batch and --offline exclude each other"),
        (("--print-curl",), "--batch and --print-curl exclude each other"),
        (("--report=jsonl=./list",), "--report=jsonl=./list: --batch reads that file"),
        (("--report=xml=a",), "--report=xml=a: there is no report of the kind xml"),
        (("--foo",), "unknown option --foo"),
    ],
)
def test_what_is_wrong_beside_the_lines_is_told_before_anything_is_sent(
    argv: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    with RawServer().may_be_idle() as server:
        ran = batch(tmp_path, server.url, *argv)
        server.must_be_idle()
    assert ran.err.startswith(f"httpcli: error: {said}")
    assert ran.status == 10


@pytest.mark.parametrize("name", ["missing", ".", ""])
def test_a_file_that_cannot_be_read_is_a_usage_error(name: str, tmp_path: Path) -> None:
    assert run("--batch", name, cwd=tmp_path).status == 10


def test_options_beside_are_defaults_and_a_line_has_the_last_word(
    server: RawServer, tmp_path: Path
) -> None:
    lines = f"{server.url}/1\n{server.url}/2 x-a:own\nPUT {server.url}/3 --no-auth\n"
    beside = ("--header=X-A: all", "--auth=u:p", "--method=POST")
    assert batch(tmp_path, lines.replace("PUT", "--method=PUT"), *beside).err == ""
    assert [request.method for request in server.requests] == ["POST", "POST", "PUT"]
    assert [request.every("X-A") for request in server.requests] == [["all"], ["own"], ["all"]]
    assert [request.field("Authorization") is None for request in server.requests] == [
        False,
        False,
        True,
    ]


def test_settings_yield_to_what_is_beside_and_in_a_line(
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
        (request.target, *(request.field(name) for name in ("X-A", "X-B", "X-C")))
        for request in server.requests
    ]
    assert sent == [("/p/1", "d", "beside", "line"), ("/2", "d", "beside", "d")]


def test_a_jar_is_shared_by_all_lines(server: RawServer, tmp_path: Path) -> None:
    server.answer(response("", "Set-Cookie: a=1; Max-Age=999"))
    batch(tmp_path, f"{server.url}\n{server.url}\n", "--cookie-jar=jar")
    assert [request.field("Cookie") for request in server.requests] == [None, "a=1"]
    assert "a\t1" in (tmp_path / "jar").read_text()


def test_a_session_is_shared_and_keeps_cookies_only(server: RawServer, tmp_path: Path) -> None:
    server.answer(response("", "Set-Cookie: a=1; Max-Age=999"))
    batch(tmp_path, f"{server.url} X-A:1\n{server.url}\n", "--session=./s.json", "-a", "u:p")
    assert [request.field("Cookie") for request in server.requests] == [None, "a=1"]
    kept = (tmp_path / "s.json").read_text()
    assert '"a"' in kept
    assert "X-A" not in kept
    assert "u:p" not in kept


def test_lines_without_a_jar_know_nothing_of_each_other(server: RawServer, tmp_path: Path) -> None:
    server.always(response("", "Set-Cookie: a=1"))
    batch(tmp_path, f"{server.url} --follow\n{server.url} --follow\n")
    assert [request.field("Cookie") for request in server.requests] == [None, None]


def test_each_line_may_have_a_file_of_its_own(server: RawServer, tmp_path: Path) -> None:
    server.answer(response("one")).answer(response("two"))
    lines = "-o a {0}\n-o b {0}\n-o ./a {0}\n-o /dev/null {0}\n-o /dev/null {0}\n"
    ran = batch(tmp_path, lines.format(server.url))
    assert ((tmp_path / "a").read_text(), (tmp_path / "b").read_text()) == ("one", "two")
    assert ran.err.startswith("httpcli: error: list:3: --output=./a: line 1 writes that file")
    assert ran.status == 10
    assert len(server.requests) == 4


def test_standard_input_is_never_a_body(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "list").write_text(server.url)
    run("--batch", "list", stdin=b"not a body", cwd=tmp_path)
    assert (server.request.method, server.request.body) == ("GET", b"")


def test_a_failed_status_names_its_line(server: RawServer, tmp_path: Path) -> None:
    server.answer(response("", status="404 Not Found"))
    ran = batch(tmp_path, f"\n{server.url}\n", "--check-status")
    assert (ran.err, ran.status) == ("httpcli: warning: list:2: HTTP 404 Not Found\n", 4)


def test_a_warning_of_all_lines_is_said_once(tls_server: RawServer, tmp_path: Path) -> None:
    ran = batch(tmp_path, f"{tls_server.url}\n{tls_server.url}\n", "--verify=no")
    assert ran.err.count("is not checked") == 1
    assert ran.out == b"ok\nok\n"


def test_echo_is_one_server_for_all_lines(tmp_path: Path) -> None:
    ran = batch(tmp_path, "echo:/status/200\nPOST echo:/anything a=1\n")
    assert b'"json": {"a": "1"}' in ran.out
    assert ran.status == 0


def test_output_on_a_terminal_is_that_of_single_requests(
    server: RawServer, tmp_path: Path
) -> None:
    server.always(response('{"a":1}', "Content-Type: application/json"))
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
def test_what_does_nothing_alone_is_told_and_the_request_is_sent(
    option: str, needed: str, server: RawServer
) -> None:
    ran = run(option, server.url)
    assert (ran.status, ran.out) == (0, b"ok\n")
    assert f"does nothing without {needed}" in ran.err


def test_what_the_settings_say_for_batches_is_not_told_of_a_single_request(
    server: RawServer, home: Path
) -> None:
    folder = home / ".config" / "httpcli"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('[defaults]\njobs = 2\nrate = "9/s"\n')
    assert run(server.url).err == ""
