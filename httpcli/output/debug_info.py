"""What ``--debug`` tells: versions, surroundings, and what will be done; no secrets.

It is meant to be pasted into a report, so it is redacted by name wherever it
could hold a secret, whatever ``--show-secrets`` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from httpcli.core.escaping import REDACTED, visible
from httpcli.core.headers import Field
from httpcli.core.invocation import Surroundings
from httpcli.core.plan import Plan
from httpcli.protocol.secrets import References, is_secret, without_secrets

_ENVIRONMENT = (
    *("HTTPCLI_CONFIG_DIR", "HTTPIE_CONFIG_DIR", "XDG_CONFIG_HOME", "HOME", "NETRC"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "CI", "LANG", "LC_ALL"),
)
_USERINFO = re.compile(r"(?:(?<=//)|^)[^/]*@")


def account(
    around: Surroundings, versions: Sequence[tuple[str, str]], plan: Plan | None = None
) -> str:
    """Return it as lines; without a plan, versions and surroundings only."""
    rows = [*versions, *_surroundings(around)]
    if plan is not None:
        rows += _plan(plan)
    text = "".join(f"{name}: {visible(value)}\n" for name, value in rows)
    return References(plan.show.secrets).hidden(text) if plan else text


def _surroundings(around: Surroundings) -> Iterator[tuple[str, str]]:
    for name in ("stdin", "stdout", "stderr"):
        yield name, getattr(around, name).kind.value
    for name in _ENVIRONMENT:
        if name in around.env:
            yield name, _USERINFO.sub(f"{REDACTED}@", around.env[name])


def _plan(plan: Plan) -> Iterator[tuple[str, str]]:
    request, wire, journey, show = plan.request, plan.wire, plan.journey, plan.show
    yield "mode", plan.mode.value
    yield "request", f"{request.method} {_origin(plan)}{without_secrets(request.url.target)}"
    for field in request.fields:
        yield "field", f"{field.name}: {_value(field)}"
    body = request.body
    if body is not None:
        length = "unknown length" if body.length is None else f"{body.length} bytes"
        yield "content", f"{type(body).__name__.lower()}, {length}"
    yield "verify", str(wire.verify)
    for scheme, proxy in wire.proxies.items():
        yield f"proxy for {scheme}", _USERINFO.sub(f"{REDACTED}@", proxy.url)
    limits = (wire.connect, wire.silence, wire.total)
    yield "connect, silence, total", ", ".join(_seconds(limit) for limit in limits)
    yield "follow", f"up to {journey.max_redirects}" if journey.follow else "no"
    if journey.credentials is not None:
        yield "credentials", journey.credentials.scheme
    yield "show", "".join(letter for letter in "HBhbm" if letter in show.parts) or "nothing"
    yield "format, colours", f"{'yes' if show.format else 'no'}, {show.colours.name.lower()}"
    yield "output", plan.output or "standard output"


def _origin(plan: Plan) -> str:
    return f"{plan.request.url.scheme}://{plan.request.url.authority}"


def _value(field: Field) -> str:
    return REDACTED if field.secret or is_secret(field.name) else field.value


def _seconds(limit: float | None) -> str:
    return "none" if limit is None else f"{limit:g} s"
