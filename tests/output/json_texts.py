"""Valid and invalid JSON to format, and helpers that format it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from hypothesis import strategies as st

from httpcli.core.format_options import FormatOptions
from httpcli.core.interfaces import Format, Notify
from httpcli.core.plan import Colours, Display
from httpcli.output.formats.registry import choose
from httpcli.protocol.media_types import parse_media_type

INDENTED = Display(format=True)
COLOURED = Display(colours=Colours.SIXTEEN)
BOTH = Display(format=True, colours=Colours.SIXTEEN)
SHOWN = BOTH._replace(guard_terminal=True, to_terminal=True)
SORTING = FormatOptions(json_sort_keys=True)
SORTED = INDENTED._replace(format_options=SORTING)
EVERY = [
    INDENTED,
    COLOURED,
    BOTH,
    SHOWN,
    SORTED,
    SHOWN._replace(format_options=SORTING._replace(json_unescape=False)),
    BOTH._replace(format_options=SORTING._replace(json_indent=0)),
    SHOWN._replace(format_options=FormatOptions(json_format=False)),
]

SGR = re.compile("\x1b\\[[0-9;]*m")
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[^\s\x1e]', re.DOTALL)
"""A string, or any other character that is not white space."""

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
_STRINGS = st.sampled_from(
    ['"a"', '"b"', '"\\u0061"', '"\\u00e9"', '"é"', '"\\ud83d\\ude00"', '"\uffff"', '"}"', '""']
)
_SCALARS = st.sampled_from(["1.10", "1e400", "-0", "9" * 40, "true", "null", "NaN", "-Infinity"])
_SPACES = st.sampled_from(["", "", " ", "\r\n\t"])
WRITTEN = st.recursive(
    _STRINGS
    | st.sampled_from(["1.10", "1e400", "-0", "9" * 40, "true", "null", "NaN", "-Infinity"]),
    lambda inner: (
        st.builds("[{}{}]".format, _SPACES, st.lists(inner).map(" , ".join))
        | st.lists(st.builds("{}{}:{}".format, _STRINGS, _SPACES, inner)).map(
            lambda members: "{" + ",".join(members) + "}"
        )
    ),
    max_leaves=25,
)
"""Valid JSON that no library writes, for example with duplicate keys."""

_FRAGMENTS = (
    *'{}[]:,"\\ \n\tu0e-.+1x\x1e',
    *("true", "nul", '"a"', "12", "\\ud83d", "\\ude00", "\u4f60", "\udcff", "\x1b[31m"),
    *('{"b":1,"a":2}', '"b":', '"a":[', ")]}'", "\ufeff"),
)
BROKEN = st.lists(st.sampled_from(_FRAGMENTS), max_size=25).map("".join)

_VALID = TEXTS | WRITTEN
_CUT = st.builds(lambda text, share: text[: int(len(text) * share)], _VALID, st.floats(0, 1))
ANY = _VALID | BROKEN | _CUT | st.lists(_VALID | BROKEN, max_size=4).map("\n".join)


def formatted(display: Display, *pieces: str, notify: Notify = print) -> str:
    """Return the output of the JSON formats for a text that arrives in these pieces."""
    texts: Iterator[str] = iter(pieces)
    for format_ in choose(display, parse_media_type("application/json"), "", notify).formats:
        texts = _through(format_, texts)
    return "".join(texts)


def indented(*pieces: str) -> str:
    """Return a text indented, without colours or sorting."""
    return formatted(INDENTED, *pieces)


def in_order(*pieces: str) -> str:
    """Return a text with its keys sorted, without the white space that formatting adds."""
    return "".join(TOKEN.findall(formatted(SORTED, *pieces)))


def cut(text: str, size: int) -> list[str]:
    """Split a text into pieces of this size."""
    return [text[i : i + size] for i in range(0, len(text), size)]


def _through(format_: Format, texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from format_.feed(text)
    yield from format_.flush()
