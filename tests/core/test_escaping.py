"""Which characters are escaped on one line, compared with Unicode's own data."""

from __future__ import annotations

import json
import sys
import unicodedata
from xml.etree import ElementTree

import pytest

from httpcli.core.escaping import (
    UNSAFE,
    escape_controls,
    escape_in_json,
    escape_in_xml,
    is_unsafe,
    unsafe_characters,
)
from tests.support.terminal_bytes import HOSTILE_LINE, INVISIBLE, violations


def test_table_has_every_control_format_and_invisible_character() -> None:
    missing = [
        f"{code:04x}"
        for code in range(sys.maxunicode + 1)
        if not 0xD800 <= code <= 0xDFFF
        and violations(chr(code).encode())
        and not is_unsafe(chr(code))
    ]
    assert not missing


def test_table_has_no_visible_character() -> None:
    """The Braille blank is in the table as well, and code points that Unicode reserves."""
    extra = [
        f"{ord(character):04x}"
        for character in unsafe_characters()
        if not violations(character.encode())
        and unicodedata.category(character) != "Cn"
        and character != "\u2800"
    ]
    assert not extra


def test_every_row_of_the_table_has_a_reason() -> None:
    assert all(reason for _, reason in UNSAFE)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü\t", "plain ü\t"),
        ("a\n\r\x1b[31m", "a\\x0a\\r\\x1b[31m"),
        ("é\n\r\x1b[31m", "é\\x0a\\r\\x1b[31m"),
        ("\x80\x85\x9b", "\\x80\\x85\\x9b"),
        ("\udc9b\ud800", "\\x9b\\ud800"),
        ("\u200e\u200f\u061c", "\\u200e\\u200f\\u061c"),
        ("\U000e0041", "\\U000e0041"),
        ("क्\u200dष", "क्\\u200dष"),
        ("日本語 👩 עברית", "日本語 👩 עברית"),
    ],
    ids=ascii,
)
def test_line_shows_unsafe_characters_escaped(text: str, shown: str) -> None:
    assert escape_controls(text) == shown


def test_escaped_json_has_the_same_value() -> None:
    value = {"a": HOSTILE_LINE + INVISIBLE, INVISIBLE: "\ud83d"}
    escaped = escape_in_json(json.dumps(value, ensure_ascii=False, indent=1))
    assert json.loads(escaped) == value
    assert not violations(escaped.encode())


def test_escaped_xml_has_the_same_value() -> None:
    value = "".join(each for each in INVISIBLE if each >= "\xa0") + "\x7f\x85"
    escaped = escape_in_xml(f"<a b='{value}'>\n<c>{value}</c></a>")
    root = ElementTree.fromstring(escaped)
    assert root.get("b") == value
    assert root.findtext("c") == value
    assert not violations(escaped.encode())
