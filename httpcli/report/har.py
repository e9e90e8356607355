"""The report ``har``: the run as an HTTP Archive (HAR 1.2), which browsers can load."""

from __future__ import annotations

import codecs
from base64 import b64encode
from json import dumps
from typing import Any
from urllib.parse import unquote_plus

from httpcli import __version__
from httpcli.core.connection_info import BODY, CONNECT, DNS, REQUEST, TLS, WAIT, Timings
from httpcli.core.events import OtherHead
from httpcli.core.exit_status import Outcome
from httpcli.core.headers import Fields
from httpcli.core.reports import RecordedBody, RecordedExchange
from httpcli.protocol.dates import timestamp
from httpcli.protocol.declared_charsets import UTF_8, find_codec
from httpcli.protocol.media_types import parse_media_type
from httpcli.report.registry import BatchFormat, ReportInfo, field_list, valid_unicode

_FORM = "application/x-www-form-urlencoded"
_UNKNOWN = -1
"""A size that is unknown."""
_NOT_APPLICABLE = -1
"""The duration of a phase that did not happen."""


class HarBatchPart:
    """The entries of a run."""

    def __init__(self, info: ReportInfo) -> None:
        self._charset = info.charset
        self._first = True

    def begin(self) -> str:
        return ""

    def add(self, exchange: RecordedExchange) -> str:
        before = "" if self._first else ",\n"
        self._first = False
        return before + dumps(_entry(exchange, self._charset), ensure_ascii=False)

    def end(self, _outcome: Outcome) -> str:
        return ""


class HarReport(HarBatchPart):
    """A log with the entries of a run."""

    def begin(self) -> str:
        return _start_of_log()

    def end(self, outcome: Outcome) -> str:
        return _end_of_log(outcome)


def _start_of_log() -> str:
    """Return the text before the first entry."""
    creator = dumps({"name": "httpcli", "version": __version__})
    return f'{{"log": {{"version": "1.2", "creator": {creator}, "entries": [\n'


def _end_of_log(outcome: Outcome) -> str:
    """Return the text after the last entry."""
    comment = f"exit status {int(outcome.status)}"
    if outcome.reason:
        comment += f": {valid_unicode(outcome.reason)}"
    return f'\n], "comment": {dumps(comment, ensure_ascii=False)}}}}}\n'


BATCH = BatchFormat(HarBatchPart, lambda _started_at: _start_of_log(), ",\n", _end_of_log)
"""One log with the entries of all parts."""


def _entry(exchange: RecordedExchange, charset: str) -> dict[str, Any]:
    timings = _timings(exchange.timings)
    durations = [time for name, time in timings.items() if name != "ssl" and time > 0]
    entry: dict[str, Any] = {
        "startedDateTime": timestamp(exchange.timings.started_at),
        "time": round(sum(durations), 3),
        "request": _request(exchange),
        "response": _response(exchange, charset),
        "cache": {},
        "timings": timings,
    }
    response = exchange.response
    if response is not None and response.connection is not None:
        address = response.connection.remote_address.rpartition(":")[0].strip("[]")
        entry["serverIPAddress"] = address.partition("%")[0]
    return entry


def _timings(timings: Timings) -> dict[str, float]:
    """Return the phases in milliseconds. In HAR, ``connect`` includes the TLS handshake."""
    durations = {phase.name: round(phase.duration * 1000, 3) for phase in timings.phases}
    result: dict[str, float] = {"blocked": _NOT_APPLICABLE}
    result["dns"] = durations.get(DNS, _NOT_APPLICABLE)
    result["connect"] = durations.get(CONNECT, _NOT_APPLICABLE)
    result["ssl"] = durations.get(TLS, _NOT_APPLICABLE)
    if TLS in durations:
        result["connect"] = round(durations.get(CONNECT, 0.0) + durations[TLS], 3)
    result["send"] = durations.get(REQUEST, 0.0)
    result["wait"] = durations.get(WAIT, 0.0)
    result["receive"] = durations.get(BODY, 0.0)
    return result


def _request(exchange: RecordedExchange) -> dict[str, Any]:
    """Return the ``request`` of an entry."""
    head = exchange.request
    result: dict[str, Any] = {
        "method": head.method,
        "url": valid_unicode(str(head.url)),
        "httpVersion": f"HTTP/{head.version}",
        "cookies": _sent_cookies(head.fields),
        "headers": field_list(head.fields),
        "queryString": _parameters(head.url.query or ""),
        "headersSize": _UNKNOWN,
        "bodySize": exchange.request_body.size,
    }
    if exchange.request_body.size:
        result["postData"] = _post_data(
            exchange.request_body, head.fields.first("Content-Type") or ""
        )
    return result


def _response(exchange: RecordedExchange, charset: str) -> dict[str, Any]:
    """Return the ``response`` of an entry; without one, status 0 as in browsers."""
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
            "_error": valid_unicode(exchange.error),
        }
    result: dict[str, Any] = {
        "status": head.status,
        "statusText": valid_unicode(head.reason),
        "httpVersion": f"HTTP/{head.version}",
        "cookies": [_set_cookie(value) for value in head.fields.all_values("Set-Cookie")],
        "headers": field_list(head.fields),
        "content": _content(exchange, head.fields, charset),
        "redirectURL": valid_unicode(head.fields.first("Location") or ""),
        "headersSize": head.head_size or _UNKNOWN,
        "bodySize": _body_size(exchange, head.fields),
    }
    # HAR 1.2 has no place for these; names of additions begin with an underscore.
    if head.interim:
        result["_interim"] = [_other_head(interim) for interim in head.interim]
    if head.tunnel is not None:
        result["_tunnel"] = _other_head(head.tunnel)
    if exchange.trailers:
        result["_trailers"] = field_list(exchange.trailers)
    if exchange.error:
        result["_error"] = valid_unicode(exchange.error)
    return result


def _other_head(head: OtherHead) -> dict[str, Any]:
    return {
        "status": head.status,
        "statusText": valid_unicode(head.reason),
        "headers": field_list(head.fields),
    }


def _parameters(query: str) -> list[dict[str, str]]:
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return [{"name": _unquoted(name), "value": _unquoted(value)} for name, _, value in pairs]


def _unquoted(text: str) -> str:
    return valid_unicode(unquote_plus(text, errors="replace"))


def _sent_cookies(fields: Fields) -> list[dict[str, str]]:
    pairs = (
        pair.strip().partition("=")
        for value in fields.all_values("Cookie")
        for pair in value.split(";")
        if pair.strip()
    )
    return [
        {"name": valid_unicode(name), "value": valid_unicode(value)} for name, _, value in pairs
    ]


def _set_cookie(line: str) -> dict[str, Any]:
    """Return a cookie. Without ``expires``: the date in the header has another format."""
    pair, *attributes = line.split(";")
    name, _, value = pair.strip().partition("=")
    cookie: dict[str, Any] = {"name": valid_unicode(name), "value": valid_unicode(value)}
    for attribute in attributes:
        key, _, text = attribute.strip().partition("=")
        match key.lower():
            case "path" | "domain" as known:
                cookie[known] = valid_unicode(text)
            case "httponly":
                cookie["httpOnly"] = True
            case "secure":
                cookie["secure"] = True
            case "samesite":
                cookie["sameSite"] = valid_unicode(text)
    return cookie


def _post_data(body: RecordedBody, media_type: str) -> dict[str, Any]:
    result: dict[str, Any] = {"mimeType": valid_unicode(media_type)}
    if parse_media_type(media_type).essence == _FORM and body.complete:
        result["params"] = _parameters(body.data.decode("utf-8", "replace"))
    _add_text(result, body, media_type, "", encoding="_encoding")
    return result


def _content(exchange: RecordedExchange, fields: Fields, charset: str) -> dict[str, Any]:
    received = exchange.response_body
    media_type = fields.first("Content-Type") or "x-unknown"
    result: dict[str, Any] = {"size": received.size, "mimeType": valid_unicode(media_type)}
    encoded_size = _body_size(exchange, fields)
    if fields.has("Content-Encoding") and encoded_size >= 0 and exchange.complete:
        result["compression"] = received.size - encoded_size
    if received.size:
        _add_text(result, received, media_type, charset, encoding="encoding")
    if not exchange.complete:
        result["comment"] = "; ".join(
            filter(None, ["not received to its end", result.get("comment", "")])
        )
    return result


def _add_text(
    result: dict[str, Any], body: RecordedBody, media_type: str, charset: str, *, encoding: str
) -> None:
    """Add the body as text, or in base64 with the encoding in a member named ``encoding``.

    ``charset`` overrides that of the media type.
    """
    if not body.complete:
        result["comment"] = f"the first {len(body.data)} of {body.size} bytes"
    text = _decoded(body, charset or parse_media_type(media_type).charset or UTF_8)
    if text is None:
        result["text"] = b64encode(body.data).decode("ascii")
        result[encoding] = "base64"
    else:
        result["text"] = text


def _decoded(body: RecordedBody, charset: str) -> str | None:
    """Return the body as text, or None if it is not in that charset or contains NUL."""
    codec = find_codec(charset)
    if not codec:
        return None
    try:
        decoder = codecs.getincrementaldecoder(codec)()
        text = decoder.decode(body.data, final=body.complete)
    except ValueError:
        return None
    return None if "\0" in text or not _is_unicode(text) else text


def _is_unicode(text: str) -> bool:
    """Return whether the text has no unpaired surrogate, which some JSON parsers reject."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _body_size(exchange: RecordedExchange, fields: Fields) -> int:
    """Return the size of the body as sent, with content codings; ``_UNKNOWN`` if unknown."""
    if not exchange.complete or fields.has("Transfer-Encoding"):
        return _UNKNOWN
    if fields.content_length is not None and exchange.request.method != "HEAD":
        return fields.content_length
    return _UNKNOWN if fields.has("Content-Encoding") else exchange.response_body.size
