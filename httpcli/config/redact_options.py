"""How options are written out where secrets must not be read; pure."""

from __future__ import annotations

import re

from httpcli.core.escaping import REDACTED
from httpcli.protocol.secret_names import is_secret, without_secrets
from httpcli.syntax.file_values import REFERENCES

_USERINFO = re.compile(r"(?<=//)[^/?#]*@|^(?:[a-z]+:)?[^/?#]*@")
_NAMED = re.compile(r"[^:;=]*[:;=]+")


def redacted(name: str, value: str) -> str:
    """Return an option's value as it may be shown; the same text where it has no secret.

    ``name`` is the option's long name; ``url`` is the base of a profile. What
    is given by reference is no secret: the reference stands there.
    """
    if name in ("auth", "proxy-auth"):
        return _credentials(value)
    if name == "cert-key-pass":
        return _unless_reference(value)
    if name in ("header", "proxy-header", "param", "cookie", ""):
        found = _NAMED.match(value)
        secret = found is not None and (name == "cookie" or is_secret(found[0].rstrip(":;= ")))
        if found is None or not secret or found.end() == len(value):
            return value
        return found[0] + _unless_reference(value[found.end() :].lstrip())
    if name in ("url", "proxy"):
        return _url(value)
    return value


def _credentials(value: str) -> str:
    if value.startswith(REFERENCES):
        return value
    user, colon, password = value.partition(":")
    if not colon:  # a user who is asked, or a token: who knows
        return REDACTED
    return f"{user}:{_unless_reference(password)}"


def _unless_reference(value: str) -> str:
    return value if not value or value.startswith(REFERENCES) else REDACTED


def _url(value: str) -> str:
    """Return a URL without its userinfo: a user alone may be a token."""
    return without_secrets(_USERINFO.sub(f"{REDACTED}@", value, count=1))
