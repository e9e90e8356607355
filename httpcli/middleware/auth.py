"""A skin that lets an authentication flow turn one request, and its answers, into the next."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from httpcli.core.entry_points import load
from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseStarted
from httpcli.core.plan import Credentials
from httpcli.core.request import Request
from httpcli.core.url import Origin
from httpcli.middleware.follow_ups import hops

if TYPE_CHECKING:
    from httpcli.core.interfaces import Authenticate, AuthFlow, Entropy, Send


def authenticating(
    send: Send, authenticate: Authenticate, origin: Origin | None, *, shown: bool = True
) -> Send:
    """Wrap ``send`` so that requests to ``origin`` are authenticated (None: all requests).

    Credentials belong to one origin: a request that a redirect took elsewhere
    passes untouched (RFC 9110, 15.4). ``shown``: the content of an answered
    challenge is wanted.
    """

    def authenticated(request: Request) -> AsyncGenerator[Event, None]:
        if origin is not None and request.url.origin != origin:
            return send(request)
        steps = authenticate(request)

        def following(_step: Request, response: ResponseStarted) -> Request | None:
            try:
                return steps.send(response)
            except StopIteration:
                return None

        return hops(send, next(steps), following, shown=shown)

    return authenticated


# Authentication by another package: what goes wrong in it is told as its own fault.


def foreign(credentials: Credentials, entropy: Entropy) -> Authenticate:
    """Return what the package makes of the credentials. Raises HttpcliError."""
    with _blamed(credentials.scheme):
        authenticate = load(credentials.plugin)(credentials, entropy)

    def authenticated(request: Request) -> AuthFlow:
        with _blamed(credentials.scheme):
            steps = authenticate(request)
            if not isinstance(steps, Generator):
                raise TypeError("it is no generator of requests")
        step = _next(credentials.scheme, lambda: next(steps))
        if step is None:
            raise HttpcliError(f"--auth-type={credentials.scheme}: the plugin sends no request")
        while step is not None:
            response = yield step
            step = _next(credentials.scheme, lambda: steps.send(response))  # noqa: B023

    return authenticated


def _next(scheme: str, step: Callable[[], Any]) -> Request | None:
    """Return the next request; None where there is none."""
    with _blamed(scheme):
        try:
            request = step()
        except StopIteration:
            return None
        if not isinstance(request, Request):
            raise TypeError(f"it yields a {type(request).__name__}, not a request")
        return request


@contextmanager
def _blamed(scheme: str) -> Iterator[None]:
    try:
        yield
    except HttpcliError:
        raise
    except Exception as error:
        raise HttpcliError(
            f"--auth-type={scheme}: the plugin failed: {type(error).__name__}: {error}",
            hint="--traceback shows where",
        ) from error
