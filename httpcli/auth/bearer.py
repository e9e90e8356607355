"""The Bearer scheme (RFC 6750): a token, sent as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.headers import Field
from httpcli.core.plan import Credentials
from httpcli.core.request import Request

if TYPE_CHECKING:
    from httpcli.core.interfaces import Authenticate, AuthFlow, Entropy


def bearer(credentials: Credentials, _entropy: Entropy) -> Authenticate:
    """Return a function that sends each request once, with the token."""
    authorization = Field("Authorization", f"Bearer {credentials.password}", credentials.secret)

    def authenticate(request: Request) -> AuthFlow:
        fields = request.fields.without("Authorization").plus([authorization])
        yield request._replace(fields=fields)

    return authenticate
