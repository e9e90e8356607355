"""Authentication schemes: each adds its credentials to a request."""

from __future__ import annotations

from os import urandom

import pytest

from httpcli.auth.registry import SCHEMES
from httpcli.core.headers import Field, Fields
from httpcli.core.lazy_load import load
from httpcli.core.plan import Credentials
from httpcli.core.request import Request
from httpcli.core.url import Url


@pytest.mark.parametrize(
    ("scheme", "user", "password", "value"),
    [
        ("basic", "Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ("basic", "test", "123£", "Basic dGVzdDoxMjPCow=="),
        ("basic", "", "", "Basic Og=="),
        ("bearer", "", "mF_9.B5f-4.1JqM", "Bearer mF_9.B5f-4.1JqM"),
    ],
)
def test_authorization_header_replaces_a_typed_one(
    scheme: str, user: str, password: str, value: str
) -> None:
    request = Request("GET", Url("http", "h"), Fields([Field("authorization", "typed")]))
    flow = load(SCHEMES[scheme].factory)(Credentials(scheme, user, password), urandom)(request)
    assert next(flow).fields == Fields([Field("Authorization", value)])
    with pytest.raises(StopIteration):
        flow.send(None)


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
def test_every_registered_scheme_loads(scheme: str) -> None:
    assert callable(load(SCHEMES[scheme].factory))
