"""Recognizes secrets by the names of headers and parameters, and redacts them.

Secrets are not sent to other origins after a redirect, and not printed in messages. The
rules recognize too many names rather than too few: redacting too much is better than
printing a key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from json import dumps

from httpcli.core.escaping import REDACTED
from httpcli.core.url import form_quote, unquote

_SECRET_SUBSTRINGS = (
    "authorisation",
    "authorization",
    "cookie",
    "credential",
    "passphrase",
    "passwd",
    "password",
    "secret",
    "session",
    "signature",
    "token",
)
"""A name is secret if one of its words contains one of these."""
_SECRET_PHRASES = (
    "accesscode",
    "accesskey",
    "apikey",
    "backupcode",
    "devicecode",
    "privatekey",
    "recoverycode",
    "securitycode",
    "verificationcode",
)
"""A name is secret if it contains one of these, with or without separators between the words."""
_WORDS = (
    "2fa|assertion|auth|authentication|authn|authz|bearer|cred|csrf|dpop|hmac|hotp|jwe|jwt|kennwort|"
    "mfa|mnemonic|oauth|otp|pass|passcode|passkey|passwort|pincode|psk|psw|pswd|pw|pwd|saml|sas|"
    "sess|sessid|sid|sig|totp|verifier|xauth|xsrf"
)
"""A name is secret if it contains one of these words, or its plural."""
_LAST_WORDS = "key|pin"
"""A name is secret if its last word is one of these: ``key_type`` is harmless."""
_WORDS_AFTER_KEY = frozenset({"b64", "base", "data", "hex", "new", "old", "pem", "raw", "value"})
"""Words that may follow the last word: ``key_value`` is secret, too."""
_QUALIFIERS = (
    "access|account|acct|admin|api|app|asp|aws|azure|basic|client|confirm|consumer|current|"
    "customer|database|db|deploy|dev|device|email|encryption|github|gitlab|google|host|http|id|"
    "ldap|license|login|machine|mail|master|my|net|new|old|org|php|primary|private|prod|product|"
    "project|proxy|read|root|secondary|security|server|service|shared|sign|signing|site|smtp|ssh|"
    "ssl|sso|storage|subscription|team|tenant|test|tls|user|usr|web|wifi|wpa|write|x"
)
"""Words that are written together with a secret word: ``userpass``, ``authkey``."""
_SUFFIXES = "code|confirm|data|field|hash|header|param|raw|str|string|text|value"
"""Words that are written together with the secret word before them: ``passhash``."""
_SECRET_COMPOUND = (
    rf"(?:{_QUALIFIERS}|{_WORDS})*(?:{_WORDS})(?:{_SUFFIXES})*s?"
    rf"|(?:{_QUALIFIERS}|{_WORDS})+(?:{_LAST_WORDS})s?"
)
_LONGEST_COMPOUND = 40
_HARMLESS_PHRASES = (
    r"(?i)authentication-(?:control|info|results)|pass-?through|public-key-pins"
    r"|(?:idempotency|surrogate|web-?socket)[-_]?keys?\Z"
)
"""Phrases with a secret word that mean no secret."""
_CAMEL_CASE_WORD = r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+"
_USERINFO = r"(?<=//)[^/?#\s]*@"
_CREDENTIALS = (
    r"(?i)\s*(?:(?:apikey|basic|bearer|digest|dpop|negotiate|ntlm|token)\s+\S"
    r"|eyJ[\w-]{8,}\.[\w-]+\.)"
)
_MEMBER_NAMES = (
    r'"(?P<json>(?:[^"\\]|\\.){1,200})"\s*:'
    r"|(?:\A|[&;])\s*(?P<form>[^&;=<>{\s]{1,200})="
    r"|<(?P<xml>[\w:.-]{1,200})[\s>]"
)
"""The names in JSON, in forms and in XML."""
_URL_FIELDS = frozenset(
    {"content-location", "link", "location", "origin", "referer", "refresh"},
)


@lru_cache(maxsize=1024)
def is_secret_name(name: str) -> bool:
    """Return whether the value of a header, parameter, cookie or JSON member is a secret.

    The words of the name decide. They are separated by any character that is not a letter, by
    digits, or by upper case: ``X-Auth-Pass``, ``userPw2``, ``session[key]``.
    """
    name = re.sub(_HARMLESS_PHRASES, "", name)
    lower = name.lower()
    words = re.findall(r"[^\W_]+", lower)
    plain = "-".join(words)
    return (
        any(text in plain for text in _SECRET_SUBSTRINGS)
        or any(text in plain.replace("-", "") for text in _SECRET_PHRASES)
        or _has_secret_word(words)
        or _has_secret_word(re.findall(r"[^\W\d_]+", lower))
        or _has_secret_word([word.lower() for word in re.findall(_CAMEL_CASE_WORD, name)])
    )


def _has_secret_word(words: list[str]) -> bool:
    """Return whether one of the words, in lower case, makes a name secret."""
    while len(words) > 1 and words[-1] in _WORDS_AFTER_KEY:
        words = words[:-1]
    return any(map(_is_secret_word, words)) or (
        bool(words) and re.fullmatch(rf"(?:{_LAST_WORDS})s?", words[-1]) is not None
    )


def _is_secret_word(word: str) -> bool:
    """Return whether a word is secret, or is written together with a secret word."""
    return len(word) <= _LONGEST_COMPOUND and re.fullmatch(_SECRET_COMPOUND, word) is not None


def is_secret_header(name: str, value: str) -> bool:
    """Return whether a header holds a secret, by its name or by its value.

    A value is secret if it has credentials (``Bearer …``), is a JSON Web Token, or is a URL
    with userinfo or a secret parameter.
    """
    return (
        is_secret_name(name)
        or re.match(_CREDENTIALS, value) is not None
        or (contains_url(name) and url_without_secrets(value) != value)
    )


def has_secret_member(data: bytes) -> bool:
    """Return whether a body has a member, form field or element with the name of a secret.

    JSON, forms and XML are searched, whatever the media type says.
    """
    text = data.decode("utf-8", "replace")
    names = (match[match.lastgroup or 0] for match in re.finditer(_MEMBER_NAMES, text))
    return any(map(is_secret_name, map(_without_escapes, names)))


def _without_escapes(name: str) -> str:
    """Return a name of JSON or of a form without its escapes."""
    if "\\" in name:
        name = re.sub(r"\\u([0-9A-Fa-f]{4})", lambda match: chr(int(match[1], 16)), name)
    return unquote(name.replace("+", " "), "replace")


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
