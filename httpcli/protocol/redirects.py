"""The request that follows a redirect (RFC 9110, 15.4; Fetch, 4.4), and what it leaves behind.

Credentials belong to an origin (scheme, host, port): what looks like one does
not cross to another origin unless the user says so.
"""

from __future__ import annotations

from httpcli.core.errors import HttpcliError
from httpcli.core.events import ResponseStarted
from httpcli.core.headers import Field, Fields
from httpcli.core.plan import Journey
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.protocol.secret_names import is_secret
from httpcli.protocol.url_references import resolve

_FOLLOWED = frozenset({301, 302, 303, 307, 308})
_HANDSHAKES = {"ws": "http", "wss": "https"}
_OF_CONTENT = frozenset({"digest", "expect", "last-modified", "trailer", "transfer-encoding"})


def next_request(request: Request, response: ResponseStarted, journey: Journey) -> Request | None:
    """Return the request that the response asks for; None where it asks for none.

    Whether redirects are followed at all, and how many, is for the caller to say.
    Raises HttpcliError where the redirect may not or cannot be followed: a
    place that is no http or https URL, https to http, a body that is gone.
    """
    location = response.fields.first("Location")
    if response.status not in _FOLLOWED or not location:
        return None
    if request.websocket is not None:
        location = _of_handshake(location)
    url = resolve(request.url, location)
    _check_downgrade(request.url, url, journey)
    following = _rewritten(request, response.status)
    if following.body is not None and not following.body.replayable:
        raise HttpcliError(
            f"the {response.status} redirect asks for the body again, "
            "and this one can be read only once",
            hint="--spool keeps a copy, or send it from a file: @FILE",
        )
    fields = following.fields
    if url.origin != request.url.origin:
        fields = _crossing(fields, trusted=journey.trust_redirects)
    return following._replace(url=url, fields=fields)


def _of_handshake(location: str) -> str:
    """Return where the handshake goes, if it is to go on at a WebSocket (RFC 6455, 3)."""
    scheme, colon, rest = location.strip(" \t").partition(":")
    plain = _HANDSHAKES.get(scheme.lower())
    return f"{plain}{colon}{rest}" if plain else location


def _check_downgrade(url: Url, location: Url, journey: Journey) -> None:
    if url.scheme == "https" and location.scheme == "http" and not journey.allow_downgrade:
        raise HttpcliError(
            f"the redirect leads from https to http, to {location.authority}, in plain text",
            hint="--allow-downgrade follows it",
        )


def _rewritten(request: Request, status: int) -> Request:
    """Return the request with the method and content that the status leaves it."""
    becomes_get = status == 303 or (status in (301, 302) and request.method == "POST")
    if not becomes_get:
        return request
    fields = Fields(field for field in request.fields if not _is_of_content(field))
    method = "HEAD" if request.method == "HEAD" else "GET"
    return request._replace(method=method, fields=fields, body=None, chunked=False)


def _is_of_content(field: Field) -> bool:
    name = field.name.lower()
    return name in _OF_CONTENT or name.startswith("content-")


def _crossing(fields: Fields, *, trusted: bool) -> Fields:
    """Return the fields that may go to another origin; Host names the old one and never does."""
    fields = fields.without("Host")
    if trusted:
        return fields
    return Fields(field for field in fields if not (field.secret or is_secret(field.name)))
