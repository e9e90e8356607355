"""Parsing of WWW-Authenticate headers, valid or not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.auth.digest import Challenge, parse_challenges

REALM = {"realm": "a, b=c"}


@pytest.mark.parametrize(
    ("values", "challenges"),
    [
        ([], []),
        ([""], []),
        ([" , ,"], []),
        (["Basic"], [Challenge("basic")]),
        (['Basic realm="a, b=c"'], [Challenge("basic", REALM)]),
        (['BASIC Realm = "a, b=c"'], [Challenge("basic", REALM)]),
        (["Basic realm=plain"], [Challenge("basic", {"realm": "plain"})]),
        ([r'Basic realm="say \"hi\" \\ "'], [Challenge("basic", {"realm": 'say "hi" \\ '})]),
        (['Basic realm="never closed'], [Challenge("basic", {"realm": "never closed"})]),
        (['Basic realm="one", realm="two"'], [Challenge("basic", {"realm": "one"})]),
        (['Basic realm=""'], [Challenge("basic", {"realm": ""})]),
        (["Negotiate YII="], [Challenge("negotiate", {}, "YII=")]),
        (["Negotiate", "NTLM"], [Challenge("negotiate"), Challenge("ntlm")]),
        (["Negotiate, NTLM"], [Challenge("negotiate"), Challenge("ntlm")]),
        (
            ['Negotiate ab==, Basic realm="a, b=c", Digest nonce=n,qop="auth,auth-int"'],
            [
                Challenge("negotiate", {}, "ab=="),
                Challenge("basic", REALM),
                Challenge("digest", {"nonce": "n", "qop": "auth,auth-int"}),
            ],
        ),
        (
            ['Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"'],
            [
                Challenge("newauth", {"realm": "apps", "type": "1", "title": 'Login to "apps"'}),
                Challenge("basic", {"realm": "simple"}),
            ],
        ),
        (
            ['Digest realm="r",qop=auth,auth-int,nonce="n"'],
            [
                Challenge("digest", {"realm": "r", "qop": "auth", "nonce": "n"}),
                Challenge("auth-int"),
            ],
        ),
        (['Digest realm="r" nonce="n"'], [Challenge("digest", {"realm": "r", "nonce": "n"})]),
        (
            ['Digest ,, realm="r" ,, nonce="n",'],
            [Challenge("digest", {"realm": "r", "nonce": "n"})],
        ),
        (["Digest realm="], [Challenge("digest", {}, "realm=")]),
        (['"; = @'], []),
        (["Basic realm=\udcff"], [Challenge("basic", {"realm": "\udcff"})]),
    ],
)
def test_challenges_are_parsed(values: list[str], challenges: list[Challenge]) -> None:
    assert parse_challenges(values) == challenges


@given(st.lists(st.text(alphabet='aB1 \t,="\\-;@é\udcff', max_size=40), max_size=3))
def test_any_header_value_is_parsed_without_an_error(values: list[str]) -> None:
    for challenge in parse_challenges(values):
        assert challenge.scheme
        assert challenge.scheme == challenge.scheme.lower()


@given(
    st.dictionaries(
        st.text(alphabet="abcxyz-", min_size=1),
        st.text(alphabet=' ,="\\é', max_size=9),
        max_size=4,
    )
)
def test_quoted_values_round_trip(parameters: dict[str, str]) -> None:
    quoted = {
        name: value.replace("\\", "\\\\").replace('"', '\\"') for name, value in parameters.items()
    }
    text = ", ".join(f'{name}="{value}"' for name, value in quoted.items())
    both = [f"First {text}, Second {text}"] if parameters else []
    assert [challenge.parameters for challenge in parse_challenges(both)] == [
        parameters
    ] * 2 * len(both)


@pytest.mark.slow
def test_header_of_a_megabyte_is_parsed() -> None:
    assert len(parse_challenges(["a," * 500_000])) == 500_000
    assert (
        parse_challenges(['Digest nonce="' + '\\"' * 500_000])[0].parameters["nonce"]
        == '"' * 500_000
    )
