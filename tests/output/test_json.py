from __future__ import annotations

import json
import re
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.model.plan import Colours, Show
from httpcli.output.formats.json import JsonFormat
from httpcli.output.formats.json_grammar import COLON, START, VALUE, Frame, Grammar
from httpcli.output.theme import palette
from httpcli.protocol.mediatypes import parse

INDENTED = Show(format=True)
COLOURED = Show(colours=Colours.SIXTEEN)
BOTH = Show(format=True, colours=Colours.SIXTEEN)
SHOWN = BOTH._replace(guard=True, terminal=True)
EVERY = [INDENTED, COLOURED, BOTH, SHOWN]

SGR = re.compile("\x1b\\[[0-9;]*m")
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[^\s\x1e]', re.DOTALL)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
TEXTS = st.builds(
    lambda value, indent, ascii_only: json.dumps(value, indent=indent, ensure_ascii=ascii_only),
    VALUES,
    st.sampled_from([None, 0, 2]),
    st.booleans(),
)
BROKEN = st.lists(
    st.sampled_from(
        [*'{}[]:,"\\ \n\tu0e-.+1x\x1e', "true", "nul", '"a"', "12", "\\ud83d", "\\ude00"]
    ),
    max_size=25,
).map("".join)


def formatted(show: Show, pieces: Iterable[str]) -> str:
    format_ = JsonFormat(show, parse("application/json"), print)
    return "".join([*(out for piece in pieces for out in format_.feed(piece)), *format_.flush()])


def indented(*pieces: str) -> str:
    return formatted(INDENTED, pieces)


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
def test_the_layout_is_httpies(sent: str, seen: str) -> None:
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
def test_a_literal_stays_as_it_was_sent(literal: str) -> None:
    assert indented(f"[{literal}]") == f"[\n    {literal}\n]"


def test_duplicate_keys_and_their_order_stay() -> None:
    assert indented('{"b":1,"a":2,"b":3}') == '{\n    "b": 1,\n    "a": 2,\n    "b": 3\n}'


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ('{"a":1}\n{"a":2}\n', '{\n    "a": 1\n}\n{\n    "a": 2\n}'),
        ("{}{}", "{}\n{}"),
        ('1\n"a"\ntrue\n', '1\n"a"\ntrue'),
        ("\x1e{}\n\x1e[1]\n", "{}\n[\n    1\n]"),
    ],
)
def test_several_texts_follow_one_another_on_lines(sent: str, seen: str) -> None:
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
def test_a_prefix_against_script_inclusion_stays(sent: str, seen: str) -> None:
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
def test_from_where_it_is_no_json_it_is_text(sent: str, seen: str) -> None:
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
def test_what_was_cut_short_is_shown_as_far_as_it_came(sent: str, seen: str) -> None:
    assert indented(sent) == seen


def test_colours_tell_keys_strings_numbers_and_words_apart() -> None:
    text = '{"k": ["s", -1.5, null]}'
    assert formatted(COLOURED, [text]) == (
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
def test_a_person_sees_what_printable_escapes_stand_for(sent: str, seen: str) -> None:
    assert SGR.sub("", formatted(SHOWN, [sent])) == seen
    assert SGR.sub("", formatted(SHOWN, sent)) == seen


def test_a_pipe_gets_escapes_as_they_are_written() -> None:
    assert formatted(BOTH, ['["\\u4f60"]']) == '[\n    \x1b[33m"\\u4f60"\x1b[0m\n]'


def test_a_separator_in_a_string_is_seen() -> None:
    assert SGR.sub("", formatted(SHOWN, ['\x1e["a\x1eb"]'])) == '[\n    "a\\x1eb"\n]'


@given(TEXTS | BROKEN, st.sampled_from(EVERY), st.integers(1, 9))
def test_cuts_make_no_difference(text: str, show: Show, size: int) -> None:
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    assert formatted(show, pieces) == formatted(show, [text])


@given(TEXTS | BROKEN, st.sampled_from([INDENTED, COLOURED, BOTH]))
def test_only_white_space_and_colour_change(text: str, show: Show) -> None:
    seen = SGR.sub("", formatted(show, [text]))
    assert TOKEN.findall(seen) == TOKEN.findall(text)


@given(TEXTS)
def test_colour_alone_keeps_white_space(text: str) -> None:
    assert SGR.sub("", formatted(COLOURED, [text])) == text


@given(st.recursive(st.integers(), lambda i: st.lists(i) | st.dictionaries(st.text(), i)))
def test_the_layout_is_that_of_the_standard_library(value: object) -> None:
    assert indented(json.dumps(value)) == json.dumps(value, indent=4)


class TestHostileText:
    def test_deep_nesting_ends_in_text(self) -> None:
        text = "[" * 100_000
        seen = indented(text)
        assert seen.count("[") == len(text)
        assert seen.endswith("[[[[")

    def test_a_long_string_is_not_held(self) -> None:
        format_ = JsonFormat(INDENTED, parse(""), print)
        assert "".join(format_.feed('["' + "a" * 5000)) == '[\n    "' + "a" * 5000
        assert "".join(format_.feed("b")) == "b"
        assert "".join([*format_.feed('", 1'), *format_.flush()]) == '",\n    1'

    @pytest.mark.parametrize("size", [1 << 20, (1 << 20) - 3, 777_777, 1 << 23])
    def test_a_number_over_a_mebibyte_passes_unformatted(self, size: int) -> None:
        text = "[1," + "9" * ((1 << 20) + 1) + ",[2]]"
        pieces = [text[i : i + size] for i in range(0, len(text), size)]
        assert indented(*pieces) == "[\n    1,\n    " + text[3:]

    def test_a_number_of_a_mebibyte_is_a_number(self) -> None:
        text = "[" + "9" * (1 << 20) + ",2]"
        assert indented(text) == "[\n    " + "9" * (1 << 20) + ",\n    2\n]"

    def test_what_is_remembered_is_bounded(self) -> None:
        grammar = Grammar(indented=True, palette=palette("auto", Colours.NONE), reset="")
        spot = Frame("", None).child("[").spot(VALUE)
        remembered = set()
        for i in range(20_000):
            run = grammar.run(spot, f"{' ' * (i % 200)},{' ' * (i // 200)}")
            assert run is not None
            assert run.lead == ",\n    "
            remembered.add(len(spot.runs))
        assert 100 < max(remembered) < 5_000

    def test_what_is_remembered_of_shapes_is_bounded(self) -> None:
        grammar = Grammar(indented=True, palette=palette("auto", Colours.NONE), reset="")
        top = Frame("", None)
        for i in range(4_000):
            spot = top.spot(START)
            for kind in format(i, "012b").replace("1", "{").replace("0", "["):
                spot = grammar.walk(spot, kind)[2]
                if kind == "{":
                    spot = spot.frame.spot(COLON)
        assert 1_000 < containers(top) < 5_000


def containers(frame: Frame) -> int:
    return 1 + sum(containers(child) for child in frame.children.values())
