"""Credentials of a request: from ``--auth``, the URL, or the netrc file, in this order.

``check_credential_scope`` protects credentials in a run with URLs of several origins.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from httpcli.auth.registry import SCHEMES, Scheme
from httpcli.cli.parser import OptionValues
from httpcli.core.errors import UsageError
from httpcli.core.headers import CONTROLS
from httpcli.core.plan import Credentials
from httpcli.options.option import OptionKind
from httpcli.protocol.secrets import is_secret_name
from httpcli.syntax.file_values import resolve_reference
from httpcli.syntax.items import ItemKind, parse_option_item
from httpcli.syntax.urls import ParsedUrl

if TYPE_CHECKING:
    from httpcli.cli.parser import Argument
    from httpcli.core.interfaces import Files
    from httpcli.core.url import Origin


_DEFAULT_SCHEME = "basic"
_CREDENTIAL_OPTIONS = frozenset({"auth", "cert"})
_SESSION_OPTIONS = frozenset({"session", "session-read-only"})
_SCOPE_HINT = (
    "one origin in a run is safe; USER:PASSWORD@ in a URL, a netrc file and "
    "--session=NAME keep to their hosts; --trust-redirects gives it to all"
)


def plan_credentials(
    options: OptionValues, parsed_url: ParsedUrl, login: tuple[str, str] | None, files: Files
) -> Credentials:
    """Return the credentials; ``login`` is the entry of the netrc file for the host.

    Raises UsageError if credentials are missing or cannot be sent.
    """
    scheme = options.text("auth-type") or _DEFAULT_SCHEME
    typed = options.text("auth")
    if typed is not None:
        credentials = parse_credentials(scheme, typed, files)
        if credentials.password is None and options.switch("ignore-stdin"):
            raise UsageError(
                f"cannot prompt for the password of {credentials.user} with --ignore-stdin",
                hint="use --auth USER:PASSWORD or --auth USER:@env:NAME",
            )
        return credentials
    kind = find_scheme(scheme)
    if not kind.token:
        if parsed_url.user is not None:
            credentials = make_credentials(scheme, parsed_url.user, parsed_url.password or "")
            return _check_text(credentials, "the credentials in the URL")
        if login is not None:
            return _check_text(make_credentials(scheme, *login, secret=True), "the netrc file")
    if kind.optional:
        return make_credentials(scheme, "", "")
    example = "TOKEN" if kind.token else "USER:PASSWORD"
    raise UsageError(f"--auth-type={scheme} needs --auth", hint=f"--auth {example}")


def parse_credentials(scheme: str, typed: str, files: Files) -> Credentials:
    """Parse a value of ``--auth`` and resolve its references.

    The password is None if the user has to be prompted for it. Raises UsageError for
    credentials that are empty or cannot be sent.
    """
    resolved = resolve_reference(typed, files)
    text = typed if resolved is None else resolved
    if not text:
        raise UsageError("--auth is empty", hint="--auth USER:PASSWORD, or a token")
    if find_scheme(scheme).token:
        return _check_text(
            make_credentials(scheme, "", text, secret=resolved is not None), "--auth"
        )
    user, colon, password = text.partition(":")
    if not colon:
        return _check_text(make_credentials(scheme, user, None), "--auth")
    resolved_password = resolve_reference(password, files)
    credentials = make_credentials(
        scheme,
        user,
        password if resolved_password is None else resolved_password,
        secret=resolved is not None or resolved_password is not None,
    )
    return _check_text(credentials, "--auth")


def find_scheme(name: str) -> Scheme:
    """Return a built-in scheme, or the scheme of a plugin. Raises UsageError if not found."""
    if name in SCHEMES:
        return SCHEMES[name]
    from httpcli.auth.plugins import find_plugin_scheme
    from httpcli.storage.trusted_files import refuse_if_others_can_write

    scheme = find_plugin_scheme(name, refuse_if_others_can_write)
    if scheme is None:
        raise UsageError(f"--auth-type={name}: unknown scheme")
    return scheme


def make_credentials(
    scheme: str, user: str, password: str | None, *, secret: bool = False
) -> Credentials:
    """Return credentials for a built-in scheme or a plugin's. Raises UsageError."""
    plugin = "" if scheme in SCHEMES else find_scheme(scheme).factory
    return Credentials(scheme, user, password, secret, plugin)


def _check_text(credentials: Credentials, source: str) -> Credentials:
    """Refuse credentials that cannot be part of a header; ``source`` is for the message."""
    text = credentials.user + (credentials.password or "")
    # Basic encodes them, so that other control characters can be sent.
    refused = "[\r\n\0]" if credentials.scheme == "basic" else CONTROLS
    if re.search(refused, text) or not _is_utf8(text):
        raise UsageError(
            f"{source}: control characters and bytes that are not UTF-8 cannot be sent"
        )
    return credentials


def _is_utf8(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def check_credential_scope(arguments: Sequence[Argument], origins: Collection[Origin]) -> None:
    """Raise UsageError if several origins would get a secret that was given once.

    Secrets that are bound to a host are allowed: ``user:password@`` in a URL, a netrc
    file, a session by name, a profile, a cookie jar.
    """
    if len(origins) < 2 or any(_is_option(argument, "trust-redirects") for argument in arguments):
        return
    for secret in _unscoped_secrets(arguments):
        names = {origin.host for origin in origins}
        if len(names) < 2:
            names = {f"{origin.scheme}://{origin.host}:{origin.port}" for origin in origins}
        hosts = " and ".join(sorted(names)[:2])
        more = f" and {len(origins) - 2} more" if len(origins) > 2 else ""
        raise UsageError(
            f"{secret} would be sent to several hosts: {hosts}{more}", hint=_SCOPE_HINT
        )


def _unscoped_secrets(arguments: Sequence[Argument]) -> Iterator[str]:
    """Yield the name of each secret that is not bound to a host."""
    from httpcli.protocol.redaction import has_secret_member, is_secret_header

    for argument in arguments:
        option = argument.option if argument.option and not argument.negated else None
        if option is None:
            continue
        if option.name in _CREDENTIAL_OPTIONS or (
            option.name in _SESSION_OPTIONS and "/" in argument.value
        ):
            yield f"--{option.name}"
        elif option.kind is OptionKind.ITEM:
            item = parse_option_item(option.name, argument.value)
            if (
                option.name == "cookie"
                or is_secret_name(item.key)
                or (item.kind is ItemKind.HEADER and is_secret_header(item.key, item.value))
            ):
                yield f"--{option.name} {item.key}"
        elif option.name == "raw" and has_secret_member(os.fsencode(argument.value)):
            yield "--raw"


def _is_option(argument: Argument, name: str) -> bool:
    return argument.option is not None and not argument.negated and argument.option.name == name
