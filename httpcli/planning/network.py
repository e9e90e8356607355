"""How the origin is reached and how far to go: Wire and Journey; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from httpcli.cli.typed_options import TypedOptions
from httpcli.core.errors import UsageError
from httpcli.core.plan import Credentials, Network, Proxy, SendPolicy
from httpcli.core.request import Request
from httpcli.protocol.proxies import (
    no_proxy_from_environment,
    parse_proxy,
    proxies_from_environment,
)
from httpcli.syntax.urls import RequestTarget

if TYPE_CHECKING:
    from httpcli.core.connection_options import TlsOptions
    from httpcli.core.interfaces import Files

_ROUTING = (
    "unix-socket",
    "resolve",
    "connect-to",
    "dns-server",
    "ipv4",
    "ipv6",
    "interface",
    "local-address",
    "local-port",
    "noproxy",
    "proxy-auth",
    "proxy-header",
)
"""Options that ``cli.route`` settles; most runs have none of them."""
_YES = ("yes", "true")
_NO = ("no", "false")
_OF_OPENSSL = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_OF_REQUESTS = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_OF_TLS = ("cert", "cert-key", "cert-key-pass", "ssl", "ciphers", "pin", "server-name")
_KEYED_PROXY = (
    # HTTPie's way to write the host's colon, and a plain one where a URL follows.
    r"(?P<scheme>http|https|all)(?:\\?://(?P<host>\[[^\]/]+\]|[^/:@\[\]]+)(?=:[A-Za-z0-9]+://))?"
    r":(?!//)(?P<url>.+)"
)


def plan_network(
    options: TypedOptions, env: Mapping[str, str], target: RequestTarget, files: Files
) -> Network:
    """Settle TLS, proxies, time limits, and by which way to go.

    An ``echo:`` request stays in this process, so no proxy is asked.
    Raises UsageError for a value that is not of its kind.
    """
    silence = _limit(options, "timeout")
    network = Network(
        verify=_verify(options.text("verify"), env, files),
        proxies={} if target.echo else _proxies(options.texts("proxy"), env),
        no_proxy=no_proxy_from_environment(env),
        # As in HTTPie, --timeout limits the silence of a connection to come, too.
        connect_timeout=_limit(options, "connect-timeout", silence or Network().connect_timeout),
        read_timeout=silence,
        total_timeout=_limit(options, "max-time"),
        max_fields=options.whole_number("max-headers", Network().max_fields),
        tls=_tls(options, env, target, files),
        http_version="1.0" if options.switch("http1.0") else "1.1",
    )
    if target.unix_socket or options.any(_ROUTING):
        from httpcli.planning.proxies_and_addresses import routed

        return routed(network, options, target, files)
    return network


def _tls(
    options: TypedOptions, env: Mapping[str, str], target: RequestTarget, files: Files
) -> TlsOptions | None:
    """Settle what handshakes are like, where the user says anything of it."""
    if not env.get("SSLKEYLOGFILE") and not any(options.given(name) for name in _OF_TLS):
        return None
    from httpcli.planning.tls import tls_for

    return tls_for(options, env, target, files)


def _limit(options: TypedOptions, name: str, default: float | None = None) -> float | None:
    """Return a time limit in seconds; 0 is none."""
    return options.seconds(name, default) or None


def plan_send_policy(
    options: TypedOptions, target: RequestTarget, request: Request, files: Files
) -> SendPolicy:
    """Settle redirects and who asks. Raises UsageError for a bad number or credentials."""
    return SendPolicy(
        follow=options.switch("follow"),
        max_redirects=options.whole_number("max-redirects", SendPolicy().max_redirects),
        allow_downgrade=options.switch("allow-downgrade"),
        trust_redirects=options.switch("trust-redirects"),
        credentials=_credentials(options, target, request, files),
    )


def _credentials(
    options: TypedOptions, target: RequestTarget, request: Request, files: Files
) -> Credentials | None:
    inputs = options.text("auth") is not None or target.user is not None
    scheme = options.text("auth-type")
    login = None
    if not inputs and not target.echo and not options.switch("ignore-netrc"):
        # A typed Authorization, or one taken away, is the user's last word.
        spoken = request.fields.has("Authorization") or "authorization" in request.removed_defaults
        if scheme is not None or not spoken:
            login = files.login(target.url.host)
    if not inputs and scheme is None and login is None:
        return None
    from httpcli.planning.auth import credentials_for

    return credentials_for(options, target, login, files)


def _verify(typed: str | None, env: Mapping[str, str], files: Files) -> bool | str:
    if typed is None or typed.lower() in _YES:
        return _store_of(env, files)
    if typed.lower() in _NO:
        return False
    if not typed:
        raise UsageError("--verify is empty", hint="yes, no, or a CA file or directory")
    files.check(typed)
    return files.path(typed)


def _store_of(env: Mapping[str, str], files: Files) -> bool | str:
    """Return the CA file or directory that the environment names in HTTPie's way, or True.

    OpenSSL's own variables go before: the handshake reads them. Whether the
    file is there is asked at the first handshake, since http needs none.
    """
    if any(env.get(name) for name in _OF_OPENSSL):
        return True
    named = next((env[name] for name in _OF_REQUESTS if env.get(name)), None)
    return True if named is None else files.path(named)


def _proxies(typed: tuple[str, ...], env: Mapping[str, str]) -> Mapping[str, Proxy]:
    proxies = dict(proxies_from_environment(env))
    for text in typed:
        keyed = re.fullmatch(_KEYED_PROXY, text, re.DOTALL)
        key, host, url = keyed.group("scheme", "host", "url") if keyed else ("all", None, text)
        proxy = parse_proxy(url)
        behind = f"://{host.strip('[]').lower()}" if host else ""
        for scheme in ("http", "https"):
            if key in (scheme, "all"):
                proxies[scheme + behind] = proxy
    return proxies
