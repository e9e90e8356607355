"""Credentials belong to one origin: with URLs of several ones, nobody can tell to which.

So they are refused there, before anything is sent, rather than given to a host that
they were not meant for. What says itself where it belongs may stand beside any
number of hosts: ``user:password@`` in a URL, a netrc file, a session by name, a
profile, a cookie jar.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from httpcli.core.errors import UsageError
from httpcli.options.option import Kind
from httpcli.protocol.secret_names import is_secret
from httpcli.syntax.items import parse_explicit

if TYPE_CHECKING:
    from httpcli.cli.parser import Word
    from httpcli.core.url import Origin

_CREDENTIALS = frozenset({"auth", "cert"})
_SESSIONS = frozenset({"session", "session-read-only"})
_HINT = (
    "download from one of them at a time; USER:PASSWORD@ in a URL, a netrc file and "
    "--session=NAME keep to their hosts; --trust-redirects gives it to all"
)


def refuse_leaks(words: Sequence[Word], origins: Collection[Origin]) -> None:
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
        flag = word.switch.flag if word.switch and not word.switch.negated else None
        if flag is None:
            continue
        if flag.name in _CREDENTIALS or (flag.name in _SESSIONS and "/" in word.value):
            yield f"--{flag.name}"
        elif flag.kind is Kind.ITEM:
            item = parse_explicit(flag.name, word.value)
            if flag.name == "cookie" or is_secret(item.key):
                yield f"--{flag.name} {item.key}"


def _is(word: Word, name: str) -> bool:
    return word.switch is not None and not word.switch.negated and word.switch.flag.name == name
