"""Indents XML: changes the white space between tags of a complete document, and no other text.

Elements with text, references or CDATA sections are not changed, nor are their contents. The
same applies to elements without child elements (their white space may be their value),
elements with ``xml:space``, and HTML. A document that is cut short or not well-formed is not
changed.

One regular expression scans the document, without backtracking, and expat decides whether it
is well-formed: formatting by the events of expat would take five times as long. Nothing is
ever fetched. A document with declarations that could enlarge it (entities, default attributes) is
not parsed.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from typing import Final
from xml.parsers import expat

from httpcli.core.format_options import FormatOptions
from httpcli.core.interfaces import Notify
from httpcli.core.plan import Display
from httpcli.protocol.media_types import MediaType

MAX_DEPTH: Final = 100_000
"""Depth of elements: expat needs a quarter of a kilobyte for each level."""

_QUOTED: Final = """(?:"[^"]*+"|'[^']*+')"""
_NEXT = re.compile(
    "<(?:"
    r"(?P<close>/[^>]*+>)"
    # A tag; together with its end tag if it contains only text.
    rf"|[^!?/\"'<>][^\"'<>]*+(?:{_QUOTED}[^\"'<>]*+)*+"
    r"(?:(?<=/)>|>[^<]*+</[^>]*+>|(?P<open>>))"
    r"|(?P<cdata>!\[CDATA\[.*?\]\]>)"
    r"|(?P<other>!--.*?-->|\?.*?\?>"
    rf"|!DOCTYPE(?:[^\[\"'>]++|{_QUOTED})*+"
    rf"(?:\[(?:[^]\"'<]++|{_QUOTED}|<(?:!--.*?-->|\?.*?\?>)?)*+\]\s*+)?>)"
    r"|(?P<wrong>))",
    re.DOTALL,
)
_CLOSE, _OPEN, _CDATA, _OTHER, _WRONG = range(1, 6)

_ENLARGING = re.compile(r"<!(?:ENTITY|ATTLIST)")
_WHITE: Final = " \t\r\n"  # XML's definition; str.isspace accepts more
_BYTE_ORDER_MARK: Final = "\ufeff"
_SPACE_COUNTS = re.compile(
    # An element that requests it, or HTML, where white space separates words.
    r"""xml:space\s*=\s*["'](?!default["'])"""
    r"""|xmlns\s*=\s*["']http://www\.w3\.org/1999/xhtml["']"""
)

MAX_LENGTH: Final = 32 << 20
"""Characters of a document that are held to indent it."""

MAX_INDENT: Final = 100
"""Levels of indentation. Deeper elements are indented as much."""


def indenter(display: Display, _media: MediaType, notify: Notify) -> XmlIndent | None:
    """Return the format that indents XML. None if that is turned off, or no text may be held."""
    formatting = display.format_options or FormatOptions()
    if display.stream or not formatting.xml_format:
        return None
    return XmlIndent(formatting.xml_indent, notify)


class XmlIndent:
    """Indents a document once it is complete (a ``Format``). Holds at most ``MAX_LENGTH``."""

    def __init__(self, indent: int, notify: Notify) -> None:
        self._breaks = ["\n" + " " * (indent * depth) for depth in range(MAX_INDENT + 1)]
        self._notify = notify
        self._held: list[str] = []
        self._remaining = MAX_LENGTH
        self._too_long = False

    def feed(self, text: str) -> Iterator[str]:
        """Hold the text; yield it unchanged if it is too long."""
        if not self._too_long:
            self._held.append(text)
            self._remaining -= len(text)
            if self._remaining >= 0:
                return
            self._too_long = True
            self._notify("the XML is larger than 32 MiB: it is not indented")
            text = self._release()
        yield text

    def pause(self) -> Iterator[str]:
        """Yield nothing: only a complete document can be indented."""
        return iter(())

    def flush(self) -> Iterator[str]:
        """Yield the held text, indented if it is well-formed."""
        text = self._release()
        positions = find_gaps(text)
        done = 0
        if positions is not None:
            breaks = self._breaks
            numbers = iter(positions)
            for start, end, depth in zip(numbers, numbers, numbers, strict=True):
                yield f"{text[done:start]}{breaks[min(depth, MAX_INDENT)]}"
                done = end
        if done < len(text):
            yield text[done:]

    def _release(self) -> str:
        """Return the held text."""
        text = "".join(self._held)
        self._held.clear()
        return text


def find_gaps(text: str) -> array[int] | None:
    """Return the gaps: where the white space of a document may be changed.

    Each gap is three numbers: start, end, and its depth. They are in order and do not touch; a
    gap may be empty. None if the text must stay unchanged: it is not well-formed, more than
    ``MAX_DEPTH`` deep, or has declarations that could enlarge it.
    """
    if _ENLARGING.search(text):
        return None
    start = len(text) - len(text.removeprefix(_BYTE_ORDER_MARK))
    result = _GapSearch(text, start).run()
    # Last, because then the depth of expat's stack is known to be limited.
    return result if result is not None and _is_well_formed(text[start:]) else None


def _is_well_formed(text: str) -> bool:
    """Return whether expat accepts the text, with question marks for undecodable bytes."""
    # The text is encoded again, so the charset that the document declares does not apply.
    parser = expat.ParserCreate("utf-8")
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError:
        return False
    return True


class _GapSearch:
    """Searches one document from ``start`` on.

    The gaps of an element are removed at the first sign that its white space must be kept: it
    contains text or no other element.
    """

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._gaps = array("I")  # four bytes suffice: the text is limited
        self._last = start
        """The end of the last tag, comment or instruction."""
        self._starts: list[int] = []
        """For each open element, the length of ``_gaps`` before its content."""
        self._has_children: list[bool] = [False]
        """For the document and each open element, whether it contains an element."""
        self._unchanged_depth = 0
        """The depth of the outermost open element that is not changed, or 0."""

    def run(self) -> array[int] | None:
        """Return the gaps (empty for none); None if the text cannot be a document."""
        text = self._text
        for match in _NEXT.finditer(text):
            start, end = match.span()
            if (
                start > self._last
                and not self._unchanged_depth
                and text[self._last : start].strip(_WHITE)
            ):
                self._leave_unchanged()
            kind = match.lastindex
            if kind is None:
                self._gap(start)
                self._has_children[-1] = True
            elif not self._take(kind, start, end):
                return None
            self._last = end
        del self._gaps[:3]  # there is no gap before the first tag
        return None if self._starts else self._gaps

    def _take(self, kind: int, start: int, end: int) -> bool:
        """Take markup that is not a whole element; return whether it can be in a document."""
        if kind == _OPEN:
            self._gap(start)
            return self._open(start, end)
        if kind == _CLOSE:
            return self._close(start)
        if kind == _OTHER:
            self._gap(start)
        elif not self._unchanged_depth:
            self._leave_unchanged()
        return kind != _WRONG

    def _open(self, start: int, end: int) -> bool:
        """Take a start tag; return whether it is not too deep."""
        self._has_children[-1] = True
        self._starts.append(len(self._gaps))
        self._has_children.append(False)
        if not self._unchanged_depth:
            tag = self._text[start:end]
            if "xml" in tag and _SPACE_COUNTS.search(tag):
                self._leave_unchanged()
        return len(self._starts) <= MAX_DEPTH

    def _close(self, start: int) -> bool:
        """Take an end tag; return whether an element was open."""
        if not self._starts:
            return False
        start_of_gaps = self._starts.pop()
        has_children = self._has_children.pop()
        if self._unchanged_depth:
            if self._unchanged_depth > len(self._starts):
                self._unchanged_depth = 0
        elif has_children:
            self._gap(start)
        else:
            del self._gaps[start_of_gaps:]
        return True

    def _gap(self, start: int) -> None:
        """Record that white space may be changed before ``start``."""
        if not self._unchanged_depth:
            self._gaps.extend((self._last, start, len(self._starts)))

    def _leave_unchanged(self) -> None:
        """Leave the innermost open element unchanged."""
        if self._starts:
            del self._gaps[self._starts[-1] :]
            self._unchanged_depth = len(self._starts)
