"""The table of all pages of ``echo:``, which ``/`` and the 404 page list."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from httpcli.core.named_tuple import NamedTuple
from httpcli.echo import auth, content, statuses, streaming
from httpcli.echo.anything import anything
from httpcli.echo.responses import text_response

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Page(NamedTuple):
    """One page."""

    path: str
    """The route, as aiohttp writes it."""
    label: str
    """The path in the list of pages."""
    summary: str
    """The description of the page in the list of pages."""
    handler: Handler


PAGES = (
    Page("/anything", "/anything", "the request, as JSON", anything),
    Page("/anything/{rest:.*}", "/anything/…", "the same", anything),
    Page("/status/{status}", "/status/N", "a response with status N", statuses.status),
    Page("/redirect/{count}", "/redirect/N", "N redirects, then /anything", statuses.redirect),
    Page(
        "/redirect-to",
        "/redirect-to?url=URL&status=N",
        "a redirect to URL (302, or another status)",
        statuses.redirect_to,
    ),
    Page("/delay/{seconds}", "/delay/S", "/anything after S seconds", streaming.delay),
    Page("/drip", "/drip?duration=S&numbytes=N", "N bytes over S seconds", streaming.drip),
    Page(
        "/stream/{count}", "/stream/N?delay=S", "N lines of JSON, one at a time", streaming.stream
    ),
    Page(
        "/sse",
        "/sse?count=N&delay=S",
        "N server-sent events (default: 10), one at a time",
        streaming.sse,
    ),
    Page("/ws", "/ws", "a WebSocket that returns every message", streaming.ws),
    Page("/bytes/{count}", "/bytes/N", "N bytes, always the same", content.fixed_bytes),
    Page("/range/{count}", "/range/N", "the same, with range support", content.ranged),
    Page("/gzip", "/gzip", "/anything, compressed with gzip", content.gzip),
    Page("/deflate", "/deflate", "/anything, compressed with deflate", content.deflate),
    Page("/brotli", "/brotli", "/anything, compressed with br", content.brotli),
    Page("/zstd", "/zstd", "/anything, compressed with zstd", content.zstd),
    Page("/json", "/json", "a JSON document", content.json),
    Page("/html", "/html", "an HTML document", content.html),
    Page("/xml", "/xml", "an XML document", content.xml),
    Page("/cookies", "/cookies", "the cookies that were received", auth.cookies),
    Page(
        "/cookies/set",
        "/cookies/set?NAME=VALUE",
        "sets cookies, then redirects to /cookies",
        auth.set_cookies,
    ),
    Page(
        "/basic-auth/{user}/{password}",
        "/basic-auth/USER/PASSWORD",
        "200 with these credentials, otherwise 401",
        auth.basic_auth,
    ),
    Page(
        "/digest-auth/{qop}/{user}/{password}",
        "/digest-auth/QOP/USER/PASSWORD",
        "the same with digest; QOP: auth, auth-int, both, none",
        auth.digest_auth,
    ),
    Page(
        "/digest-auth/{qop}/{user}/{password}/{algorithm}",
        "/digest-auth/QOP/USER/PASSWORD/SHA-256",
        "the same with this algorithm (default: MD5)",
        auth.digest_auth,
    ),
    Page("/bearer", "/bearer", "200 with a bearer token, otherwise 401", auth.bearer),
)


def listing() -> str:
    """Return the list of pages, one on each line."""
    width = max(len(page.label) for page in PAGES)
    return "".join(f"{page.label:<{width}}  {page.summary}\n" for page in PAGES)


async def index(_: web.Request) -> web.StreamResponse:
    """Respond with the list of pages."""
    return text_response(f"Pages of the test server (any method):\n\n{listing()}")


async def missing(request: web.Request) -> web.StreamResponse:
    """Respond 404 with the list of pages."""
    page = request.raw_path.partition("?")[0]
    return text_response(f"Page not found: {page}. Pages:\n\n{listing()}", status=404)
