"""Content that flows slowly, is refused on its way, or passes through; real sockets."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import pytest

from tests.support.run import run
from tests.support.servers import LoopbackServer, RawServer
from tests.support.wire import Connection, chunk, close, response, stall


class TestRates:
    def test_a_response_comes_no_faster_than_allowed(self, server: RawServer) -> None:
        server.answer(response("x" * 60_000))
        began = time.monotonic()
        assert len(run("--limit-rate=100kB", server.url).out) == 60_000
        assert time.monotonic() - began >= 0.5

    @pytest.mark.parametrize("words", [(), ("--chunked",)])
    def test_a_request_leaves_no_faster_than_allowed(
        self, server: RawServer, words: tuple[str, ...]
    ) -> None:
        began = time.monotonic()
        run("--limit-rate=100kB", *words, server.url, "--raw", "x" * 60_000)
        assert time.monotonic() - began >= 0.5
        assert server.request.body == b"x" * 60_000

    def test_waiting_for_the_rate_is_no_silence_of_the_server(self, server: RawServer) -> None:
        server.answer(response("x" * 60_000))
        result = run("--limit-rate=60kB", "--timeout=0.3", server.url)
        assert (result.status, len(result.out)) == (0, 60_000)

    def test_2_a_response_that_is_too_slow_is_given_up(self, server: RawServer) -> None:
        server.answer(response("half and more")[:-4], stall)
        result = run("--min-rate=1kB:300ms", server.url)
        assert (result.status, result.text) == (2, "half and ")
        assert "less than 1000 bytes a second for 0.3 s" in result.err

    def test_what_is_too_slow_is_tried_again(self, server: RawServer) -> None:
        server.answer(response("half and more")[:-4], stall)
        result = run("--min-rate=1kB:300ms", "--retry=1", "--retry-delay=0", "--spool", server.url)
        assert (result.status, result.text) == (0, "ok\n")

    def test_2_a_request_that_is_taken_too_slowly_is_given_up(self) -> None:
        class Deaf(LoopbackServer):
            def serve(self, connection: Connection) -> None:
                stall(connection)

        with Deaf() as deaf:
            result = run(
                "--min-rate=1kB:300ms", f"http://{deaf.address}/", stdin=b"x" * 30_000_000
            )
        assert result.status == 2
        assert "less than 1000 bytes a second for 0.3 s" in result.err

    def test_a_rate_of_0_is_no_limit(self, server: RawServer) -> None:
        assert run("--limit-rate=0", "--min-rate=0", server.url).text == "ok\n"

    @pytest.mark.parametrize("option", ["--limit-rate=x", "--min-rate=1kB:x", "--min-rate=1:0"])
    def test_a_rate_that_is_none_is_a_usage_error(self, option: str) -> None:
        assert run(option, ":/").status == 10


class TestRefusals:
    def test_a_server_that_does_not_know_expect_gets_the_content_without(
        self, server: RawServer
    ) -> None:
        server.on_head = [response("", status="417 Expectation Failed"), close]
        result = run("--expect-continue", server.url, stdin=b"x" * 3_000_000)
        assert result.text == "ok\n"
        assert [request.field("Expect") for request in server.requests] == ["100-continue", None]
        assert len(server.requests[1].body) == 3_000_000

    def test_a_server_that_says_nothing_gets_the_content_after_a_second(
        self, server: RawServer
    ) -> None:
        server.on_head = []
        began = time.monotonic()
        assert run("--expect-continue", server.url, "a=1").text == "ok\n"
        assert 1 <= time.monotonic() - began < 10
        assert server.request.json == {"a": "1"}

    def test_a_refusal_in_mid_upload_is_the_answer_and_nothing_else_is_said(self) -> None:
        class Refusing(LoopbackServer):
            def serve(self, connection: Connection) -> None:
                connection.socket.recv(200_000)
                connection.send(
                    response("too large", "Connection: close", status="413 Content Too Large")
                )
                connection.close()

        with Refusing() as server:
            result = run("--check-status", server.url, stdin=b"x" * 30_000_000)
        assert (result.status, result.text) == (4, "too large")
        assert result.err == "httpcli: warning: HTTP 413 Content Too Large\n"


class TestBodiesThatComeOnce:
    LONG = bytes(range(256)) * 12_000

    def test_a_redirect_asks_for_it_again(self, server: RawServer) -> None:
        server.answer(response("", "Location: /there", status="307 Temporary Redirect"))
        result = run("--follow", "--spool", server.url, stdin=self.LONG)
        assert result.text == "ok\n"
        assert [request.body == self.LONG for request in server.requests] == [True, True]

    def test_without_a_copy_that_fails_with_a_clear_line(self, server: RawServer) -> None:
        server.answer(response("", "Location: /there", status="307 Temporary Redirect"))
        result = run("--follow", server.url, stdin=self.LONG)
        assert result.status == 1
        assert "can be read only once" in result.err
        assert "--spool" in result.err

    def test_a_try_that_failed_in_the_middle_is_made_good(self, server: RawServer) -> None:
        def hang_up(connection: Connection) -> None:
            connection.reset()

        server.on_head = [hang_up]
        server.answer(hang_up)
        words = ["PUT", "--retry=2", "--retry-delay=0", "--spool"]
        result = run(*words, server.url, stdin=self.LONG)
        assert result.text == "ok\n"
        assert server.requests[-1].body == self.LONG

    def test_a_source_is_asked_once_and_its_content_sent_twice(
        self, server: RawServer, other_server: RawServer
    ) -> None:
        other_server.answer(response(self.LONG))
        server.answer(response("", status="503 Busy"))
        words = ["--retry=1", "--retry-delay=0", "--spool", "-T", other_server.url]
        assert run(*words, server.url).text == "ok\n"
        assert [request.body == self.LONG for request in server.requests] == [True, True]
        assert len(other_server.requests) == 1

    def test_a_source_that_is_cut_short_is_not_tried_again(
        self, server: RawServer, other_server: RawServer
    ) -> None:
        other_server.answer(response("", "Transfer-Encoding: chunked"), chunk(self.LONG), close)
        words = ["--retry=5", "--retry-delay=0", "--spool", "-T", other_server.url]
        result = run(*words, server.url)
        assert result.status == 13
        assert "the source" in result.err
        assert not any(request.whole for request in server.requests)
        assert len(server.requests) <= 1  # none where the reset overtook the head
        assert len(other_server.requests) == 1


class TestPassing:
    def test_a_copy_is_kept_beside_what_is_shown(self, server: RawServer, tmp_path: Path) -> None:
        server.answer(response('{"a":1}', "Content-Type: application/json"))
        result = run("--tee", "copy", "--pretty=format", server.url)
        assert (tmp_path / "copy").read_text() == '{"a":1}'
        assert '"a": 1' in result.text

    def test_a_copy_that_is_not_whole_takes_no_files_place(
        self, server: RawServer, tmp_path: Path
    ) -> None:
        (tmp_path / "copy").write_text("good")
        server.answer(response("half and more")[:-4], close)
        assert run("--tee", "copy", server.url).status == 13
        assert (tmp_path / "copy").read_text() == "good"
        assert list(tmp_path.glob("copy*")) == [tmp_path / "copy"]

    def test_a_copy_is_of_the_last_response_and_not_of_what_check_status_fails(
        self, server: RawServer, tmp_path: Path
    ) -> None:
        server.answer(response("moved", "Location: /a", status="302 Found"))
        run("--follow", "--all", "--tee", "copy", server.url)
        assert (tmp_path / "copy").read_text() == "ok\n"
        server.answer(response("gone", status="404 Not Found"))
        assert run("--check-status", "--tee", "copy", server.url).status == 4
        assert (tmp_path / "copy").read_text() == "ok\n"

    def test_a_copy_is_kept_although_nothing_is_shown(
        self, server: RawServer, tmp_path: Path
    ) -> None:
        assert "ok" not in run("-h", "--tee", "copy", server.url).text
        assert (tmp_path / "copy").read_text() == "ok\n"

    def test_17_a_copy_that_cannot_be_written_is_said_before_anything_is_sent(
        self, server: RawServer
    ) -> None:
        result = run("--tee", "no/such/copy", server.url)
        assert result.status == 17
        assert "no/such/copy: cannot be written" in result.err
        server.must_be_idle()

    def test_the_hash_of_what_went_through_is_said_on_stderr(self, server: RawServer) -> None:
        result = run("--hash=sha256", server.url, "--raw", "hello")
        sent, received = (hashlib.sha256(data).hexdigest() for data in (b"hello", b"ok\n"))
        assert result.text == "ok\n"
        assert result.err == f"sha256:{sent}  sent\nsha256:{received}  received\n"

    def test_what_is_not_whole_has_no_hash(self, server: RawServer) -> None:
        server.answer(response("half and more")[:-4], close)
        result = run("--hash=md5", server.url)
        assert result.status == 13
        assert "md5:" not in result.err

    def test_a_hash_that_is_not_known_is_a_usage_error(self) -> None:
        result = run("--hash=rot13", ":/")
        assert result.status == 10
        assert "sha256" in result.err
