"""Middleware that authenticates requests, by a built-in scheme or one of a plugin.

A scheme is a function of credentials that returns an ``Authenticate``: see ``core.interfaces``.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseStarted
from httpcli.core.lazy_load import load
from httpcli.core.plan import Credentials
from httpcli.core.request import Request
from httpcli.core.url import Origin
from httpcli.middleware.follow_ups import send_with_follow_ups

if TYPE_CHECKING:
    from httpcli.core.interfaces import Authenticate, AuthFlow, Entropy, Send


def with_authentication(
    send: Send, authenticate: Authenticate, origin: Origin | None, *, read_bodies: bool = True
) -> Send:
    """Wrap ``send`` so that requests to ``origin`` are authenticated (None: all requests).

    Credentials belong to one origin: a request that was redirected to another one is sent
    unchanged (RFC 9110, 15.4). ``read_bodies``: as in ``send_with_follow_ups``.
    """

    def authenticated(request: Request) -> AsyncGenerator[Event, None]:
        if origin is not None and request.url.origin != origin:
            return send(request)
        flow = authenticate(request)

        def follow(_current: Request, response: ResponseStarted) -> Request | None:
            try:
                return flow.send(response)
            except StopIteration:
                return None

        return send_with_follow_ups(send, next(flow), follow, read_bodies=read_bodies)

    return authenticated


def plugin_scheme(credentials: Credentials, entropy: Entropy) -> Authenticate:
    """Load the scheme of a plugin; report its exceptions as HttpcliError.

    Raises HttpcliError, and so does the result.
    """
    with _plugin_errors(credentials.scheme):
        authenticate = load(credentials.plugin)(credentials, entropy)

    def authenticated(request: Request) -> AuthFlow:
        with _plugin_errors(credentials.scheme):
            flow = authenticate(request)
            if not isinstance(flow, Generator):
                raise TypeError("it is not a generator")
        current = _next_request(credentials.scheme, lambda: next(flow))
        if current is None:
            raise HttpcliError(f"--auth-type={credentials.scheme}: the plugin sent no request")
        while current is not None:
            response = yield current
            current = _next_request(credentials.scheme, lambda: flow.send(response))  # noqa: B023

    return authenticated


def _next_request(scheme: str, advance: Callable[[], Any]) -> Request | None:
    """Return the request that ``advance`` returns; None if the flow has ended."""
    with _plugin_errors(scheme):
        try:
            request = advance()
        except StopIteration:
            return None
        if not isinstance(request, Request):
            raise TypeError(f"it yielded {type(request).__name__} instead of a request")
        return request


@contextmanager
def _plugin_errors(scheme: str) -> Iterator[None]:
    """Raise any error of the block as an HttpcliError that names the plugin's scheme."""
    try:
        yield
    except HttpcliError:
        raise
    except Exception as error:
        raise HttpcliError(
            f"--auth-type={scheme}: the plugin failed: {type(error).__name__}: {error}",
            hint="for details: --traceback",
        ) from error
