"""Streamed JSON: shown as it arrives, in constant memory, byte for byte."""

from __future__ import annotations

import subprocess
import sys
from time import process_time

import pytest

from httpcli.core.plan import Display
from httpcli.output.body import BodyFormatter
from tests.output.exchanges import body, fields
from tests.output.json_texts import BOTH, INDENTED, SORTED
from tests.support.environment import ROOT

JSON = "application/json"
RECORD = b'{"id": 17, "name": "\xe4\xbd\xa0 x", "tags": ["a", "b"], "at": {"x": 1.50, "y": null}}'


def started_body(display: Display) -> BodyFormatter:
    return BodyFormatter(display, fields(f"Content-Type: {JSON}"), print, received=True)


class TestFirstPiece:
    def test_is_shown_at_once(self) -> None:
        piece = b"[" + b", ".join([RECORD] * 820)
        assert 60_000 < len(piece) < 70_000
        shown = started_body(BOTH)
        start = process_time()
        first = b"".join(shown.feed(piece))
        assert process_time() - start < 3  # CPU seconds; usually 0.01
        assert first.startswith(b'[\n    {\n        \x1b[94m"id"\x1b[0m: \x1b[34m17\x1b[0m,\n')
        assert first.count(b'"id"') == 820

    @pytest.mark.parametrize("piece", [b'{"a":', b'{"a"', b'[\n{"a":[1,', b'{"a":1}\n{"b'])
    def test_is_not_buffered_however_short(self, piece: bytes) -> None:
        assert b'"a' in b"".join(started_body(BOTH).feed(piece))

    def test_is_shown_unsorted_with_stream(self) -> None:
        display = SORTED._replace(stream=True)
        assert b"".join(started_body(display).feed(b'{"b":1,"a"')) == b'{\n    "b": 1,\n    "a"'


class TestBytes:
    @pytest.mark.parametrize("display", [INDENTED, SORTED])
    @pytest.mark.parametrize(
        ("sent", "seen"),
        [
            (b'{"a\xff":"\xfe\x80"}', b'{\n    "a\xff": "\xfe\x80"\n}'),
            (b'["\xed\xa0\x80"]', b'[\n    "\xed\xa0\x80"\n]'),
            (b'["\xf0\x9f"]', b'[\n    "\xf0\x9f"\n]'),
            (b'["\xf0\x9f', b'[\n    "\xf0\x9f'),
            (b"[1]\xff", b"[\n    1\n]\xff"),
            (b'\xef\xbb\xbf["\xc3\xa9"]', b'\xef\xbb\xbf[\n    "\xc3\xa9"\n]'),
            (b')]}\',\n["\xff"]', b')]}\',\n[\n    "\xff"\n]'),
            (b'"\xff"\n1\n', b'"\xff"\n1'),
        ],
    )
    def test_are_unchanged_in_a_pipe(self, display: Display, sent: bytes, seen: bytes) -> None:
        pieces = [sent[i : i + 1] for i in range(len(sent))]
        assert body(display, sent, media=JSON) == body(display, *pieces, media=JSON) == seen

    def test_in_another_charset_are_sorted_in_that_charset(self) -> None:
        sent = '{"é":1,"a":2}'.encode("utf-16")
        assert body(SORTED, sent, media=JSON).decode("utf-16") == '{\n    "a": 2,\n    "é": 1\n}'


CHILD = """
import resource, sys
from tests.output.test_json_streams import RECORD, started_body
from httpcli.core.format_options import FormatOptions
from httpcli.core.plan import Colours, Display

display = Display(
    format=True,
    colours=Colours.SIXTEEN,
    guard_terminal="guard" in sys.argv,
    format_options=FormatOptions(json_sort_keys="sort" in sys.argv),
)
shown, size, total = started_body(display), 0, int(sys.argv[1]) * 1_000_000
lines = "sort" in sys.argv
record = RECORD + (b"\\n" if lines else b", ")
piece = record * (65536 // len(record))
if not lines:
    size += sum(map(len, shown.feed(b"[")))
for _ in range(total // len(piece)):
    size += sum(map(len, shown.feed(piece)))
size += sum(map(len, shown.flush()))
assert size > total
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("megabytes", "options"), [(200, []), (60, ["guard"]), (20, ["sort"])])
def test_memory_does_not_grow_with_the_body_size(megabytes: int, options: list[str]) -> None:
    def peak(megabytes: int) -> int:
        """Return the peak memory of a process, in KiB."""
        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(megabytes), *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=True,
        )
        return int(done.stdout)

    assert abs(peak(megabytes) - peak(megabytes // 10)) < 4096


@pytest.mark.parametrize("subtype", ["x-ndjson", "jsonl", "x-jsonlines", "x-json-stream"])
def test_json_line_ends_before_the_next_line_arrives(subtype: str) -> None:
    sent = fields(f"Content-Type: application/{subtype}")
    for display in (INDENTED, BOTH):
        shown = BodyFormatter(display, sent, print, received=True)
        assert b"".join(shown.feed(b'{"a":[]}\n')).endswith(b"\n}\n")
        assert b"".join(shown.feed(b"\r\n[]\n")) == b"[]\n"
        assert b"".join(shown.feed(b"17\n")).endswith(b"\n")
        assert b"".join(shown.feed(b"[] {}\n")) == b"[]\n{}\n"
        assert b"".join(shown.flush()) == b""
