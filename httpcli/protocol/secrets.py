"""Recognizes secrets by the names of headers and parameters, and redacts them.

Secrets are not sent to other origins after a redirect, and not printed in messages. Case
is ignored, and underscores equal dashes. The rules recognize too many names rather than
too few: redacting too much is better than printing a key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from json import dumps

from httpcli.core.escaping import REDACTED
from httpcli.core.url import form_quote, unquote

_SECRET_SUBSTRINGS = (
    "access-key",
    "accesskey",
    "api-key",
    "apikey",
    "authorization",
    "cookie",
    "credential",
    "passphrase",
    "passwd",
    "password",
    "private-key",
    "privatekey",
    "secret",
    "session",
    "signature",
    "token",
)
"""A name that contains one of these is secret."""
_SECRET_ENDINGS = ("-auth", "-jwt", "-key", "-pwd", "-sig")
_USERINFO = r"(?<=//)[^/?#\s]*@"
_SECRET_NAMES = frozenset({"auth", "jwt", "key", "pwd", "sig"})
_URL_FIELDS = frozenset(
    {"content-location", "link", "location", "origin", "referer", "refresh"},
)
_NOT_SECRET = frozenset(
    {"idempotency-key", "surrogate-key", "x-idempotency-key", "x-surrogate-key"},
)


def is_secret_name(name: str) -> bool:
    """Return whether the value of a header or parameter of this name is a secret."""
    plain = name.strip().lower().replace("_", "-")
    if plain in _NOT_SECRET or plain.startswith("sec-websocket-"):
        return False
    return (
        plain in _SECRET_NAMES
        or plain.endswith(_SECRET_ENDINGS)
        or any(part in plain for part in _SECRET_SUBSTRINGS)
    )


def contains_url(name: str) -> bool:
    """Return whether the value of a header of this name is a URL or contains URLs."""
    return name.lower() in _URL_FIELDS


def without_secrets(target: str) -> str:
    """Return a request target (RFC 9112, 3.2) with secret parameters redacted.

    >>> without_secrets("/x?a=1&api_key=k")
    '/x?a=1&api_key=…redacted…'
    """
    path, mark, query = target.partition("?")
    return path + mark + "&".join(map(_redact_parameter, query.split("&")))


def url_without_secrets(url: str) -> str:
    """Return a URL, absolute or relative, with userinfo and secret parameters redacted.

    Also redacts parameters in the fragment, where OAuth returns tokens (RFC 6749, 4.2.2).

    >>> url_without_secrets("https://me:p@h/x?token=t#access_token=t&state=s")
    'https://…redacted…@h/x?token=…redacted…#access_token=…redacted…&state=s'
    """
    rest, mark, fragment = re.sub(_USERINFO, f"{REDACTED}@", url, count=1).partition("#")
    return without_secrets(rest) + mark + "&".join(map(_redact_parameter, fragment.split("&")))


def _redact_parameter(parameter: str) -> str:
    name, equals, _ = parameter.partition("=")
    return f"{name}={REDACTED}" if equals and is_secret_name(unquote(name)) else parameter


class SecretValues:
    """Finds secret values in text and bytes: as they are, escaped for JSON, and in forms."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for text in secrets for form in (text, dumps(text)[1:-1], form_quote(text))}
        # The longest first: a secret may contain another one.
        texts = sorted(filter(None, forms), key=len, reverse=True)
        contents = [text.encode("utf-8", "surrogateescape") for text in texts]
        # (?!) matches nothing: an empty pattern would match everywhere.
        self.in_text = re.compile("|".join(map(re.escape, texts)) or r"(?!)")
        self.in_content = re.compile(b"|".join(map(re.escape, contents)) or rb"(?!)")
        self.longest = max(map(len, contents), default=1)
        """The length of the longest form of a secret in bytes."""

    def redact(self, text: str) -> str:
        """Return the text with the secrets redacted."""
        return self.in_text.sub(REDACTED, text)

    def redact_bytes(self, data: bytes) -> bytes:
        """Return the bytes with the secrets redacted."""
        return self.in_content.sub(REDACTED.encode(), data)
