"""Authentication: Digest, the netrc file, and password prompts."""

from __future__ import annotations

import os
import re
from base64 import b64decode
from pathlib import Path

import pytest

from tests.support.certificates import CertificateAuthority
from tests.support.http_connection import ClientConnection, ReceivedRequest, response
from tests.support.run import run, run_process, start_process
from tests.support.servers import RawServer
from tests.support.terminal import Terminal

CHALLENGE = 'Digest realm="r", nonce="one", qop="auth"'
LARGE = os.urandom(3_000_000)


def challenge(
    value: str = CHALLENGE, body: str = "who?", status: str = "401 Unauthorized"
) -> bytes:
    return response(body, f"WWW-Authenticate: {value}", status=status)


def authorization(request: ReceivedRequest) -> str:
    return request.header("Authorization") or ""


def basic(request: ReceivedRequest) -> str:
    scheme, _, token = authorization(request).partition(" ")
    assert scheme == "Basic"
    return b64decode(token).decode()


class TestDigest:
    @pytest.mark.parametrize("qop", ["auth", "auth-int", "both", "none"])
    @pytest.mark.parametrize("algorithm", ["MD5", "MD5-sess", "SHA-256", "SHA-512-256-sess"])
    def test_right_password_is_accepted(self, qop: str, algorithm: str) -> None:
        url = f'echo:/digest-auth/{qop}/zöe/p:w/{algorithm}?a=b%20"c'
        result = run("--check-status", "-A", "digest", "-a", "zöe:p:w", url, "a=b")
        assert (result.status, result.json["authenticated"]) == (0, True)

    def test_password_can_be_in_the_url(self) -> None:
        url = "http://me:p%40ss@{}/"
        with RawServer().answer(challenge()) as server:
            run("-A", "digest", url.format(server.address))
            assert 'username="me"' in authorization(server.requests[-1])

    def test_wrong_password_is_tried_once(self, server: RawServer) -> None:
        server.answer_always(challenge())
        result = run("--check-status", "-A", "digest", "-a", "me:wrong", server.url)
        assert (result.status, result.text) == (4, "who?")
        assert [bool(authorization(request)) for request in server.requests] == [False, True]

    def test_stale_nonce_is_replaced(self, server: RawServer) -> None:
        server.answer(challenge()).answer(challenge('Digest nonce="two", stale=true'))
        assert run("-A", "digest", "-a", "me:pw", server.url).text == "ok\n"
        assert 'nonce="two"' in authorization(server.requests[-1])

    @pytest.mark.parametrize("content", [["a=1"], ["@large.bin"], ["-f", "a=1", "f@large.bin"]])
    def test_whole_body_is_sent_again(
        self, server: RawServer, tmp_path: Path, content: list[str]
    ) -> None:
        (tmp_path / "large.bin").write_bytes(LARGE)
        server.answer(challenge())
        assert run("POST", "-A", "digest", "-a", "me:pw", server.url, *content).status == 0
        first, second = server.requests
        assert first.complete
        assert second.complete
        assert first.body == second.body != b""

    def test_expect_continue_sends_the_body_once(self, server: RawServer, tmp_path: Path) -> None:
        (tmp_path / "large.bin").write_bytes(LARGE)
        accept = server.continue_steps

        def challenge_at_once(connection: ClientConnection) -> None:
            server.continue_steps = accept
            connection.send(challenge())
            connection.close()

        server.continue_steps = (challenge_at_once,)
        options = ["PUT", "--expect-continue", "-A", "digest", "-a", "me:pw", server.url]
        assert run(*options, "@large.bin").text == "ok\n"
        assert [request.body for request in server.requests] == [b"", LARGE]

    @pytest.mark.wide
    @pytest.mark.parametrize("shown", ["b", "h"])
    def test_long_piped_body_is_not_sent_again(self, server: RawServer, shown: str) -> None:
        server.answer(challenge())
        result = run_process("-A", "digest", "-a", "me:pw", "-p", shown, server.url, stdin=LARGE)
        assert result.status == 1
        assert "can be read only once" in result.err
        assert "@FILE" in result.err
        assert len(server.requests) == 1

    def test_short_piped_body_is_sent_again(self, server: RawServer) -> None:
        server.answer(challenge())
        assert run_process("-A", "digest", "-a", "me:pw", server.url, stdin=b"short").status == 0
        assert [request.body for request in server.requests] == [b"short", b"short"]

    def test_auth_int_with_a_file_body_is_an_error(
        self, server: RawServer, tmp_path: Path
    ) -> None:
        (tmp_path / "f").write_bytes(b"x")
        server.answer(challenge('Digest nonce="one", qop="auth-int"'))
        result = run("-A", "digest", "-a", "me:pw", server.url, "@f")
        assert result.status == 1
        assert "auth-int" in result.err

    def test_only_the_last_exchange_is_shown_without_all(self, server: RawServer) -> None:
        server.answer(challenge())
        result = run("-p", "Hhb", "-A", "digest", "-a", "me:pw", server.url)
        assert "401 Unauthorized" not in result.text
        assert "who?" not in result.text
        assert result.text.count("GET / HTTP/1.1") == 1
        assert "Authorization: Digest" in result.text

    def test_all_option_shows_the_challenge_too(self, server: RawServer) -> None:
        server.answer(challenge())
        result = run("--all", "-p", "Hhb", "-A", "digest", "-a", "me:pw", server.url)
        assert result.text.index("401 Unauthorized") < result.text.index("who?")
        assert result.text.index("who?") < result.text.index("Authorization: Digest")
        assert result.text.endswith("ok\n")

    def test_huge_challenge_body_is_not_read(self, server: RawServer) -> None:
        head = (
            f"HTTP/1.1 401 U\r\nWWW-Authenticate: {CHALLENGE}\r\nContent-Length: 99999999\r\n\r\n"
        )
        server.answer(head.encode())
        assert run("-A", "digest", "-a", "me:pw", server.url).text == "ok\n"

    def test_redirect_within_the_origin_is_authenticated_at_once(self, server: RawServer) -> None:
        server.answer(challenge()).answer(response("", "Location: /b", status="307 T"))
        run("--follow", "-A", "digest", "-a", "me:pw", server.url + "/a")
        first, second, third = map(authorization, server.requests)
        assert first == ""
        assert 'uri="/a"' in second
        assert "nc=00000001" in second
        assert 'uri="/b"' in third
        assert "nc=00000002" in third

    def test_credentials_are_not_sent_to_another_origin(
        self, server: RawServer, other_server: RawServer
    ) -> None:
        server.answer(challenge())
        server.answer(response("", f"Location: {other_server.url}/", status="302 Found"))
        other_server.answer_always(challenge())
        result = run("--follow", "-A", "digest", "-a", "me:pw", server.url)
        assert result.text == "who?"
        assert list(map(authorization, other_server.requests)) == [""]

    def test_trusted_origin_gets_its_own_digest_response(
        self, server: RawServer, other_server: RawServer
    ) -> None:
        server.answer(challenge())
        server.answer(response("", f"Location: {other_server.url}/", status="302 Found"))
        other_server.answer(challenge('Digest nonce="other"'))
        run("--follow", "--trust-redirects", "-A", "digest", "-a", "me:pw", server.url)
        first, second = map(authorization, other_server.requests)
        assert first == ""
        assert 'nonce="other"' in second

    def test_offline_request_has_no_authorization(self) -> None:
        result = run("--offline", "-A", "digest", "-a", "me:pw", "example.org")
        assert result.status == 0
        assert "Authorization" not in result.text

    def test_password_from_a_reference_is_redacted(self, server: RawServer) -> None:
        server.answer(challenge())
        auth = "me:@env:PASSWORD"
        result = run("-p", "H", "-A", "digest", "-a", auth, server.url, env={"PASSWORD": "pw"})
        assert "Authorization: …redacted…" in result.text
        (sent,) = re.findall('response="([0-9a-f]{32})"', authorization(server.requests[-1]))
        assert sent not in result.text


class TestNetrc:
    @pytest.fixture(autouse=True)
    def _netrc_file(self, home: Path) -> None:
        (home / ".netrc").touch(0o600)
        (home / ".netrc").write_text("machine 127.0.0.1 login net password rc\n")

    def test_is_used_without_other_credentials(self, server: RawServer) -> None:
        result = run(server.url)
        assert (result.status, result.err) == (0, "")
        assert basic(server.request) == "net:rc"

    @pytest.mark.parametrize(
        ("options", "sent"),
        [
            (["--ignore-netrc"], None),
            (["Authorization:typed"], "typed"),
            (["Authorization:"], None),
            (["-A", "bearer", "-a", "t"], "Bearer t"),
        ],
    )
    def test_is_overridden_by_the_command_line(
        self, server: RawServer, options: list[str], sent: str | None
    ) -> None:
        run(server.url, *options)
        assert server.request.header("Authorization") == sent

    def test_works_with_digest(self, server: RawServer) -> None:
        server.answer(challenge())
        run("-A", "digest", server.url)
        assert 'username="net"' in authorization(server.requests[-1])

    def test_password_is_redacted(self, server: RawServer) -> None:
        assert "Authorization: …redacted…" in run("-p", "H", server.url).text
        assert basic(server.request) == "net:rc"

    def test_is_not_used_for_echo(self, home: Path) -> None:
        (home / ".netrc").write_text("default login net password rc\n")
        assert "Authorization" not in run("-p", "H", "echo:").text

    def test_is_used_for_the_first_origin_only(
        self, server: RawServer, other_server: RawServer
    ) -> None:
        server.answer(response("", f"Location: {other_server.url}/", status="302 Found"))
        run("--follow", server.url)
        assert basic(server.request) == "net:rc"
        assert other_server.request.header("Authorization") is None

    def test_invalid_file_gives_one_warning(self, server: RawServer, home: Path) -> None:
        (home / ".netrc").write_text("machine 127.0.0.1 login net password a secret\n")
        result = run(server.url, stdin=b"")
        assert result.status == 0
        assert result.err.count("warning") == 1
        assert "~/.netrc" in result.err
        assert "secret" not in result.err
        assert server.request.header("Authorization") is None

    def test_file_readable_by_others_gives_a_warning(self, server: RawServer, home: Path) -> None:
        (home / ".netrc").chmod(0o644)
        assert "chmod 600" in run(server.url).err
        assert basic(server.request) == "net:rc"

    def test_line_break_in_the_user_name_is_an_error(self, server: RawServer, home: Path) -> None:
        server.assert_not_called()
        (home / ".netrc").write_text('machine 127.0.0.1 login "a\nX: b" password c\n')
        assert run(server.url).status == 10


class TestPrompt:
    def test_ctrl_c_quits_and_restores_the_terminal_echo(self, server: RawServer) -> None:
        server.assert_not_called()
        with Terminal("-a", "me", server.url) as screen:
            screen.read_until("password for me@127.0.0.1: ")
            echoes = [screen.echoes]
            screen.interrupt()
            assert screen.wait() == 130
            echoes.append(screen.echoes)
        assert echoes == [False, True]
        assert "Traceback" not in screen.text

    @pytest.mark.wide
    def test_end_of_input_is_an_error(self, server: RawServer) -> None:
        server.assert_not_called()
        with Terminal("-a", "me", server.url) as screen:
            screen.read_until("password for me@127.0.0.1: ")
            screen.type("\x04")
            assert screen.wait() == 10
        assert "the password of me was not entered" in screen.text

    @pytest.mark.wide
    def test_empty_line_means_an_empty_password(self, server: RawServer) -> None:
        with Terminal("-a", "me", server.url) as screen:
            screen.read_until("password for me@127.0.0.1: ")
            screen.type("\n")
            assert screen.wait() == 0
        assert basic(server.request) == "me:"

    def test_trailing_colon_means_an_empty_password(self, server: RawServer) -> None:
        run("-a", "me:", server.url)
        assert basic(server.request) == "me:"

    @pytest.mark.wide
    def test_typed_password_works_with_digest(self, server: RawServer) -> None:
        server.answer(challenge())
        with Terminal("-A", "digest", "-a", "me", server.url) as screen:
            screen.read_until("password for me@127.0.0.1: ")
            screen.type("pw\n")
            assert screen.wait() == 0
        assert 'username="me"' in authorization(server.requests[-1])

    @pytest.mark.parametrize("option", ["--auth", "--proxy-auth"])
    def test_missing_terminal_is_an_error(self, server: RawServer, option: str) -> None:
        server.assert_not_called()
        argv = ("--proxy", server.url, option, "me", server.url)
        with start_process(*argv, start_new_session=True) as child:
            _, err = child.communicate(timeout=30)
        assert child.returncode == 10
        assert b"cannot prompt for the password of me" in err
        assert f"\n  {option} USER:PASSWORD\n" in err.decode()


def test_credentials_are_dropped_from_http_to_https_on_one_host(
    server: RawServer, tls_server: RawServer, ca: CertificateAuthority
) -> None:
    # HTTPie keeps them between the default ports; in httpcli the scheme is part of the origin.
    server.answer(response("", f"Location: {tls_server.url}/", status="302 Found"))
    run("--follow", f"--verify={ca.file}", "-a", "me:pw", server.url)
    assert tls_server.request.header("Authorization") is None
