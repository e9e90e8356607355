"""Explains mistyped schemes of URLs.

Imported only for a URL that does not begin as usual, or that is invalid.
"""

from __future__ import annotations

import re

from httpcli.core.errors import Fault, UsageError
from httpcli.core.escaping import REDACTED
from httpcli.core.url import SCHEMES

_TYPO = re.compile(r"([A-Za-z][A-Za-z0-9+-]*)([:;.]*)([/\\]*)(.*)", re.DOTALL)
_UNSUPPORTED = re.compile(
    r"(file|ftp|ftps|sftp|data|mailto|javascript|about|blob|git|ssh|tel):(?!//|[0-9])",
    re.IGNORECASE,
)
_MIN_SIMILARITY = 0.7


def explain_prefix(text: str) -> UsageError | None:
    """Return the error of a URL whose scheme is mistyped, or not supported; None for another."""
    unsupported = _UNSUPPORTED.match(text)
    if unsupported:
        return _error(text, f"{unsupported[1].lower()}: is not supported", unsupported.end())
    typo = _TYPO.match(text)
    if typo is None:
        return None
    word, punctuation, slashes, rest = typo.groups()
    scheme = word.lower()
    end = typo.end(3)
    if scheme in SCHEMES and (punctuation, slashes) == (":", "//"):
        second = re.match(r"(?:https?|wss?)://", rest, re.IGNORECASE)
        if second is None:
            return None
        rest = rest[second.end() :]
        return _error(
            text,
            "the URL has two schemes",
            end + second.end(),
            f"{second[0].rstrip(':/')}://{rest}",
            rest,
        )
    is_port = punctuation == ":" and not slashes and rest[:1].isdecimal()
    if scheme in SCHEMES and rest and not is_port and (punctuation == ":" or len(slashes) > 1):
        message = f"invalid URL: expected {scheme}:// before the host"
        return _error(text, message, end, f"{scheme}://{rest}", rest)
    if (punctuation, slashes) == (":", "//"):
        from difflib import get_close_matches

        similar = get_close_matches(scheme, SCHEMES, 1, _MIN_SIMILARITY)
        if similar:
            message = f"{scheme}:// is not supported"
            return _error(text, message, len(word), f"{similar[0]}://{rest}", rest)
    return None


def _error(text: str, message: str, end: int, suggestion: str = "", rest: str = "") -> UsageError:
    """Return an error that points at the beginning of the text, and shows no secrets after it."""
    begin = text[: max(end, len(text) - len(rest))] if rest else text[:end]
    return UsageError(
        message,
        hint=_did_you_mean(suggestion, rest) if suggestion else "supported: " + ", ".join(SCHEMES),
        fault=Fault(begin + _shown(text[len(begin) :]), 0, end),
    )


def _did_you_mean(suggestion: str, rest: str) -> str:
    shown = suggestion[: len(suggestion) - len(rest)] + _shown(rest)
    return f"did you mean {shown}?"


def _shown(rest: str) -> str:
    """Return what follows the scheme, without credentials and query."""
    if "@" in rest:
        return REDACTED
    path, mark, _ = rest.partition("?")
    return path + (mark and "?…")
