"""Makes the Network and the SendPolicy of a plan from the options.

Less common options are in ``connection_options`` and ``credentials``, which are loaded
only if one of those options was given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from httpcli.cli.parser import OptionValues
from httpcli.core.errors import UsageError
from httpcli.core.plan import Credentials, Network, Proxy, SendPolicy
from httpcli.core.request import Request
from httpcli.core.url import canonical_host
from httpcli.protocol.proxies import (
    no_proxy_from_environment,
    parse_proxy,
    proxies_from_environment,
)
from httpcli.syntax.urls import ParsedUrl

if TYPE_CHECKING:
    from httpcli.core.interfaces import Files
    from httpcli.core.plan_options import TlsOptions

_ADDRESS_OPTIONS = (
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
_TLS_OPTIONS = ("cert", "cert-key", "cert-key-pass", "ssl", "ciphers", "pin", "server-name")
_NO_LIMIT = 1 << 62
"""Bytes; larger than any response head."""
_YES = ("yes", "true")
_NO = ("no", "false")
_OPENSSL_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_KEYED_PROXY = (
    # With the colon of ://HOST escaped, as in HTTPie, or plain if a URL follows.
    r"(?P<scheme>http|https|all)(?:\\?://(?P<host>\[[^\]/]+\]|[^/:@\[\]]+)(?=:[A-Za-z0-9]+://))?"
    r":(?!//)(?P<url>.+)"
)


def plan_network(
    options: OptionValues, env: Mapping[str, str], parsed_url: ParsedUrl, files: Files
) -> Network:
    """Return the TLS settings, proxies, time limits and addresses. Raises UsageError.

    An ``echo:`` request stays in this process, so it has no proxy.
    """
    timeout = _limit(options, "timeout")
    # As in HTTPie, --timeout applies to connecting, too; 0 is no limit there as well.
    default = timeout if options.given("timeout") else Network().connect_timeout
    network = Network(
        verify=_verify(options.text("verify"), env, files),
        proxies={} if parsed_url.echo else _proxies(options.texts("proxy"), env),
        no_proxy=no_proxy_from_environment(env),
        connect_timeout=_limit(options, "connect-timeout", default),
        read_timeout=timeout,
        total_timeout=_limit(options, "max-time"),
        max_header_size=_max_header_size(options),
        max_fields=options.whole_number("max-headers", Network().max_fields),
        tls=_tls(options, env, parsed_url, files),
        http_version="1.0" if options.switch("http1.0") else "1.1",
    )
    if parsed_url.unix_socket or options.any(_ADDRESS_OPTIONS):
        from httpcli.planning.connection_options import add_addresses

        return add_addresses(network, options, parsed_url, files)
    return network


def _tls(
    options: OptionValues, env: Mapping[str, str], parsed_url: ParsedUrl, files: Files
) -> TlsOptions | None:
    """Return the TLS options; None if none was given."""
    if not env.get("SSLKEYLOGFILE") and not options.any(_TLS_OPTIONS):
        return None
    from httpcli.planning.connection_options import plan_tls

    return plan_tls(options, env, parsed_url, files)


def _limit(options: OptionValues, name: str, default: float | None = None) -> float | None:
    """Return a time limit in seconds; None for no limit, which 0 means too."""
    return options.seconds(name, default) or None


def _max_header_size(options: OptionValues) -> int:
    """Return the limit in bytes; 0 for the default. A typed 0 is no limit."""
    size = options.byte_count("max-header-size")
    return 0 if size is None else size or _NO_LIMIT


def plan_send_policy(
    options: OptionValues, parsed_url: ParsedUrl, request: Request, files: Files
) -> SendPolicy:
    """Return the policy for redirects and credentials. Raises UsageError."""
    return SendPolicy(
        follow=options.switch("follow"),
        max_redirects=options.whole_number("max-redirects", SendPolicy().max_redirects),
        allow_downgrade=options.switch("allow-downgrade"),
        trust_redirects=options.switch("trust-redirects"),
        credentials=_credentials(options, parsed_url, request, files),
    )


def _credentials(
    options: OptionValues, parsed_url: ParsedUrl, request: Request, files: Files
) -> Credentials | None:
    given = options.text("auth") is not None or parsed_url.user is not None
    scheme = options.text("auth-type")
    login = None
    if not given and not parsed_url.echo and not options.switch("ignore-netrc"):
        # A typed Authorization header, or a removed one, overrides the netrc file.
        overridden = (
            request.fields.has("Authorization") or "authorization" in request.removed_defaults
        )
        if scheme is not None or not overridden:
            login = files.netrc_login(parsed_url.url.host)
    if not given and scheme is None and login is None:
        return None
    from httpcli.planning.credentials import plan_credentials

    return plan_credentials(options, parsed_url, login, files)


def _verify(value: str | None, env: Mapping[str, str], files: Files) -> bool | str:
    """Return how to verify certificates: True, False, or a CA file or directory."""
    if value is None or value.lower() in _YES:
        return _ca_of_environment(env, files)
    if value.lower() in _NO:
        return False
    if not value:
        raise UsageError("--verify is empty", hint="use yes, no, or a CA file or directory")
    files.check_readable(value)
    return files.path(value)


def _ca_of_environment(env: Mapping[str, str], files: Files) -> bool | str:
    """Return the CA file or directory that the environment names, as in HTTPie, or True.

    OpenSSL's own variables, which the handshake reads, have precedence. The file is not
    checked, since a request over http does not need it.
    """
    if any(env.get(name) for name in _OPENSSL_VARIABLES):
        return True
    path = next((env[name] for name in _CA_VARIABLES if env.get(name)), None)
    return True if path is None else files.path(path)


def _proxies(values: tuple[str, ...], env: Mapping[str, str]) -> Mapping[str, Proxy]:
    """Return the proxies by scheme, or scheme and host; ``--proxy`` overrides the environment."""
    proxies = dict(proxies_from_environment(env))
    for text in values:
        keyed = re.fullmatch(_KEYED_PROXY, text, re.DOTALL)
        key, host, url = keyed.group("scheme", "host", "url") if keyed else ("all", None, text)
        proxy = parse_proxy(url)
        suffix = f"://{canonical_host(host)}" if host else ""
        for scheme in ("http", "https"):
            if key in (scheme, "all"):
                proxies[scheme + suffix] = proxy
    return proxies
