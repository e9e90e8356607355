"""A URL reference of a server's becomes a URL (RFC 3986, 5), leniently where browsers are.

Percent-escapes are kept as sent; what cannot stand in a URL is quoted; userinfo
and fragment are dropped, and no error shows them or the query.
"""

from __future__ import annotations

import re

from httpcli.core.errors import HttpcliError
from httpcli.core.hosts import HostError, normal_host
from httpcli.core.url import DEFAULT_PORTS, Url
from httpcli.core.url_syntax import PATH, QUERY, quote, remove_dots, split_url

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_SPLITTERS = re.compile(r"[\r\n\0]")
_USERINFO = re.compile(r"//[^/?#]*@")


def resolve(base: Url, reference: str) -> Url:
    """Return where ``reference`` leads from ``base``.

    Raises HttpcliError where it is not a URL, or not one of http or https.
    """
    text = reference.strip(" \t")
    if _SPLITTERS.search(text):
        raise _not_a_url(reference, "it has a line break or NUL in it")
    scheme = _SCHEME.match(text)
    if scheme is not None and scheme[1].lower() not in DEFAULT_PORTS:
        raise HttpcliError(
            f"the redirect leads to {scheme[1].lower()}:, which is not followed",
            hint="only http and https are",
        )
    if scheme is not None:
        return _absolute(text, reference)
    if text.startswith("//"):
        return _absolute(f"{base.scheme}:{text}", reference)
    return _relative(base, text)


def presentable(reference: str) -> str:
    """Return a reference as an error may show it: no userinfo, query or control character."""
    visible = re.split(r"[?#]", reference, maxsplit=1)[0]
    return ascii(_USERINFO.sub("//", visible))[1:-1]


def _absolute(text: str, reference: str) -> Url:
    try:
        parts = split_url(text)
    except ValueError as error:
        raise _not_a_url(reference, str(error)) from None
    try:
        host = normal_host(parts.host)
    except HostError as error:
        raise _not_a_url(reference, str(error)) from None
    if "%" in host:
        raise _not_a_url(reference, "which of our interfaces to use is not for a server to say")
    query = None if parts.query is None else quote(parts.query, QUERY)
    return Url(parts.scheme, host, parts.port, remove_dots(quote(parts.path, PATH)), query)


def _relative(base: Url, text: str) -> Url:
    path, mark, query = text.partition("#")[0].partition("?")
    target = quote(query, QUERY) if mark else None
    if not path:
        return base._replace(query=target if mark else base.query)
    path = quote(path, PATH)
    if not path.startswith("/"):
        path = base.path[: base.path.rfind("/") + 1] + path
    return base._replace(path=remove_dots(path), query=target)


def _not_a_url(reference: str, why: str) -> HttpcliError:
    return HttpcliError(f"the redirect leads to {presentable(reference)}: {why}")
