"""Hostile JSON: very deep, very long, or with very many shapes."""

from __future__ import annotations

import json
import sys
import tracemalloc
from time import process_time

import pytest

from httpcli.core.formatting import FormatOptions
from httpcli.core.plan import Colours, Display
from httpcli.output.formats.json import JsonFormat
from httpcli.output.formats.json_grammar import (
    COLON,
    DEEPEST,
    OPENED,
    START,
    VALUE,
    DeepFrame,
    Grammar,
    OpenContainer,
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
NESTED = [
    "[" * DEEP + "]" * DEEP,
    '{"a":' * DEEP + "1" + "}" * DEEP,
    '[1,{"b" : ' * (DEEP // 2) + "null" + ',"a":"x"} , 2]' * (DEEP // 2),
    '{"a":[{"b":' * (DEEP // 3) + "[" * DEEP,
]


def grammar() -> Grammar:
    return Grammar(indent="    ", palette=palette("auto", Colours.NONE), reset="")


class TestDepth:
    @pytest.mark.slow
    @pytest.mark.parametrize("text", NESTED, ids=lambda text: text[:12])
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

    def test_has_a_limit(self) -> None:
        frame = DeepFrame("[", OpenContainer("", None), DEEPEST)
        assert grammar().walk(frame.spot(OPENED), "[")[1] == 0
        assert grammar().walk(frame.spot(OPENED), "]")[1] == 1

    @pytest.mark.slow
    def test_uses_little_memory(self) -> None:
        format_ = JsonFormat(INDENTED, indent="    ")
        tracemalloc.start()
        try:
            for _ in format_.feed("[" * 3 * DEEP):
                pass
            held, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert held < 5 * DEEP
        assert peak < 50 * DEEP
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
    def test_cached_runs_are_bounded(self) -> None:
        known = grammar()
        spot = OpenContainer("", None).child("[").spot(VALUE)
        cached = set()
        for i in range(10_000):
            run = known.run(spot, f"{' ' * (i % 200)},{' ' * (i // 200)}")
            assert run is not None
            assert run.lead == ",\n    "
            cached.add(len(spot.runs))
        assert 100 < max(cached) < 5_000

    def test_cached_frames_are_bounded(self) -> None:
        known = grammar()
        top = OpenContainer("", None)
        for i in range(4_000):
            spot = top.spot(START)
            for kind in format(i, "012b").replace("1", "{").replace("0", "["):
                spot = known.walk(spot, kind)[2]
                if kind == "{":
                    spot = spot.frame.spot(COLON)
        assert 1_000 < containers(top) < 5_000


def containers(frame: OpenContainer) -> int:
    return 1 + sum(containers(child) for child in frame.children.values())
