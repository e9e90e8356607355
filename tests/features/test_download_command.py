"""``httpcli download``: several files in one run."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path

import pytest

from tests.support.http_connection import ClientConnection, close, response
from tests.support.run import run, run_process
from tests.support.run_result import TIMEOUT
from tests.support.servers import LoopbackServer, RawServer

BODY = bytes(range(256)) * 40


class RoutingServer(LoopbackServer):
    """Answers each target with its own response; an empty one closes the connection."""

    def __init__(self, answers: dict[str, bytes], *, closes: bool = False) -> None:
        super().__init__()
        self.answers = answers
        self.closes = closes

    def serve(self, connection: ClientConnection) -> None:
        while connection.open and (request := connection.receive()) is not None:
            self.record(request)
            answer = self.answers[request.target]
            connection.send(answer)
            if self.closes or not answer:
                connection.close()


class ConcurrencyServer(LoopbackServer):
    """Holds its responses until ``expected`` requests wait, and counts the most that do."""

    def __init__(self, expected: int) -> None:
        super().__init__()
        self.expected = expected
        self.waiting = self.most = 0
        self.reached = threading.Event()
        self.lock = threading.Lock()

    def serve(self, connection: ClientConnection) -> None:
        while connection.open and (request := connection.receive()) is not None:
            self.record(request)
            with self.lock:
                self.waiting += 1
                self.most = max(self.most, self.waiting)
                if self.waiting == self.expected:
                    self.reached.set()
            self.reached.wait(TIMEOUT)
            connection.stopping.wait(0.05)  # time for a request above the limit to arrive
            with self.lock:
                self.waiting -= 1
            connection.send(response(b"x"))


def file_names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.name != "home")


def test_each_url_is_saved_and_its_path_printed(server: RawServer, tmp_path: Path) -> None:
    server.answer_always(response(BODY))
    result = run("download", f"{server.url}/a", f"{server.url}/b", "--output-dir", ".")
    assert result.status == 0
    assert sorted(result.out.decode().split("\n")[:-1]) == ["./a", "./b"]
    assert file_names(tmp_path) == ["a", "b"]
    assert (tmp_path / "b").read_bytes() == BODY


def test_several_files_print_a_table_and_exit_with_the_worst_status(tmp_path: Path) -> None:
    missing = response("no", status="404 Not Found")
    with RoutingServer({"/a": response(BODY), "/b?token=t": missing}) as server:
        result = run("download", f"{server.url}/a", f"{server.url}/b?token=t", "--retry", "0")
    assert result.status == 4
    assert result.out == b"a\n"
    assert file_names(tmp_path) == ["a"]
    table = result.err[result.err.index("file ") :]
    assert re.search(r"a +10\.0 KiB +\d+\.\d s +.*/s +saved", table)
    assert "HTTP 404 Not Found" in table
    assert "token=t" not in result.err


def test_failed_file_does_not_stop_the_others(tmp_path: Path) -> None:
    with RoutingServer({"/a": b"", "/b": response(BODY)}) as server:
        result = run("download", f"{server.url}/a", f"{server.url}/b", "--retry", "0")
    assert result.status == 12
    assert file_names(tmp_path) == ["b"]


def test_input_list_can_set_names_and_checksums(server: RawServer, tmp_path: Path) -> None:
    server.answer_always(response(b"a"))
    (tmp_path / "list").write_text(
        f"# two\n{server.url}/x\n  out=mine.txt\n"
        "  checksum=sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb\n"
        f"{server.url}/y\n  checksum=md5:{'0' * 32}\n"
    )
    result = run("download", "--input", "list")
    assert result.status == 13
    assert file_names(tmp_path) == ["list", "mine.txt"]


@pytest.mark.wide
def test_input_list_can_come_from_standard_input(server: RawServer, tmp_path: Path) -> None:
    server.answer(response(b"a"))
    (tmp_path / "list").write_text(f"{server.url}/x\n")
    with (tmp_path / "list").open("rb") as file:
        result = run_process("download", "--input", "-", stdin=Path(file.name), cwd=tmp_path)
    assert result.status == 0
    assert file_names(tmp_path) == ["list", "x"]


def test_standard_input_is_not_used_as_a_body(server: RawServer) -> None:
    server.answer(response(b"a"))
    assert run("download", f"{server.url}/x", stdin=b"not a body").status == 0
    assert (server.request.method, server.request.body) == ("GET", b"")


@pytest.mark.wide
def test_jobs_option_limits_concurrent_downloads() -> None:
    with ConcurrencyServer(expected=3) as server:
        urls = [f"{server.url}/{number}" for number in range(7)]
        assert run("download", "--jobs", "3", *urls).status == 0
    assert server.most == 3


def test_connection_is_reused_for_the_next_file(server: RawServer) -> None:
    server.answer_always(response(b"x"))
    urls = [f"{server.url}/{number}" for number in range(5)]
    assert run("download", "--jobs", "1", *urls).status == 0
    assert {each.connection for each in server.requests} == {0}


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ((), "missing URL"),
        (("h/a", "h/b", "-o", "x"), "--output cannot be used with several URLs"),
        (("h/a", "--jobs", "0"), "at least 1"),
        (("h/a", "--connections", "many"), ": invalid number"),
        (("h/a", "--offline"), "cannot be used with httpcli download"),
        (("--input", "nowhere"), "nowhere: cannot be read"),
        (("--nosuch", "h/a"), "unknown option --nosuch"),
    ],
)
def test_invalid_options_are_a_usage_error(argv: tuple[str, ...], message: str) -> None:
    result = run("download", *argv)
    assert result.status == 10
    assert message in result.err


@pytest.mark.parametrize("argv", [("GET", "download"), ("download:80",), ("download/",)])
def test_host_named_download_can_be_requested(argv: tuple[str, ...]) -> None:
    assert "Host: download" in run("--offline", *argv).text


def test_help_lists_the_options() -> None:
    result = run("download", "--help")
    assert result.status == 0
    assert "--connections N" in result.text
    assert all(len(line) <= 80 for line in result.text.split("\n"))


SECRETS = [
    ("--auth", "me:secret"),
    ("--auth-type", "bearer", "--auth", "secret"),
    ("--cookie", "a=secret"),
    ("--header", "Authorization: secret"),
    ("--header", "X-Api-Key: secret"),
    ("--param", "access_token=secret"),
    ("--session", "./mine.json"),
]


@pytest.mark.parametrize("secret", SECRETS, ids=lambda argv: argv[-1])
def test_secret_option_with_two_origins_is_an_error(
    server: RawServer, other_server: RawServer, secret: tuple[str, ...]
) -> None:
    server.may_be_idle()
    other_server.may_be_idle()
    result = run("download", *secret, f"{server.url}/a", f"{other_server.url}/b")
    assert result.status == 10
    assert "one origin" in result.err
    assert (server.requests, other_server.requests) == ([], [])


def test_secret_is_sent_for_all_files_of_one_origin(server: RawServer) -> None:
    server.answer_always(response(b"x"))
    assert run("download", "-a", "me:pw", f"{server.url}/a", f"{server.url}/b").status == 0
    assert all(each.header("Authorization") for each in server.requests)


def test_trust_redirects_allows_a_secret_for_two_origins(
    server: RawServer, other_server: RawServer
) -> None:
    server.answer(response(b"x"))
    other_server.answer(response(b"x"))
    urls = (f"{server.url}/a", f"{other_server.url}/b")
    assert run("download", "-a", "me:pw", "--trust-redirects", *urls).status == 0
    assert other_server.request.header("Authorization") is not None


def test_credentials_in_a_url_are_sent_only_to_its_origin(
    server: RawServer, other_server: RawServer
) -> None:
    server.answer(response(b"x"))
    other_server.answer(response(b"x"))
    with_user = server.url.replace("http://", "http://me:pw@")
    assert run("download", f"{with_user}/a", f"{other_server.url}/b").status == 0
    assert server.request.header("Authorization") is not None
    assert other_server.request.header("Authorization") is None


def test_json_progress_is_one_object_per_line(server: RawServer) -> None:
    server.answer_always(response(BODY))
    result = run("download", f"{server.url}/a", f"{server.url}/b", "--progress=json")
    events = [json.loads(line) for line in result.err.splitlines()]
    assert [each["event"] for each in events if each["name"] == "a"] == ["begin", "end"]
    assert [each["done"] for each in events if each["event"] == "end"] == [len(BODY)] * 2
    assert {each["outcome"] for each in events if each["event"] == "end"} == {"ok"}


def test_progress_can_be_turned_off(server: RawServer) -> None:
    server.answer_always(response(BODY))
    assert run("download", f"{server.url}/a", "--progress=none").err == ""
    assert run("download", f"{server.url}/a", "-q").err == ""


def test_progress_without_a_terminal_is_two_lines_per_file(
    server: RawServer,
) -> None:
    server.answer_always(response(BODY))
    lines = run("download", f"{server.url}/a").err.splitlines()
    assert lines[0] == "a: 10.0 KiB"
    assert re.fullmatch(r"a: 10\.0 KiB in \d+\.\d s, .*/s", lines[1])
    assert len(lines) == 2


def test_several_partial_files_give_one_resume_hint(tmp_path: Path) -> None:
    cut = response(BODY, 'ETag: "v1"')[:-5000]
    urls = ("/a", "/b", "/c")
    with RoutingServer(dict.fromkeys(urls, cut), closes=True) as server:
        full_urls = tuple(server.url + url for url in urls)
        result = run("download", *full_urls, "--retry=0")
        assert result.status == 13
        assert result.err.count("to resume: --continue") == 1
        assert "3 partial files were kept; to resume: --continue" in result.err
        server.answers = dict.fromkeys(urls, response(BODY, 'ETag: "v1"'))
        assert run("download", "-c", *full_urls).status == 0
    assert file_names(tmp_path) == ["a", "b", "c"]


def test_partial_file_is_resumed_by_the_same_command(server: RawServer, tmp_path: Path) -> None:
    tag = ('ETag: "v1"', "Accept-Ranges: bytes")
    server.answer(response(BODY, *tag)[:-5000], close)
    assert run("download", f"{server.url}/a", "-o", "a", "--retry=0").status == 13
    assert file_names(tmp_path) == ["a.part", "a.part.json"]
    rest = f"Content-Range: bytes {len(BODY) - 5000}-{len(BODY) - 1}/{len(BODY)}"
    server.answer(response(BODY[-5000:], *tag, rest, status="206 Partial Content"))
    assert run("download", f"{server.url}/a", "-o", "a", "-c").status == 0
    assert (tmp_path / "a").read_bytes() == BODY
