"""Rate limits, refused uploads, bodies that can be read once, ``--tee`` and ``--hash``."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import pytest

from tests.support.http_connection import ClientConnection, chunk, close, response, stall
from tests.support.run import run
from tests.support.servers import LoopbackServer, RawServer


class TestRates:
    def test_limit_rate_slows_the_response(self, server: RawServer) -> None:
        server.answer(response("x" * 60_000))
        began = time.monotonic()
        assert len(run("--limit-rate=100kB", server.url).out) == 60_000
        assert time.monotonic() - began >= 0.5

    @pytest.mark.parametrize("args", [(), pytest.param(("--chunked",), marks=pytest.mark.wide)])
    def test_limit_rate_slows_the_request(self, server: RawServer, args: tuple[str, ...]) -> None:
        began = time.monotonic()
        run("--limit-rate=100kB", *args, server.url, "--raw", "x" * 60_000)
        assert time.monotonic() - began >= 0.5
        assert server.request.body == b"x" * 60_000

    @pytest.mark.wide
    def test_limit_rate_does_not_cause_a_timeout(self, server: RawServer) -> None:
        server.answer(response("x" * 60_000))
        result = run("--limit-rate=60kB", "--timeout=0.3", server.url)
        assert (result.status, len(result.out)) == (0, 60_000)

    def test_too_slow_response_is_aborted(self, server: RawServer) -> None:
        server.answer(response("half and more")[:-4], stall)
        result = run("--min-rate=1kB:300ms", server.url)
        assert (result.status, result.text) == (2, "half and ")
        assert "slower than 1000 bytes per second for 0.3 s" in result.err

    @pytest.mark.wide
    def test_too_slow_response_is_retried(self, server: RawServer) -> None:
        server.answer(response("half and more")[:-4], stall)
        result = run("--min-rate=1kB:300ms", "--retry=1", "--retry-delay=0", "--spool", server.url)
        assert (result.status, result.text) == (0, "ok\n")

    @pytest.mark.wide
    def test_too_slow_upload_is_aborted(self) -> None:
        class SilentServer(LoopbackServer):
            def serve(self, connection: ClientConnection) -> None:
                stall(connection)

        with SilentServer() as silent_server:
            result = run(
                "--min-rate=1kB:300ms", f"http://{silent_server.address}/", stdin=b"x" * 30_000_000
            )
        assert result.status == 2
        assert "slower than 1000 bytes per second for 0.3 s" in result.err

    def test_rate_of_zero_means_no_limit(self, server: RawServer) -> None:
        assert run("--limit-rate=0", "--min-rate=0", server.url).text == "ok\n"

    @pytest.mark.parametrize("option", ["--limit-rate=x", "--min-rate=1kB:x", "--min-rate=1:0"])
    def test_invalid_rate_is_a_usage_error(self, option: str) -> None:
        assert run(option, ":/").status == 10


class TestRefusedUploads:
    def test_417_resends_the_body_without_expect(self, server: RawServer) -> None:
        server.continue_steps = [response("", status="417 Expectation Failed"), close]
        result = run("--expect-continue", server.url, stdin=b"x" * 3_000_000)
        assert result.text == "ok\n"
        assert [request.header("Expect") for request in server.requests] == ["100-continue", None]
        assert len(server.requests[1].body) == 3_000_000

    @pytest.mark.wide
    def test_body_is_sent_a_second_after_an_unanswered_expect(self, server: RawServer) -> None:
        server.continue_steps = []
        began = time.monotonic()
        assert run("--expect-continue", server.url, "a=1").text == "ok\n"
        assert 1 <= time.monotonic() - began < 10
        assert server.request.json == {"a": "1"}

    def test_early_error_response_is_shown_without_a_transfer_error(self) -> None:
        class Refusing(LoopbackServer):
            def serve(self, connection: ClientConnection) -> None:
                connection.socket.recv(200_000)
                connection.send(
                    response("too large", "Connection: close", status="413 Content Too Large")
                )
                connection.close()

        with Refusing() as server:
            result = run("--check-status", server.url, stdin=b"x" * 30_000_000)
        assert (result.status, result.text) == (4, "too large")
        assert result.err == "httpcli: warning: HTTP 413 Content Too Large\n"


class TestBodiesReadOnce:
    LONG = bytes(range(256)) * 12_000

    def test_spooled_body_is_sent_again_after_a_redirect(self, server: RawServer) -> None:
        server.answer(response("", "Location: /there", status="307 Temporary Redirect"))
        result = run("--follow", "--spool", server.url, stdin=self.LONG)
        assert result.text == "ok\n"
        assert [request.body == self.LONG for request in server.requests] == [True, True]

    def test_unspooled_body_cannot_follow_a_redirect(self, server: RawServer) -> None:
        server.answer(response("", "Location: /there", status="307 Temporary Redirect"))
        result = run("--follow", server.url, stdin=self.LONG)
        assert result.status == 1
        assert "can be read only once" in result.err
        assert "--spool" in result.err

    def test_interrupted_upload_is_retried(self, server: RawServer) -> None:
        def reset_connection(connection: ClientConnection) -> None:
            connection.reset()

        server.continue_steps = [reset_connection]
        server.answer(reset_connection)
        args = ["PUT", "--retry=2", "--retry-delay=0", "--spool"]
        result = run(*args, server.url, stdin=self.LONG)
        assert result.text == "ok\n"
        assert server.requests[-1].body == self.LONG

    def test_source_url_is_requested_once_for_two_attempts(
        self, server: RawServer, other_server: RawServer
    ) -> None:
        other_server.answer(response(self.LONG))
        server.answer(response("", status="503 Busy"))
        args = ["--retry=1", "--retry-delay=0", "--spool", "-T", other_server.url]
        assert run(*args, server.url).text == "ok\n"
        assert [request.body == self.LONG for request in server.requests] == [True, True]
        assert len(other_server.requests) == 1

    def test_incomplete_source_url_is_not_retried(
        self, server: RawServer, other_server: RawServer
    ) -> None:
        other_server.answer(response("", "Transfer-Encoding: chunked"), chunk(self.LONG), close)
        args = ["--retry=5", "--retry-delay=0", "--spool", "-T", other_server.url]
        result = run(*args, server.url)
        assert result.status == 13
        assert "source: " in result.err
        assert not any(request.complete for request in server.requests)
        assert len(server.requests) <= 1  # 0 if the reset arrived before the request headers
        assert len(other_server.requests) == 1


class TestTeeAndHash:
    def test_tee_saves_the_unformatted_body(self, server: RawServer, tmp_path: Path) -> None:
        server.answer(response('{"a":1}', "Content-Type: application/json"))
        result = run("--tee", "copy", "--pretty=format", server.url)
        assert (tmp_path / "copy").read_text() == '{"a":1}'
        assert '"a": 1' in result.text

    def test_incomplete_copy_does_not_replace_the_file(
        self, server: RawServer, tmp_path: Path
    ) -> None:
        (tmp_path / "copy").write_text("good")
        server.answer(response("half and more")[:-4], close)
        assert run("--tee", "copy", server.url).status == 13
        assert (tmp_path / "copy").read_text() == "good"
        assert list(tmp_path.glob("copy*")) == [tmp_path / "copy"]

    def test_tee_saves_only_the_last_successful_response(
        self, server: RawServer, tmp_path: Path
    ) -> None:
        server.answer(response("moved", "Location: /a", status="302 Found"))
        run("--follow", "--all", "--tee", "copy", server.url)
        assert (tmp_path / "copy").read_text() == "ok\n"
        server.answer(response("gone", status="404 Not Found"))
        assert run("--check-status", "--tee", "copy", server.url).status == 4
        assert (tmp_path / "copy").read_text() == "ok\n"

    def test_tee_saves_a_body_that_is_not_shown(self, server: RawServer, tmp_path: Path) -> None:
        assert "ok" not in run("-h", "--tee", "copy", server.url).text
        assert (tmp_path / "copy").read_text() == "ok\n"

    def test_unwritable_copy_is_an_error_before_sending(self, server: RawServer) -> None:
        result = run("--tee", "no/such/copy", server.url)
        assert result.status == 17
        assert "no/such/copy: cannot be written" in result.err
        server.assert_not_called()

    def test_hashes_are_printed_on_stderr(self, server: RawServer) -> None:
        result = run("--hash=sha256", server.url, "--raw", "hello")
        sent, received = (hashlib.sha256(data).hexdigest() for data in (b"hello", b"ok\n"))
        assert result.text == "ok\n"
        assert result.err == f"sha256:{sent}  sent\nsha256:{received}  received\n"

    def test_incomplete_body_has_no_hash(self, server: RawServer) -> None:
        server.answer(response("half and more")[:-4], close)
        result = run("--hash=md5", server.url)
        assert result.status == 13
        assert "md5:" not in result.err

    def test_unknown_hash_is_a_usage_error(self) -> None:
        result = run("--hash=rot13", ":/")
        assert result.status == 10
        assert "sha256" in result.err
