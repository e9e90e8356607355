"""The two messages of a HAR entry (HAR 1.2: request, response and what is in them)."""

from __future__ import annotations

import codecs
from base64 import b64encode
from json import dumps
from typing import Any
from urllib.parse import unquote_plus

from httpcli import __version__
from httpcli.core.connection_info import BODY, CONNECT, DNS, REQUEST, TLS, WAIT, Timings
from httpcli.core.exit_status import Outcome
from httpcli.core.headers import Fields
from httpcli.core.reports import RecordedBody, RecordedExchange
from httpcli.protocol.charsets import UTF_8, codec_of
from httpcli.protocol.dates import timestamp
from httpcli.protocol.media_types import parse
from httpcli.report.registry import About
from httpcli.report.text import milliseconds, readable, told_fields

_FORM = "application/x-www-form-urlencoded"
_UNKNOWN = -1


def request_of(exchange: RecordedExchange) -> dict[str, Any]:
    """Return the request of an entry."""
    head = exchange.request
    told: dict[str, Any] = {
        "method": head.method,
        "url": readable(str(head.url)),
        "httpVersion": f"HTTP/{head.version}",
        "cookies": _sent_cookies(head.fields),
        "headers": told_fields(head.fields),
        "queryString": _parameters(head.url.query or ""),
        "headersSize": _UNKNOWN,
        "bodySize": exchange.request_body.size,
    }
    if exchange.request_body.size:
        told["postData"] = _post_data(
            exchange.request_body, head.fields.first("Content-Type") or ""
        )
    return told


def response_of(exchange: RecordedExchange) -> dict[str, Any]:
    """Return the response of an entry; where none came, one of status 0, as browsers write it."""
    head = exchange.response
    if head is None:
        return {
            "status": 0,
            "statusText": "",
            "httpVersion": "",
            "cookies": [],
            "headers": [],
            "content": {"size": 0, "mimeType": "x-unknown"},
            "redirectURL": "",
            "headersSize": _UNKNOWN,
            "bodySize": _UNKNOWN,
            "_error": readable(exchange.error),
        }
    told: dict[str, Any] = {
        "status": head.status,
        "statusText": readable(head.reason),
        "httpVersion": f"HTTP/{head.version}",
        "cookies": [_set_cookie(value) for value in head.fields.all_values("Set-Cookie")],
        "headers": told_fields(head.fields),
        "content": _content(exchange, head.fields),
        "redirectURL": readable(head.fields.first("Location") or ""),
        "headersSize": _UNKNOWN,
        "bodySize": _body_size(exchange, head.fields),
    }
    if exchange.error:
        told["_error"] = readable(exchange.error)
    return told


def _parameters(query: str) -> list[dict[str, str]]:
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return [{"name": _plain(name), "value": _plain(value)} for name, _, value in pairs]


def _plain(text: str) -> str:
    return readable(unquote_plus(text, errors="replace"))


def _sent_cookies(fields: Fields) -> list[dict[str, str]]:
    pairs = (
        pair.strip().partition("=")
        for value in fields.all_values("Cookie")
        for pair in value.split(";")
        if pair.strip()
    )
    return [{"name": readable(name), "value": readable(value)} for name, _, value in pairs]


def _set_cookie(line: str) -> dict[str, Any]:
    """Return a cookie as HAR has it; ``expires`` stays in the header, which has its own date."""
    pair, *attributes = line.split(";")
    name, _, value = pair.strip().partition("=")
    cookie: dict[str, Any] = {"name": readable(name), "value": readable(value)}
    for attribute in attributes:
        key, _, said = attribute.strip().partition("=")
        match key.lower():
            case "path" | "domain" as known:
                cookie[known] = readable(said)
            case "httponly":
                cookie["httpOnly"] = True
            case "secure":
                cookie["secure"] = True
            case "samesite":
                cookie["sameSite"] = readable(said)
    return cookie


def _post_data(content: RecordedBody, media_type: str) -> dict[str, Any]:
    told: dict[str, Any] = {"mimeType": readable(media_type)}
    if parse(media_type).essence == _FORM and content.complete:
        told["params"] = _parameters(content.data.decode("utf-8", "replace"))
    _add_text(told, content, media_type, encoding="_encoding")
    return told


def _content(exchange: RecordedExchange, fields: Fields) -> dict[str, Any]:
    received = exchange.response_body
    media_type = fields.first("Content-Type") or "x-unknown"
    told: dict[str, Any] = {"size": received.size, "mimeType": readable(media_type)}
    over_wire = _body_size(exchange, fields)
    if fields.has("Content-Encoding") and over_wire >= 0 and exchange.complete:
        told["compression"] = received.size - over_wire
    if received.size:
        _add_text(told, received, media_type, encoding="encoding")
    if not exchange.complete:
        told["comment"] = "; ".join(
            filter(None, ["not received to its end", told.get("comment", "")])
        )
    return told


def _add_text(
    told: dict[str, Any], content: RecordedBody, media_type: str, *, encoding: str
) -> None:
    """Add the content as text; what is none in base64, named by ``encoding``."""
    if not content.complete:
        told["comment"] = f"the first {len(content.data)} of {content.size} bytes"
    text = _decoded(content, parse(media_type).charset or UTF_8)
    if text is None:
        told["text"] = b64encode(content.data).decode("ascii")
        told[encoding] = "base64"
    else:
        told["text"] = text


def _decoded(content: RecordedBody, charset: str) -> str | None:
    """Return the content as text, None where it is not of that charset or has a NUL in it."""
    codec = codec_of(charset)
    if not codec:
        return None
    try:
        decoder = codecs.getincrementaldecoder(codec)()
        text = decoder.decode(content.data, final=content.complete)
    except ValueError:
        return None
    return None if "\0" in text or not _is_unicode(text) else text


def _is_unicode(text: str) -> bool:
    """Tell whether no surrogate stands alone, which JSON's readers do not all take."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _body_size(exchange: RecordedExchange, fields: Fields) -> int:
    """Return how many bytes the content took on the wire, where that is known."""
    if not exchange.complete or fields.has("Transfer-Encoding"):
        return _UNKNOWN
    if fields.content_length is not None and exchange.request.method != "HEAD":
        return fields.content_length
    return _UNKNOWN if fields.has("Content-Encoding") else exchange.response_body.size


# The run as an HTTP Archive (HAR 1.2), which browsers' developer tools load.


_NOT_APPLICABLE = -1
"""HAR's word for a phase that an exchange did not have."""


class HarEntries:
    """The entries of a run; each is written when its exchange is over."""

    def __init__(self, _about: About) -> None:
        self._first = True

    def begin(self) -> str:
        return ""

    def exchange(self, exchange: RecordedExchange) -> str:
        before = "" if self._first else ",\n"
        self._first = False
        return before + dumps(_entry(exchange), ensure_ascii=False)

    def end(self, _outcome: Outcome) -> str:
        return ""


class HarReport(HarEntries):
    """One log of them."""

    def begin(self) -> str:
        return start_of_log()

    def end(self, outcome: Outcome) -> str:
        return end_of_log(outcome)


def start_of_log() -> str:
    """Return what stands before the first entry."""
    creator = dumps({"name": "httpcli", "version": __version__})
    return f'{{"log": {{"version": "1.2", "creator": {creator}, "entries": [\n'


def end_of_log(outcome: Outcome) -> str:
    """Return what stands behind the last entry."""
    comment = f"exit status {int(outcome.status)}"
    if outcome.reason:
        comment += f": {readable(outcome.reason)}"
    return f'\n], "comment": {dumps(comment, ensure_ascii=False)}}}}}\n'


def _entry(exchange: RecordedExchange) -> dict[str, Any]:
    timings = _timings(exchange.timings)
    parts = [length for name, length in timings.items() if name != "ssl" and length > 0]
    entry: dict[str, Any] = {
        "startedDateTime": timestamp(exchange.timings.started_at),
        "time": round(sum(parts), 3),
        "request": request_of(exchange),
        "response": response_of(exchange),
        "cache": {},
        "timings": timings,
    }
    response = exchange.response
    if response is not None and response.connection is not None:
        address = response.connection.remote_address.rpartition(":")[0].strip("[]")
        entry["serverIPAddress"] = address.partition("%")[0]
    return entry


def _timings(timings: Timings) -> dict[str, float]:
    """Return the phases in milliseconds; what HAR calls connect has the handshake in it."""
    lengths = {each.name: milliseconds(each.duration) for each in timings.phases}
    told: dict[str, float] = {"blocked": _NOT_APPLICABLE}
    told["dns"] = lengths.get(DNS, _NOT_APPLICABLE)
    told["connect"] = lengths.get(CONNECT, _NOT_APPLICABLE)
    told["ssl"] = lengths.get(TLS, _NOT_APPLICABLE)
    if TLS in lengths:
        told["connect"] = round(lengths.get(CONNECT, 0.0) + lengths[TLS], 3)
    told["send"] = lengths.get(REQUEST, 0.0)
    told["wait"] = lengths.get(WAIT, 0.0)
    told["receive"] = lengths.get(BODY, 0.0)
    return told
