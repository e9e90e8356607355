"""Authentication schemes from other packages: an installed distribution and a real process."""

from __future__ import annotations

import hashlib
import hmac
import re
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.environment import HTTPCLI, ROOT
from tests.support.http_connection import response
from tests.support.run import run_process
from tests.support.run_result import RunResult
from tests.support.servers import RawServer

pytestmark = pytest.mark.wide

MODULE = """
from httpcli.core.errors import HttpcliError
from httpcli.core.headers import Field


def authorize(text):
    return lambda request: request._replace(
        fields=request.fields.without("Authorization").plus([Field("Authorization", text)])
    )


def pair(credentials, entropy):
    def flow(request):
        response = yield authorize(f"Pair {credentials.user}/{credentials.password}")(request)
        if response.status == 401:
            yield authorize("Pair again " + response.fields.first("Nonce"))(request)
    return flow


def key(credentials, entropy):
    def flow(request):
        yield authorize(f"Key {credentials.password}")(request)
    return flow


key.token = True


def vault(credentials, entropy):
    def flow(request):
        yield authorize("Vault opened")(request)
    return flow


vault.optional = True


def refusing(credentials, entropy):
    raise HttpcliError("the vault is locked", hint="unlock it")


def broken(credentials, entropy):
    def flow(request):
        yield request
        raise KeyError("nonce")
    return flow


def silent(credentials, entropy):
    def flow(request):
        return
        yield
    return flow


def plain(credentials, entropy):
    return lambda request: request
"""
NAMES = ("pair", "key", "vault", "refusing", "broken", "silent", "plain")


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """Install a package with schemes; return the directory to add to the Python path."""
    folder = tmp_path / "site"
    metadata = folder / "acme_auth-1.0.dist-info"
    metadata.mkdir(parents=True)
    (folder / "acme_auth.py").write_text(MODULE)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-auth\nVersion: 1.0\n")
    entries = [f"{name} = acme_auth:{name}" for name in NAMES]
    entries += ["basic = acme_auth:key", "lost = acme_gone:scheme"]
    (metadata / "entry_points.txt").write_text("\n".join(["[httpcli.auth]", *entries, ""]))
    return folder


def test_documented_example_works(server: RawServer, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "auth-plugins.md").read_text()
    metadata, module = re.findall(r"```\w+\n(.*?)```", text, re.DOTALL)
    points = tomllib.loads(metadata)["project"]["entry-points"]["httpcli.auth"]
    info = tmp_path / "acme_auth-1.0.dist-info"
    info.mkdir()
    (tmp_path / "acme_auth.py").write_text(module)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-auth\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[httpcli.auth]\nhmac = {points['hmac']}\n")
    assert (
        run_with_plugin(tmp_path, "-A", "hmac", "-a", "ann:secret", f"{server.url}/x?y").status
        == 0
    )
    signed = hmac.new(b"secret", b"GET /x?y", hashlib.sha256).hexdigest()
    assert server.request.header("Authorization") == f"HMAC ann:{signed}"


def run_with_plugin(plugin: Path, *argv: str) -> RunResult:
    return run_process(*argv, env={"PYTHONPATH": f"{ROOT}:{plugin}"})


@pytest.mark.parametrize(
    ("argv", "header"),
    [
        (["-A", "pair", "-a", "ann:b:c"], "Pair ann/b:c"),
        (["-A", "key", "-a", "a:b"], "Key a:b"),
        (["-A", "vault"], "Vault opened"),
        (["-A", "vault", "-a", "x:y"], "Vault opened"),
        (["-A", "basic", "-a", "a:b"], "Basic YTpi"),
    ],
)
def test_package_provides_a_scheme(
    server: RawServer, plugin: Path, argv: list[str], header: str
) -> None:
    result = run_with_plugin(plugin, *argv, server.url)
    assert result.status == 0, result.err
    assert server.request.header("Authorization") == header


def test_scheme_sees_the_response_and_can_send_again(server: RawServer, plugin: Path) -> None:
    server.answer(response("", "Nonce: n1", status="401 Unauthorized"))
    assert run_with_plugin(plugin, "-A", "pair", "-a", "u:p", server.url).status == 0
    headers = [request.header("Authorization") for request in server.requests]
    assert headers == ["Pair u/p", "Pair again n1"]


def test_plugin_credentials_stay_on_one_origin(
    server: RawServer, other_server: RawServer, plugin: Path
) -> None:
    location = f"Location: {other_server.url}/"
    server.answer(response("", location, status="307 Temporary Redirect"))
    assert run_with_plugin(plugin, "-F", "-A", "pair", "-a", "u:p", server.url).status == 0
    assert other_server.request.header("Authorization") is None


@pytest.mark.parametrize(
    ("name", "status", "message"),
    [
        ("refusing", 1, "the vault is locked"),
        ("broken", 1, "--auth-type=broken: the plugin failed: KeyError: 'nonce'"),
        ("plain", 1, "--auth-type=plain: the plugin failed: TypeError: it is not a generator"),
        ("silent", 1, "--auth-type=silent: the plugin sent no request"),
        ("lost", 10, "--auth-type=lost: the plugin of acme-auth cannot be loaded: Module"),
    ],
)
def test_plugin_error_names_the_plugin(
    server: RawServer, plugin: Path, name: str, status: int, message: str
) -> None:
    server.may_be_idle()
    result = run_with_plugin(plugin, "-A", name, "-a", "u:p", server.url)
    assert (result.status, result.err.count("Traceback")) == (status, 0)
    assert message in result.err


def test_unknown_scheme_error_lists_the_known_ones(plugin: Path) -> None:
    result = run_with_plugin(plugin, "-A", "hawk", "-a", "u:p", "http://localhost:1")
    assert result.status == 10
    assert "--auth-type=hawk: unknown value" in result.err
    assert re.search(r"choose from: basic, bearer, digest, .*vault", result.err)


def test_session_stores_the_plugin_scheme(server: RawServer, plugin: Path) -> None:
    run_with_plugin(plugin, "--session=s", "-A", "key", "-a", "tok", server.url)
    run_with_plugin(plugin, "--session=s", server.url)
    assert [request.header("Authorization") for request in server.requests] == [
        "Key tok",
        "Key tok",
    ]


def test_profile_can_use_a_plugin_scheme(server: RawServer, plugin: Path, home: Path) -> None:
    folder = home / ".config" / "httpcli"
    folder.mkdir(parents=True)
    profile = f'[profile.p]\nurl = "{server.url}"\nauth-type = "key"\nauth = "tok"\n'
    (folder / "config.toml").write_text(profile)
    (folder / "config.toml").chmod(0o644)
    result = run_with_plugin(plugin, "@p/x")
    assert server.request.header("Authorization") == "Key tok"
    assert "other users can read this file, and it contains a secret" in result.err


def test_plugin_that_anybody_may_change_is_not_loaded(server: RawServer, plugin: Path) -> None:
    plugin.chmod(0o777)
    result = run_with_plugin(plugin, "-A", "key", "-a", "a:b", server.url)
    assert result.status == 10
    assert f"{plugin}: other users can write to it" in result.err
    server.assert_not_called()


def test_builtin_scheme_does_not_load_plugin_code(server: RawServer) -> None:
    # -v, because -X importtime omits what importlib.import_module imports
    program = (sys.executable, "-v", *HTTPCLI[1:])
    result = run_process("-A", "digest", "-a", "u:p", server.url, program=program)
    assert result.status == 0
    assert "import 'httpcli.auth.digest'" in result.err
    assert "import 'httpcli.auth.plugins'" not in result.err
    assert "import 'importlib.metadata'" not in result.err
