r"""Shows what JSON's ``\uXXXX`` escapes stand for, where that is safe to show.

Escapes of control characters, of quotes and backslashes, of invisible and
unpaired ones stay as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from httpcli.core.formatting import FormatOptions
from httpcli.core.interfaces import Notify
from httpcli.core.plan import Display
from httpcli.output.formats.json_grammar import (
    CONTENT,
    SEPARATOR,
    SPACED,
    START,
    UNQUOTED,
    Grammar,
    OpenContainer,
    prefix_of,
    string_end,
)
from httpcli.output.theme import RESET, palette
from httpcli.protocol.media_types import MediaType

_HEX = "[0-9a-fA-F]"
_HIGH = rf"u[dD][89abAB]{_HEX}{{2}}"
_LOW = rf"u[dD][c-fC-F]{_HEX}{{2}}"
_ESCAPE = re.compile(
    # An escape that may go on in the next piece comes before the whole ones;
    # other escapes are taken by the run, with the text between them.
    rf"\\(?:(?P<cut>(?:{_HIGH}(?:\\(?:u{_HEX}{{0,3}})?)?|u{_HEX}{{0,3}})?\Z)"
    rf"|(?P<pair>{_HIGH}\\{_LOW})"
    rf"|(?P<one>u{_HEX}{{4}})"
    r"|u|[^u][^\\]*+(?:\\[^u][^\\]*+)*+)"
)


class Unescape:
    """Decodes the escapes of JSON text, however it is cut; holds eleven characters at most."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """Return the text, decoded, less an escape that is cut."""
        if self._held:
            text, self._held = self._held + text, ""
        return _ESCAPE.sub(self._decode, text) if "\\" in text else text

    def flush(self) -> str:
        """Return what was held, as it is written."""
        held, self._held = self._held, ""
        return held

    def _decode(self, match: re.Match[str]) -> str:
        written = match[0]
        if match["cut"] is not None:
            self._held = written
            return ""
        if match["pair"]:
            high, low = int(written[2:6], 16), int(written[8:], 16)
            meant = chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
        elif match["one"]:
            meant = chr(int(match["one"][1:], 16))
        else:
            return written
        return meant if meant.isprintable() and meant not in '"\\' else written


# JSON as it arrives, indented or coloured or both, in one pass that loses nothing.
#
# Only white space and colour change: literals, escapes, keys and their order stay as they were
# sent, and from where the text is no JSON any more it is written as it is. A text is split
# once, by one expression, into values with runs of punctuation between them; the loop goes
# round once a value. Between two pieces no more is held than an unfinished number or word.


# A string that is cut is a value too: its end is looked for in the next piece.
_VALUE = re.compile(rf'("{CONTENT}(?:"|\\?\Z)|{UNQUOTED})', re.DOTALL)
_SCALAR: Final = "+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LONGEST_SCALAR: Final = 1 << 20
_SLICE: Final = 1 << 14
"""Characters taken at once: bounds what deep indentation can make of them."""

_AHEAD, _BETWEEN, _STRING, _REST = range(4)


def formatter(display: Display, media: MediaType, _tell: Notify) -> JsonFormat | None:
    """Return what indents and colours JSON, or either; None where it is to do neither."""
    formatting = display.format_options or FormatOptions()
    indented = display.format and formatting.json_format
    if not (indented or display.colours):
        return None
    indent = " " * formatting.json_indent if indented else None
    return JsonFormat(display, indent=indent, by_lines=media.is_json_lines)


class JsonFormat:
    """Formats one JSON text, several of them, or a sequence with separators (a ``Format``).

    ``indent`` is what a line begins with for each container around it; None
    leaves white space as it is. ``by_lines``: it is one text a line.
    """

    def __init__(self, display: Display, *, indent: str | None, by_lines: bool = False) -> None:
        reset = RESET if display.colours else ""
        colours = palette(display.style, display.colours, light=display.light_background)
        self._grammar = Grammar(
            indent=indent,
            palette=colours,
            reset=reset,
            separates=not display.guard_terminal,
            by_lines=by_lines,
        )
        self._spot = OpenContainer("", None).spot(START)
        self._state = _AHEAD
        self._escaped = False
        self._held: list[str] = []
        self._held_length = 0
        self._guarded = display.guard_terminal
        decoded = (
            display.guard_terminal and (display.format_options or FormatOptions()).json_unescape
        )
        self._unescape = Unescape() if decoded else None

    @property
    def gave_up(self) -> bool:
        """Whether the text is known to be no JSON."""
        return self._state == _REST

    def feed(self, text: str) -> Iterator[str]:
        """Take the next piece; give all but an unfinished number or word."""
        if self._unescape is not None:
            text = self._unescape.feed(text)
        for start in range(0, len(text), _SLICE):
            yield self._safe(self._take(text[start : start + _SLICE]))

    def pause(self) -> Iterator[str]:
        """Give nothing: a number may still go on, and nothing else is held."""
        return iter(())

    def flush(self) -> Iterator[str]:
        """The text has ended, or was cut short; give what was held, and end the colour."""
        text = self._unescape.flush() if self._unescape is not None else ""
        written = [self._take(text)] if text else []
        held = self._release()
        if self._state == _AHEAD:
            held = self._ahead(held, prefix_of(held, last=True) or "", written)
        if held:
            written.append(self._split(held))
        written.append(self._grammar.reset(self._spot))
        self._spot = OpenContainer("", None).spot(SPACED)
        yield self._safe("".join(written))

    def _safe(self, text: str) -> str:
        """Write out the one control character that the guard leaves to this format."""
        if self._guarded and SEPARATOR in text:
            return text.replace(SEPARATOR, "\\x1e")
        return text

    def _take(self, text: str) -> str:
        """Return what comes of this text in the present state."""
        written: list[str] = []
        if self._state == _AHEAD:
            text = self._release() + text
            prefix = prefix_of(text, last=False)
            if prefix is None:
                self._hold(text)
                return ""
            text = self._ahead(text, prefix, written)
        if self._state == _REST:
            return "".join((*written, text))
        if self._state == _STRING:
            end = self._string(text, 1 if self._escaped else 0)
            written.append(text[:end])
            text = text[end:]
        if text:
            written.append(self._between(text))
        return "".join(written)

    def _ahead(self, text: str, prefix: str, written: list[str]) -> str:
        """Write what stands before the JSON; return the rest."""
        self._state = _BETWEEN
        if prefix.endswith((",", "'")):
            # The line's end after it is what makes it harmless to those who strip lines.
            self._spot = self._spot.frame.spot(SPACED)
        written.append(prefix)
        return text[len(prefix) :]

    def _between(self, text: str) -> str:
        """Take text that begins between two characters of JSON, or in a held word."""
        if self._held:
            word = len(text) - len(text.lstrip(_SCALAR))
            if self._held_length + word > _LONGEST_SCALAR:
                return self._give_up(self._release() + text)
        whole = text.rstrip(_SCALAR)
        if not whole:
            self._hold(text)
            return ""
        written = self._split(self._release() + whole)
        tail = text[len(whole) :]
        if tail and self._state == _BETWEEN:
            self._hold(tail)
        elif tail:
            # In a string this is all content: there is no quote in it.
            self._escaped = False
            written += tail
        return written

    def _split(self, text: str) -> str:
        """Write text that ends in no number or word that may go on: the loop over values."""
        pieces = _VALUE.split(text)
        written: list[str] = []
        spot, run = self._spot, self._grammar.run
        for between, value in zip(pieces[::2], pieces[1::2], strict=False):
            found = spot.runs.get(between) or run(spot, between)
            if found is None or (start := found.starts.get(value[0])) is None:
                break
            written.append(f"{found.lead}{start}{value}")
            spot = found.after
        self._spot = spot
        done = len(written) * 2
        rest = "".join(pieces[done:])
        if rest:
            lead, valid, self._spot = self._grammar.walk(spot, rest)
            written.append(lead)
            if valid < len(rest):
                written.append(self._give_up(rest[valid:]))
        elif done and pieces[done - 1][0] == '"':
            self._string(pieces[done - 1], 1)
        return "".join(written)

    def _string(self, text: str, start: int = 0) -> int:
        """Look for a string's end from ``start`` on; return where it is, or the text's end."""
        end, self._escaped = string_end(text, start)
        self._state = _BETWEEN if end else _STRING
        return end or len(text)

    def _give_up(self, text: str) -> str:
        """Write what is no JSON, and take all that follows for text."""
        written = self._grammar.reset(self._spot) + self._grammar.before_rest(self._spot) + text
        self._spot = OpenContainer("", None).spot(START)
        self._state = _REST
        return written

    def _hold(self, text: str) -> None:
        """Keep the beginning of a number or word."""
        self._held.append(text)
        self._held_length += len(text)

    def _release(self) -> str:
        """Give back what was kept."""
        held = "".join(self._held)
        self._held.clear()
        self._held_length = 0
        return held
