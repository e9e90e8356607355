"""Removes secrets from output that users share: reports, curl commands, requests on the screen.

Two kinds of secrets are redacted: values with the name of a secret (in headers, URLs, forms,
multipart bodies and JSON), and values that were given by reference (``@env:NAME``,
``@file:PATH``), wherever they occur, also in responses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from httpcli.core.escaping import REDACTED
from httpcli.core.events import Event, RequestChunk, RequestStarted, ResponseStarted
from httpcli.core.headers import Field, Fields
from httpcli.core.reports import RecordedBody, RecordedExchange
from httpcli.core.url import Url
from httpcli.protocol.media_types import parse_media_type
from httpcli.protocol.secrets import SecretValues, contains_url, is_secret_name, without_secrets

_USERINFO = re.compile(r"(?<=://)[^/?#\s@]*@")
_JSON_STRING = rb'"((?:[^"\\]|\\.)*)(?:"|\\?\Z)'
# A string is matched as a whole, with its escapes, so that no text takes quadratic time.
_JSON_VALUE = rb'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|-?\d[\d.eE+-]*'
_JSON_MEMBER = re.compile(_JSON_STRING + rb"(?:(\s*:\s*)(" + _JSON_VALUE + rb"))?", re.DOTALL)
_FORM_MEMBER = re.compile(rb"([^&=]+)(?:=([^&]*))?")
# Likewise each part of a multipart body: its headers are short, or it does not match.
_PART = re.compile(
    rb'(Content-Disposition:[^\r\n]{0,200}?\bname="([^"\r\n]{0,200})"[^\r\n]{0,1000}\r\n'
    rb"(?:[^\r\n]{1,1000}\r\n){0,8}\r\n)((?:[^\r]|\r(?!\n--))*)",
    re.IGNORECASE,
)
_REDACTED = REDACTED.encode()


class Redactor:
    """Redacts secrets by name, and ``secrets``, the values that were given by reference."""

    def __init__(self, secrets: frozenset[str]) -> None:
        self._values = SecretValues(secrets)
        self._has_values = bool(secrets)

    @property
    def margin(self) -> int:
        """Bytes to record beyond a limit, so that a secret at the cut is still found."""
        return self._values.longest if self._has_values else 0

    def redact_exchange(self, exchange: RecordedExchange, max_body: int) -> RecordedExchange:
        """Return the exchange without secrets, with ``max_body`` bytes of each body."""
        request, response = exchange.request, exchange.response
        request_body, response_body = exchange.request_body, exchange.response_body
        if request_body.data and self._has_values and request.fields.has("Content-Encoding"):
            # A compressed body cannot be searched.
            request_body = RecordedBody(request_body.size, b"", complete=False)
        if response is not None:
            response_body = self.redact_body(response_body, response.fields, max_body)
            response = self._redact_response(response)
        return exchange._replace(
            request=self._redact_request(request),
            request_body=self.redact_body(request_body, request.fields, max_body),
            response=response,
            response_body=response_body,
            error=self.redact_text(exchange.error),
        )

    def redact_text(self, text: str) -> str:
        """Return a text, which may contain URLs, without secrets."""
        return self._values.redact(_USERINFO.sub(f"{REDACTED}@", text))

    def redact_url(self, url: str) -> str:
        """Return a URL or request target without secrets, also in its fragment."""
        before, mark, fragment = url.partition("#")
        redacted = without_secrets(before)
        if mark:
            redacted += mark + without_secrets(f"?{fragment}")[1:]
        return self.redact_text(redacted)

    def redact_fields(self, fields: Fields) -> Fields:
        """Return headers without secrets."""
        return Fields(map(self._redact_field, fields))

    def redact_body(self, body: RecordedBody, fields: Fields, max_body: int) -> RecordedBody:
        """Return ``max_body`` bytes of a body without secrets. ``fields`` are its headers."""
        data = body.data
        if not data:
            return body
        redacted = self._values.redact_bytes(data) if self._has_values else data
        if not body.complete and self._has_values:
            # The end may be the beginning of a secret.
            redacted = redacted[: -self._values.longest]
        redacted = _redact_named_values(redacted, fields.first("Content-Type") or "")
        complete = body.complete and len(data) <= max_body
        return RecordedBody(body.size, redacted[:max_body], complete)

    def _redact_field(self, field: Field) -> Field:
        cookies = _COOKIES.get(field.name.lower())
        if cookies is not None and not field.secret:
            return field._replace(value=self.redact_text(cookies(field.value)))
        if field.secret or is_secret_name(field.name):
            return field._replace(value=REDACTED, secret=True)
        if contains_url(field.name):
            return field._replace(value=self.redact_url(field.value))
        return field._replace(value=self.redact_text(field.value))

    def _redact_request(self, head: RequestStarted) -> RequestStarted:
        return head._replace(
            target=self.redact_url(head.target),
            url=self._redact_url_parts(head.url),
            fields=self.redact_fields(head.fields),
        )

    def _redact_response(self, head: ResponseStarted) -> ResponseStarted:
        return head._replace(
            url=self._redact_url_parts(head.url), fields=self.redact_fields(head.fields)
        )

    def _redact_url_parts(self, url: Url) -> Url:
        query = None if url.query is None else self.redact_url(f"?{url.query}")[1:]
        return url._replace(path=self.redact_text(url.path), query=query)


def _redact_cookie(value: str) -> str:
    """Return the value of a Cookie header with the names only."""
    return "; ".join(map(_redact_pair, value.split(";")))


def _redact_set_cookie(value: str) -> str:
    """Return the value of a Set-Cookie header without the cookie's value. Attributes remain."""
    pair, semicolon, attributes = value.partition(";")
    return _redact_pair(pair) + semicolon + attributes


def _redact_pair(pair: str) -> str:
    name, equals, _ = pair.strip().partition("=")
    return f"{name}={REDACTED}" if equals else REDACTED


_COOKIES = {"cookie": _redact_cookie, "set-cookie": _redact_set_cookie}


def _redact_named_values(data: bytes, media_type: str) -> bytes:
    """Return a body without the values that have the name of a secret."""
    kind = parse_media_type(media_type).essence if media_type else ""
    if kind == "application/x-www-form-urlencoded":
        return _FORM_MEMBER.sub(_redact_form_member, data)
    if kind.startswith("multipart/"):
        return _PART.sub(_redact_part, data)
    if kind.endswith(("json", "+json", "javascript")):
        return _JSON_MEMBER.sub(_redact_json_member, data)
    return data


def _is_secret(name: bytes) -> bool:
    return is_secret_name(name.decode("utf-8", "replace"))


def _redact_form_member(match: re.Match[bytes]) -> bytes:
    name, value = match.groups()
    return name + b"=" + _REDACTED if value and _is_secret(name) else match[0]


def _redact_json_member(match: re.Match[bytes]) -> bytes:
    name, colon, value = match.groups()
    if value is None or not _is_secret(name):
        return match[0]
    return b'"%b"%b"%b"' % (name, colon, _REDACTED)


def _redact_part(match: re.Match[bytes]) -> bytes:
    head, name, _ = match.groups()
    return head + _REDACTED if _is_secret(name) else match[0]


class RequestRedactor:
    """Redacts values given by reference in the events of a request, for the screen.

    A header has a mark if its value was given by reference (``Field.secret``). In the target
    and the body the values are searched for, in each encoding that is possible there. A
    compressed body cannot be searched, so nothing of it is shown. Holds at most as many
    bytes as the longest value, which may be cut.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._values = SecretValues(secrets)
        self._held = b""
        self._compressed = False

    def redact(self, event: Event) -> Iterator[Event]:
        """Yield the bytes held before the event, then the event without secrets."""
        match event:
            case RequestChunk(data):
                yield from self._redact_chunk(data)
            case RequestStarted(target=target, fields=fields):
                yield from self.flush()
                self._compressed = fields.has("Content-Encoding")
                yield event._replace(target=self._values.redact(target))
                if self._compressed:
                    yield RequestChunk(_REDACTED)
            case _:
                yield from self.flush()
                yield event

    def flush(self) -> Iterator[Event]:
        """Yield the held bytes: the body is complete."""
        held, self._held = self._held, b""
        if held:
            yield RequestChunk(self._values.redact_bytes(held))

    def _redact_chunk(self, data: bytes) -> Iterator[Event]:
        if self._compressed:
            return
        data = self._held + data
        cut = max(0, len(data) - self._values.longest + 1)
        for match in self._values.in_content.finditer(data):
            cut = max(cut, match.end())
        self._held = data[cut:]
        if cut:
            yield RequestChunk(self._values.redact_bytes(data[:cut]))
