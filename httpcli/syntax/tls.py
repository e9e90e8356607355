"""The syntax of TLS versions (``--ssl``) and of hashes of public keys (``--pin``)."""

from __future__ import annotations

import re
from base64 import b64decode

from httpcli.core.errors import UsageError

_VERSIONS = {"tls1": "1.0", "tls1.0": "1.0", "tls1.1": "1.1", "tls1.2": "1.2", "tls1.3": "1.3"}
_ANY_VERSION = ("ssl2.3", "auto")
_HASH_IN_HEX = re.compile(r"(?:[0-9a-f]{64}|(?:[0-9a-f]{2}:){31}[0-9a-f]{2})\Z", re.IGNORECASE)
_HASH_IN_BASE64 = re.compile(r"[0-9A-Za-z+/]{43}=\Z")
_PIN_HINT = "use sha256:HEX or sha256//BASE64; --show-cert prints both"


def parse_tls_versions(typed: str) -> tuple[str, str]:
    """Return the oldest and the newest TLS version of ``--ssl``; empty for no limit.

    A single name, as in HTTPie, means exactly that version. Raises UsageError.

    >>> parse_tls_versions("tls1.2"), parse_tls_versions("tls1.2..")
    (('1.2', '1.2'), ('1.2', ''))
    """
    text = typed.strip().lower()
    if text in _ANY_VERSION:
        return "", ""
    oldest, dots, newest = text.partition("..")
    if not dots:
        newest = oldest
    limits = _VERSIONS.get(oldest, ""), _VERSIONS.get(newest, "")
    unknown = (oldest and not limits[0]) or (newest and not limits[1])
    if unknown or not any(limits):
        raise UsageError(
            f"--ssl={typed}: unknown value",
            hint=(
                "choose from: tls1, tls1.1, tls1.2, tls1.3, a range (tls1.2..tls1.3, "
                "tls1.2..), auto"
            ),
        )
    if all(limits) and limits[0] > limits[1]:
        raise UsageError(
            f"--ssl={typed}: the range is empty", hint="write the older version first: MIN..MAX"
        )
    return limits


def parse_pin(typed: str) -> bytes:
    """Return the SHA-256 hash that ``--pin`` names. Raises UsageError.

    >>> parse_pin("sha256//" + "A" * 43 + "=") == bytes(32)
    True
    """
    if typed.startswith("sha256//"):
        text = typed.removeprefix("sha256//")
        if _HASH_IN_BASE64.match(text):
            return b64decode(text)
        raise UsageError(f"--pin={typed}: expected the Base64 of 32 bytes", hint=_PIN_HINT)
    if typed.lower().startswith("sha256:"):
        text = typed[len("sha256:") :]
        if _HASH_IN_HEX.match(text):
            return bytes.fromhex(text.replace(":", ""))
        raise UsageError(f"--pin={typed}: expected 64 hexadecimal digits", hint=_PIN_HINT)
    raise UsageError(f"--pin={typed}: not a SHA-256 hash", hint=_PIN_HINT)
