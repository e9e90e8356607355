"""Where a request goes, and what cookies that place is for (RFC 6265bis, 5.1)."""

from typing import NamedTuple

from httpcli.core.request import Request
from httpcli.core.url import is_address


class Place(NamedTuple):
    """Where a request goes, as cookies see it: no port (RFC 6265bis, 8.5).

    ``secure``: nobody on the way can read it.
    """

    host: str
    path: str
    secure: bool


def place_of(request: Request) -> Place:
    """Return where the request goes; a Host field of the user's names the host."""
    url = request.url
    secure = url.scheme == "https" or url.host == "localhost" or url.host.endswith(".localhost")
    return Place(host_of(request.fields.first("Host")) or url.host, url.path, secure)


def host_of(authority: str | None) -> str:
    """Return the host of ``host[:port]``, in lower case, without the brackets of IPv6."""
    text = (authority or "").strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0]


def domain_matches(host: str, domain: str) -> bool:
    """Tell whether a host is the domain or below it (RFC 6265bis, 5.1.3)."""
    return host == domain or (host.endswith(f".{domain}") and not is_address(host))


def path_matches(path: str, cookie_path: str) -> bool:
    """Tell whether a path is the cookie's or below it (RFC 6265bis, 5.1.4)."""
    if not path.startswith(cookie_path):
        return False
    return (
        len(path) == len(cookie_path) or cookie_path[-1:] == "/" or path[len(cookie_path)] == "/"
    )


def default_path(path: str) -> str:
    """Return the path of a cookie that names none: that of the request, up to its last slash."""
    return path[: path.rfind("/")] or "/" if path.startswith("/") else "/"
