"""The output of ``--debug``: versions, environment, and the plan of the run.

It is meant for bug reports, so secrets are always redacted, even with ``--show-secrets``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from httpcli.core.escaping import escape_controls
from httpcli.core.invocation import Environment
from httpcli.core.plan import Plan
from httpcli.protocol.redaction import Redaction, known_secrets

_ENVIRONMENT = (
    *("HTTPCLI_CONFIG_DIR", "HTTPIE_CONFIG_DIR", "XDG_CONFIG_HOME", "HOME", "NETRC"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "CI", "LANG", "LC_ALL"),
)


def debug_info(
    environment: Environment, versions: Sequence[tuple[str, str]], plan: Plan | None = None
) -> str:
    """Return the output as lines. Without a plan: versions and environment only."""
    redaction = Redaction() if plan is None else Redaction(known_secrets(plan))
    rows = [*versions, *_environment_rows(environment, redaction)]
    if plan is not None:
        rows += _plan_rows(plan, redaction)
    return "".join(f"{name}: {escape_controls(redaction.text(value))}\n" for name, value in rows)


def _environment_rows(environment: Environment, redaction: Redaction) -> Iterator[tuple[str, str]]:
    for name in ("stdin", "stdout", "stderr"):
        yield name, getattr(environment, name).kind.value
    for name in _ENVIRONMENT:
        if name in environment.env:
            yield name, redaction.origin(environment.env[name])


def _plan_rows(plan: Plan, redaction: Redaction) -> Iterator[tuple[str, str]]:
    request, network, send_policy, display = (
        plan.request,
        plan.network,
        plan.send_policy,
        plan.display,
    )
    yield "mode", plan.mode.value
    yield "request", f"{request.method} {_origin(plan)}{redaction.url(request.url.target)}"
    for field in redaction.fields(request.fields):
        yield "field", f"{field.name}: {field.value}"
    body = request.body
    if body is not None:
        length = "unknown length" if body.length is None else f"{body.length} bytes"
        yield "content", f"{type(body).__name__.removesuffix('Body').lower()}, {length}"
    yield "verify", str(network.verify)
    for scheme, proxy in network.proxies.items():
        yield f"proxy for {scheme}", redaction.origin(proxy.url)
    limits = (network.connect_timeout, network.read_timeout, network.total_timeout)
    yield "timeouts: connect, idle, total", ", ".join(_seconds(limit) for limit in limits)
    yield "follow", f"up to {send_policy.max_redirects}" if send_policy.follow else "no"
    if send_policy.credentials is not None:
        yield "credentials", send_policy.credentials.scheme
    yield "show", "".join(letter for letter in "HBhbm" if letter in display.parts) or "nothing"
    yield "format, colors", f"{'yes' if display.format else 'no'}, {display.colours.name.lower()}"
    yield "output", plan.output or "standard output"


def _origin(plan: Plan) -> str:
    return f"{plan.request.url.scheme}://{plan.request.url.authority}"


def _seconds(limit: float | None) -> str:
    return "none" if limit is None else f"{limit:g} s"
