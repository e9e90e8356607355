"""Who asks: what was typed, what the URL says, what the netrc file has, in this order; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from httpcli.auth.registry import SCHEMES, Scheme
from httpcli.cli.typed_options import TypedOptions
from httpcli.core.errors import UsageError
from httpcli.core.plan import Credentials
from httpcli.options.option import OptionKind
from httpcli.protocol.secrets import is_secret
from httpcli.syntax.file_values import resolve_reference
from httpcli.syntax.items import parse_option_item
from httpcli.syntax.urls import RequestTarget

if TYPE_CHECKING:
    from httpcli.cli.parser import Word
    from httpcli.core.interfaces import Files
    from httpcli.core.url import Origin


_DEFAULT = "basic"


def credentials_for(
    options: TypedOptions, target: RequestTarget, login: tuple[str, str] | None, files: Files
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
    whole = resolve_reference(typed, files)
    text = typed if whole is None else whole
    if not text:
        raise UsageError("--auth is empty", hint="--auth USER:PASSWORD, or a token")
    if scheme_called(scheme).token:
        return _checked(credentials_by(scheme, "", text, hidden=whole is not None), "--auth")
    user, colon, password = text.partition(":")
    if not colon:
        return _checked(credentials_by(scheme, user, None), "--auth")
    secret = resolve_reference(password, files)
    hidden = whole is not None or secret is not None
    found = credentials_by(scheme, user, password if secret is None else secret, hidden=hidden)
    return _checked(found, "--auth")


def scheme_called(name: str) -> Scheme:
    """Return a scheme of ours, or of another package. Raises UsageError where there is none."""
    if name in SCHEMES:
        return SCHEMES[name]
    from httpcli.auth.plugins import find_plugin_scheme

    found = find_plugin_scheme(name)
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


# Credentials belong to one origin: with URLs of several ones, nobody can tell to which.
#
# So they are refused there, before anything is sent, rather than given to a host that they were
# not meant for. What says itself where it belongs may stand beside any number of hosts:
# ``user:password@`` in a URL, a netrc file, a session by name, a profile, a cookie jar.


_CREDENTIALS = frozenset({"auth", "cert"})
_SESSIONS = frozenset({"session", "session-read-only"})
_HINT = (
    "download from one of them at a time; USER:PASSWORD@ in a URL, a netrc file and "
    "--session=NAME keep to their hosts; --trust-redirects gives it to all"
)


def check_credential_scope(words: Sequence[Word], origins: Collection[Origin]) -> None:
    """Raise UsageError where several origins would get a secret that was typed once."""
    if len(origins) < 2 or any(_is(word, "trust-redirects") for word in words):
        return
    for secret in _secrets(words):
        hosts = " and ".join(sorted(origin.host for origin in origins)[:2])
        more = f" and {len(origins) - 2} more" if len(origins) > 2 else ""
        raise UsageError(f"{secret} is for one origin, not for {hosts}{more}", hint=_HINT)


def _secrets(words: Sequence[Word]) -> Iterator[str]:
    """Give what each secret that was typed is called."""
    for word in words:
        option = word.switch.option if word.switch and not word.switch.negated else None
        if option is None:
            continue
        if option.name in _CREDENTIALS or (option.name in _SESSIONS and "/" in word.value):
            yield f"--{option.name}"
        elif option.kind is OptionKind.ITEM:
            item = parse_option_item(option.name, word.value)
            if option.name == "cookie" or is_secret(item.key):
                yield f"--{option.name} {item.key}"


def _is(word: Word, name: str) -> bool:
    return word.switch is not None and not word.switch.negated and word.switch.option.name == name
