"""Nested keys: the results of HTTPie 3.2.4 for the same items, and intended differences.

The tables hold HTTPie's own results. Where its caret is one past the end, the
fault here is empty and at the end.
"""

from __future__ import annotations

import pytest

from httpcli.core.errors import Fault, UsageError
from httpcli.syntax.items import ItemKind, parse_item
from httpcli.syntax.lossless_json import dump, parse
from httpcli.syntax.nested_json import MAX_INDEX, build_nested


def body(*items: str) -> str:
    """Return the JSON body that the items produce."""
    parsed = [parse_item(item) for item in items]
    data = build_nested(
        (item, parse(item.value) if item.kind is ItemKind.JSON else item.value) for item in parsed
    )
    return dump(data, ascii_only=True)


def error_of(*items: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        body(*items)
    return caught.value


def key_of(item: str) -> str:
    return parse_item(item).key


SAME_AS_HTTPIE = [
    (["a=b"], '{"a": "b"}'),
    (["1=x"], '{"1": "x"}'),
    (["-1=x"], '{"-1": "x"}'),
    ([r"\1=x"], '{"1": "x"}'),
    ([r"a\[b\]=x"], '{"a[b]": "x"}'),
    (["a[b]=c"], '{"a": {"b": "c"}}'),
    (["a[b][c]=d"], '{"a": {"b": {"c": "d"}}}'),
    (["a[0]=x"], '{"a": ["x"]}'),
    (["a[]=x", "a[]=y"], '{"a": ["x", "y"]}'),
    (["x[3]=a"], '{"x": [null, null, null, "a"]}'),
    (["x[1]=a", "x[0]=b"], '{"x": ["b", "a"]}'),
    (["x[][k]=v", "x[][k]=w"], '{"x": [{"k": "v"}, {"k": "w"}]}'),
    (["x[][k]=v", "x[0][l]=w"], '{"x": [{"k": "v", "l": "w"}]}'),
    (["[]=1", "[]=2"], '["1", "2"]'),
    (["[1]:=2"], "[null, 2]"),
    (["[0][a]=b", "[0][c]=d"], '[{"a": "b", "c": "d"}]'),
    (["=x"], '{"": "x"}'),
    ([":=[1,2]"], '{"": [1, 2]}'),
    ([r"a[\1]=x"], '{"a": {"1": "x"}}'),
    (["a[01]=x"], '{"a": [null, "x"]}'),
    (["a[1_0]:=1"], '{"a": [null, null, null, null, null, null, null, null, null, null, 1]}'),
    (["a[ 1 ]=x"], '{"a": [null, "x"]}'),
    ([r"a\\=1"], r'{"a\\": "1"}'),
    ([r"a\x=1"], r'{"a\\x": "1"}'),
    ([r"a[\\]=1"], r'{"a": {"\\": "1"}}'),
    ([r"a[b\]c]=1"], '{"a": {"b]c": "1"}}'),
    ([r"\[0\]=1"], '{"[0]": "1"}'),
    ([r"a[\x]=1"], r'{"a": {"\\x": "1"}}'),
    ([r"a[\1x]=1"], r'{"a": {"\\1x": "1"}}'),
    ([r"a[\\1]=1"], r'{"a": {"\\1": "1"}}'),
    ([r"a[\-1]=1"], '{"a": {"-1": "1"}}'),
    ([r"a\1=1"], r'{"a\\1": "1"}'),
    (['a:={"x":1,"x":2}'], '{"a": {"x": 1, "x": 2}}'),
    (["a:=[1]", "a[]=2"], '{"a": [1, "2"]}'),
    (["a=1", "a=2"], '{"a": "2"}'),
    (["a[b]=1", "a=2"], '{"a": "2"}'),
    (["a[0]:=null", "a[0][x]=1"], '{"a": [{"x": "1"}]}'),
    (["a[\u0661]=x"], '{"a": [null, "x"]}'),
    (["a[]:=[1]", "a[0][1]=x"], '{"a": [[1, "x"]]}'),
    ([r"a\:b[c]=x"], '{"a:b": {"c": "x"}}'),
    (["a[b][0]=1", "a[b][2]=3"], '{"a": {"b": ["1", null, "3"]}}'),
    (["b=1", "a=2", "b=3"], '{"b": "3", "a": "2"}'),
    (["a[ b ]=1"], '{"a": {" b ": "1"}}'),
    (["a b=1"], '{"a b": "1"}'),
    (["a[+1]=x"], '{"a": [null, "x"]}'),
    (["é[ü]=ß"], r'{"\u00e9": {"\u00fc": "\u00df"}}'),
    ([r'a:="\ud83d\ude00"'], r'{"a": "\ud83d\ude00"}'),
]


@pytest.mark.parametrize(("items", "expected"), SAME_AS_HTTPIE)
def test_items_produce_the_same_json_as_httpie(items: list[str], expected: str) -> None:
    assert body(*items) == expected


WRONG_KEYS = [
    ("[a]=1", "expected a number or ']'", (1, 2)),
    ("a[-1]=x", "negative indexes are not supported", (2, 4)),
    ("[-1]=x", "negative indexes are not supported", (1, 3)),
    ("a[b=1", "expected ']'", (3, 4)),
    ("a[=1", "expected text, a number or ']'", (2, 3)),
    ("a]=1", "expected '['", (1, 2)),
    ("]=1", "expected text, a number or '['", (0, 1)),
    ("[=1", "expected a number or ']'", (1, 2)),
    ("a[b]c=1", "expected '['", (4, 5)),
    ("a[]]=1", "expected '['", (3, 4)),
    ("a[[b]]=1", "expected text, a number or ']'", (2, 3)),
    ("[0=1", "expected ']'", (2, 3)),
    ("[a=1", "expected a number or ']'", (1, 2)),
    ("a[0=1", "expected ']'", (3, 4)),
    ("a[][=1", "expected text, a number or ']'", (4, 5)),
    ("a[b]]=1", "expected '['", (4, 5)),
    (r"a[1\]=1", "expected ']'", (5, 6)),
    (r"a\=b[c=x", "expected ']'", (5, 6)),
    (r"x\[a[b=1", "expected ']'", (6, 7)),
    (r"x[\[=1", "expected ']'", (4, 5)),
]


@pytest.mark.parametrize(("item", "message", "place"), WRONG_KEYS)
def test_invalid_key_is_rejected_where_httpie_rejects_it(
    item: str, message: str, place: tuple[int, int]
) -> None:
    error = error_of(item)
    key = key_of(item)
    start, end = place
    assert error.message == f"{key!r}: {message}"
    assert error.fault == Fault(key, start, min(end, len(key)))


WRONG_TYPES = [
    (["a=1", "a[b]=2"], "a", "string", (1, 4)),
    (["a:=1", "a[b]=2"], "a", "number", (1, 4)),
    (["a:=1.5", "a[]=2"], "a", "number", (1, 3)),
    (["a:=true", "a[0]=2"], "a", "bool", (1, 4)),
    (["a[]=1", "a[b]=2"], "a", "array", (1, 4)),
    (["a[b]=1", "a[]=2"], "a", "object", (1, 3)),
    (["a[b]=1", "a[0]=2"], "a", "object", (1, 4)),
    (["a[b][c]=1", "a[b][c][d]=2"], "a[b][c]", "string", (7, 10)),
    (["a=1", "[]=2"], "", "object", (0, 2)),
    (["[]=2", "a=1"], "", "array", (0, 1)),
    (["a=1", "[0]=2"], "", "object", (0, 3)),
    (["foo[bar]=1", "foo[bar][baz]=2"], "foo[bar]", "string", (8, 13)),
]


@pytest.mark.parametrize(("items", "on", "has", "place"), WRONG_TYPES)
def test_wrong_container_type_is_rejected_where_httpie_rejects_it(
    items: list[str], on: str, has: str, place: tuple[int, int]
) -> None:
    error = error_of(*items)
    key = key_of(items[-1])
    assert error.message == (
        f"{key!r}: {on!r} is of type {has}: a [key] needs an object, an [index] an array"
    )
    assert error.fault == Fault(key, *place)


def test_an_empty_key_beside_a_top_level_array_is_refused() -> None:
    error = error_of("[]=2", "=secret")
    assert error.message.startswith("'': '' is of type array")
    assert error.fault == Fault("=", 0, 1)


def test_no_items_make_an_empty_object() -> None:
    assert build_nested([]) == {}


def test_numbers_keep_their_text() -> None:
    assert body("a[b]:=1.50", "a[c]:=1e400") == '{"a": {"b": 1.50, "c": 1e400}}'


# HTTPie loses a part of this input.
@pytest.mark.parametrize(
    ("items", "expected"),
    [
        (["01=x"], '{"01": "x"}'),
        (["1_0=x"], '{"1_0": "x"}'),
        (['a:={"x":1}', "a[y]=2"], '{"a": {"x": 1, "y": "2"}}'),
        (['a:={"x":{"y":1}}', "a[x][z][]=2"], '{"a": {"x": {"y": 1, "z": ["2"]}}}'),
        (['a:={"x":1,"x":2}', "a=3"], '{"a": "3"}'),
    ],
)
def test_no_input_is_lost(items: list[str], expected: str) -> None:
    assert body(*items) == expected


def test_null_value_cannot_have_nested_keys() -> None:
    error = error_of("a:=null", "a[b]=2")
    assert "'a' is of type null" in error.message
    assert error.fault == Fault("a[b]", 1, 4)


def test_object_with_a_repeated_key_cannot_be_changed() -> None:
    error = error_of('a[0]:={"x":1,"x":2}', "a[0][y]=3")
    assert error.message == ("'a[0][y]': cannot add to 'a[0]': a key occurs twice in it")
    assert error.fault == Fault("a[0][y]", 4, 7)


@pytest.mark.parametrize("index", ["999999999", str(MAX_INDEX + 1), "9" * 5000])
def test_huge_index_is_rejected_before_it_uses_memory(index: str) -> None:
    error = error_of(f"a[{index}]=1")
    assert error.message.endswith(": an index can be at most 1000000")
    assert error.fault == Fault(f"a[{index}]", 2, 2 + len(index))


@pytest.mark.wide
def test_highest_index_is_accepted() -> None:
    assert body(f"a[{MAX_INDEX}]:=1").count("null") == MAX_INDEX


@pytest.mark.wide
def test_very_deep_key_is_accepted() -> None:
    assert body("a" + "[b]" * 50_000 + "=1").endswith('"1"' + "}" * 50_001)


def test_backslash_at_the_end_of_an_option_key_is_literal() -> None:
    item = parse_item("k=v")._replace(key="a\\")
    assert build_nested([(item, "v")]) == {"a\\": "v"}
