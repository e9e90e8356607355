"""The errors of responses that cannot be read. Loaded only for them."""

from __future__ import annotations

from httpcli.core.errors import TRUNCATED, HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.limits import size_text
from httpcli.core.plan import Proxy
from httpcli.core.url import Url
from httpcli.protocol import http1_head
from httpcli.protocol.http1_head import CUT, NOT_HTTP, UNSUPPORTED_VERSION, Http1Error

_SIZE_HINT = "--max-header-size sets the limit"


def response_error(error: Http1Error, url: Url, proxy: Proxy | None) -> HttpcliError:
    """Return the error for a response from ``url``, or from ``proxy`` itself."""
    excess, hint = _excess(error)
    if proxy is not None:
        from httpcli.transport import proxy_errors

        if excess:
            return proxy_errors.response_over_limit(proxy, excess, hint)
        return proxy_errors.bad_response(proxy, _describe(error))
    if error.problem == NOT_HTTP:
        return _other_protocol(error, url)
    message = f"has {excess}" if excess else _describe(error)
    failure = HttpcliError(
        f"{url.authority}: the response {message}", hint=hint, status=ExitStatus.INCOMPLETE
    )
    return failure.as_transient(TRUNCATED if error.problem in CUT else "")


def unasked_upgrade(url: Url) -> HttpcliError:
    """Return the error for a 101 in response to a request without Upgrade (RFC 9110, 15.2.2)."""
    return HttpcliError(
        f"{url.authority}: the server switched protocols (101), but no upgrade was requested",
        status=ExitStatus.INCOMPLETE,
    )


def _describe(error: Http1Error) -> str:
    """Return what is wrong, after ``the response``."""
    problem = error.problem
    if problem in CUT:
        return f"is incomplete: {problem}"
    if problem == UNSUPPORTED_VERSION:
        problem = f"{error.version} is not supported"
    return f"is not valid HTTP: {problem}"


def _excess(error: Http1Error) -> tuple[str, str]:
    """Return of what a response has too much, and a hint; empty for another problem."""
    match error.problem:
        case http1_head.HEAD_TOO_LARGE:
            return f"headers of more than {size_text(error.limit)}", _SIZE_HINT
        case http1_head.TRAILERS_TOO_LARGE:
            return f"trailers of more than {size_text(error.limit)}", _SIZE_HINT
        case http1_head.CHUNK_LINE_TOO_LONG:
            return f"a chunk extension of more than {size_text(error.limit)}", ""
        case http1_head.TOO_MANY_FIELDS:
            return f"too many headers: more than {error.limit}", "--max-headers sets the limit"
        case http1_head.TOO_MANY_INTERIM:
            return f"more than {error.limit} interim responses (1xx)", ""
    return "", ""


def _other_protocol(error: Http1Error, url: Url) -> HttpcliError:
    from httpcli.protocol.other_protocols import recognize

    other = recognize(error.received)
    message, hint = f"the response {_describe(error)}", ""
    if other is not None:
        message = f"the response is not valid HTTP: this port speaks {other.name}"
        port = url.effective_port
        hint = other.hint.format(host=url.host, port=port, authority=f"{_host(url)}:{port}")
    return HttpcliError(f"{url.authority}: {message}", hint=hint, status=ExitStatus.INCOMPLETE)


def _host(url: Url) -> str:
    return f"[{url.host}]" if ":" in url.host else url.host
