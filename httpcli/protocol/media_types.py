"""Parses media types, as leniently as browsers do (WHATWG MIME Sniffing, 4.4), and guesses them.

Guesses use the table below: the standard library's ``mimetypes`` reads files of the
system, so that requests would differ between machines, and is slow to import.
"""

import re
from collections.abc import Mapping

from httpcli.core.headers import TOKEN
from httpcli.core.named_tuple import NamedTuple

_TOKEN = re.compile(TOKEN)
_PARAMETER = re.compile(
    r';[ \t\r\n]*([^;="]*)(?:=[ \t]*(?:"((?:[^"\\]|\\.)*)"?[^;]*|([^;]*)))?', re.DOTALL
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BLANKS = " \t\r\n"

_BY_EXTENSION = {
    "7z": "application/x-7z-compressed",
    "aac": "audio/aac",
    "atom": "application/atom+xml",
    "avif": "image/avif",
    "bin": "application/octet-stream",
    "bmp": "image/bmp",
    "br": "application/x-brotli",
    "bz2": "application/x-bzip2",
    "css": "text/css",
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "epub": "application/epub+zip",
    "flac": "audio/flac",
    "geojson": "application/geo+json",
    "gif": "image/gif",
    "graphql": "application/graphql",
    "gz": "application/gzip",
    "har": "application/json",
    "heic": "image/heic",
    "htm": "text/html",
    "html": "text/html",
    "ico": "image/vnd.microsoft.icon",
    "ics": "text/calendar",
    "jar": "application/java-archive",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": "text/javascript",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "jsonld": "application/ld+json",
    "log": "text/plain",
    "md": "text/markdown",
    "mjs": "text/javascript",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "mpeg": "video/mpeg",
    "ndjson": "application/x-ndjson",
    "odt": "application/vnd.oasis.opendocument.text",
    "ogg": "audio/ogg",
    "opus": "audio/opus",
    "otf": "font/otf",
    "parquet": "application/vnd.apache.parquet",
    "pdf": "application/pdf",
    "png": "image/png",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "py": "text/x-python",
    "rss": "application/rss+xml",
    "rtf": "application/rtf",
    "sh": "application/x-sh",
    "sql": "application/sql",
    "svg": "image/svg+xml",
    "tar": "application/x-tar",
    "tgz": "application/gzip",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "toml": "application/toml",
    "tsv": "text/tab-separated-values",
    "ttf": "font/ttf",
    "txt": "text/plain",
    "vcf": "text/vcard",
    "wasm": "application/wasm",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webmanifest": "application/manifest+json",
    "webp": "image/webp",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "xhtml": "application/xhtml+xml",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
    "xz": "application/x-xz",
    "yaml": "application/yaml",
    "yml": "application/yaml",
    "zip": "application/zip",
    "zst": "application/zstd",
}

_PREFERRED_EXTENSIONS = {
    "application/json": "json",
    "application/gzip": "gz",
    "image/jpeg": "jpg",
    "image/tiff": "tiff",
    "text/html": "html",
    "text/javascript": "js",
    "text/plain": "txt",
}
"""The extensions of the types that have several in the table."""

_JSON_LINES = ("ndjson", "jsonl", "json-l", "json-stream", "stream+json")
"""Parts of unregistered subtypes for one JSON text on each line."""


class MediaType(NamedTuple):
    """A media type, in lower case except for its parameters' values; empty if invalid."""

    type: str = ""
    subtype: str = ""
    parameters: Mapping[str, str] = {}

    @property
    def essence(self) -> str:
        """``type/subtype``; empty for an invalid type."""
        return f"{self.type}/{self.subtype}" if self.type else ""

    @property
    def suffix(self) -> str:
        """The part of the subtype after the last ``+`` (RFC 6839); empty without one."""
        return self.subtype.rpartition("+")[2] if "+" in self.subtype else ""

    @property
    def is_event_stream(self) -> bool:
        """Whether it is a stream of server-sent events."""
        return self.essence == "text/event-stream"

    @property
    def is_json_lines(self) -> bool:
        """Whether it is JSON with one text on each line."""
        return any(word in self.subtype for word in _JSON_LINES)

    @property
    def charset(self) -> str | None:
        """The charset parameter as sent; None without one."""
        return self.parameters.get("charset") or None


def parse_media_type(content_type: str) -> MediaType:
    """Parse a Content-Type; the first of repeated parameters is used."""
    essence, _, _ = content_type.partition(";")
    main, _, subtype = essence.strip(_BLANKS).lower().partition("/")
    if not (_TOKEN.fullmatch(main) and _TOKEN.fullmatch(subtype)):
        return MediaType()
    return MediaType(main, subtype, parse_parameters(content_type[len(essence) :]))


def parse_parameters(text: str) -> dict[str, str]:
    """Parse ``;name=value;name="value"`` (RFC 9110, 5.6.6), names in lower case."""
    parameters: dict[str, str] = {}
    for match in _PARAMETER.finditer(text):
        name, quoted, plain = match.groups()
        name = name.rstrip(_BLANKS)  # some servers send blanks around the =
        value = (plain or "").strip(_BLANKS) if quoted is None else _ESCAPED.sub(r"\1", quoted)
        if value and _TOKEN.fullmatch(name):
            parameters.setdefault(name.lower(), value)
    return parameters


def guess_media_type(path: str) -> str | None:
    """Return the media type of a file's extension; None if it is unknown."""
    name = path.replace("\\", "/").rpartition("/")[2]
    stem, _, extension = name.rpartition(".")
    return _BY_EXTENSION.get(extension.lower()) if stem.strip(".") else None


def file_extension(media_type: MediaType) -> str:
    """Return the usual extension of a media type, without its dot; empty if it is unknown."""
    essence = media_type.essence
    if essence in _PREFERRED_EXTENSIONS:
        return _PREFERRED_EXTENSIONS[essence]
    known = next((name for name, type_ in _BY_EXTENSION.items() if type_ == essence), "")
    if known or not essence:
        return known
    # The suffix names a format (RFC 6839), and all text can be read as plain text.
    fallback = media_type.suffix or ("txt" if media_type.type == "text" else "")
    return fallback if fallback in _BY_EXTENSION else ""
