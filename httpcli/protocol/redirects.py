"""Redirects (RFC 9110, 15.4): resolves the Location, and makes the next request.

A Location is parsed as leniently as in browsers (RFC 3986, 5): percent-escapes are kept,
invalid characters are encoded, userinfo and fragment are dropped. Error messages show it
without secrets. Headers and bodies with secrets are not sent to another
origin, unless the user allows it.
"""

from __future__ import annotations

import re

from httpcli.core.errors import HostError, HttpcliError
from httpcli.core.events import ResponseStarted
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Field, Fields
from httpcli.core.plan import SendPolicy
from httpcli.core.request import Request
from httpcli.core.url import (
    DEFAULT_PORTS,
    PATH_CHARACTERS,
    QUERY_CHARACTERS,
    Url,
    normalize_host,
    quote,
    remove_dot_segments,
    split_url,
)

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_QUERY_OR_FRAGMENT = re.compile(r"[?#]")
_LINE_BREAKS = re.compile(r"[\r\n\0]")


def resolve_location(base: Url, reference: str) -> Url:
    """Return the absolute URL of a Location in a response of ``base``.

    Raises HttpcliError if it is invalid, or not http or https.
    """
    text = reference.strip(" \t")
    if _LINE_BREAKS.search(text):
        raise _not_a_url(reference, "it contains a line break or NUL")
    scheme = _SCHEME.match(text)
    name = base.scheme if scheme is None else scheme[1].lower()
    if name not in DEFAULT_PORTS:
        raise HttpcliError(
            f"redirect to {name}: not followed",
            hint="only redirects to http and https are followed",
        )
    rest = _with_slashes(text[scheme.end() :] if scheme else text)
    # Without two slashes, a scheme that is that of ``base`` means nothing (WHATWG URL, 4.4).
    if rest.startswith("//") or name != base.scheme:
        return _absolute(f"{name}://{rest.lstrip('/')}", reference)
    return _relative(base, rest)


def _with_slashes(text: str) -> str:
    """Return the text with slashes for the backslashes in its path, as in browsers."""
    if "\\" not in text:
        return text
    end = _QUERY_OR_FRAGMENT.search(text)
    at = end.start() if end else len(text)
    return text[:at].replace("\\", "/") + text[at:]


def _absolute(text: str, reference: str) -> Url:
    try:
        parts = split_url(text)
    except ValueError as error:
        raise _not_a_url(reference, str(error)) from None
    try:
        host = normalize_host(parts.host)
    except HostError as error:
        raise _not_a_url(reference, str(error)) from None
    if "%" in host:
        raise _not_a_url(reference, "a server cannot choose a network interface (IPv6 zone)")
    query = None if parts.query is None else quote(parts.query, QUERY_CHARACTERS)
    return Url(
        parts.scheme,
        host,
        parts.port,
        remove_dot_segments(quote(parts.path, PATH_CHARACTERS)),
        query,
    )


def _relative(base: Url, text: str) -> Url:
    path, mark, query = text.partition("#")[0].partition("?")
    target = quote(query, QUERY_CHARACTERS) if mark else None
    if not path:
        return base._replace(query=target if mark else base.query)
    path = quote(path, PATH_CHARACTERS)
    if not path.startswith("/"):
        path = base.path[: base.path.rfind("/") + 1] + path
    return base._replace(path=remove_dot_segments(path), query=target)


def _not_a_url(reference: str, why: str) -> HttpcliError:
    from httpcli.protocol.redact_urls import redact_url

    return HttpcliError(f"invalid redirect to {ascii(redact_url(reference))[1:-1]}: {why}")


_REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
_HTTP_SCHEMES = {"ws": "http", "wss": "https"}
_CONTENT_FIELDS = frozenset({"digest", "expect", "last-modified", "trailer", "transfer-encoding"})


def next_request(
    request: Request, response: ResponseStarted, send_policy: SendPolicy
) -> Request | None:
    """Return the request that follows a redirect (Fetch, 4.4); None for another response.

    The caller decides whether to follow redirects, and how many. Raises HttpcliError for
    an invalid URL, a redirect from https to http, a body that cannot be sent again, and a
    body with a secret that another origin would get.
    """
    if response.status not in _REDIRECT_STATUSES or not response.fields.has("Location"):
        return None
    if response.fields.contradicts("Location"):
        raise HttpcliError(
            f"{request.url.authority}: the redirect has two different Location headers",
            status=ExitStatus.INCOMPLETE,
        )
    location = response.fields.single("Location")
    if not location:
        return None
    if request.websocket is not None:
        location = _handshake_location(location)
    url = resolve_location(request.url, location)
    _check_downgrade(request.url, url, send_policy)
    following = _with_method_of(request, response.status)
    if following.body is not None and not following.body.replayable:
        raise HttpcliError(
            (
                f"the {response.status} redirect needs the body again, but this body can be "
                "read only once"
            ),
            hint="to keep a copy: --spool; or send the body from a file: @FILE",
        )
    fields = following.fields
    if url.origin != request.url.origin:
        if following.body is not None and not send_policy.trust_redirects:
            _check_body(following, url, response.status)
        fields = _fields_for_other_origin(fields, trusted=send_policy.trust_redirects)
    return following._replace(url=url, fields=fields)


def _handshake_location(location: str) -> str:
    """Return a Location with http for ws and https for wss (RFC 6455, 3)."""
    scheme, colon, rest = location.strip(" \t").partition(":")
    plain = _HTTP_SCHEMES.get(scheme.lower())
    return f"{plain}{colon}{rest}" if plain else location


def _check_downgrade(url: Url, location: Url, send_policy: SendPolicy) -> None:
    if url.scheme == "https" and location.scheme == "http" and not send_policy.allow_downgrade:
        raise HttpcliError(
            f"redirect from https to http not followed: {location.authority}",
            hint="to follow it: --allow-downgrade",
        )


def _with_method_of(request: Request, status: int) -> Request:
    """Return the request with the method and body that the status of a redirect requires."""
    becomes_get = status == 303 or (status in (301, 302) and request.method == "POST")
    if not becomes_get:
        return request
    fields = Fields(field for field in request.fields if not _describes_content(field))
    method = "HEAD" if request.method == "HEAD" else "GET"
    return request._replace(method=method, fields=fields, body=None, chunked=False)


def _describes_content(field: Field) -> bool:
    name = field.name.lower()
    return name in _CONTENT_FIELDS or name.startswith("content-")


def _fields_for_other_origin(fields: Fields, *, trusted: bool) -> Fields:
    """Return the headers to send to another origin: never Host; secrets only if ``trusted``."""
    fields = fields.without("Host")
    if trusted:
        return fields
    from httpcli.protocol.redaction import is_secret_header

    return Fields(
        field
        for field in fields
        if not (field.secret or is_secret_header(field.name, field.value))
    )


def _check_body(request: Request, url: Url, status: int) -> None:
    """Refuse to send a body with a secret to another origin."""
    if body_has_secret(request):
        raise HttpcliError(
            f"the {status} redirect asks to send the body to another origin, "
            f"{url.scheme}://{url.authority}, and there is a secret in it",
            hint="--trust-redirects sends it",
        )


def body_has_secret(request: Request) -> bool:
    """Return whether a body holds a value given by reference, or a member with a secret name.

    Files are not searched, and a compressed body cannot be.
    """
    return request.has_secret_body or _has_secret_member(request.body)


def _has_secret_member(body: object) -> bool:
    from httpcli.core.body import BytesBody, CompressedBody, MultipartBody, SpooledBody
    from httpcli.protocol.redact_bodies import has_secret_name
    from httpcli.protocol.redaction import has_secret_member

    match body:
        case BytesBody(data):
            return has_secret_member(data)
        case MultipartBody(_, parts):
            return any(
                has_secret_name(part.head) or _has_secret_member(part.content) for part in parts
            )
        case CompressedBody() | SpooledBody():
            return _has_secret_member(body.body)
        case _:
            return False
