"""What can be typed after an option, or as an item: one table for every shell."""

from __future__ import annotations

from enum import Enum

from httpcli.core.plan import AUTO_STYLE
from httpcli.options.option import Option
from httpcli.options.table import OPTIONS
from httpcli.output.styles import STYLES
from httpcli.protocol.codings import ENCODERS


class ValueSource(Enum):
    """Where the shell finds what fits."""

    NOWHERE = "nowhere"
    WORDS = "words"
    FILES = "files"
    FOLDERS = "folders"
    SESSIONS = "sessions"
    REPORTS = "reports"
    """A kind of report, an equals sign, a file."""


_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

_FIELD_NAMES = (
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
"""Request fields that people type, of RFC 9110, RFC 9111 and common use."""

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

_FIELDS = tuple(f"{name}:" for name in _FIELD_NAMES)

_WORDS = {
    "method": _METHODS,
    "compress": tuple(ENCODERS),
    "print": ("H", "B", "h", "b", "m", "Hh", "hb", "HBhb", "HBhbm"),
    "history-print": ("H", "B", "h", "b", "m", "Hh", "hb", "HBhb", "HBhbm"),
    "response-charset": ("utf-8", "iso-8859-1", "windows-1252", "shift_jis", "euc-kr", "gb18030"),
    "response-mime": _MEDIA_TYPES,
    "ssl": ("tls1.2", "tls1.3", "tls1.2..tls1.3"),
    "style": (AUTO_STYLE, *STYLES, "monokai"),
    "header": _FIELDS,
    "proxy-header": _FIELDS,
    "verify": ("yes", "no"),
    "hash": ("sha256", "sha512", "sha1", "md5", "blake2b"),
}
"""By option, where the table of options has no choices of its own."""

_TAKING = tuple(option for option in OPTIONS if option.takes_value)
SPELLINGS_WITH_VALUE = tuple(spelling for option in _TAKING for spelling in option.spellings)
LETTERS_WITH_VALUE = "".join(option.letters for option in _TAKING)
"""Options behind which the next word is their value, and no argument."""


def word_lists(subcommands: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return the words that are no options, by what each shell calls their list."""
    return {
        "methods": _METHODS,
        "pages": _ECHO_PAGES,
        "subcommands": subcommands,
        "field_names": _FIELDS,
        "media_types": _MEDIA_TYPES,
    }


def source_of(option: Option) -> ValueSource:
    """Return where the value of an option is found."""
    if option.choices or option.name in _WORDS:
        return ValueSource.WORDS
    shapes = option.value.split("|")
    if option.value == "NAME|PATH":
        return ValueSource.SESSIONS
    if any(shape.startswith("KIND=") for shape in shapes):
        return ValueSource.REPORTS
    if any(shape in ("DIR", "FOLDER") for shape in shapes):
        return ValueSource.FOLDERS
    if any(shape in ("FILE", "PATH") for shape in shapes):
        return ValueSource.FILES
    return ValueSource.NOWHERE


def words_of(option: Option) -> tuple[str, ...]:
    """Return the words that fit an option; empty where it is not about words."""
    return option.choices or _WORDS.get(option.name, ())


def takes_path_after_words(option: Option) -> bool:
    """Tell whether a path fits besides the words, as with ``--verify``."""
    return bool(words_of(option)) and "PATH" in option.value.split("|")
