"""The Digest scheme: the examples of the RFCs, and how challenges are handled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from os import urandom

import pytest

from httpcli.auth.digest import (
    Digest,
    authorization_value,
    parse_challenges,
    parse_digest_challenge,
)
from httpcli.core.body import BytesBody, FileBody, MultipartBody, StdinBody
from httpcli.core.errors import HttpcliError
from httpcli.core.events import ResponseStarted
from httpcli.core.headers import Field, Fields
from httpcli.core.interfaces import AuthFlow
from httpcli.core.plan import Credentials
from httpcli.core.request import Request
from httpcli.core.url import Url

HERE = Url("http", "here", None, "/a")
ME = Credentials("digest", "me", "pw")
GET = Request("GET", HERE)


def authorization_for(challenge: str, request: Request, me: Credentials, cnonce: str = "c") -> str:
    (parsed,) = parse_challenges([challenge])
    return authorization_value(parse_digest_challenge(parsed), request, me, cnonce, 1)


def response_of(authorization: str) -> str:
    (response,) = re.findall(r'response="([0-9a-f]+)"', authorization)
    return str(response)


# --- the examples of the RFCs ---

MUFASA = Credentials("digest", "Mufasa", "Circle of Life")
DIR = Request("GET", Url("http", "www.example.org", None, "/dir/index.html"))
RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
CNONCE_7616 = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
DOE = (
    'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, '
    'nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", '
    'opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true'
)


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_examples_of_rfc_7616_are_reproduced(algorithm: str, response: str) -> None:
    value = authorization_for(RFC_7616.format(algorithm), DIR, MUFASA, CNONCE_7616)
    assert response_of(value) == response
    for part in (
        'username="Mufasa"',
        'realm="http-auth@example.org"',
        'uri="/dir/index.html"',
        f"algorithm={algorithm},",
        "nc=00000001,",
        "qop=auth,",
        f'cnonce="{CNONCE_7616}"',
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
    ):
        assert part in value


def test_example_with_a_hashed_user_matches_its_erratum() -> None:
    # The RFC's own values were made with another algorithm (erratum 4897).
    doe = Credentials("digest", "Ja\u0308søn Doe", "Secret, or not?")
    request = Request("GET", Url("http", "api.example.org", None, "/doe.json"))
    value = authorization_for(DOE, request, doe, "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v")
    assert response_of(value) == "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"
    user = "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"
    assert f'username="{user}"' in value
    assert value.endswith("userhash=true")


def test_example_of_rfc_2617_is_reproduced() -> None:
    challenge = (
        'Digest realm="testrealm@host.com", qop="auth,auth-int", '
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    mufasa = MUFASA._replace(password="Circle Of Life")
    value = authorization_for(challenge, DIR, mufasa, "0a4f113b")
    assert response_of(value) == "6629fae49393a05397450978507c4ef1"
    assert "algorithm" not in value


def test_example_of_rfc_2069_matches_its_erratum() -> None:
    # Without qop there is no nc and no cnonce. The value is from erratum 749.
    challenge = (
        'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    value = authorization_for(challenge, DIR, MUFASA._replace(password="CircleOfLife"))
    assert response_of(value) == "1949323746fe6a43ef61f9606e7febea"
    assert "qop" not in value
    assert "nc=" not in value
    assert "cnonce" not in value


# --- the Authorization header ---


@pytest.mark.parametrize(
    ("user", "parameter"),
    [
        ("zöe", 'username="zöe"'),
        ('a"b\\c', 'username="a\\"b\\\\c"'),
        ("a\x01é b", "username*=UTF-8''a%01%C3%A9%20b,"),
    ],
)
def test_user_name_is_quoted_or_encoded(user: str, parameter: str) -> None:
    assert parameter in authorization_for('Digest nonce="n"', GET, ME._replace(user=user))


def test_challenge_values_are_repeated_byte_for_byte() -> None:
    value = authorization_for('Digest realm="\udce9 \\" r", nonce="n\\\\", opaque=""', GET, ME)
    assert 'realm="\udce9 \\" r", nonce="n\\\\"' in value
    assert 'opaque=""' in value


def test_auth_int_hashes_the_body() -> None:
    challenge = 'Digest realm="r", nonce="n", qop="auth-int"'
    posts = [Request("POST", HERE, body=body) for body in (None, BytesBody(b""), BytesBody(b"x"))]
    none, empty, full = (response_of(authorization_for(challenge, post, ME)) for post in posts)
    assert none == empty != full


def test_auth_is_preferred_to_auth_int() -> None:
    assert "qop=auth," in authorization_for('Digest nonce="n", qop="auth-int, AUTH"', GET, ME)


@pytest.mark.parametrize(
    ("challenge", "message"),
    [
        ('Digest realm="r"', "invalid digest challenge from the server: missing nonce"),
        ('Digest nonce="n", algorithm=SHA3', "algorithm=SHA3"),
        ('Digest nonce="n", algorithm=MD5-sess-sess', "algorithm=MD5-sess-sess"),
        ('Digest nonce="n", qop="other"', "qop=other"),
    ],
)
def test_unsupported_challenge_is_an_error(challenge: str, message: str) -> None:
    with pytest.raises(HttpcliError, match=message):
        authorization_for(challenge, GET, ME)


@pytest.mark.parametrize("body", [FileBody("f", 3), MultipartBody("b", ())])
def test_auth_int_is_not_supported_for_streamed_bodies(body: FileBody | MultipartBody) -> None:
    with pytest.raises(HttpcliError, match="auth-int"):
        authorization_for('Digest nonce="n", qop="auth-int"', Request("PUT", HERE, body=body), ME)


@pytest.mark.parametrize(
    ("domain", "covered"),
    [
        ("", True),
        ("/", True),
        ("/a", True),
        ("/b /a", True),
        ("/b", False),
        ("http://here/", True),
        ("http://elsewhere/", False),
    ],
)
def test_domain_limits_where_the_nonce_is_used(domain: str, covered: bool) -> None:
    (challenge,) = parse_challenges([f'Digest nonce="n", domain="{domain}"'])
    assert parse_digest_challenge(challenge).covers(HERE) is covered


# --- the flow ---


def response_with(*challenges: str, status: int = 401) -> ResponseStarted:
    fields = Fields(Field("WWW-Authenticate", challenge) for challenge in challenges)
    return ResponseStarted("1.1", status, "", fields, HERE)


def sent_by(flow: AuthFlow, *responses: ResponseStarted) -> list[str]:
    """Run a flow to its end; return the Authorization header of each request, or an empty text."""
    sent = [next(flow), *map(flow.send, responses[:-1])]
    with pytest.raises(StopIteration):
        flow.send(responses[-1])
    return [request.fields.first("Authorization") or "" for request in sent]


FRESH = 'Digest realm="r", nonce="one", qop="auth"'
STALE = 'Digest realm="r", nonce="two", qop="auth", stale=TRUE'
OK = response_with(status=200)


@pytest.mark.parametrize(
    ("responses", "count"),
    [
        ([OK], 1),
        ([response_with(FRESH, status=403)], 1),
        ([response_with("Basic realm=x")], 1),
        ([response_with(FRESH), OK], 2),
        ([response_with(FRESH), response_with(FRESH)], 2),
        ([response_with(FRESH), response_with(STALE), OK], 3),
        ([response_with(FRESH), response_with(STALE), response_with(STALE)], 3),
    ],
    ids=[
        "no challenge",
        "not 401",
        "another scheme",
        "accepted",
        "rejected",
        "stale",
        "always stale",
    ],
)
def test_each_nonce_is_answered_once(responses: Sequence[ResponseStarted], count: int) -> None:
    sent = sent_by(Digest(ME, urandom)(GET), *responses)
    assert len(sent) == count
    assert sent[0] == ""
    assert all("nc=00000001" in value for value in sent[1:])


def test_typed_authorization_header_is_removed() -> None:
    typed = GET._replace(fields=Fields([Field("authorization", "typed")]))
    assert sent_by(Digest(ME, urandom)(typed), OK) == [""]


def test_next_request_to_the_origin_is_authenticated_at_once() -> None:
    digest = Digest(ME, urandom)
    sent_by(digest(GET), response_with(FRESH), OK)
    (second,) = sent_by(digest(GET), OK)
    assert 'nonce="one"' in second
    assert "nc=00000002" in second
    assert sent_by(digest(GET._replace(url=Url("https", "here"))), OK) == [""]
    third, fourth = sent_by(digest(GET), response_with(STALE), OK)
    assert "nc=00000003" in third
    assert 'nonce="two"' in fourth
    assert "nc=00000001" in fourth


def test_md5_sess_keeps_its_cnonce() -> None:
    digest = Digest(ME, urandom)
    challenge = response_with('Digest realm="r", nonce="one", algorithm=MD5-sess, qop=auth')
    _, first = sent_by(digest(GET), challenge, OK)
    (second,) = sent_by(digest(GET), OK)
    cnonces = {re.findall('cnonce="(.*?)"', value)[0] for value in (first, second)}
    assert len(cnonces) == 1


def test_first_supported_challenge_is_answered() -> None:
    unsupported = 'Digest nonce="x", algorithm=SHA3'
    both = 'Basic realm="b", Digest realm="r", nonce="sha", algorithm=SHA-256'
    _, value = sent_by(Digest(ME, urandom)(GET), response_with(unsupported, both, FRESH), OK)
    assert 'nonce="sha"' in value
    with pytest.raises(HttpcliError, match="SHA3"):
        sent_by(Digest(ME, urandom)(GET), response_with(unsupported), OK)


def test_consumed_stdin_body_is_not_sent_again() -> None:
    post = Request("POST", HERE, body=StdinBody(b"begin"))
    flow = Digest(ME, urandom)(post)
    next(flow)
    with pytest.raises(HttpcliError, match="only once") as caught:
        flow.send(response_with(FRESH))
    assert "@FILE" in caught.value.hint


def test_hidden_credentials_give_a_secret_header() -> None:
    flow = Digest(ME._replace(secret=True), urandom)(GET)
    next(flow)
    assert flow.send(response_with(FRESH)).fields[-1].secret
