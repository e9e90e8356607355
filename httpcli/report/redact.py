"""Takes what is secret out of an exchange before any report sees it.

A report is read by many: whatever stands under a secret's name is hidden, in
fields, in URLs and their userinfo, in forms and JSON, and what was given by
reference wherever it stands, in what the server sends back too.
"""

from __future__ import annotations

import re

from httpcli.core.escaping import REDACTED
from httpcli.core.events import RequestStarted, ResponseStarted
from httpcli.core.headers import Field, Fields
from httpcli.core.reports import RecordedBody, RecordedExchange
from httpcli.core.url import Url
from httpcli.protocol.media_types import parse
from httpcli.protocol.secrets import SecretValues, holds_a_url, is_secret, without_secrets

_USERINFO = re.compile(r"(?<=://)[^/?#\s@]*@")
_JSON_STRING = rb'"((?:[^"\\]|\\.)*)(?:"|\\?\Z)'
# Each string is taken whole, what is quoted in it is not looked at: no text takes long.
_JSON_VALUE = rb'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|-?\d[\d.eE+-]*'
_JSON_MEMBER = re.compile(_JSON_STRING + rb"(?:(\s*:\s*)(" + _JSON_VALUE + rb"))?", re.DOTALL)
_FORM_MEMBER = re.compile(rb"([^&=]+)(?:=([^&]*))?")
# So is each part: what stands before its content is short, or it is none.
_PART = re.compile(
    rb'(Content-Disposition:[^\r\n]{0,200}?\bname="([^"\r\n]{0,200})"[^\r\n]{0,1000}\r\n'
    rb"(?:[^\r\n]{1,1000}\r\n){0,8}\r\n)((?:[^\r]|\r(?!\n--))*)",
    re.IGNORECASE,
)
_HIDDEN = REDACTED.encode()


class Redactor:
    """Hides what is secret by its name, and ``secrets``, which were given by reference."""

    def __init__(self, secrets: frozenset[str]) -> None:
        self._references = SecretValues(secrets)
        self._any = bool(secrets)

    @property
    def margin(self) -> int:
        """Bytes by which a content must go on where it is cut, so that no secret is cut."""
        return self._references.longest if self._any else 0

    def of(self, exchange: RecordedExchange, most: int) -> RecordedExchange:
        """Return what may be told of an exchange, with ``most`` bytes of each content."""
        request, response = exchange.request, exchange.response
        coded = self._any and request.fields.has("Content-Encoding")
        sent = exchange.request_body
        if coded and sent.data:  # nobody can find anything in it
            sent = RecordedBody(sent.size, b"", complete=False)
        return exchange._replace(
            request=self._request(request),
            request_body=self.content(sent, request.fields, most),
            response=None if response is None else self._response(response),
            response_body=exchange.response_body
            if response is None
            else self.content(exchange.response_body, response.fields, most),
            error=self.text(exchange.error),
        )

    def text(self, text: str) -> str:
        """Return a text, which may hold URLs, without secrets."""
        return self._references.hidden(_USERINFO.sub(f"{REDACTED}@", text))

    def url(self, text: str) -> str:
        """Return a URL or target without secrets."""
        before, mark, fragment = text.partition("#")
        shown = without_secrets(before)
        if mark:
            shown += mark + without_secrets(f"?{fragment}")[1:]
        return self.text(shown)

    def fields(self, fields: Fields) -> Fields:
        """Return header fields without secrets."""
        return Fields(map(self._field, fields))

    def _field(self, field: Field) -> Field:
        cookies = _COOKIES.get(field.name.lower())
        if cookies is not None and not field.secret:
            return field._replace(value=self.text(cookies(field.value)))
        if field.secret or is_secret(field.name):
            return field._replace(value=REDACTED, secret=True)
        if holds_a_url(field.name):
            return field._replace(value=self.url(field.value))
        return field._replace(value=self.text(field.value))

    def _request(self, head: RequestStarted) -> RequestStarted:
        return head._replace(
            target=self.url(head.target),
            url=self._url(head.url),
            fields=self.fields(head.fields),
        )

    def _response(self, head: ResponseStarted) -> ResponseStarted:
        return head._replace(url=self._url(head.url), fields=self.fields(head.fields))

    def _url(self, url: Url) -> Url:
        query = None if url.query is None else self.url(f"?{url.query}")[1:]
        return url._replace(path=self.text(url.path), query=query)

    def content(self, content: RecordedBody, fields: Fields, most: int) -> RecordedBody:
        """Return what may be told of a content, ``most`` bytes of it."""
        data = content.data
        if not data:
            return content
        shown = self._references.hidden_content(data) if self._any else data
        if not content.complete and self._any:
            # The end may be the beginning of a secret.
            shown = shown[: -self._references.longest]
        shown = _named(shown, fields.first("Content-Type") or "")
        return RecordedBody(content.size, shown[:most], content.complete and len(data) <= most)


def _cookie(value: str) -> str:
    """Return a Cookie field with its names only."""
    return "; ".join(map(_pair, value.split(";")))


def _set_cookie(value: str) -> str:
    """Return a Set-Cookie field without the cookie's value; its attributes are no secret."""
    pair, semicolon, attributes = value.partition(";")
    return _pair(pair) + semicolon + attributes


def _pair(pair: str) -> str:
    name, equals, _ = pair.strip().partition("=")
    return f"{name}={REDACTED}" if equals else REDACTED


_COOKIES = {"cookie": _cookie, "set-cookie": _set_cookie}


def _named(data: bytes, media_type: str) -> bytes:
    """Return content without what stands under a secret's name."""
    kind = parse(media_type).essence if media_type else ""
    if kind == "application/x-www-form-urlencoded":
        return _FORM_MEMBER.sub(_form_member, data)
    if kind.startswith("multipart/"):
        return _PART.sub(_part, data)
    if kind.endswith(("json", "+json", "javascript")):
        return _JSON_MEMBER.sub(_json_member, data)
    return data


def _is_secret(name: bytes) -> bool:
    return is_secret(name.decode("utf-8", "replace"))


def _form_member(found: re.Match[bytes]) -> bytes:
    return found[1] + b"=" + _HIDDEN if found[2] and _is_secret(found[1]) else found[0]


def _json_member(found: re.Match[bytes]) -> bytes:
    if found[3] is None or not _is_secret(found[1]):
        return found[0]
    return b'"%b"%b"%b"' % (found[1], found[2], _HIDDEN)


def _part(found: re.Match[bytes]) -> bytes:
    return found[1] + _HIDDEN if _is_secret(found[2]) else found[0]
