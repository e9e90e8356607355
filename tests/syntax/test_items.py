"""Request items: separators, backslash escapes, and errors with their positions."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.errors import Fault, UsageError
from httpcli.core.exit_status import ExitStatus
from httpcli.syntax.items import Item, ItemKind, parse_item, parse_option_item

SHORT_FORMS = [
    ("X:v", ItemKind.HEADER, "X", "v", False),
    ("X: v w ", ItemKind.HEADER, "X", "v w", False),
    ("X:\tv\t", ItemKind.HEADER, "X", "v", False),
    ("X:a\tb", ItemKind.HEADER, "X", "a\tb", False),
    ("X:a:b", ItemKind.HEADER, "X", "a:b", False),
    ("X:é", ItemKind.HEADER, "X", "é", False),
    ("X:", ItemKind.UNSET, "X", "", False),
    ("X: ", ItemKind.UNSET, "X", "", False),
    ("X;", ItemKind.EMPTY_HEADER, "X", "", False),
    ("X:@f", ItemKind.HEADER, "X", "f", True),
    ("q==v", ItemKind.PARAM, "q", "v", False),
    ("q==", ItemKind.PARAM, "q", "", False),
    ("q===", ItemKind.PARAM, "q", "=", False),
    ("q==@f", ItemKind.PARAM, "q", "f", True),
    ("k=v", ItemKind.FIELD, "k", "v", False),
    ("k=", ItemKind.FIELD, "k", "", False),
    ("=v", ItemKind.FIELD, "", "v", False),
    ("k= v ", ItemKind.FIELD, "k", " v ", False),
    ("k=a=b:c;d@e", ItemKind.FIELD, "k", "a=b:c;d@e", False),
    ("k=a\nb", ItemKind.FIELD, "k", "a\nb", False),
    ("k=@f", ItemKind.FIELD, "k", "f", True),
    ("k:=1", ItemKind.JSON, "k", "1", False),
    (":=[1]", ItemKind.JSON, "", "[1]", False),
    ("k:=@f", ItemKind.JSON, "k", "f", True),
    ("k@f", ItemKind.FILE, "k", "f", False),
    ("k@f;type=a/b", ItemKind.FILE, "k", "f;type=a/b", False),
    ("@f", ItemKind.FILE, "", "f", False),
    ("a[b][]=v", ItemKind.FIELD, "a[b][]", "v", False),
]


@pytest.mark.parametrize(("text", "kind", "key", "value", "from_file"), SHORT_FORMS)
def test_separator_determines_the_kind_of_item(
    text: str, kind: ItemKind, key: str, value: str, from_file: bool
) -> None:
    item = parse_item(text)
    assert item[:4] == (kind, key, value, from_file)
    assert item.text == text
    assert text[item.value_start :].startswith(value)


@pytest.mark.parametrize(
    ("text", "kind", "key", "value"),
    [
        (r"a\:b=c", ItemKind.FIELD, "a:b", "c"),
        (r"a\=b=c", ItemKind.FIELD, "a=b", "c"),
        (r"a=b\:c", ItemKind.FIELD, "a", "b:c"),
        (r"a=b\=\@\;c", ItemKind.FIELD, "a", "b=@;c"),
        (r"a:\=b", ItemKind.HEADER, "a", "=b"),
        (r"a\:=b", ItemKind.FIELD, "a:", "b"),
        (r"a=\@b", ItemKind.FIELD, "a", "@b"),
        (r"a\@b=c", ItemKind.FIELD, "a@b", "c"),
        (r"a=c:\windows", ItemKind.FIELD, "a", r"c:\windows"),
        (r"a\\=b", ItemKind.FIELD, r"a\\", "b"),
        (r"a\[0\]=b", ItemKind.FIELD, r"a\[0\]", "b"),
        ("a=b\\", ItemKind.FIELD, "a", "b\\"),
    ],
)
def test_backslash_escapes_separators_and_nothing_else(
    text: str, kind: ItemKind, key: str, value: str
) -> None:
    assert parse_item(text)[:3] == (kind, key, value)


def quoted(text: str) -> str:
    return re.sub(r"([:;=@])", r"\\\1", text)


# A single backslash before a separator cannot be written: backslashes pair up.
TEXTS = st.text(st.characters(exclude_categories=["Cs"])).filter(
    lambda text: not re.search(r"(?<!\\)(\\\\)*\\([:;=@]|\Z)", text)
)


@given(TEXTS, TEXTS)
def test_text_quoted_with_backslashes_round_trips(key: str, value: str) -> None:
    item = parse_item(f"{quoted(key)}={quoted(value)}")
    assert item[:4] == (ItemKind.FIELD, key, value, False)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_field_option_accepts_any_value(value: str) -> None:
    assert parse_option_item("field", f"k={value}")[:4] == (ItemKind.FIELD, "k", value, False)


@pytest.mark.parametrize(
    ("option", "text", "expected"),
    [
        ("header", "X: v", (ItemKind.HEADER, "X", "v")),
        ("header", "X:v;w", (ItemKind.HEADER, "X", "v;w")),
        ("header", "X: @f", (ItemKind.HEADER, "X", "@f")),
        ("header", r"X: a\:b", (ItemKind.HEADER, "X", r"a\:b")),
        ("header", "X:", (ItemKind.UNSET, "X", "")),
        ("header", "X;", (ItemKind.EMPTY_HEADER, "X", "")),
        ("param", "k=v=w", (ItemKind.PARAM, "k", "v=w")),
        ("param", "k==v", (ItemKind.PARAM, "k", "=v")),
        ("cookie", "k=v", (ItemKind.COOKIE, "k", "v")),
        ("field", r"k=@f\=", (ItemKind.FIELD, "k", r"@f\=")),
        ("json-field", "k=[1]", (ItemKind.JSON, "k", "[1]")),
    ],
)
def test_item_option_splits_once_and_reads_no_file(
    option: str, text: str, expected: tuple[ItemKind, str, str]
) -> None:
    item = parse_option_item(option, text)
    assert item[:3] == expected
    assert not item.from_file
    assert text[item.value_start :] == item.value


REFUSED = [
    ("a", "'a' is not a request item", "a", 1, 1),
    (r"a\=b", r"'a\\=b' is not a request item", r"a\=b", 4, 4),
    ("a b c", "'a …' is not a request item", "a …", 3, 3),
    ("X;v", "X;…: unexpected value after the semicolon", "X;…", 1, 2),
    (":v", "missing header name", ":…", 0, 1),
    ("X Y:v", "invalid header name 'X Y'", "X Y:…", 1, 2),
    (r"X\:Y:v", "invalid header name 'X:Y'", r"X\:Y:…", 2, 3),
    ("é:v", "invalid header name 'é'", "é:…", 0, 1),
    ("X\n:v", r"invalid header name 'X\n'", "X\n:…", 1, 2),
    ("X Y;", "invalid header name 'X Y'", "X Y;", 1, 2),
    ("X:a\r\nb", "a carriage return is not allowed in header 'X'", "X:…\r…", 3, 4),
    ("X:a\n", "a line feed is not allowed in header 'X'", "X:…\n", 3, 4),
    ("X:\0", "a NUL is not allowed in header 'X'", "X:\0", 2, 3),
    ("X:a\x1b", "a control character is not allowed in header 'X'", "X:…\x1b", 3, 4),
    ("X:\x7fb", "a control character is not allowed in header 'X'", "X:\x7f…", 2, 3),
    ("k=a\udcff", "not valid UTF-8", "k=…\udcff", 3, 4),
    ("\udcff@f", "not valid UTF-8", "\udcff@…", 0, 1),
    ("http://h", "two URLs; a request has one", "http://…", 0, 7),
    ("HTTPS://u:p@h", "two URLs; a request has one", "HTTPS://…", 0, 8),
    ("k=@", "missing file name after =@", "k=@", 2, 3),
    ("@", "missing file name after @", "@", 0, 1),
]


@pytest.mark.parametrize(("text", "message", "shown", "start", "end"), REFUSED)
def test_invalid_item_is_rejected_with_its_position(
    text: str, message: str, shown: str, start: int, end: int
) -> None:
    with pytest.raises(UsageError) as caught:
        parse_item(text)
    assert caught.value.message == message
    assert caught.value.fault == Fault(shown, start, end)
    assert caught.value.hint
    assert caught.value.status is ExitStatus.USAGE


@pytest.mark.parametrize(
    ("option", "text", "message"),
    [
        ("header", "X", "--header: missing colon"),
        ("header", "X;v", "X;…: unexpected value after the semicolon"),
        ("header", "X: a\nb", "a line feed is not allowed in header 'X'"),
        ("param", "k", "--param: missing ="),
        ("cookie", "k", "--cookie: missing ="),
        ("cookie", "k=a\rb", "a carriage return is not allowed in cookie 'k'"),
        ("field", "k:v", "--field: missing ="),
        ("json-field", "k", "--json-field: missing ="),
        ("param", "k=\udcff", "not valid UTF-8"),
    ],
)
def test_invalid_item_option_is_rejected(option: str, text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_option_item(option, text)
    assert caught.value.message == message
    assert caught.value.hint


def test_file_path_need_not_be_utf8() -> None:
    assert parse_item("f@\udcff") == Item(ItemKind.FILE, "f", "\udcff", False, "f@\udcff", 2)


@pytest.mark.parametrize(
    "text",
    [
        "Authorization;Bearer s3cret",
        "Authorization :s3cret",
        "X-Key:s3cret\n",
        "http://u:s3cret@h",
    ],
)
def test_an_error_about_an_item_does_not_show_its_value(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_item(text)
    error = caught.value
    assert "s3cret" not in f"{error.message} {error.hint} {error.fault}"
