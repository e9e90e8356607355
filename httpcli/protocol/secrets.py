"""Recognizes secrets by the names of headers and parameters; ``redaction`` redacts them.

Secrets are not sent to other origins after a redirect, and not printed in messages. The
rules recognize too many names rather than too few: redacting too much is better than
printing a key.
"""

from __future__ import annotations

import re
from functools import lru_cache

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
    "2fa|assertion|auth|authentication|authn|authz|bearer|contrase(?:n|ñ)a|cred|csrf|dpop|hmac|hotp|"
    "jwe|jwt|kennwort|mfa|mnemonic|motdepasse|oauth|otp|pass|passcode|passkey|passwort|pincode|psk|"
    "psw|pswd|pw|pwd|saml|sas|senha|sess|sessid|sid|sig|totp|verifier|xauth|xsrf"
)
"""A name is secret if it contains one of these words, or its plural."""
_LAST_WORDS = "key|pin"
"""A name is secret if its last word is one of these: ``key_type`` is harmless."""
_WORDS_AFTER_KEY = frozenset({"b64", "base", "data", "hex", "new", "old", "pem", "raw", "value"})
"""Words that may follow the last word: ``key_value`` is secret, too."""
_QUALIFIERS = (
    "access|account|acct|admin|aes|api|app|asp|aws|azure|basic|bot|client|cloud|confirm|consumer|"
    "crypt|current|customer|database|db|deploy|dev|device|email|enc|encryption|github|gitlab|google|"
    "gpg|host|http|id|ldap|license|login|mac|machine|mail|master|my|net|new|old|org|payment|pgp|php|"
    "primary|priv|private|prod|product|project|proxy|read|root|rsa|sec|secondary|security|server|"
    "service|shared|sign|signing|site|smtp|ssh|ssl|sso|storage|subscription|team|tenant|test|tls|"
    "user|usr|wallet|web|wifi|wpa|write|ws|x"
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
    r"|accept-signature|access-control-allow-credentials"
    r"|(?:idempotency|surrogate|web-?socket)[-_]?keys?\Z"
)
"""Phrases with a secret word that mean no secret."""
_ANY_PART = re.compile("|".join((*_SECRET_SUBSTRINGS, _WORDS, _LAST_WORDS, "code")))
"""Every secret name contains one of these, in lower case and without separators."""
_CAMEL_CASE_WORD = r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+"


@lru_cache(maxsize=1024)
def is_secret_name(name: str) -> bool:
    """Return whether the value of a header, parameter, cookie or JSON member is a secret.

    The words of the name decide. They are separated by any character that is not a letter, by
    digits, or by upper case: ``X-Auth-Pass``, ``userPw2``, ``session[key]``.
    """
    lower = name.lower()
    if _ANY_PART.search(re.sub(r"[\W_]+", "", lower)) is None:
        return False
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
