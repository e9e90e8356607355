"""Which names are secret: what never crosses origins unasked and is not shown in notices.

A name is judged by its words, in any case, with dashes or underscores, and
so that it serves header fields and query parameters alike. To call too much
secret costs a word in a notice; to call too little gives a key away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from json import dumps

from httpcli.core.escaping import REDACTED
from httpcli.core.url import form_quote, unquote

_PARTS = (
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
"""What makes a name secret wherever it stands in it."""
_ENDINGS = ("-auth", "-jwt", "-key", "-pwd", "-sig")
_USERINFO = r"(?<=//)[^/?#\s]*@"
_WHOLE = frozenset({"auth", "jwt", "key", "pwd", "sig"})
_HOLD_A_URL = frozenset(
    {"content-location", "link", "location", "origin", "referer", "refresh"},
)
_PUBLIC = frozenset(
    {"idempotency-key", "surrogate-key", "x-idempotency-key", "x-surrogate-key"},
)


def is_secret(name: str) -> bool:
    """Tell whether what stands under this name (of a field or parameter) is a secret."""
    plain = name.strip().lower().replace("_", "-")
    if plain in _PUBLIC or plain.startswith("sec-websocket-"):
        return False
    return plain in _WHOLE or plain.endswith(_ENDINGS) or any(part in plain for part in _PARTS)


def contains_url(name: str) -> bool:
    """Tell whether what stands in a field of this name is a URL, or has some in it."""
    return name.lower() in _HOLD_A_URL


def without_secrets(target: str) -> str:
    """Return a request target in which the values of secret-named parameters are redacted.

    >>> without_secrets("/x?a=1&api_key=k")
    '/x?a=1&api_key=…redacted…'
    """
    path, mark, query = target.partition("?")
    return path + mark + "&".join(map(_redacted, query.split("&")))


def url_without_secrets(url: str) -> str:
    """Return a URL, or a reference to one, without its userinfo and secret parameters.

    Those of a fragment too: there OAuth hands over its tokens (RFC 6749, 4.2.2).

    >>> url_without_secrets("https://me:p@h/x?token=t#access_token=t&state=s")
    'https://…redacted…@h/x?token=…redacted…#access_token=…redacted…&state=s'
    """
    rest, mark, fragment = re.sub(_USERINFO, f"{REDACTED}@", url, count=1).partition("#")
    return without_secrets(rest) + mark + "&".join(map(_redacted, fragment.split("&")))


def _redacted(parameter: str) -> str:
    name, equals, _ = parameter.partition("=")
    return f"{name}={REDACTED}" if equals and is_secret(unquote(name)) else parameter


# Finds values that were given by reference, in each way that they can be written in a message.


class SecretValues:
    """The texts of secrets. ``longest`` is the length in bytes of the longest form."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for text in secrets for form in (text, dumps(text)[1:-1], form_quote(text))}
        # The longest first: one may be part of another.
        texts = sorted(filter(None, forms), key=len, reverse=True)
        contents = [text.encode("utf-8", "surrogateescape") for text in texts]
        # Without a text there is nothing to find, which an empty pattern would find everywhere.
        self.in_text = re.compile("|".join(map(re.escape, texts)) or r"(?!)")
        self.in_content = re.compile(b"|".join(map(re.escape, contents)) or rb"(?!)")
        self.longest = max(map(len, contents), default=1)

    def redact(self, text: str) -> str:
        """Return the text without them."""
        return self.in_text.sub(REDACTED, text)

    def redact_bytes(self, data: bytes) -> bytes:
        """Return the content without them."""
        return self.in_content.sub(REDACTED.encode(), data)
