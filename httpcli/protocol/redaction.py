"""Removes secrets from everything that the program prints or writes for other people.

One rule for all: the screen, messages, reports, curl commands, expectations, listings,
``--write-out`` and ``--debug``. Redacted are values with the name of a secret, in headers,
URLs, forms, multipart bodies, JSON and markup, and known secrets (given by reference, or
typed at a prompt), wherever they occur and however they are encoded.

Nothing that is sent, or saved as the body of a response, is redacted.
"""

from __future__ import annotations

import codecs
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from httpcli.core.escaping import REDACTED
from httpcli.core.events import (
    Event,
    OtherHead,
    RequestChunk,
    RequestStarted,
    ResponseChunk,
    ResponseEnded,
    ResponseStarted,
)
from httpcli.core.headers import Field, Fields
from httpcli.core.plan import RedactionLevel
from httpcli.core.reports import RecordedBody, RecordedExchange
from httpcli.core.url import unquote
from httpcli.protocol.known_secrets import KnownSecrets
from httpcli.protocol.redact_bodies import ChosenRedactor, Unchanged
from httpcli.protocol.redact_json import (
    MARK,
    BodyRedactor,
    JsonRedactor,
    is_secret_member,
    redact_bytes,
    value_in_pair,
)
from httpcli.protocol.redact_urls import (
    UrlRedactor,
    is_secret_parameter,
    redact_url,
    redact_urls_in_text,
)
from httpcli.protocol.secrets import is_secret_name

if TYPE_CHECKING:
    from httpcli.core.plan import Plan
    from httpcli.core.url import Url

_URL_FIELDS = frozenset(
    {"content-location", "destination", "location", "origin", "referer", "x-original-url"}
)
"""Headers whose value is a URL, which may be relative."""
_URL_IN_BRACKETS = re.compile(r"<([^<>]*)>")
_REFRESH = re.compile(r"""(.*?url\s*=\s*["']?)(.*)""", re.IGNORECASE | re.DOTALL)
_PLAIN_ATTRIBUTES = frozenset(
    {"domain", "expires", "httponly", "max-age", "partitioned", "priority", "samesite", "secure"}
)
"""Attributes of Set-Cookie that are shown; of Path the secrets are redacted."""
_ITEM = re.compile(r"(\s*[^\s:;=@{\"']+?)\s*(:=|==|:|=|;)@?")
_QUOTED_ITEM = re.compile(r"""(["'])([A-Za-z][\w\[\].-]{0,99})(:=|==?|:)([^\n]+)\1""")
_REFERENCE_PREFIXES = ("@env:", "@file:")
_CREDENTIAL_OPTIONS = ("auth", "proxy-auth", "source-auth")
_ITEM_OPTIONS = frozenset({"", "header", "proxy-header", "source-header", "param", "cookie"})
_URL_OPTIONS = frozenset({"url", "proxy", "referer"})
_CREDENTIALS = re.compile(
    r"\s*(?:(?:apikey|basic|bearer|digest|dpop|negotiate|ntlm|token)\s+\S"
    r"|eyJ[\w-]{8,}\.[\w-]+\.)",
    re.IGNORECASE,
)
"""The beginning of credentials, and of a JSON Web Token, in a header of any name."""
_CHALLENGES = frozenset({"proxy-authenticate", "www-authenticate"})
_AUTHENTICATION_INFO = frozenset({"authentication-info", "proxy-authentication-info"})
_RESPONSE_AUTH = re.compile(r"""(\brspauth\s*=\s*)(?:"[^"]*"?|[^\s,"]+)""", re.IGNORECASE)
"""A hash of the password, from which it can be guessed (RFC 7616, 3.5)."""
_SHORTEST_PART = 4
"""The length from which a part of a header, such as a word, is searched for as well."""


class Redaction:
    """Redacts values by what they are: text, URL, header, body, event, or option.

    ``level``: which secrets are redacted. ``REFERENCES``: known secrets and headers that
    were given by reference. ``SECRETS``: also the values of secret names.
    """

    def __init__(
        self, secrets: Iterable[str] = (), level: RedactionLevel = RedactionLevel.SECRETS
    ) -> None:
        self.level = level
        self.known = KnownSecrets(() if level is RedactionLevel.NOTHING else secrets)
        self.by_name = level is RedactionLevel.SECRETS

    @property
    def margin(self) -> int:
        """Bytes to record beyond a limit, so that a secret at the cut is still found."""
        return self.known.longest

    # Text

    def text(self, text: str) -> str:
        """Return a text, such as a message, without secrets; it may contain URLs and JSON."""
        if self.by_name:
            # Before the known secrets: their marks could hide where a URL ends.
            text = redact_urls_in_text(self.known.redact(text))
            text = _QUOTED_ITEM.sub(_redact_quoted_item, text)
            if '"' in text or "'" in text:
                text = _through(JsonRedactor(in_message=True), text)
            return text
        return self.known.redact(text)

    def url(self, url: str) -> str:
        """Return a URL or request target without secrets."""
        redacted = self.known.redact(url)
        return redact_url(redacted) if self.by_name else redacted

    def url_parts(self, url: Url) -> Url:
        """Return a URL without secrets, as a value."""
        if self.level is RedactionLevel.NOTHING:
            return url
        path, _, query = self.url(url.target).partition("?")
        return url._replace(path=path, query=None if url.query is None else query)

    def origin(self, url: str) -> str:
        """Return the URL of a proxy, which may have no scheme, without its credentials."""
        return re.sub(r"(?:(?<=//)|^)[^/]*@", f"{REDACTED}@", self.url(url))

    # Headers

    def field(self, field: Field) -> Field:
        """Return a header without secrets."""
        if self.level is RedactionLevel.NOTHING:
            return field
        if field.secret:
            return field._replace(value=REDACTED)
        if not self.by_name:
            return field._replace(value=self.known.redact(field.value))
        return field._replace(
            value=self.known.redact(_redact_value(field.name.strip().lower(), field.value))
        )

    def fields(self, fields: Fields) -> Fields:
        """Return headers without secrets."""
        if self.level is RedactionLevel.NOTHING:
            return fields
        return Fields(map(self.field, fields))

    def value(self, name: str, value: str) -> str:
        """Return the value of a header of this name without secrets."""
        return self.field(Field(name, value)).value

    # Bodies

    def body(self, data: bytes, content_type: str = "", *, complete: bool = True) -> bytes:
        """Return a body without secrets. ``complete``: whether it is all of the body."""
        stream = RedactedBody(self, content_type)
        return stream.feed(data) + stream.flush(complete=complete)

    def json(self, value: Any) -> Any:
        """Return a JSON value without the values of secret names and known secrets."""
        if isinstance(value, dict):
            pair = value_in_pair(value)
            return {
                self.known.redact(name): REDACTED
                if self.by_name and (name == pair or is_secret_member(name)) and member is not None
                else self.json(member)
                for name, member in value.items()
            }
        if isinstance(value, list):
            return [self.json(element) for element in value]
        return self.text(value) if isinstance(value, str) else value

    def values_of_secrets(self, value: Any, *, is_secret: bool = False) -> Iterator[str]:
        """Yield the texts and long numbers below secret names in a JSON value."""
        if isinstance(value, dict):
            pair = value_in_pair(value)
            for name, member in value.items():
                is_named = name == pair or is_secret_member(name)
                yield from self.values_of_secrets(member, is_secret=is_secret or is_named)
        elif isinstance(value, list):
            for element in value:
                yield from self.values_of_secrets(element, is_secret=is_secret)
        elif is_secret and (isinstance(value, str) or len(str(value)) >= _SHORTEST_PART):
            yield str(value)

    def recorded_body(self, body: RecordedBody, fields: Fields, max_body: int) -> RecordedBody:
        """Return ``max_body`` bytes of a body without secrets. ``fields`` are its headers."""
        if not body.data:
            return body
        content_type = fields.first("Content-Type") or ""
        data = self.body(body.data, content_type, complete=body.complete)
        complete = body.complete and len(body.data) <= max_body
        return RecordedBody(body.size, data[:max_body], complete)

    # Events and exchanges

    def request(self, head: RequestStarted) -> RequestStarted:
        """Return the head of a request without secrets."""
        return head._replace(
            method=self.known.redact(head.method),
            target=self.url(head.target),
            url=self.url_parts(head.url),
            fields=self.fields(head.fields),
        )

    def response(self, head: ResponseStarted) -> ResponseStarted:
        """Return the head of a response without secrets."""
        return head._replace(
            reason=self.text(head.reason),
            url=self.url_parts(head.url),
            fields=self.fields(head.fields),
            interim=tuple(map(self.other_head, head.interim)),
            tunnel=None if head.tunnel is None else self.other_head(head.tunnel),
        )

    def other_head(self, head: OtherHead) -> OtherHead:
        """Return the head of an interim or a proxy's response without secrets."""
        return head._replace(reason=self.text(head.reason), fields=self.fields(head.fields))

    def exchange(self, exchange: RecordedExchange, max_body: int) -> RecordedExchange:
        """Return an exchange without secrets, with ``max_body`` bytes of each body."""
        request, response = exchange.request, exchange.response
        request_body, response_body = exchange.request_body, exchange.response_body
        if request_body.data and request.fields.has("Content-Encoding"):
            # A compressed body cannot be searched.
            request_body = RecordedBody(request_body.size, b"", complete=False)
        if response is not None:
            response_body = self.recorded_body(response_body, response.fields, max_body)
            response = self.response(response)
        return exchange._replace(
            request=self.request(request),
            request_body=self.recorded_body(request_body, request.fields, max_body),
            response=response,
            response_body=response_body,
            error=self.text(exchange.error),
            trailers=self.fields(exchange.trailers),
        )

    # What the user typed or stored

    def credentials(self, value: str, *, is_token: bool = False, is_literal: bool = False) -> str:
        """Return credentials without the password. A reference is shown: it is not a secret.

        ``is_token``: whether they have no user name. ``is_literal``: whether what looks like a
        reference is none.
        """
        if not self.by_name:
            return value
        if not is_literal and value.startswith(_REFERENCE_PREFIXES):
            return value
        user, colon, password = value.partition(":")
        if is_token or not colon or not password:  # a user name alone may be a token
            return REDACTED
        return f"{user}:{REDACTED if is_literal else _unless_reference(password)}"

    def option(self, name: str, value: str) -> str:
        """Return the value of an option.

        ``name`` is the option's long name, empty for an item, or ``url`` for the base of a
        profile.
        """
        if name in _CREDENTIAL_OPTIONS:
            return self.credentials(value)
        if name == "cert-key-pass":
            return _unless_reference(value)
        if name in _ITEM_OPTIONS:
            if name == "cookie" and "=" not in value:
                return REDACTED
            is_secret = name == "cookie" or (
                name == "param" and is_secret_parameter(value.partition("=")[0])
            )
            return self.item(value, is_secret=is_secret)
        if name in _URL_OPTIONS:
            return self.origin(value)
        return self.text(value)

    def item(self, item: str, *, is_secret: bool = False) -> str:
        """Return a request item. ``is_secret``: whatever its name is."""
        start = _ITEM.match(item)
        if start is None or start.end() == len(item):
            return self.text(item)
        name, separator = start.groups()
        value_start = start.end(2)
        before, value = item[:value_start], item[value_start:]
        is_secret = is_secret or (separator == "==" and is_secret_parameter(name))
        if is_secret or is_secret_member(unquote(name.strip())):
            blanks = value[: len(value) - len(value.lstrip())]
            return before + blanks + _unless_reference(value.lstrip())
        if separator == ":":
            value = self.value(name, value)
        return before + self.text(value)

    def excerpt(self, text: str) -> str:
        """Return a part of a command line or file without secrets; its syntax may be wrong."""
        redacted = self.item(text)
        return _through(JsonRedactor(), redacted) if self.by_name else redacted


NOT_REDACTED = Redaction(level=RedactionLevel.NOTHING)


def redaction_of(plan: Plan) -> Redaction:
    """Return the redaction of what a run prints on standard output."""
    return Redaction(known_secrets(plan), plan.display.redaction)


def is_secret_header(name: str, value: str) -> bool:
    """Return whether a header holds a secret, by its name or by its value.

    A value is secret if it has credentials (``Bearer …``), is a JSON Web Token, or is a URL
    with userinfo or a secret parameter.
    """
    return is_secret_name(name) or Redaction().value(name, value) != value


def has_secret_member(data: bytes) -> bool:
    """Return whether a body has a member, form field or element with the name of a secret.

    JSON, forms and XML are searched, whatever the media type says.
    """
    return Redaction().body(data) != data


def known_secrets(plan: Plan) -> frozenset[str]:
    """Return the secrets of a plan that were given by reference or typed at a prompt."""
    secrets = set(plan.display.secrets)
    for field in (*plan.request.fields, *plan.network.proxy_fields):
        if field.secret:
            secrets.update(secrets_in_field(field))
    credentials = plan.send_policy.credentials
    if credentials is not None and credentials.secret and credentials.password:
        secrets.add(credentials.password)
        if credentials.user:
            secrets.add(f"{credentials.user}:{credentials.password}")
    return frozenset(secrets)


def secrets_in_field(field: Field) -> Iterator[str]:
    """Yield the value of a header that was given by reference, and the secrets in it."""
    yield field.value
    if field.name.lower() == "cookie":
        pairs = (pair.partition("=") for pair in field.value.split(";"))
        yield from (value.strip() for _, _, value in pairs if len(value.strip()) >= _SHORTEST_PART)
        return
    scheme, _, credentials = field.value.strip().partition(" ")
    if len(credentials) < _SHORTEST_PART:
        return
    yield credentials.strip()
    if scheme.lower() == "basic":
        with suppress(ValueError):
            login = b64decode(credentials, validate=True).decode()
            yield login
            yield login.partition(":")[2]


class RedactedBody:
    """Redacts a body that arrives in pieces. Text in UTF-16 and UTF-32 is decoded for it."""

    def __init__(self, redaction: Redaction, content_type: str) -> None:
        self._known = redaction.known
        self._searches = redaction.by_name or bool(redaction.known)
        self._content_type = content_type
        self._named: BodyRedactor = (
            ChosenRedactor(content_type) if redaction.by_name else Unchanged()
        )
        self._urls: BodyRedactor = UrlRedactor() if redaction.by_name else Unchanged()
        self._start: bytes | None = b""
        """The first bytes, until the charset is known; None then."""
        self._decoder: codecs.IncrementalDecoder | None = None
        self._encoder: codecs.IncrementalEncoder | None = None
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """Take the next piece; return the bytes that are ready."""
        plain = self._without_known(self._decoded(data))
        return self._encoded(self._urls.feed(self._named.feed(plain)))

    def flush(self, *, complete: bool = True) -> bytes:
        """Return the rest. ``complete``: whether the body is, so that no secret is cut."""
        rest = b""
        if self._start:
            start, self._start = self._start, None
            rest = self._without_known(self._through_decoder(start))
        if self._decoder is not None:
            rest += self._without_known(self._decoder.decode(b"", final=True).encode())
        if complete:
            rest += self._known.redact_bytes(self._held)
        self._held = b""
        named = self._named.feed(rest) + self._named.flush()
        return self._encoded(self._urls.feed(named) + self._urls.flush())

    def _decoded(self, data: bytes) -> bytes:
        """Return the data in UTF-8, or any charset that is a superset of ASCII."""
        if self._start is None:
            return data if self._decoder is None else self._decoder.decode(data).encode()
        self._start += data
        if len(self._start) < 4:  # the length of a byte order mark
            return b""
        start, self._start = self._start, None
        return self._through_decoder(start)

    def _through_decoder(self, start: bytes) -> bytes:
        """Choose the decoder by the first bytes, and decode them."""
        if not self._searches:
            return start
        if b"\0" not in start[:4] and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
            return start
        from httpcli.protocol.declared_charsets import charset_of
        from httpcli.protocol.media_types import parse_media_type

        media = parse_media_type(self._content_type)
        charset = charset_of(media._replace(subtype=media.subtype or "json"), start)
        if not charset.is_wide:
            charset = charset_of(parse_media_type("application/json"), start)
        if not charset.is_wide:
            return start
        self._decoder = codecs.getincrementaldecoder(charset.name)("replace")
        self._encoder = codecs.getincrementalencoder(charset.name)("replace")
        return self._decoder.decode(start).encode("utf-8", "replace")

    def _encoded(self, data: bytes) -> bytes:
        """Return redacted text in the charset of the body."""
        if self._encoder is None or not data:
            return data
        encoded: bytes = self._encoder.encode(data.decode("utf-8", "replace"))
        return encoded

    def _without_known(self, data: bytes) -> bytes:
        if not self._known:
            return data
        redacted, self._held = self._known.redact_beginning(self._held + data)
        return redacted


class RedactedEvents:
    """Redacts the events of a run for the screen.

    The body of a response is redacted only if ``responses`` is set: alone, it is data for
    another program. A compressed request body cannot be searched, so it is not shown.
    """

    def __init__(self, redaction: Redaction, *, responses: bool) -> None:
        self._redaction = redaction
        self.responses = responses
        self._body: RedactedBody | None = None
        self._is_request = True
        self._compressed = False

    def redact(self, event: Event) -> Iterator[Event]:
        """Yield the bytes held before the event, then the event without secrets."""
        match event:
            case RequestChunk(data):
                if self._body is not None and not self._compressed:
                    yield from _chunk(self._body.feed(data), request=True)
                elif not self._compressed:
                    yield event
            case ResponseChunk(data):
                if self._body is not None:
                    yield from _chunk(self._body.feed(data), request=False)
                else:
                    yield event
            case RequestStarted(fields=fields):
                yield from self.flush()
                self._is_request = True
                searches = self._redaction.by_name or bool(self._redaction.known)
                self._compressed = searches and fields.has("Content-Encoding")
                self._body = RedactedBody(self._redaction, fields.first("Content-Type") or "")
                yield self._redaction.request(event)
                if self._compressed:
                    yield RequestChunk(MARK)
            case ResponseStarted(fields=fields):
                yield from self.flush()
                self._is_request = False
                if self.responses:
                    self._body = RedactedBody(self._redaction, fields.first("Content-Type") or "")
                yield self.response(event)
            case _:
                yield from self.flush()
                yield self._without_secrets_in_trailers(event)

    def _without_secrets_in_trailers(self, event: Event) -> Event:
        if isinstance(event, ResponseEnded) and event.trailers and self._redacts_responses:
            return event._replace(trailers=self._redaction.fields(event.trailers))
        return event

    @property
    def _redacts_responses(self) -> bool:
        """Whether headers of servers are redacted."""
        return self._redaction.level is RedactionLevel.SECRETS

    def response(self, head: ResponseStarted) -> ResponseStarted:
        """Return the head of a response; only ``SECRETS`` redacts what servers send."""
        return self._redaction.response(head) if self._redacts_responses else head

    def flush(self) -> Iterator[Event]:
        """Yield the held bytes: the body is complete."""
        body, self._body = self._body, None
        if body is not None:
            yield from _chunk(body.flush(), request=self._is_request)


def _chunk(data: bytes, *, request: bool) -> Iterator[Event]:
    if data:
        yield RequestChunk(data) if request else ResponseChunk(data)


def _through(redactor: BodyRedactor, text: str) -> str:
    data = text.encode("utf-8", "surrogatepass")
    return redact_bytes(redactor, data).decode("utf-8", "surrogatepass")


def _redact_quoted_item(match: re.Match[str]) -> str:
    """Return a request item in quotation marks without its secret."""
    quote, name, separator, value = match.groups()
    if not is_secret_member(name):
        return match[0]
    return f"{quote}{name}{separator}{_unless_reference(value)}{quote}"


def _redact_value(name: str, value: str) -> str:
    """Return the value of a header without the secrets in it. ``name`` is in lower case."""
    if name == "cookie":
        return "; ".join(map(_redact_pair, value.split(";")))
    if name == "set-cookie":
        return _redact_set_cookie(value)
    if is_secret_name(name) or (name not in _CHALLENGES and _CREDENTIALS.match(value)):
        return REDACTED
    if name in _AUTHENTICATION_INFO:
        return _RESPONSE_AUTH.sub(rf'\1"{REDACTED}"', value)
    if name == "link":
        value = _URL_IN_BRACKETS.sub(lambda match: f"<{redact_url(match[1])}>", value)
    refresh = _REFRESH.match(value) if name == "refresh" else None
    if refresh is not None:
        return refresh[1] + redact_url(refresh[2])
    if name in _URL_FIELDS or value.startswith(("/", "?", "http:", "https:")):
        return redact_url(value)
    value = redact_urls_in_text(value)
    return _through(JsonRedactor(in_message=True), value) if '"' in value else value


def _redact_pair(pair: str) -> str:
    """Return a cookie with its name only."""
    name, equals, _ = pair.strip().partition("=")
    return f"{name}={REDACTED}" if equals else REDACTED


def _redact_set_cookie(value: str) -> str:
    """Return the value of a Set-Cookie header without the cookie's value."""
    pair, *attributes = value.split(";")
    return ";".join([_redact_pair(pair), *map(_redact_attribute, attributes)])


def _redact_attribute(attribute: str) -> str:
    name, equals, value = attribute.partition("=")
    key = name.strip().lower()
    if not equals or (key in _PLAIN_ATTRIBUTES and ("," not in value or key == "expires")):
        return attribute if key in _PLAIN_ATTRIBUTES or not name.strip() else f" {REDACTED}"
    if key == "path" and "," not in value:
        return f"{name}={redact_url(value)}"
    return f"{name}={REDACTED}"


def _unless_reference(value: str) -> str:
    return value if not value or value.startswith(_REFERENCE_PREFIXES) else REDACTED
