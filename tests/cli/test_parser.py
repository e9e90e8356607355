"""argv is parsed into an Invocation."""

from __future__ import annotations

import pytest

from httpcli.app import read_invocation
from httpcli.core.errors import UsageError
from httpcli.core.invocation import TypedItem
from httpcli.options.option import Option
from httpcli.options.table import OPTIONS


@pytest.mark.parametrize(
    ("argv", "method", "target"),
    [
        (["example.org"], None, "example.org"),
        (["GET", "example.org"], "GET", "example.org"),
        (["get", "example.org"], "GET", "example.org"),
        (["purge", ":3000"], "PURGE", ":3000"),
        (["localhost", "a=b"], None, "localhost"),
        (["Localhost", "a=b"], None, "Localhost"),
        (["example.org", "GET"], None, "example.org"),
        (["M-SEARCH", "x:1"], None, "M-SEARCH"),
        (["-X", "M-SEARCH", "example.org"], "M-SEARCH", "example.org"),
        (["-X", "purge", "example.org"], "purge", "example.org"),
        (["--", "-x"], None, "-x"),
    ],
)
def test_first_word_is_the_method_if_letters_and_a_url_follows(
    argv: list[str], method: str | None, target: str
) -> None:
    invocation = read_invocation(argv, None)
    assert (invocation.method, invocation.typed_url) == (method, target)


def test_items_and_item_options_keep_their_order() -> None:
    invocation = read_invocation(
        ["--field", "a=1", "POST", "-v", "h.x", "b=2", "--json-field=c=3", "d=4", "-He:5", "f=6"],
        None,
    )
    assert invocation.items == (
        TypedItem("field", "a=1"),
        TypedItem("", "b=2"),
        TypedItem("json-field", "c=3"),
        TypedItem("", "d=4"),
        TypedItem("header", "e:5"),
        TypedItem("", "f=6"),
    )


def test_options_may_be_anywhere_among_the_items() -> None:
    invocation = read_invocation(["h.x", "a=1", "--follow", "b=2", "-p", "h"], None)
    assert [typed.text for typed in invocation.items] == ["a=1", "b=2"]
    assert invocation.options == {"follow": True, "print": "h"}


def test_a_double_dash_ends_the_options() -> None:
    invocation = read_invocation(["h.x", "--", "-a=b", "--follow"], None)
    assert [typed.text for typed in invocation.items] == ["-a=b", "--follow"]
    assert invocation.options == {}


def test_double_dash_after_an_option_with_a_value_is_the_value() -> None:
    invocation = read_invocation(["--raw", "--", "h.x", "-v"], None)
    assert invocation.options == {"raw": "--", "verbose": 1}


_SORTED = "headers.sort:true,json.sort_keys:true"
_UNSORTED = "headers.sort:false,json.sort_keys:false"


@pytest.mark.parametrize(
    ("argv", "options"),
    [
        (["-p", "h", "--print=B", "h.x"], {"print": "B"}),
        (["-hb", "h.x"], {"print": "b"}),
        (["-vvqFk", "h.x"], {"verbose": 2, "quiet": 1, "follow": True, "verify": "no"}),
        (["-v", "--no-verbose", "h.x"], {}),
        (["--no-verbose", "-v", "h.x"], {"verbose": 1}),
        (["-k", "--no-insecure", "h.x"], {}),
        (["-k", "--verify=yes", "h.x"], {"verify": "yes"}),
        (["--proxy=a", "--proxy", "b", "h.x"], {"proxy": ("a", "b")}),
        (["-u", "me:pw", "h.x"], {"auth": "me:pw"}),
        (["-L", "h.x"], {"follow": True}),
        (["-x", "h.x"], {"compress": ("",)}),
        (["-jf", "h.x"], {"form": True}),
        (["-f", "--multipart", "-j", "h.x"], {"json": True}),
        (["-xx", "h.x"], {"compress": ("", "")}),
        (["--compress=br", "h.x"], {"compress": ("br",)}),
        (["--raw", "--compress=br", "h.x"], {"raw": "--compress=br"}),
        (["-vX", "--compress=br", "h.x"], {"verbose": 1, "method": "--compress=br"}),
        (["--no-compress", "--compress=br", "--no-compress", "h.x"], {}),
        (["-S", "h.x"], {"stream": True}),
        (["--sorted", "h.x"], {"format-options": (_SORTED,)}),
        (["--no-sorted", "h.x"], {"format-options": (_UNSORTED,)}),
        (["--no-unsorted", "h.x"], {"format-options": (_SORTED,)}),
        (
            ["--sorted", "--format-options=json.indent:2", "--unsorted", "h.x"],
            {"format-options": (_SORTED, "json.indent:2", _UNSORTED)},
        ),
        (["--sorted", "--no-format-options", "h.x"], {}),
    ],
)
def test_repeated_options_are_replaced_counted_or_collected(
    argv: list[str], options: dict[str, object]
) -> None:
    assert read_invocation(argv, None).options == options


@pytest.mark.parametrize(
    ("argv", "message", "hint"),
    [
        ([], "missing URL", "httpcli [OPTIONS] [METHOD] URL"),
        (["-v"], "missing URL", "httpcli -h"),
        (["h.x", "--foll"], "unknown option --foll", "cannot be abbreviated: --follow"),
        (["h.x", "--max"], "unknown option --max", "--max-redirects or --max-time"),
        (["h.x", "--folow"], "unknown option --folow", "did you mean --follow?"),
        (["h.x", "--data", "x"], "unknown option --data", "did you mean --raw?"),
        (["h.x", "--digest"], "unknown option --digest", "--auth-type=digest"),
        (["h.x", "--compres"], "unknown option --compres", "--compress"),
        (["h.x", "--frobnicate"], "unknown option --frobnicate", "--help"),
        (["h.x", "--raw"], "option '--raw' requires an argument", ""),
        (["h.x", "--json=1"], "option '--json' does not take a value", ""),
        (["h.x", "--pretty=no"], "--pretty=no: unknown value", "all, colors, format, none"),
        (["h.x", "--path-as-is", "--url-encoded"], "cannot be used together", ""),
        (["-X", "PUT", "POST", "h.x"], "two methods: PUT and POST", ""),
    ],
)
def test_wrong_command_line_has_a_message_and_a_hint(
    argv: list[str], message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        read_invocation(argv, None)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    "option", [option for option in OPTIONS if not option.opposite], ids=lambda option: option.name
)
def test_every_option_can_be_negated(option: Option) -> None:
    value = ["x" if not option.choices else option.choices[0]] if option.takes_value else []
    words = [f"--{option.name}", *value, f"--no-{option.name}", "h.x"]
    invocation = read_invocation(words, None)
    assert (invocation.typed_url, invocation.options, invocation.items) == ("h.x", {}, ())


def test_help_needs_no_url() -> None:
    assert read_invocation(["--help"], None).options == {"help": True}


def test_optional_value_needs_an_equals_sign() -> None:
    invocation = read_invocation(["--compress", "h.x", "a=1", "--", "--compress=br"], None)
    assert invocation.options == {"compress": ("",)}
    assert invocation.typed_url == "h.x"
    assert [typed.text for typed in invocation.items] == ["a=1", "--compress=br"]


def test_negated_item_option_removes_its_earlier_items() -> None:
    invocation = read_invocation(["-HA:1", "--param=a=b", "--no-header", "-HB:2", "h.x"], None)
    assert invocation.items == (TypedItem("param", "a=b"), TypedItem("header", "B:2"))
