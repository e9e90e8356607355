"""Recognizes secrets by the names of header fields and parameters, and redacts them.

Secrets are not sent to other origins after a redirect, and not printed in messages.
Names are compared by their words, in any case, with dashes or underscores. In doubt
a name is secret: redacting too much is better than printing a key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from json import dumps

from httpcli.core.escaping import REDACTED
from httpcli.core.url import form_quote, unquote

_SECRET_PARTS = (
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
"""Parts that make a name secret, anywhere in it."""
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
    """Tell whether a field or parameter of this name is a secret."""
    plain = name.strip().lower().replace("_", "-")
    if plain in _NOT_SECRET or plain.startswith("sec-websocket-"):
        return False
    return (
        plain in _SECRET_NAMES
        or plain.endswith(_SECRET_ENDINGS)
        or any(part in plain for part in _SECRET_PARTS)
    )


def contains_url(name: str) -> bool:
    """Tell whether the value of a field of this name is a URL or contains URLs."""
    return name.lower() in _URL_FIELDS


def without_secrets(target: str) -> str:
    """Return a request target with the values of secret parameters redacted.

    >>> without_secrets("/x?a=1&api_key=k")
    '/x?a=1&api_key=…redacted…'
    """
    path, mark, query = target.partition("?")
    return path + mark + "&".join(map(_redacted, query.split("&")))


def url_without_secrets(url: str) -> str:
    """Return a URL, or a reference to one, without its userinfo and secret parameters.

    Parameters in the fragment too: OAuth returns tokens there (RFC 6749, 4.2.2).

    >>> url_without_secrets("https://me:p@h/x?token=t#access_token=t&state=s")
    'https://…redacted…@h/x?token=…redacted…#access_token=…redacted…&state=s'
    """
    rest, mark, fragment = re.sub(_USERINFO, f"{REDACTED}@", url, count=1).partition("#")
    return without_secrets(rest) + mark + "&".join(map(_redacted, fragment.split("&")))


def _redacted(parameter: str) -> str:
    name, equals, _ = parameter.partition("=")
    return f"{name}={REDACTED}" if equals and is_secret_name(unquote(name)) else parameter


class SecretValues:
    """Finds the texts of secrets, as they are, in JSON, and in forms.

    ``longest`` is the length in bytes of the longest one.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for text in secrets for form in (text, dumps(text)[1:-1], form_quote(text))}
        # The longest first: one may contain another.
        texts = sorted(filter(None, forms), key=len, reverse=True)
        contents = [text.encode("utf-8", "surrogateescape") for text in texts]
        # (?!) matches nothing: an empty pattern would match everywhere.
        self.in_text = re.compile("|".join(map(re.escape, texts)) or r"(?!)")
        self.in_content = re.compile(b"|".join(map(re.escape, contents)) or rb"(?!)")
        self.longest = max(map(len, contents), default=1)

    def redact(self, text: str) -> str:
        """Return the text with the secrets redacted."""
        return self.in_text.sub(REDACTED, text)

    def redact_bytes(self, data: bytes) -> bytes:
        """Return the bytes with the secrets redacted."""
        return self.in_content.sub(REDACTED.encode(), data)
