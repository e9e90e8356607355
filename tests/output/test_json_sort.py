from __future__ import annotations

import json
import random
import tracemalloc
from time import process_time

import pytest

from httpcli.core.format_options import FormatOptions
from httpcli.core.plan import Display
from httpcli.output.formats.json_sort import JsonSort, sort_keys
from tests.output.json_texts import (
    BOTH,
    COLOURED,
    INDENTED,
    SHOWN,
    SORTED,
    SORTING,
    cut,
    formatted,
    in_order,
)

pytestmark = pytest.mark.wide


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ('{"b":1,"a":2}', '{"a":2,"b":1}'),
        ('{"a":2,"b":1}', '{"a":2,"b":1}'),
        ('[{"b":1,"a":{"d":[3,{}],"c":{}}},9,1]', '[{"a":{"c":{},"d":[3,{}]},"b":1},9,1]'),
        ('{"b":[{"d":1,"c":0}],"a":0}', '{"a":0,"b":[{"c":0,"d":1}]}'),
        ('{"b":1,"a":2,"b":0,"a":1}', '{"a":2,"a":1,"b":1,"b":0}'),
        ('{"b":1.10,"a":1e400,"":-0}', '{"":-0,"a":1e400,"b":1.10}'),
        ('{"a":1,"B":2,"é":3,"_":4}', '{"B":2,"_":4,"a":1,"é":3}'),
        ('{"b":1,"\\u0061":2}', '{"\\u0061":2,"b":1}'),
        ('{"\\ud83d\\ude00":1,"\\uffff":2}', '{"\\uffff":2,"\\ud83d\\ude00":1}'),
        ('{"b\\n":1,"b\t":2,"b":3}', '{"b":3,"b\t":2,"b\\n":1}'),
        ('{"\\x":1,"\\uZ":2,"\\/":3}', '{"\\/":3,"\\uZ":2,"\\x":1}'),
        ('{"b":1,"\udcff":2,"a":3}', '{"a":3,"b":1,"\udcff":2}'),
        ('{"b":"}","a":"{\\"b\\":1,"}', '{"a":"{\\"b\\":1,","b":"}"}'),
        ("{}", "{}"),
        ("[ ]", "[]"),
    ],
)
def test_members_are_sorted_by_key_and_otherwise_unchanged(sent: str, seen: str) -> None:
    assert in_order(sent) == in_order(*sent) == seen


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        (")]}',\n" + '{"b":1,"a":2}', ')]}\',\n{\n    "a": 2,\n    "b": 1\n}'),
        (")]}'" + '{"b":1,"a":2}', ')]}\'\n{\n    "a": 2,\n    "b": 1\n}'),
        ('while(1);{"b":1,"a":2}', 'while(1);{\n    "a": 2,\n    "b": 1\n}'),
        ('\ufeff{"b":1,"a":2}', '\ufeff{\n    "a": 2,\n    "b": 1\n}'),
        ('{"b":1,"a":2}\n[]\n{}\n', '{\n    "a": 2,\n    "b": 1\n}\n[]\n{}'),
        (
            '\x1e{"b":1,"a":2}\n\x1e[]\n',
            '\x1e{\n    "a": 2,\n    "b": 1\n}\n\x1e[]',
        ),
        ('1\n"{]"\n{"b":1,"a":2}\ntrue', '1\n"{]"\n{\n    "a": 2,\n    "b": 1\n}\ntrue'),
        ('"\\"{', '"\\"{'),
        ("12", "12"),
        ("f", "f"),
        ("", ""),
    ],
)
def test_each_json_text_is_sorted_separately(sent: str, seen: str) -> None:
    assert formatted(SORTED, sent) == formatted(SORTED, *sent) == seen


@pytest.mark.parametrize(
    "sent",
    [
        'x{"b":1,"a":2}',
        'x {"b":1,"a":2}',
        'wx{"b":1,"a":2}',
        ')x{"b":1,"a":2}',
        '1{"b":1,"a":2}',
        '[]1 {"b":1,"a":2}',
        '] {"b":1,"a":2}',
        '[]] {"b":1,"a":2}',
        '{"b":1,"a":2,}',
        '{"b":1 "a":2}',
        '{"b":1,"a":2',
        '{"b":1,"a":[2}',
        '{"b":1,"a":[2}]',
        '{"b":1,"a":[2,]}',
        '{"b":1,"a":01}',
        '{"b":1,a:2}',
        '{"b":1,"a"}',
        '{"b":[]1,"a":2}',
        '[oops] {"b":1,"a":2}',
        '["a{ {"b":1,"a":2}',
    ],
)
def test_invalid_or_truncated_json_keeps_its_order(sent: str) -> None:
    assert formatted(SORTED, sent) == formatted(SORTED, *sent) == formatted(INDENTED, sent)


@pytest.mark.parametrize(
    "display",
    [
        INDENTED,
        COLOURED._replace(format_options=SORTING),
        SORTED._replace(stream=True),
        BOTH._replace(format_options=SORTING._replace(json_format=False)),
        SHOWN._replace(format_options=FormatOptions(json_sort_keys=False)),
    ],
)
def test_keys_are_not_sorted_by_default(display: Display) -> None:
    seen = formatted(display, '{"b":1,"a":2}')
    assert -1 < seen.index('"b"') < seen.index('"a"')


def test_sorted_text_is_written_when_it_is_complete() -> None:
    format_ = JsonSort(pytest.fail)
    assert "".join(format_.feed('  {"b":1,"a":')) == "  "
    assert "".join(format_.feed('2}\n{"b"')) == '{"a":2,"b":1}\n'
    assert "".join(format_.pause()) == ""
    assert "".join(format_.feed(":1")) == ""
    assert "".join(format_.flush()) == '{"b":1'


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_too_long_text_keeps_its_order(size: int) -> None:
    short, long = '{"b":1,"a":22222}', '{"b":1,"a":222222}'
    notes: list[str] = []
    format_ = JsonSort(notes.append, max_length=len(short))
    seen = "".join(
        out for piece in cut(short + long + short + long, size) for out in format_.feed(piece)
    )
    assert seen == '{"a":22222,"b":1}' + long + short + long
    assert len(notes) == 1


def test_length_limit_is_32_mebibytes() -> None:
    notes: list[str] = []
    text = '{"b":"' + "x" * (32 << 20) + '","a":1}'
    assert formatted(INDENTED, text) == formatted(SORTED, *cut(text, 1 << 20), notify=notes.append)
    assert notes == ["the JSON is larger than 32 MiB: keys are not sorted"]


def test_very_many_keys_are_sorted() -> None:
    keys = [f"{i % 99_991}" for i in range(0, 10**7, 47)]
    random.Random(1).shuffle(keys)
    text = "{" + ",".join(f'"{key}":{i}' for i, key in enumerate(keys)) + "}"
    pairs = json.loads("".join(sort_keys(text) or ""), object_pairs_hook=list)
    assert pairs == sorted(zip(keys, range(len(keys)), strict=True), key=lambda pair: pair[0])


@pytest.mark.slow
@pytest.mark.parametrize("member", ['"{}":0,', '"{}":{{"b":0,"a":0}},', '"{}":[{{}},{{}}],'])
def test_memory_is_a_small_multiple_of_the_text(member: str) -> None:
    text = "{" + "".join(member.format(i % 977) for i in range(150_000))[:-1] + "}"
    tracemalloc.start()
    try:
        for _ in sort_keys(text) or pytest.fail("no JSON"):
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6 * len(text) + 20_000_000


@pytest.mark.slow
def test_deep_unsorted_objects_take_bounded_time() -> None:
    depth = 200_000
    text = '{"b":' * depth + "0" + ',"a":1}' * depth
    start = process_time()
    size = sum(map(len, sort_keys(text) or ()))
    assert size == len(text)
    assert process_time() - start < 20
