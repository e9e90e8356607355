"""Who asks: what was typed, what the URL says, what the netrc file has, in this order; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.auth.registry import SCHEMES, Scheme
from httpcli.cli.typed_options import Options
from httpcli.core.errors import UsageError
from httpcli.core.plan import Credentials
from httpcli.syntax.file_values import referenced
from httpcli.syntax.urls import Target

if TYPE_CHECKING:
    from httpcli.core.interfaces import Files

_DEFAULT = "basic"


def credentials_for(
    options: Options, target: Target, login: tuple[str, str] | None, files: Files
) -> Credentials:
    """Return the credentials; ``login`` is what the netrc file has for the host.

    Raises UsageError where there are none, or none that can be sent.
    """
    scheme = options.text("auth-type") or _DEFAULT
    typed = options.text("auth")
    if typed is not None:
        found = credentials_of(scheme, typed, files)
        if found.password is None and options.switch("ignore-stdin"):
            raise UsageError(
                f"with --ignore-stdin nobody is asked for the password of {found.user}",
                hint="--auth USER:PASSWORD, or USER:@env:NAME",
            )
        return found
    kind = scheme_called(scheme)
    if not kind.token:
        if target.user is not None:
            found = credentials_by(scheme, target.user, target.password or "")
            return _checked(found, "the URL's user and password")
        if login is not None:
            return _checked(credentials_by(scheme, *login, hidden=True), "the netrc file")
    if kind.optional:
        return credentials_by(scheme, "", "")
    example = "TOKEN" if kind.token else "USER:PASSWORD"
    raise UsageError(f"--auth-type={scheme} needs --auth", hint=f"--auth {example}")


def credentials_of(scheme: str, typed: str, files: Files) -> Credentials:
    """Return the credentials that ``--auth`` was given, references resolved.

    The password is None where it has to be asked for. Raises UsageError for
    what is empty or cannot be sent.
    """
    whole = referenced(typed, files)
    text = typed if whole is None else whole
    if not text:
        raise UsageError("--auth is empty", hint="--auth USER:PASSWORD, or a token")
    if scheme_called(scheme).token:
        return _checked(credentials_by(scheme, "", text, hidden=whole is not None), "--auth")
    user, colon, password = text.partition(":")
    if not colon:
        return _checked(credentials_by(scheme, user, None), "--auth")
    secret = referenced(password, files)
    hidden = whole is not None or secret is not None
    found = credentials_by(scheme, user, password if secret is None else secret, hidden=hidden)
    return _checked(found, "--auth")


def scheme_called(name: str) -> Scheme:
    """Return a scheme of ours, or of another package. Raises UsageError where there is none."""
    if name in SCHEMES:
        return SCHEMES[name]
    from httpcli.auth.plugins import scheme_called

    found = scheme_called(name)
    if found is None:
        raise UsageError(f"--auth-type={name}: there is no such scheme")
    return found


def credentials_by(
    scheme: str, user: str, password: str | None, *, hidden: bool = False
) -> Credentials:
    """Return credentials by a scheme of ours, or of another package. Raises UsageError."""
    made_by = "" if scheme in SCHEMES else scheme_called(scheme).made_by
    return Credentials(scheme, user, password, hidden, made_by)


def _checked(credentials: Credentials, source: str) -> Credentials:
    """Refuse what would end the field that the credentials go into, or is no text."""
    text = credentials.user + (credentials.password or "")
    if any(mark in text for mark in "\r\n\0") or not _is_utf8(text):
        raise UsageError(f"{source}: a line break, NUL or byte that is not UTF-8 cannot be sent")
    return credentials


def _is_utf8(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
