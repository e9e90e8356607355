"""Fuzzes the JSON output: ``python -m tests.fuzz.json_output [CORPUS]``.

Coverage-guided; runs until it is stopped (or ``-max_total_time=600``). It needs the
separate package atheris. A failing input ends the run and is written to a file;
``python -m tests.fuzz.json_output FILE`` runs it again. Then add a named test for it
to ``tests/output``.

The first bytes choose the display options and the piece lengths; the rest is the body.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from typing import Any

import atheris

with atheris.instrument_imports(include=["httpcli.output"]):
    from httpcli.core.format_options import FormatOptions
    from httpcli.core.headers import Field, Fields
    from httpcli.core.json_prefix import json_prefix
    from httpcli.core.plan import Colours, Display
    from httpcli.output.body import BodyFormatter
    from httpcli.output.formats import json_sort  # noqa: F401
    from httpcli.output.formats.json_grammar import WHITE_SPACE

SGR = re.compile(rb"\x1b\[[0-9;:]*m")
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"?|[^\s\x1e]', re.DOTALL)
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# Declare the charset: a guess would depend on how many bytes have arrived.
TYPES = ("application/json", "application/x-ndjson", "application/json-seq", "a/b+json")
WIDE = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")


def render(display: Display, media: str, pieces: list[bytes]) -> bytes:
    """Return the output for a body that arrives in these pieces."""
    whole = BodyFormatter(
        display, Fields([Field("Content-Type", f"{media}; charset=utf-8")]), print, received=True
    )
    written = [out for piece in pieces for out in whole.feed(piece)]
    return b"".join([*written, *whole.flush()])


def read(text: bytes) -> Any:
    """Parse JSON so that literals, order and duplicate keys can be compared; None if invalid."""
    try:
        return json.loads(
            text.decode("utf-8", "surrogateescape"),
            object_pairs_hook=tuple,
            parse_float=str,
            parse_int=str,
            parse_constant=str,
        )
    except (ValueError, RecursionError):
        return None


def in_order(value: Any) -> Any:
    """Sort the pairs of objects, as ``read`` gives them."""
    if isinstance(value, list):
        return [in_order(each) for each in value]
    if isinstance(value, tuple):
        return tuple(sorted(((k, in_order(v)) for k, v in value), key=lambda pair: pair[0]))
    return value


def display_options(choices: atheris.FuzzedDataProvider) -> Display:
    """Return display options chosen by the fuzzer."""
    formatting = FormatOptions(
        json_format=choices.ConsumeIntInRange(0, 7) > 0,
        json_indent=choices.ConsumeIntInRange(0, 4),
        json_sort_keys=choices.ConsumeBool(),
        json_unescape=choices.ConsumeBool(),
    )
    return Display(
        format=choices.ConsumeBool(),
        colours=Colours.SIXTEEN if choices.ConsumeBool() else Colours.NONE,
        guard_terminal=choices.ConsumeBool(),
        format_options=formatting,
        stream=choices.ConsumeIntInRange(0, 7) == 0,
    )


def pieces_of(choices: atheris.FuzzedDataProvider, data: bytes) -> list[bytes]:
    """Return the body in pieces of lengths chosen by the fuzzer."""
    pieces = []
    while data:
        size = choices.ConsumeIntInRange(1, 12)
        pieces.append(data[:size])
        data = data[size:]
    return pieces


def check_one(data: bytes) -> None:
    """Format one body in two ways and assert the properties that must hold."""
    choices = atheris.FuzzedDataProvider(data[:16])
    content = data[16:]
    media = TYPES[choices.ConsumeIntInRange(0, len(TYPES) - 1)]
    display = display_options(choices)
    wide = content.startswith(WIDE) or b"\0" in content[:4]
    if wide or (display.guard_terminal and b"\0" in content):
        return  # detected as UTF-16, UTF-32 or binary
    pieces = pieces_of(choices, content)
    seen = render(display, media, pieces)
    assert render(display, media, [content] if content else []) == seen, (
        "output depends on how the body is split"
    )
    if display.guard_terminal:
        assert not CONTROL.search(SGR.sub(b"", seen).decode()), (
            "a control character reaches the terminal"
        )
        return
    seen, sent = SGR.sub(b"", seen), SGR.sub(b"", content)
    assert Counter(TOKEN.findall(seen)) == Counter(TOKEN.findall(sent)), "tokens are lost"
    sorts = (
        display.format_options is not None
        and display.format_options.json_sort_keys
        and not display.stream
    )
    if not sorts:
        assert TOKEN.findall(seen) == TOKEN.findall(sent), "order is lost"
    if sent != content:
        return  # the body itself contains colours, which were removed
    value = read(content)
    if value is not None and display.format and display.format_options:
        expected = in_order(value) if sorts and display.format_options.json_format else value
        assert read(seen) == expected, "the value changes"
    if display.format and not json_prefix(
        content.decode("utf-8", "replace").lstrip(WHITE_SPACE), last=True
    ):
        again = render(display._replace(colours=Colours.NONE), media, [seen] if seen else [])
        assert again == seen, "formatting twice changes the output"


def main() -> None:
    """Fuzz until the time is over or an assertion fails."""
    atheris.Setup(sys.argv, check_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
