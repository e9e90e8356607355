"""TLS options: client certificates, pins, versions, names and ``--show-cert``."""

from __future__ import annotations

import re
import ssl
import stat
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.certificates import CertificateAuthority
from tests.support.http_connection import response
from tests.support.proxy import ProxyServer
from tests.support.run import run, run_process
from tests.support.servers import PlainHttpServer, RawServer
from tests.support.terminal import Terminal

LOCKED = ["--cert={chain}", "--cert-key={locked}"]
NO_PIN = "sha256//" + "A" * 43 + "="


@pytest.fixture
def mutual_tls_server(ca: CertificateAuthority) -> Iterator[RawServer]:
    """Start a server that requires a client certificate; a request must reach it."""
    with RawServer(ca.requiring_client_certificate()) as running:
        yield running


@pytest.fixture
def client_files(ca: CertificateAuthority) -> tuple[str, str]:
    """Return the paths of a client certificate and its key."""
    chain, key = ca.issue("client@example.org")
    return str(chain), str(key)


class TestClientCertificate:
    def test_is_sent_to_a_server_that_requires_one(
        self, mutual_tls_server: RawServer, client_files: tuple[str, str], ca_file: str
    ) -> None:
        chain, key = client_files
        result = run(
            f"--verify={ca_file}", "--cert", chain, "--cert-key", key, mutual_tls_server.url
        )
        assert (result.status, result.text, result.err) == (0, "ok\n", "")

    def test_may_be_in_one_file_with_its_key(
        self,
        mutual_tls_server: RawServer,
        client_files: tuple[str, str],
        ca_file: str,
        tmp_path: Path,
    ) -> None:
        both = "".join(Path(file).read_text() for file in client_files)
        (tmp_path / "both.pem").write_text(both)
        assert run(f"--verify={ca_file}", "--cert=both.pem", mutual_tls_server.url).status == 0

    @pytest.mark.parametrize(
        "secret", ["open sesame", "@env:SECRET", "@file:secret"], ids=["value", "env", "file"]
    )
    def test_key_is_decrypted_with_its_passphrase(
        self,
        mutual_tls_server: RawServer,
        ca: CertificateAuthority,
        client_files: tuple[str, str],
        ca_file: str,
        tmp_path: Path,
        secret: str,
    ) -> None:
        chain, key = client_files
        locked = ca.encrypt_key(Path(key), "open sesame")
        (tmp_path / "secret").write_text("open sesame\n")
        (tmp_path / "secret").chmod(0o600)
        argv = [f"--verify={ca_file}", "--cert", chain, "--cert-key", str(locked)]
        result = run(
            *argv, "--cert-key-pass", secret, mutual_tls_server.url, env={"SECRET": "open sesame"}
        )
        assert (result.status, result.err) == (0, "")

    @pytest.mark.wide
    def test_passphrase_prompt_does_not_echo(
        self,
        mutual_tls_server: RawServer,
        ca: CertificateAuthority,
        client_files: tuple[str, str],
        ca_file: str,
    ) -> None:
        chain, key = client_files
        locked = str(ca.encrypt_key(Path(key), "open sesame"))
        argv = [
            f"--verify={ca_file}",
            "--cert",
            chain,
            "--cert-key",
            locked,
            mutual_tls_server.url,
        ]
        with Terminal(*argv) as screen:
            screen.read_until("httpcli: passphrase for ")
            screen.read_until("client@example.org.locked: ")
            assert not screen.echoes
            screen.type("open sesame\n")
            assert screen.wait() == 0
        assert b"sesame" not in screen.raw

    @pytest.mark.parametrize(
        ("argv", "expected"),
        [
            (["--cert=missing.pem"], "missing.pem: cannot be read: no such file"),
            (["--cert={chain}"], ": no PEM private key found"),
            (["--cert={key}"], ": no PEM certificate found"),
            (["--cert={chain}", "--cert-key={other}"], ": does not belong to the certificate"),
            (
                ["--cert={chain}", "--cert-key={locked}", "--cert-key-pass=no"],
                ": wrong passphrase",
            ),
            (["--cert={chain}", "--cert-key={locked}", "--cert-key-pass="], ": wrong passphrase"),
            (
                ["--cert={chain}", "--cert-key={locked}", "-I"],
                ": the private key needs a passphrase",
            ),
            (["--cert={broken}", "--cert-key={key}"], "OpenSSL cannot use it"),
            (["--cert-key={key}"], "needs --cert"),
            (["--cert="], "--cert is empty"),
            (["--cert=."], "is a directory"),
            (["--cert=/dev/null"], "not a regular file"),
        ],
    )
    def test_unusable_files_are_usage_errors_and_nothing_is_sent(
        self,
        tls_server: RawServer,
        ca: CertificateAuthority,
        client_files: tuple[str, str],
        tmp_path: Path,
        argv: list[str],
        expected: str,
    ) -> None:
        chain, key = client_files
        broken = tmp_path / "broken.pem"
        broken.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        names = {
            "{chain}": chain,
            "{key}": key,
            "{other}": str(ca.issue("other@example.org")[1]),
            "{locked}": str(ca.encrypt_key(Path(key), "open sesame")),
            "{broken}": str(broken),
        }
        for name, path in names.items():
            argv = [word.replace(name, path) for word in argv]
        result = run(*argv, tls_server.url)
        tls_server.assert_not_called()
        assert result.status == 10
        assert expected in result.err
        assert len(result.err.splitlines()) <= 2

    @pytest.mark.parametrize("trusted", [False, True])
    def test_is_sent_to_another_origin_only_with_trust_redirects(
        self,
        tls_server: RawServer,
        mutual_tls_server: RawServer,
        client_files: tuple[str, str],
        ca_file: str,
        trusted: bool,
    ) -> None:
        tls_server.answer(response("", f"Location: {mutual_tls_server.url}/", status="302 Found"))
        argv = [
            f"--verify={ca_file}",
            "--cert",
            client_files[0],
            "--cert-key",
            client_files[1],
            "--follow",
        ]
        result = run(*argv, *["--trust-redirects"][: int(trusted)], tls_server.url)
        assert result.status == (0 if trusted else 14)
        assert len(mutual_tls_server.requests) == int(trusted)

    def test_is_not_sent_to_a_proxy(
        self,
        mutual_tls_server: RawServer,
        ca: CertificateAuthority,
        client_files: tuple[str, str],
        ca_file: str,
    ) -> None:
        argv = [f"--verify={ca_file}", "--cert", client_files[0], "--cert-key", client_files[1]]
        with ProxyServer(ca.trusted()) as proxy:
            assert run(*argv, f"--proxy={proxy.url}", mutual_tls_server.url).status == 0
        with ProxyServer(ca.requiring_client_certificate()) as demanding:
            mutual_tls_server.requests.clear()
            result = run(*argv, f"--proxy={demanding.url}", mutual_tls_server.url)
        assert result.status in (12, 14, 15)
        assert not mutual_tls_server.requests
        with ProxyServer(ca.requiring_client_certificate()) as demanding:
            assert run(*argv, f"--proxy={demanding.url}", "http://example.org").status != 0
            assert not demanding.requests


class TestPin:
    @pytest.mark.parametrize("form", ["sha256:[0-9a-f]{64}", r"sha256//\S{44}"])
    def test_printed_pin_is_accepted(self, tls_server: RawServer, ca_file: str, form: str) -> None:
        verify = f"--verify={ca_file}"
        refused = run(verify, "--pin", NO_PIN, tls_server.url)
        assert refused.status == 14
        assert not tls_server.requests
        found = re.search(form, refused.err)
        assert found is not None
        assert found.group() in run(verify, "--show-cert", tls_server.url).text
        assert run(verify, "--pin", NO_PIN, "--pin", found.group(), tls_server.url).status == 0

    def test_does_not_replace_verification(self, tls_server: RawServer, ca_file: str) -> None:
        shown = run(f"--verify={ca_file}", "--show-cert", tls_server.url).text
        pin = re.search(r"sha256//\S+", shown)
        assert pin is not None
        assert run("--pin", pin.group(), tls_server.url).status == 14
        assert run("--verify=no", "--pin", pin.group(), tls_server.url).status == 0
        assert run("--verify=no", "--pin", NO_PIN, tls_server.url).status == 14
        assert len(tls_server.requests) == 1

    def test_applies_to_the_host_of_the_url_only(
        self, ca: CertificateAuthority, ca_file: str
    ) -> None:
        with RawServer(ca.trusted()) as first, RawServer(ca.trusted()) as second:
            pin = re.search(r"sha256//\S+", run("-k", "--show-cert", first.url).text)
            assert pin is not None
            argv = [f"--verify={ca_file}", "--pin", pin.group(), "--follow"]
            there = second.url.replace("127.0.0.1", "localhost")
            first.answer_always(response("", f"Location: {there}/", status="302 Found"))
            assert run(*argv, first.url).status == 0
            first.answer_always(response("", f"Location: {second.url}/", status="302 Found"))
            assert run(*argv, first.url).status == 14

    def test_does_not_apply_to_a_proxy(
        self, tls_server: RawServer, ca: CertificateAuthority, ca_file: str
    ) -> None:
        pin = re.search(r"sha256//\S+", run("-k", "--show-cert", tls_server.url).text)
        assert pin is not None
        with ProxyServer(ca.trusted()) as proxy:
            argv = [f"--verify={ca_file}", "--pin", pin.group(), "--proxy", proxy.url]
            assert run(*argv, tls_server.url).status == 0

    def test_without_tls_is_a_usage_error(self, server: RawServer) -> None:
        server.assert_not_called()
        assert run("--pin", NO_PIN, server.url).status == 10


def _with_version(context: ssl.SSLContext, version: ssl.TLSVersion) -> ssl.SSLContext:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    return context


class TestVersionsAndCiphers:
    @pytest.mark.parametrize(
        ("value", "negotiated"),
        [
            ("tls1.2", "TLSv1.2"),
            ("TLS1.3", "TLSv1.3"),
            ("tls1.2..tls1.3", "TLSv1.3"),
            ("tls1.2..", "TLSv1.3"),
            ("..tls1.2", "TLSv1.2"),
            ("ssl2.3", "TLSv1.3"),
        ],
    )
    def test_ssl_option_sets_the_versions(
        self, tls_server: RawServer, ca_file: str, value: str, negotiated: str
    ) -> None:
        assert (
            f"TLS: {negotiated}, "
            in run(f"--verify={ca_file}", f"--ssl={value}", "-m", tls_server.url).text
        )

    def test_old_server_needs_explicit_options(
        self, ca: CertificateAuthority, ca_file: str
    ) -> None:
        old = _with_version(ca.trusted(), ssl.TLSVersion.TLSv1_1)
        old.set_ciphers("DEFAULT@SECLEVEL=0")
        with RawServer(old) as server:
            refused = run(f"--verify={ca_file}", server.url)
            explicit = ["--ssl=tls1.1", "--ciphers=DEFAULT@SECLEVEL=0"]
            assert run(f"--verify={ca_file}", *explicit, server.url).status == 0
        assert refused.status == 14
        assert "no TLS version in common" in refused.err
        assert "--ssl" in refused.err
        assert "SECLEVEL" in refused.err

    def test_ciphers_option_sets_the_ciphers(self, tls_server: RawServer, ca_file: str) -> None:
        argv = [
            "--ssl=tls1.2",
            "--ciphers=ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384",
        ]
        shown = run(f"--verify={ca_file}", *argv, "-m", tls_server.url).text
        assert re.search(r"TLS: TLSv1\.2, ECDHE-(ECDSA|RSA)-AES256-GCM-SHA384\n", shown)

    def test_unknown_ciphers_are_a_usage_error(self, tls_server: RawServer) -> None:
        tls_server.assert_not_called()
        result = run("--ciphers=nonsense", tls_server.url)
        assert result.status == 10
        assert "TLS 1.3" in result.err


class TestServerName:
    def test_is_sent_and_verified(self, ca: CertificateAuthority, ca_file: str) -> None:
        requested: list[str | None] = []
        context = ca.wrong_host()
        context.set_servername_callback(lambda _object, name, _context: requested.append(name))
        with RawServer(context) as server:
            name = "--server-name=elsewhere.example"
            assert run(f"--verify={ca_file}", name, server.url).status == 0
            assert run(f"--verify={ca_file}", name[:-1], server.url).status == 14
        assert requested[0] == "elsewhere.example"
        assert server.requests[0].header("Host") == server.address

    @pytest.mark.parametrize("name", ["", "a b", "https://h", "é"])
    def test_invalid_name_is_a_usage_error(self, name: str) -> None:
        assert run(f"--server-name={name}", "https://localhost").status == 10


def test_key_log_file_is_private(tls_server: RawServer, ca_file: str, tmp_path: Path) -> None:
    log = tmp_path / "keys"
    # A child process: the import of aiohttp must not create the file readable by all.
    result = run_process(f"--verify={ca_file}", tls_server.url, env={"SSLKEYLOGFILE": str(log)})
    assert result.status == 0
    assert "CLIENT_TRAFFIC_SECRET_0" in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


@pytest.mark.wide
@pytest.mark.parametrize("log", [".", "none/keys"])
def test_unwritable_key_log_is_an_error(tls_server: RawServer, tmp_path: Path, log: str) -> None:
    tls_server.assert_not_called()
    result = run_process(tls_server.url, env={"SSLKEYLOGFILE": str(tmp_path / log)})
    assert result.status == 17
    assert result.err.startswith("httpcli: error: SSLKEYLOGFILE: ")


@pytest.mark.parametrize("value", ["no", "NO", "false", "False"])
def test_verify_accepts_the_httpie_spellings(tls_server: RawServer, value: str) -> None:
    assert run(f"--verify={value}", tls_server.url).status == 0
    yes = {"no": "yes", "NO": "YES", "false": "true", "False": "True"}[value]
    assert run(f"--verify={yes}", tls_server.url).status == 14


class TestMeta:
    def test_prints_the_connection_below_the_elapsed_time(
        self, tls_server: RawServer, ca_file: str
    ) -> None:
        shown = run(f"--verify={ca_file}", "-m", tls_server.url).text
        first, *lines = shown.splitlines()
        assert first.startswith("Elapsed time: ")
        assert lines[0] == f"Remote address: {tls_server.address}"
        assert lines[1].startswith("TLS: TLSv1.3, TLS_")
        assert re.fullmatch(
            r"Certificate: localhost, valid until 3000-01-01 \(\d+ days left\)", lines[2]
        )

    def test_prints_the_address_for_plain_http(self, server: RawServer) -> None:
        shown = run("-vv", server.url).text
        assert shown.endswith(f"\nRemote address: {server.address}\n\n")

    def test_marks_the_address_of_a_proxy(self, server: RawServer, proxy: ProxyServer) -> None:
        shown = run("-m", f"--proxy={proxy.url}", server.url).text
        assert f"Remote address: {proxy.address} (a proxy)\n" in shown


class TestShowCert:
    def test_prints_the_certificate_and_sends_nothing(
        self, tls_server: RawServer, ca_file: str
    ) -> None:
        result = run(f"--verify={ca_file}", "--show-cert", tls_server.address)
        assert (result.status, result.err) == (0, "")
        assert tls_server.requests == []
        labels = re.findall(r"^  (\S+(?: \S+)?) +\S", result.text, re.MULTILINE)
        known = ["Subject", "Names", "Issuer", "Valid from", "Valid until", "Serial"]
        assert labels == [*known, "Public key", "SHA-256"]
        assert "Names       localhost, 127.0.0.1, ::1\n" in result.text

    def test_prints_an_untrusted_certificate_and_the_reason(
        self, ca: CertificateAuthority, ca_file: str
    ) -> None:
        with RawServer(ca.expired()) as server:
            result = run(f"--verify={ca_file}", "--show-cert", server.url)
        assert result.status == 14
        assert "(expired 1 day ago)" in result.text
        assert "expired on" in result.err

    def test_works_through_a_proxy_tunnel(
        self, tls_server: RawServer, proxy: ProxyServer, ca_file: str
    ) -> None:
        argv = [f"--verify={ca_file}", f"--proxy={proxy.url}", "--show-cert"]
        assert run(*argv, tls_server.url).status == 0
        assert proxy.request.method == "CONNECT"

    @pytest.mark.parametrize("url", ["http://localhost", "echo:"])
    def test_requires_tls(self, url: str) -> None:
        assert run("--show-cert", url).status == 10

    def test_unknown_host_fails_as_in_a_request(self) -> None:
        assert run("--show-cert", "https://no-such-host.invalid").status == 11


ContextFactory = Callable[[CertificateAuthority], ssl.SSLContext]


def _with_one_cipher(ca: CertificateAuthority) -> ssl.SSLContext:
    context = _with_version(ca.trusted(), ssl.TLSVersion.TLSv1_2)
    context.set_ciphers("AES256-SHA256:ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384")
    return context


@pytest.mark.parametrize(
    ("make_context", "argv", "expected", "remedy"),
    [
        (CertificateAuthority.expired, [], "the certificate of localhost expired on 20", "clock"),
        (
            CertificateAuthority.not_yet_valid,
            [],
            "the certificate of localhost is not valid before 20",
            "clock",
        ),
        (
            CertificateAuthority.wrong_host,
            [],
            "the certificate is not valid for 127.0.0.1, only for elsewhere.example",
            "--server-name",
        ),
        (CertificateAuthority.self_signed, [], "is self-signed", "--verify=CA_FILE"),
        (
            CertificateAuthority.missing_intermediate,
            [],
            ", and the server did not send its certificate (incomplete chain?)",
            "--verify=CA_FILE",
        ),
        (CertificateAuthority.trusted, ["--verify=yes"], "unknown CA", "--verify=CA_FILE"),
        (
            CertificateAuthority.requiring_client_certificate,
            [],
            "the server requires a client certificate",
            "--cert",
        ),
        (
            CertificateAuthority.requiring_client_certificate,
            ["--ssl=tls1.2"],
            "no parameters in common, or the server requires a client certificate",
            "--cert",
        ),
        (
            CertificateAuthority.requiring_client_certificate,
            ["--cert={foreign}", "--cert-key={foreign_key}"],
            "the server rejected the client certificate",
            "--cert",
        ),
        (
            lambda ca: _with_version(ca.trusted(), ssl.TLSVersion.TLSv1_2),
            ["--ssl=tls1.3"],
            "no TLS version in common",
            "--ssl",
        ),
        (
            _with_one_cipher,
            ["--ciphers=ECDHE+CHACHA20"],
            "no parameters in common, or the server requires a client certificate",
            "--ciphers",
        ),
    ],
)
def test_failed_handshake_prints_the_reason_and_a_hint(
    ca: CertificateAuthority,
    ca_file: str,
    tmp_path: Path,
    make_context: ContextFactory,
    argv: list[str],
    expected: str,
    remedy: str,
) -> None:
    foreign, foreign_key = CertificateAuthority(tmp_path).issue("alien@example.org")
    argv = [
        word.replace("{foreign}", str(foreign)).replace("{foreign_key}", str(foreign_key))
        for word in argv
    ]
    with RawServer(make_context(ca)) as server:
        result = run(f"--verify={ca_file}", *argv, server.url)
    message, hint = result.err.splitlines()
    assert result.status == 14
    assert expected in message
    assert remedy in hint
    assert server.requests == []


def test_https_url_of_a_plain_http_proxy_is_explained() -> None:
    with PlainHttpServer() as proxy:
        result = run("--proxy", proxy.url.replace("http:", "https:"), "http://example.org")
    assert result.status == 15
    assert "--proxy=http://" in result.err


def test_control_characters_in_a_certificate_are_escaped(ca: CertificateAuthority) -> None:
    evil = "evil\x1b[2J.example"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    chain, key = ca.issue_with_common_name(evil)
    context.load_cert_chain(chain, key)
    with RawServer(context) as server:
        shown = run("--show-cert", server.url)
        meta = run("-k", "-m", server.url)
    assert "\x1b" not in shown.text + shown.err + meta.text
    assert r"evil\x1b[2J.example" in shown.text
