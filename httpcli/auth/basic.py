"""The Basic scheme (RFC 7617): user and password, in UTF-8."""

from __future__ import annotations

from binascii import b2a_base64
from typing import TYPE_CHECKING

from httpcli.core.headers import Field
from httpcli.core.plan import Credentials
from httpcli.core.request import Request

if TYPE_CHECKING:
    from httpcli.core.interfaces import Authenticate, AuthFlow, Entropy


def basic(credentials: Credentials, _entropy: Entropy) -> Authenticate:
    """Return a function that sends each request once, with the credentials."""

    def authenticate(request: Request) -> AuthFlow:
        yield with_basic(request, credentials)

    return authenticate


def with_basic(request: Request, credentials: Credentials) -> Request:
    """Return the request with the credentials in its Authorization header."""
    pair = f"{credentials.user}:{credentials.password}".encode("utf-8", "surrogateescape")
    token = b2a_base64(pair, newline=False).decode("ascii")
    authorization = Field("Authorization", f"Basic {token}", credentials.secret)
    return request._replace(fields=request.fields.without("Authorization").plus([authorization]))
