"""Hostile JSON: very deep, very long, or with very many shapes."""

from __future__ import annotations

import json
import sys
import tracemalloc
from time import process_time

import pytest

from httpcli.core.format_options import JSON_DEPTH, FormatOptions
from httpcli.core.plan import Colours, Display
from httpcli.output.formats.json import JsonFormat
from httpcli.output.formats.json_grammar import (
    COLON,
    START,
    VALUE,
    Container,
    Grammar,
)
from httpcli.output.theme import palette
from tests.output.json_texts import (
    BOTH,
    INDENTED,
    SGR,
    SORTED,
    TOKEN,
    cut,
    formatted,
    in_order,
    indented,
)

pytestmark = pytest.mark.wide

DEEP = 100_000


def nested(depth: int) -> list[str]:
    """Return texts of this depth; the last one is cut short and deeper."""
    return [
        "[" * depth + "]" * depth,
        '{"a":' * depth + "1" + "}" * depth,
        '[1,{"b" : ' * (depth // 2) + "null" + ',"a":"x"} , 2]' * (depth // 2),
        '{"a":[{"b":' * (depth // 3) + "[" * depth,
    ]


def grammar() -> Grammar:
    return Grammar(indent="    ", palette=palette("auto", Colours.NONE), colour_end="")


class TestDepth:
    @pytest.mark.slow
    @pytest.mark.parametrize(
        "text", [*nested(JSON_DEPTH), *nested(DEEP)], ids=lambda text: text[:12]
    )
    @pytest.mark.parametrize("display", [INDENTED, BOTH, SORTED])
    def test_needs_no_recursion_little_output_and_little_time(
        self, text: str, display: Display
    ) -> None:
        assert sys.getrecursionlimit() < DEEP
        start = process_time()
        seen = formatted(display, text)
        assert process_time() - start < 10  # CPU seconds; usually one or two
        assert len(seen) < 8 * len(text) + 1_000_000
        if display is not SORTED:
            assert TOKEN.findall(SGR.sub("", seen)) == TOKEN.findall(text)

    def test_beyond_the_limit_is_written_on_one_line(self) -> None:
        text = "[" * 200 + '[{"a":[]},{}],0' + "]" * 200
        lines = indented(text).split("\n")
        assert lines[199:203] == [
            " " * 4 * 199 + "[",
            " " * 4 * 200 + '[{"a": []}, {}],',
            " " * 4 * 200 + "0",
            " " * 4 * 199 + "]",
        ]
        assert len(lines) == 402
        assert indented(*text) == indented(text)

    def test_limit_is_lower_with_a_wider_indent(self) -> None:
        display = INDENTED._replace(format_options=FormatOptions(json_indent=64))
        seen = formatted(display, "[" * 1000 + "]" * 1000)
        assert max(map(len, seen.split("\n"))) < 4000
        assert seen.count("\n") == 2 * 25

    def test_is_validated_at_any_depth(self) -> None:
        text = '{"a":[' * 5000
        for end in ("]]", "}", ",", "1 2", '"a":'):
            seen = indented(f"{text}{end} [ ")
            assert seen.endswith(" [ "), end
        assert not indented(f"{text}1]}} , [ ").endswith(" [ ")

    def test_closing_brackets_match_at_any_depth(self) -> None:
        kinds = [index % 3 == 0 for index in range(5000)]
        text = "".join('{"":' if each else "[" for each in kinds)
        text += "1" + "".join("}" if each else "]" for each in reversed(kinds))
        assert "".join(TOKEN.findall(indented(text))) == text
        assert json.loads(indented("[" * 900 + "1" + "]" * 900)) == json.loads(
            "[" * 900 + "1" + "]" * 900
        )

    @pytest.mark.parametrize("size", [1, 7, 1 << 20])
    @pytest.mark.parametrize("text", ["[{}]", '{"a":1} , [ ]'])
    def test_at_the_limit_is_formatted(self, text: str, size: int) -> None:
        depth = JSON_DEPTH - (2 if text == "[{}]" else 1)
        notices: list[str] = []
        sent = "[" * depth + text + "]" * depth
        seen = "".join(formatted(INDENTED, *cut(sent, size), notify=notices.append))
        assert "".join(TOKEN.findall(seen)) == "".join(TOKEN.findall(sent))
        assert seen.endswith("\n]")
        assert notices == []

    @pytest.mark.parametrize("size", [7, 1 << 20])
    @pytest.mark.parametrize("display", [INDENTED, BOTH])
    def test_beyond_the_limit_is_written_unchanged_with_one_notice(
        self, display: Display, size: int
    ) -> None:
        rest = '[{ "a" : 1 }] , 2' + "]" * JSON_DEPTH + " [ 1 ]"
        notices: list[str] = []
        text = "[" * JSON_DEPTH + rest
        seen = formatted(display, *cut(text, size), notify=notices.append)
        assert seen.startswith("[\n    [\n")
        assert seen.endswith(rest)
        assert notices == ["the JSON is more than 10000 levels deep: the rest is not formatted"]

    @pytest.mark.parametrize("end", ["}", ":", "x"])
    def test_invalid_text_at_the_limit_causes_no_notice(self, end: str) -> None:
        assert indented("[" * JSON_DEPTH + end + "[").endswith(f"{end}[")
        formatted(INDENTED, "[" * JSON_DEPTH + "1" + end + "[", notify=pytest.fail)

    @pytest.mark.parametrize("size", [7, 1 << 20])
    def test_keys_beyond_the_limit_keep_their_order(self, size: int) -> None:
        short, deep = '{"b":1,"a":2}', '{"b":1,"a":' + "[" * JSON_DEPTH + "]" * JSON_DEPTH + "}"
        notices: list[str] = []
        pieces = cut(f"{short}\n{deep}\n{short}", size)
        seen = "".join(TOKEN.findall(formatted(SORTED, *pieces, notify=notices.append)))
        assert seen == '{"a":2,"b":1}' + deep + short
        assert notices == [
            "the JSON is more than 10000 levels deep: keys are not sorted",
            "the JSON is more than 10000 levels deep: the rest is not formatted",
        ]

    @pytest.mark.slow
    def test_uses_little_memory(self) -> None:
        format_ = JsonFormat(INDENTED, indent="    ")
        tracemalloc.start()
        try:
            for _ in format_.feed("[" * JSON_DEPTH):
                pass
            held, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert held < 1000 * JSON_DEPTH
        assert peak < 1500 * JSON_DEPTH
        assert not format_.gave_up


class TestLength:
    def test_string_is_not_buffered(self) -> None:
        format_ = JsonFormat(INDENTED, indent="    ")
        assert "".join(format_.feed('["' + "a" * 5000)) == '[\n    "' + "a" * 5000
        assert "".join(format_.feed("b")) == "b"
        assert "".join([*format_.feed('", 1'), *format_.flush()]) == '",\n    1'

    @pytest.mark.parametrize("size", [1 << 20, (1 << 20) - 3, 777_777, 1 << 23])
    def test_number_over_a_mebibyte_turns_formatting_off(self, size: int) -> None:
        text = "[1," + "9" * ((1 << 20) + 1) + ",[2]]"
        assert indented(*cut(text, size)) == "[\n    1,\n    " + text[3:]

    def test_number_of_a_mebibyte_is_formatted(self) -> None:
        text = "[" + "9" * (1 << 20) + ",2]"
        assert indented(text) == "[\n    " + "9" * (1 << 20) + ",\n    2\n]"

    @pytest.mark.parametrize("size", [1 << 16, 1 << 23])
    def test_string_over_a_mebibyte_is_formatted(self, size: int) -> None:
        long = '"' + "a\\n" * (1 << 20) + '"'
        assert indented(*cut(f"[{long},{{{long}:1}}]", size)) == (
            f"[\n    {long},\n    {{\n        {long}: 1\n    }}\n]"
        )
        assert in_order(*cut(f'{{"b":1,{long}:1}}', size)) == f'{{{long}:1,"b":1}}'


class TestShapes:
    def test_cached_transitions_are_bounded(self) -> None:
        json_grammar = grammar()
        position = json_grammar.walk(Container("", None).position(START), "[")[2]
        position = position.container.position(VALUE)
        cached = set()
        for i in range(10_000):
            transition = json_grammar.transition(position, f"{' ' * (i % 200)},{' ' * (i // 200)}")
            assert transition is not None
            assert transition.output == ",\n    "
            cached.add(len(position.transitions))
        assert 100 < max(cached) < 5_000

    def test_cached_containers_are_bounded(self) -> None:
        json_grammar = grammar()
        top = Container("", None)
        for i in range(4_000):
            position = top.position(START)
            for kind in format(i, "012b").replace("1", "{").replace("0", "["):
                position = json_grammar.walk(position, kind)[2]
                if kind == "{":
                    position = position.container.position(COLON)
        assert 1_000 < containers(top) < 5_000


def containers(container: Container) -> int:
    return 1 + sum(containers(child) for child in container.children.values())
