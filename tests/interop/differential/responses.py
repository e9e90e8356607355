"""The server's responses, by the names that the tables use.

Headers are sorted by name unless a case is about their order: HTTPie sorts headers
on a terminal.
"""

from __future__ import annotations

import gzip
import zlib

from tests.support.http_connection import Step, chunk, close, reset, response, stall

_TEXT = "Content-Type: text/plain"
_DIGEST = 'WWW-Authenticate: Digest realm="x", nonce="y"'
_JSON = "Content-Type: application/json"
_XML = "Content-Type: application/xml"
_HTML = "<p>hello</p>\n"


def _of(body: bytes | str, *fields: str, status: str = "200 OK") -> tuple[Step, ...]:
    """Return a response with sorted headers, Content-Length included."""
    content = body.encode() if isinstance(body, str) else body
    length = f"Content-Length: {len(content)}"
    return (response(content, *sorted([*fields, length]), status=status),)


def _redirect(status: str, location: str = "/there") -> tuple[Step, ...]:
    return _of("moved\n", _TEXT, f"Location: {location}", status=status)


def _raw(head: str, *steps: Step) -> tuple[Step, ...]:
    """Return a response with exactly this head, followed by ``steps``."""
    return (head.replace("\n", "\r\n").encode() + b"\r\n", *steps)


RESPONSES: dict[str, tuple[Step, ...]] = {
    "ok": _of("ok\n", _TEXT),
    "no-line-end": _of("ok", _TEXT),
    "lines": _of("one\ntwo\n", _TEXT),
    "line-ends": _of("one\r\ntwo\r\n", _TEXT),
    "empty": _of("", _TEXT),
    "no-type": _of("hello\n"),
    "odd-type": _of("hello\n", "Content-Type: nonsense"),
    "json": _of('{"a": 1, "b": [true, null]}', _JSON),
    "json-formatted": _of('{\n    "a": 1\n}', _JSON),
    "json-unsorted": _of('{"b": 1, "a": 2}', _JSON),
    "json-twice": _of('{"a": 1, "a": 2}', _JSON),
    "json-number": _of('{"a": 1.50, "b": 1e5}', _JSON),
    "json-escapes": _of('{"a": "\\u00fc"}', _JSON),
    "json-broken": _of('{"a": ', _JSON),
    "json-as-text": _of('{"a": 1}', _TEXT),
    "json-as-javascript": _of('{"a": 1}', "Content-Type: application/javascript"),
    "json-guarded": _of(')]}\',\n{"a": 1}', _JSON),
    "json-vendor": _of('{"a": 1}', "Content-Type: application/vnd.api+json"),
    "json-untyped": _of('{"a": 1}'),
    "json-lines": _of('{"a": 1}\n{"a": 2}\n', "Content-Type: application/x-ndjson"),
    "html": _of(_HTML, "Content-Type: text/html; charset=utf-8"),
    "events": _of("data: 1\n\ndata: 2\n\n", "Content-Type: text/event-stream"),
    "events-json": _of('data: {"a": 1}\n\n', "Content-Type: text/event-stream"),
    "xml": _of("<a><b c='1'>x</b><d/></a>", _XML),
    "xml-declared": _of('<?xml version="1.0" encoding="utf-8"?><a><b>ü</b></a>', _XML),
    "xml-laid-out": _of("<a>\n  <b>x</b>\n</a>\n", _XML),
    "xml-feed": _of("<a><b>x</b></a>", "Content-Type: application/atom+xml; charset=utf-8"),
    "xml-as-text": _of("<a><b>x</b></a>", _TEXT),
    "xml-broken": _of("<a><b></a>", _XML),
    "xml-entities": _of('<!DOCTYPE a [<!ENTITY e "x">]><a><b>&e;</b></a>', _XML),
    "xml-mixed": _of("<a>one <b>two</b> three</a>", _XML),
    "xml-empty-pair": _of("<a><b></b></a>", _XML),
    "utf-8": _of("grün €\n", "Content-Type: text/plain; charset=utf-8"),
    "latin-1": _of("grün\n".encode("latin-1"), "Content-Type: text/plain; charset=iso-8859-1"),
    "latin-1-undeclared": _of("größer als grün\n".encode("latin-1") * 9, _TEXT),
    "charset-unknown": _of("grün\n", "Content-Type: text/plain; charset=frob"),
    "utf-16": _of("grün\n".encode("utf-16"), "Content-Type: text/plain; charset=utf-16"),
    "not-utf-8": _of(b"gr\xfcn\n" * 20, "Content-Type: text/plain; charset=utf-8"),
    "nul": _of(b"a\0b\n", "Content-Type: application/octet-stream"),
    "picture": _of(b"\x89PNG\r\n\x1a\n\xff\xfe", "Content-Type: image/png"),
    "control": _of("a\x1b]0;title\x07b\n", _TEXT),
    "big": _of("the same line again\n" * 2000, _TEXT),
    "unsorted": (response("ok\n", "X-B: 2", _TEXT, "X-A: 1", "x-c: 3"),),
    "repeated": _of("ok\n", _TEXT, "X-A: 1", "X-A: 2"),
    "cookies": _of("ok\n", _TEXT, "Set-Cookie: a=1", "Set-Cookie: b=2; Path=/"),
    "case": _of("ok\n", _TEXT, "x-lower: 1"),
    "field-utf-8": _of("ok\n", _TEXT, "X-A: grün"),
    "field-empty": _of("ok\n", _TEXT, "X-A:"),
    "created": _of("made\n", _TEXT, status="201 Created"),
    "no-content": (response("", "Content-Length: 0", status="204 NO CONTENT"),),
    "not-modified": _raw('HTTP/1.1 304 Not Modified\nETag: "x"\n'),
    "reason": _of("ok\n", _TEXT, status="200 All is well"),
    "no-reason": _of("ok\n", _TEXT, status="200 "),
    "unknown-status": _of("ok\n", _TEXT, status="299 Odd"),
    "not-found": _of("no\n", _TEXT, status="404 NOT FOUND"),
    "failed": _of("oh\n", _TEXT, status="500 Internal Server Error"),
    "unauthorized": _of("who\n", _TEXT, 'WWW-Authenticate: Basic realm="x"', status="401 No"),
    "digest": _of("who\n", _TEXT, _DIGEST, status="401 No"),
    "choices": _of("many\n", _TEXT, status="300 Multiple Choices"),
    "301": _redirect("301 Moved Permanently"),
    "302": _redirect("302 Found"),
    "303": _redirect("303 See Other"),
    "307": _redirect("307 Temporary Redirect"),
    "308": _redirect("308 Permanent Redirect"),
    "301-empty": _of("", "Location: /there", status="301 Moved Permanently"),
    "302-query": _redirect("302 Found", "/there?a=1#part"),
    "302-relative": _redirect("302 Found", "there"),
    "302-blank": _redirect("302 Found", "/two words"),
    "302-no-location": _of("moved\n", _TEXT, status="302 Found"),
    "302-scheme": _redirect("302 Found", "gopher://example.org/"),
    "version-1.0": _raw(f"HTTP/1.0 200 OK\n{_TEXT}\n", b"ok\n", close),
    "until-close": _raw(f"HTTP/1.1 200 OK\n{_TEXT}\n", b"ok\n", close),
    "hints-first": (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", *_of("ok\n", _TEXT)),
    "named": _of("ok\n", 'Content-Disposition: attachment; filename="saved"', _TEXT),
    "named-twice": _of(
        "ok\n", "Content-Disposition: attachment; filename=\"x\"; filename*=UTF-8''saved", _TEXT
    ),
    "partial-content": _of("more\n", "Content-Range: bytes 3-7/8", status="206 Partial Content"),
    "chunked": _raw(
        f"HTTP/1.1 200 OK\n{_TEXT}\nTransfer-Encoding: chunked\n",
        chunk("one\n") + chunk("two\n") + chunk(""),
    ),
    "gzip": _of(gzip.compress(b"hello\n", mtime=0), "Content-Encoding: gzip", _TEXT),
    "deflate": _of(zlib.compress(b"hello\n"), "Content-Encoding: deflate", _TEXT),
    "gzip-truncated": _of(
        gzip.compress(b"hello\n" * 99, mtime=0)[:-9], "Content-Encoding: gzip", _TEXT
    ),
    "short-body": _raw(f"HTTP/1.1 200 OK\nContent-Length: 10\n{_TEXT}\n", b"abc", close),
    "chunks-truncated": _raw(
        f"HTTP/1.1 200 OK\n{_TEXT}\nTransfer-Encoding: chunked\n", chunk("one\n"), close
    ),
    "no-response": (stall,),
    "stalled-body": _raw(f"HTTP/1.1 200 OK\nContent-Length: 10\n{_TEXT}\n", stall),
    "closed": (close,),
    "reset": (reset,),
    "not-http": (b"this is not HTTP\r\n\r\n", close),
    "fields-5": _of("ok\n", _TEXT, "X-A: 1", "X-B: 2", "X-C: 3"),
}
