"""Authentication by another package: what goes wrong in it is told as its own fault."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from httpcli.core.entry_points import load
from httpcli.core.errors import HttpcliError
from httpcli.core.plan import Credentials
from httpcli.core.request import Request

if TYPE_CHECKING:
    from httpcli.core.interfaces import Authenticate, AuthFlow, Entropy


def foreign(credentials: Credentials, entropy: Entropy) -> Authenticate:
    """Return what the package makes of the credentials. Raises HttpcliError."""
    with _blamed(credentials.scheme):
        authenticate = load(credentials.made_by)(credentials, entropy)

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
