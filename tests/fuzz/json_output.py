"""Looks for JSON that the output does not stand: ``python -m tests.fuzz.json_output [CORPUS]``.

Guided by coverage, for as long as it may run (``-max_total_time=600``); needs
atheris (a package of its own) beside what the program needs. A finding ends it
and is written to a file; ``python -m tests.fuzz.json_output FILE`` runs that again.
It belongs into ``tests/output`` then, under a name.

The first bytes choose what is shown and where the body is cut, the rest is the body.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from typing import Any

import atheris

with atheris.instrument_imports(include=["httpcli.output"]):
    from httpcli.core.formatting import Formatting
    from httpcli.core.headers import Field, Fields
    from httpcli.core.plan import Colours, Display
    from httpcli.output.body import Body
    from httpcli.output.formats import json_sort  # noqa: F401
    from httpcli.output.formats.json_grammar import WHITE, prefix_of

SGR = re.compile(rb"\x1b\[[0-9;:]*m")
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"?|[^\s\x1e]', re.DOTALL)
LIVE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# Which charset untold bytes are taken for depends on how many of them are at hand.
TYPES = ("application/json", "application/x-ndjson", "application/json-seq", "a/b+json")
WIDE = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")


def shown(display: Display, media: str, pieces: list[bytes]) -> bytes:
    """Return what is made of a body that comes in these pieces."""
    whole = Body(
        display, Fields([Field("Content-Type", f"{media}; charset=utf-8")]), print, received=True
    )
    written = [out for piece in pieces for out in whole.feed(piece)]
    return b"".join([*written, *whole.flush()])


def read(text: bytes) -> Any:
    """Read JSON so that literals, order and duplicate keys can be compared; None: it is none."""
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


def chosen(choices: atheris.FuzzedDataProvider) -> Display:
    """Return something to show."""
    formatting = Formatting(
        json_format=choices.ConsumeIntInRange(0, 7) > 0,
        json_indent=choices.ConsumeIntInRange(0, 4),
        json_sort_keys=choices.ConsumeBool(),
        json_unescape=choices.ConsumeBool(),
    )
    return Display(
        format=choices.ConsumeBool(),
        colours=Colours.SIXTEEN if choices.ConsumeBool() else Colours.NONE,
        guard=choices.ConsumeBool(),
        formatting=formatting,
        stream=choices.ConsumeIntInRange(0, 7) == 0,
    )


def pieces_of(choices: atheris.FuzzedDataProvider, data: bytes) -> list[bytes]:
    """Return the body in pieces of chosen lengths."""
    pieces = []
    while data:
        size = choices.ConsumeIntInRange(1, 12)
        pieces.append(data[:size])
        data = data[size:]
    return pieces


def look(data: bytes) -> None:
    """Format one body, in two ways, and see that what must hold does."""
    choices = atheris.FuzzedDataProvider(data[:16])
    content = data[16:]
    media = TYPES[choices.ConsumeIntInRange(0, len(TYPES) - 1)]
    display = chosen(choices)
    wide = content.startswith(WIDE) or b"\0" in content[:4]
    if wide or (display.guard and b"\0" in content):
        return  # by their beginning these are not in UTF-8, or no text
    pieces = pieces_of(choices, content)
    seen = shown(display, media, pieces)
    assert shown(display, media, [content] if content else []) == seen, "cuts make a difference"
    if display.guard:
        assert not LIVE.search(SGR.sub(b"", seen).decode()), "a terminal is driven"
        return
    seen, sent = SGR.sub(b"", seen), SGR.sub(b"", content)
    assert Counter(TOKEN.findall(seen)) == Counter(TOKEN.findall(sent)), "tokens are lost"
    sorts = (
        display.formatting is not None and display.formatting.json_sort_keys and not display.stream
    )
    if not sorts:
        assert TOKEN.findall(seen) == TOKEN.findall(sent), "order is lost"
    if sent != content:
        return  # without its own colours it is another text
    value = read(content)
    if value is not None and display.format and display.formatting:
        expected = in_order(value) if sorts and display.formatting.json_format else value
        assert read(seen) == expected, "it reads otherwise"
    if display.format and not prefix_of(
        content.decode("utf-8", "replace").lstrip(WHITE), last=True
    ):
        again = shown(display._replace(colours=Colours.NONE), media, [seen] if seen else [])
        assert again == seen, "what is formatted is formatted otherwise"


def main() -> None:
    """Look until time is over or something is found."""
    atheris.Setup(sys.argv, look)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
