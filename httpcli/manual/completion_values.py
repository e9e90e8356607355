"""The words that the shell completions suggest for option values and request items."""

from __future__ import annotations

from enum import Enum

from httpcli.core.plan import AUTO_STYLE
from httpcli.options.option import Option
from httpcli.options.table import OPTIONS
from httpcli.output.styles import STYLES
from httpcli.protocol.codings import ENCODERS


class ValueSource(Enum):
    """Where a shell finds the suggestions for an option's value."""

    NONE = "none"
    WORDS = "words"
    FILES = "files"
    FOLDERS = "folders"
    SESSIONS = "sessions"
    REPORTS = "reports"
    """``KIND=FILE``: a kind of report and a file."""


_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

_HEADER_NAMES = (
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Authorization",
    "Cache-Control",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Type",
    "Cookie",
    "Expect",
    "Forwarded",
    "From",
    "Host",
    "Idempotency-Key",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "If-Unmodified-Since",
    "Origin",
    "Prefer",
    "Priority",
    "Range",
    "Referer",
    "TE",
    "User-Agent",
    "X-Api-Key",
    "X-Forwarded-For",
    "X-Request-ID",
    "X-Requested-With",
)
"""Common request headers: those of RFC 9110, RFC 9111 and others."""

_MEDIA_TYPES = (
    "application/graphql",
    "application/json",
    "application/merge-patch+json",
    "application/octet-stream",
    "application/problem+json",
    "application/x-ndjson",
    "application/x-www-form-urlencoded",
    "application/xml",
    "image/jpeg",
    "image/png",
    "image/svg+xml",
    "multipart/form-data",
    "text/csv",
    "text/event-stream",
    "text/html",
    "text/plain",
    "text/xml",
    "text/yaml",
)

_ECHO_PAGES = (
    "echo:/anything",
    "echo:/basic-auth/user/password",
    "echo:/bytes/1000",
    "echo:/cookies",
    "echo:/delay/1",
    "echo:/drip",
    "echo:/gzip",
    "echo:/redirect/2",
    "echo:/status/404",
    "echo:/stream/3",
)

_HEADERS = tuple(f"{name}:" for name in _HEADER_NAMES)

_WORDS = {
    "method": _METHODS,
    "compress": tuple(ENCODERS),
    "print": ("H", "B", "h", "b", "m", "Hh", "hb", "HBhb", "HBhbm"),
    "history-print": ("H", "B", "h", "b", "m", "Hh", "hb", "HBhb", "HBhbm"),
    "response-charset": ("utf-8", "iso-8859-1", "windows-1252", "shift_jis", "euc-kr", "gb18030"),
    "response-mime": _MEDIA_TYPES,
    "ssl": ("tls1.2", "tls1.3", "tls1.2..tls1.3"),
    "style": (AUTO_STYLE, *STYLES, "monokai"),
    "header": _HEADERS,
    "proxy-header": _HEADERS,
    "verify": ("yes", "no"),
    "hash": ("sha256", "sha512", "sha1", "md5", "blake2b"),
}
"""Suggestions for options that have no choices in the option table, by option."""

_OPTIONS_WITH_VALUE = tuple(option for option in OPTIONS if option.takes_value)
SPELLINGS_WITH_VALUE = tuple(
    spelling for option in _OPTIONS_WITH_VALUE for spelling in option.spellings
)
"""The spellings of the options whose value is the next word."""
LETTERS_WITH_VALUE = "".join(option.letters for option in _OPTIONS_WITH_VALUE)
"""The letters of these options."""


def word_lists(subcommands: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return the words to suggest besides options, by the name of their list in the scripts."""
    return {
        "methods": _METHODS,
        "pages": _ECHO_PAGES,
        "subcommands": subcommands,
        "field_names": _HEADERS,
        "media_types": _MEDIA_TYPES,
    }


def value_source(option: Option) -> ValueSource:
    """Return where a shell finds the suggestions for an option's value."""
    if option.choices or option.name in _WORDS:
        return ValueSource.WORDS
    forms = option.value.split("|")
    if option.value == "NAME|PATH":
        return ValueSource.SESSIONS
    if any(form.startswith("KIND=") for form in forms):
        return ValueSource.REPORTS
    if any(form in ("DIR", "FOLDER") for form in forms):
        return ValueSource.FOLDERS
    if any(form in ("FILE", "PATH") for form in forms):
        return ValueSource.FILES
    return ValueSource.NONE


def suggested_words(option: Option) -> tuple[str, ...]:
    """Return the words to suggest for an option's value; may be empty."""
    return option.choices or _WORDS.get(option.name, ())


def takes_path_after_words(option: Option) -> bool:
    """Return whether the value may be a path or one of the words, as with ``--verify``."""
    return bool(suggested_words(option)) and "PATH" in option.value.split("|")
