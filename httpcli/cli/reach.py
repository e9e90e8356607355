"""How the origin is reached and how far to go: Wire and Journey; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from httpcli.auth.registry import SCHEMES
from httpcli.cli.embedded import referenced
from httpcli.cli.options import Options
from httpcli.grammar.units import seconds, whole_number
from httpcli.grammar.urls import Target
from httpcli.model.errors import UsageError
from httpcli.model.plan import Credentials, Journey, Proxy, Wire
from httpcli.protocol.proxies import (
    no_proxy_from_environment,
    parse_proxy,
    proxies_from_environment,
)

if TYPE_CHECKING:
    from httpcli.model.ports import Files

_YES = ("yes", "true")
_NO = ("no", "false")
_KEYED_PROXY = re.compile(r"(http|https|all):(?!//)(.+)", re.DOTALL)


def wire_for(options: Options, env: Mapping[str, str], files: Files, *, echo: bool) -> Wire:
    """Settle verification, proxies and time limits.

    ``echo``: the request stays in this process, so no proxy is asked.
    Raises UsageError for a value that is not of its kind.
    """
    silence = _limit(options, "timeout", None)
    return Wire(
        verify=_verify(options.text("verify"), files),
        proxies={} if echo else _proxies(options.texts("proxy"), env),
        no_proxy=no_proxy_from_environment(env),
        # As in HTTPie, --timeout limits the silence of a connection to come, too.
        connect=_limit(options, "connect-timeout", silence or Wire().connect),
        silence=silence,
        total=_limit(options, "max-time", None),
    )


def _limit(options: Options, name: str, default: float | None) -> float | None:
    """Return a time limit in seconds; 0 is none."""
    typed = options.text(name)
    return default if typed is None else seconds(typed, f"--{name}") or None


def journey_for(options: Options, target: Target, files: Files) -> Journey:
    """Settle redirects and who asks. Raises UsageError for a bad number or credentials."""
    return Journey(
        follow=options.switch("follow"),
        max_redirects=_redirects(options),
        allow_downgrade=options.switch("allow-downgrade"),
        trust_redirects=options.switch("trust-redirects"),
        credentials=_credentials(options, target, files),
    )


def _redirects(options: Options) -> int:
    typed = options.text("max-redirects")
    return Journey().max_redirects if typed is None else whole_number(typed, "--max-redirects")


def _credentials(options: Options, target: Target, files: Files) -> Credentials | None:
    typed = options.text("auth")
    scheme = options.text("auth-type") or "basic"
    if typed is None:
        if options.text("auth-type"):
            raise UsageError(f"--auth-type={scheme} needs --auth", hint="--auth USER:PASSWORD")
        if target.user is None:
            return None
        return Credentials("basic", target.user, target.password or "")
    return credentials_of(scheme, typed, files)


def credentials_of(scheme: str, typed: str, files: Files) -> Credentials:
    """Return the credentials that ``--auth`` was given, references resolved. Raises UsageError."""
    whole = referenced(typed, files)
    text = typed if whole is None else whole
    if not text:
        raise UsageError("--auth is empty", hint="--auth USER:PASSWORD, or a token")
    if any(mark in text for mark in "\r\n\0") or not _is_utf8(text):
        raise UsageError("--auth: a line break, NUL or byte that is not UTF-8 cannot be sent")
    if SCHEMES[scheme].token:
        return Credentials(scheme, "", text, hidden=whole is not None)
    user, colon, password = text.partition(":")
    if not colon:
        return Credentials(scheme, user, None)
    secret = referenced(password, files)
    hidden = whole is not None or secret is not None
    return Credentials(scheme, user, password if secret is None else secret, hidden)


def _is_utf8(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _verify(typed: str | None, files: Files) -> bool | str:
    if typed is None or typed.lower() in _YES:
        return True
    if typed.lower() in _NO:
        return False
    if not typed:
        raise UsageError("--verify is empty", hint="yes, no, or a CA file or directory")
    files.check(typed)
    return files.path(typed)


def _proxies(typed: tuple[str, ...], env: Mapping[str, str]) -> Mapping[str, Proxy]:
    if not typed:
        return proxies_from_environment(env)
    proxies: dict[str, Proxy] = {}
    for text in typed:
        keyed = _KEYED_PROXY.match(text)
        key, url = keyed.groups() if keyed else ("all", text)
        proxy = parse_proxy(url)
        proxies.update({scheme: proxy for scheme in ("http", "https") if key in (scheme, "all")})
    return proxies
