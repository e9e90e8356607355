from __future__ import annotations

import json

import pytest

from httpcli.core.format_options import FormatOptions
from httpcli.core.plan import Colours, Display
from tests.output.json_texts import BOTH, COLOURED, INDENTED, SGR, SHOWN, formatted, indented


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ('{"a":1,"b":[]}', '{\n    "a": 1,\n    "b": []\n}'),
        (
            '{"a":{"b":[1,{}]}}',
            '{\n    "a": {\n        "b": [\n            1,\n            {}\n        ]\n    }\n}',
        ),
        ("[ ]", "[]"),
        (" 1 ", "1"),
        ('"a b"', '"a b"'),
        ("", ""),
    ],
)
def test_layout_matches_httpie(sent: str, seen: str) -> None:
    assert indented(sent) == seen


@pytest.mark.parametrize(
    "literal",
    [
        "1.10",
        "1e400",
        "-0",
        "-0.0E+1",
        "9" * 400,
        '"\\u00e9\\/\\n"',
        '"\t"',
        "true",
        "null",
        "NaN",
    ],
)
def test_literals_are_unchanged(literal: str) -> None:
    assert indented(f"[{literal}]") == f"[\n    {literal}\n]"


def test_duplicate_keys_keep_their_order() -> None:
    assert indented('{"b":1,"a":2,"b":3}') == '{\n    "b": 1,\n    "a": 2,\n    "b": 3\n}'


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ('{"a":1}\n{"a":2}\n', '{\n    "a": 1\n}\n{\n    "a": 2\n}'),
        ("{}{}", "{}\n{}"),
        ('1\n"a"\ntrue\n', '1\n"a"\ntrue'),
        ("\x1e{}\n\x1e[1]\n", "\x1e{}\n\x1e[\n    1\n]"),
    ],
)
def test_several_json_texts_are_separated_by_line_ends(sent: str, seen: str) -> None:
    assert indented(sent) == seen


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        (")]}',\n[1]", ")]}',\n[\n    1\n]"),
        (")]}'\n{}", ")]}'\n{}"),
        ("while(1);{}", "while(1);{}"),
        ("for(;;);[]", "for(;;);[]"),
        ("\ufeff{}", "\ufeff{}"),
        ("false", "false"),
        (")]", ")]"),
    ],
)
def test_prefix_against_script_inclusion_is_kept(sent: str, seen: str) -> None:
    assert indented(sent) == indented(*sent) == seen


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("<html> [1] ", "<html> [1] "),
        ("[1, oops, {\n", "[\n    1,\n    oops, {\n"),
        ("[1,]", "[\n    1,\n    ]"),
        ('{"a":1]  {"b":2}', '{\n    "a": 1]  {"b":2}'),
        ("[01]", "[\n    01]"),
        ("[1 2]", "[\n    1 2]"),
        ('{"a" 1}', '{\n    "a" 1}'),
        ("{1:2}", "{\n    1:2}"),
        ("] 1", "] 1"),
        ("1.2.3  x", "1.2.3  x"),
    ],
)
def test_output_is_plain_text_after_a_syntax_error(sent: str, seen: str) -> None:
    assert indented(sent) == indented(*sent) == seen


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ('{"a": [1, 2', '{\n    "a": [\n        1,\n        2'),
        ('{"a": "b c', '{\n    "a": "b c'),
        ('{"a": "b\\', '{\n    "a": "b\\'),
        ('{"a"', '{\n    "a"'),
        ('{"a":', '{\n    "a": '),
        ("[tru", "[\n    tru"),
        ("[", "["),
    ],
)
def test_truncated_json_is_shown_as_far_as_received(sent: str, seen: str) -> None:
    assert indented(sent) == seen


def test_keys_strings_numbers_and_words_have_different_colours() -> None:
    text = '{"k": ["s", -1.5, null]}'
    assert formatted(COLOURED, text) == (
        '{\x1b[94m"k"\x1b[0m: [\x1b[33m"s"\x1b[0m, \x1b[34m-1.5\x1b[0m, \x1b[34mnull\x1b[0m]}'
    )


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ('"\\u4f60\\u597d"', '"你好"'),
        ('"\\ud83d\\ude00"', '"😀"'),
        ('"\\u001b[31m\\u0000\\u009b"', '"\\u001b[31m\\u0000\\u009b"'),
        ('"\\u202e\\u200b\\u00a0"', '"\\u202e\\u200b\\u00a0"'),
        ('"\\u0022\\u005c"', '"\\u0022\\u005c"'),
        ('"\\ud83d x \\ude00"', '"\\ud83d x \\ude00"'),
        ('"\\\\u4f60"', '"\\\\u4f60"'),
        ('"\\\\\\u4f60"', '"\\\\你"'),
        ('"\\u4f6', '"\\u4f6'),
        ('{"\\u00e9":1}', '{\n    "é": 1\n}'),
    ],
)
def test_printable_escapes_are_decoded_on_a_terminal(sent: str, seen: str) -> None:
    assert SGR.sub("", formatted(SHOWN, sent)) == seen
    assert SGR.sub("", formatted(SHOWN, *sent)) == seen


def test_escapes_are_unchanged_in_a_pipe() -> None:
    assert formatted(BOTH, '["\\u4f60"]') == '[\n    \x1b[33m"\\u4f60"\x1b[0m\n]'


def test_record_separator_in_a_string_is_escaped() -> None:
    assert SGR.sub("", formatted(SHOWN, '\x1e["a\x1eb"]')) == '[\n    "a\\x1eb"\n]'


class TestOptions:
    @pytest.mark.parametrize("indent", [0, 1, 2, 64])
    def test_indent_option_sets_the_indent(self, indent: int) -> None:
        value = {"a": [1, {"b": []}], "c": {}}
        display = INDENTED._replace(format_options=FormatOptions(json_indent=indent))
        assert formatted(display, json.dumps(value)) == json.dumps(value, indent=indent)

    def test_unformatted_json_can_be_coloured(self) -> None:
        display = BOTH._replace(format_options=FormatOptions(json_format=False))
        assert formatted(display, '{"a": 1 }') == '{\x1b[94m"a"\x1b[0m: \x1b[34m1\x1b[0m }'

    def test_json_without_formatting_and_colours_is_unchanged(self) -> None:
        display = SHOWN._replace(colours=Colours.NONE)
        display = display._replace(format_options=FormatOptions(json_format=False))
        assert formatted(display, '[ "\\u4f60" ]') == '[ "\\u4f60" ]'

    @pytest.mark.parametrize("display", [SHOWN, SHOWN._replace(format=False)])
    def test_unescape_off_keeps_escapes(self, display: Display) -> None:
        display = display._replace(format_options=FormatOptions(json_unescape=False))
        assert '"\\u4f60"' in formatted(display, '["\\u4f60"]')

    def test_unescape_off_still_escapes_a_record_separator(self) -> None:
        display = SHOWN._replace(format_options=FormatOptions(json_unescape=False))
        assert SGR.sub("", formatted(display, '\x1e["a\x1eb"]')) == '[\n    "a\\x1eb"\n]'
