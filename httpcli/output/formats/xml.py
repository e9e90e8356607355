"""Where XML may be given other white space: between the tags of elements that hold no text.

A document is gone through once by one expression, in which nothing is tried
twice, and expat judges whether it is well-formed: its own reports of what it
met take five times as long, and a report for each line of text. Nothing is ever
fetched, and a document with declarations that could make it larger than it is
(entities, default attributes) is not looked into.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from typing import Final
from xml.parsers import expat

from httpcli.core.formatting import FormatOptions
from httpcli.core.interfaces import Notify
from httpcli.core.plan import Display
from httpcli.protocol.media_types import MediaType

MOST_OPEN: Final = 100_000
"""Elements in one another; for each of them expat takes a quarter of a kilobyte."""

_QUOTED: Final = """(?:"[^"]*+"|'[^']*+')"""
_NEXT = re.compile(
    "<(?:"
    r"(?P<close>/[^>]*+>)"
    # A tag; with its end where it is empty, or holds nothing but text.
    rf"|[^!?/\"'<>][^\"'<>]*+(?:{_QUOTED}[^\"'<>]*+)*+"
    r"(?:(?<=/)>|>[^<]*+</[^>]*+>|(?P<open>>))"
    r"|(?P<cdata>!\[CDATA\[.*?\]\]>)"
    r"|(?P<aside>!--.*?-->|\?.*?\?>"
    rf"|!DOCTYPE(?:[^\[\"'>]++|{_QUOTED})*+"
    rf"(?:\[(?:[^]\"'<]++|{_QUOTED}|<(?:!--.*?-->|\?.*?\?>)?)*+\]\s*+)?>)"
    r"|(?P<wrong>))",
    re.DOTALL,
)
_CLOSE, _OPEN, _CDATA, _ASIDE, _WRONG = range(1, 6)

_ENLARGING = re.compile(r"<!(?:ENTITY|ATTLIST)")
_WHITE: Final = " \t\r\n"  # XML's own; str.isspace knows many more
_MARK: Final = "\ufeff"
_SPACE_COUNTS = re.compile(
    # An element says so, or is of HTML, where it stands between words.
    r"""xml:space\s*=\s*["'](?!default["'])"""
    r"""|xmlns\s*=\s*["']http://www\.w3\.org/1999/xhtml["']"""
)


def gaps(text: str) -> array[int] | None:
    """Return where a document's white space may be remade, or None for nowhere.

    Each gap is three numbers: start, end, and how many elements it is in. In
    their order and apart; a gap may be empty. None: not well-formed, over
    ``MOST_OPEN`` deep, or with declarations that enlarge it.
    """
    if _ENLARGING.search(text):
        return None
    marked = len(text) - len(text.removeprefix(_MARK))
    found = _Search(text, marked).run()
    # Only now, because it is known how much expat has to remember.
    return found if found is not None and _is_well_formed(text[marked:]) else None


def _is_well_formed(text: str) -> bool:
    """Ask expat; bytes that could not be decoded are taken for question marks."""
    # It is told the charset because the one that the document names was undone.
    parser = expat.ParserCreate("utf-8")
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError:
        return False
    return True


class _Search:
    """Goes through one document from ``start`` on.

    A gap counts until its element turns out to be one that keeps its white
    space: because there is text in it, or no other element.
    """

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._found = array("I")  # four bytes: enough for any text that is held
        self._last = start
        """The end of the last tag, comment or instruction."""
        self._marks: list[int] = []
        """For each open element, how much was found before its content."""
        self._parents: list[bool] = [False]
        """For the document and each open element, whether there is an element in it."""
        self._kept = 0
        """How many elements were open when the outermost one began that stays as it is; or 0."""

    def run(self) -> array[int] | None:
        """Return the gaps; None where no document is like this."""
        text = self._text
        for match in _NEXT.finditer(text):
            start, end = match.span()
            if start > self._last and not self._kept and text[self._last : start].strip(_WHITE):
                self._keep()
            kind = match.lastindex
            if kind is None:
                self._gap(start)
                self._parents[-1] = True
            elif not self._take(kind, start, end):
                return None
            self._last = end
        del self._found[:3]  # what stands before the first of all is no gap
        return None if self._marks else self._found

    def _take(self, kind: int, start: int, end: int) -> bool:
        """Take what is no whole element; tell whether this can be a document."""
        if kind == _OPEN:
            self._gap(start)
            return self._open(start, end)
        if kind == _CLOSE:
            return self._close(start)
        if kind == _ASIDE:
            self._gap(start)
        elif not self._kept:
            self._keep()
        return kind != _WRONG

    def _open(self, start: int, end: int) -> bool:
        """Take the tag of an element that begins; tell whether it is not too deep."""
        self._parents[-1] = True
        self._marks.append(len(self._found))
        self._parents.append(False)
        if not self._kept:
            tag = self._text[start:end]
            if "xml" in tag and _SPACE_COUNTS.search(tag):
                self._keep()
        return len(self._marks) <= MOST_OPEN

    def _close(self, start: int) -> bool:
        """Take the tag of an element that ends; tell whether there was one."""
        if not self._marks:
            return False
        mark = self._marks.pop()
        parent = self._parents.pop()
        if self._kept:
            if self._kept > len(self._marks):
                self._kept = 0
        elif parent:
            self._gap(start)
        else:
            del self._found[mark:]
        return True

    def _gap(self, start: int) -> None:
        """Note that there may be white space before what starts here."""
        if not self._kept:
            self._found.extend((self._last, start, len(self._marks)))

    def _keep(self) -> None:
        """Leave the innermost open element as it is."""
        if self._marks:
            del self._found[self._marks[-1] :]
            self._kept = len(self._marks)


# XML, indented: of a whole document the white space between tags, and nothing else.
#
# Where an element holds text, a reference or a CDATA section, it stays as it was sent with all
# that is in it; so do elements that hold no element (their white space may be what they say),
# that ask for it (``xml:space``), and those of HTML. What is not well-formed, or was cut short,
# stays as it came.


MOST_INDENTED: Final = 32 << 20
"""Characters."""

DEEPEST: Final = 100
"""Elements; those that are deeper stay on that indentation."""


def indenter(display: Display, _media: MediaType, tell: Notify) -> XmlIndent | None:
    """Return what indents XML, or None where that is not wanted or would hold it back."""
    formatting = display.format_options or FormatOptions()
    if display.stream or not formatting.xml_format:
        return None
    return XmlIndent(formatting.xml_indent, tell)


class XmlIndent:
    """Indents a document once it is there (a ``Format``); holds 32 Mi characters at most."""

    def __init__(self, indent: int, tell: Notify) -> None:
        self._breaks = ["\n" + " " * (indent * depth) for depth in range(DEEPEST + 1)]
        self._tell = tell
        self._held: list[str] = []
        self._room = MOST_INDENTED
        self._passes = False

    def feed(self, text: str) -> Iterator[str]:
        """Hold the text; give it once there is too much."""
        if not self._passes:
            self._held.append(text)
            self._room -= len(text)
            if self._room >= 0:
                return
            self._passes = True
            self._tell("the XML is longer than 32 MiB: it is not indented")
            text = self._release()
        yield text

    def pause(self) -> Iterator[str]:
        """Give nothing: how a document begins depends on how it ends (``--stream`` does not)."""
        return iter(())

    def flush(self) -> Iterator[str]:
        """Give what was held, indented where it is XML."""
        text = self._release()
        places = gaps(text)
        done = 0
        if places is not None:
            breaks = self._breaks
            numbers = iter(places)
            for start, end, depth in zip(numbers, numbers, numbers, strict=True):
                yield f"{text[done:start]}{breaks[min(depth, DEEPEST)]}"
                done = end
        if done < len(text):
            yield text[done:]

    def _release(self) -> str:
        """Give back what was held."""
        text = "".join(self._held)
        self._held.clear()
        return text
