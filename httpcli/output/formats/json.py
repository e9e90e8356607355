"""Formats JSON as it arrives: indented, coloured or both, in one pass without loss.

Only white space and colours change. Literals, keys and their order do not, nor do escapes,
except on a terminal (``Unescape``). From the first character on that is not JSON, or deeper
than ``JSON_DEPTH``, text is written unchanged.

A regular expression splits each piece of text into values with runs of punctuation between
them, and the loop runs once for each value. Between two pieces only an
unfinished number or word is held.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from httpcli.core.format_options import JSON_DEPTH, FormatOptions
from httpcli.core.interfaces import Notify
from httpcli.core.json_prefix import json_prefix
from httpcli.core.plan import Display
from httpcli.output.formats.json_grammar import (
    AFTER_VALUE,
    CONTENT,
    SEPARATOR,
    START,
    UNQUOTED,
    Container,
    Grammar,
    string_end,
)
from httpcli.output.theme import RESET, palette
from httpcli.protocol.media_types import MediaType

# A string that is cut is a value too: its end is searched for in the next piece.
_VALUE = re.compile(rf'("{CONTENT}(?:"|\\?\Z)|{UNQUOTED})', re.DOTALL)
_SCALAR: Final = "+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_MAX_SCALAR: Final = 1 << 20
"""Characters of a number or word that are held."""
_SLICE: Final = 1 << 14
"""Characters formatted at once: limits the output that deep indentation adds to them."""

_PREFIX, _BETWEEN, _STRING, _PLAIN = range(4)
"""Where the next piece begins: before the JSON, between values or in a held number or word, in
a string, or after the JSON, in text that is written unchanged."""


def formatter(display: Display, media: MediaType, notify: Notify) -> JsonFormat | None:
    """Return the format that indents JSON, colours it, or both. None if it would do neither."""
    formatting = display.format_options or FormatOptions()
    indented = display.format and formatting.json_format
    if not (indented or display.colours):
        return None
    indent = " " * formatting.json_indent if indented else None
    return JsonFormat(display, indent=indent, by_lines=media.is_json_lines, notify=notify)


class JsonFormat:
    """Formats one JSON document, several, or a sequence with separators (a ``Format``).

    ``indent`` begins a line, once for each open container; None keeps white space
    unchanged. ``by_lines``: each line is a document. ``notify`` gets a notice if the JSON is too
    deep.
    """

    def __init__(
        self,
        display: Display,
        *,
        indent: str | None,
        by_lines: bool = False,
        notify: Notify | None = None,
    ) -> None:
        self._grammar = Grammar(
            indent=indent,
            palette=palette(display.style, display.colours, light=display.light_background),
            colour_end=RESET if display.colours else "",
            separates=not display.guard_terminal,
            by_lines=by_lines,
        )
        self._position = Container("", None).position(START)
        self._state = _PREFIX
        self._escaped = False
        """Whether the next piece begins with an escaped character, in a string."""
        self._held: list[str] = []
        """A prefix, number or word that may continue in the next piece."""
        self._held_length = 0
        self._guarded = display.guard_terminal
        self._notify = notify
        unescapes = (
            display.guard_terminal and (display.format_options or FormatOptions()).json_unescape
        )
        self._unescape = Unescape() if unescapes else None

    @property
    def gave_up(self) -> bool:
        """Whether the text turned out not to be JSON, or to be too deep."""
        return self._state == _PLAIN

    def feed(self, text: str) -> Iterator[str]:
        """Take the next piece; yield all of it except an unfinished number or word."""
        if self._unescape is not None:
            text = self._unescape.feed(text)
        for start in range(0, len(text), _SLICE):
            yield self._guard(self._take(text[start : start + _SLICE]))

    def pause(self) -> Iterator[str]:
        """Yield nothing: only a number or word is held, which may continue."""
        return iter(())

    def flush(self) -> Iterator[str]:
        """Yield held text, and end the colour. The text is complete or was cut short."""
        text = self._unescape.flush() if self._unescape is not None else ""
        written = [self._take(text)] if text else []
        held = self._release()
        if self._state == _PREFIX:
            held = self._skip_prefix(held, json_prefix(held) or "", written)
        if held:
            written.append(self._split(held))
        written.append(self._grammar.colour_end(self._position))
        self._position = Container("", None).position(AFTER_VALUE)
        yield self._guard("".join(written))

    def _guard(self, text: str) -> str:
        """Escape the one control character that the terminal guard leaves to this format."""
        if self._guarded and SEPARATOR in text:
            return text.replace(SEPARATOR, "\\x1e")
        return text

    def _take(self, text: str) -> str:
        """Return the output for this text."""
        written: list[str] = []
        if self._state == _PREFIX:
            text = self._release() + text
            prefix = json_prefix(text, last=False)
            if prefix is None:
                self._hold(text)
                return ""
            text = self._skip_prefix(text, prefix, written)
        if self._state == _PLAIN:
            return "".join((*written, text))
        if self._state == _STRING:
            end = self._string(text, 1 if self._escaped else 0)
            written.append(text[:end])
            text = text[end:]
        if text:
            written.append(self._between(text))
        return "".join(written)

    def _skip_prefix(self, text: str, prefix: str, written: list[str]) -> str:
        """Write the prefix; return the text after it."""
        self._state = _BETWEEN
        has_line = prefix.strip("\ufeff") and text.startswith(("\n", "\r\n"), len(prefix))
        if has_line or prefix.endswith((",", "'")):
            # Keep the line end after it: clients remove such a prefix by removing a line.
            self._position = self._position.container.position(AFTER_VALUE)
        written.append(prefix)
        return text[len(prefix) :]

    def _between(self, text: str) -> str:
        """Take text that begins between values, or in a held number or word."""
        if self._held:
            length = len(text) - len(text.lstrip(_SCALAR))
            if self._held_length + length > _MAX_SCALAR:
                return self._give_up(self._release() + text)
        complete = text.rstrip(_SCALAR)
        if not complete:
            self._hold(text)
            return ""
        written = self._split(self._release() + complete)
        tail = text[len(complete) :]
        if tail and self._state == _BETWEEN:
            self._hold(tail)
        elif tail:
            # In a string, all of it is content: it has no quote.
            self._escaped = False
            written += tail
        return written

    def _split(self, text: str) -> str:
        """Write text that does not end in an unfinished number or word: the loop over values."""
        pieces = _VALUE.split(text)
        written: list[str] = []
        position, transition = self._position, self._grammar.transition
        for between, value in zip(pieces[::2], pieces[1::2], strict=False):
            step = position.transitions.get(between) or transition(position, between)
            if step is None or (colour := step.colours.get(value[0])) is None:
                break
            written.append(f"{step.output}{colour}{value}")
            position = step.position
        self._position = position
        done = len(written) * 2
        rest = "".join(pieces[done:])
        if rest:
            output, valid, self._position = self._grammar.walk(position, rest)
            written.append(output)
            if valid < len(rest):
                written.append(self._give_up(rest[valid:]))
        elif done and pieces[done - 1][0] == '"':
            self._string(pieces[done - 1], 1)
        return "".join(written)

    def _string(self, text: str, start: int = 0) -> int:
        """Search for the end of a string from ``start`` on; return it, or the text's end."""
        end, self._escaped = string_end(text, start)
        self._state = _BETWEEN if end else _STRING
        return end or len(text)

    def _give_up(self, text: str) -> str:
        """Write text that cannot be formatted, and the rest unchanged."""
        if self._notify is not None and self._grammar.is_too_deep(self._position, text):
            self._notify(
                f"the JSON is more than {JSON_DEPTH} levels deep: the rest is not formatted"
            )
        space = self._grammar.space_before_plain_text(self._position)
        written = self._grammar.colour_end(self._position) + space + text
        self._position = Container("", None).position(START)
        self._state = _PLAIN
        return written

    def _hold(self, text: str) -> None:
        """Keep the beginning of a number or word."""
        self._held.append(text)
        self._held_length += len(text)

    def _release(self) -> str:
        """Return the kept text."""
        held = "".join(self._held)
        self._held.clear()
        self._held_length = 0
        return held


_HEX = "[0-9a-fA-F]"
_HIGH = rf"u[dD][89abAB]{_HEX}{{2}}"
_LOW = rf"u[dD][c-fC-F]{_HEX}{{2}}"
_ESCAPE = re.compile(
    # An escape that may continue in the next piece comes before the complete ones. All
    # other escapes are taken in one match, with the text between them.
    rf"\\(?:(?P<cut>(?:{_HIGH}(?:\\(?:u{_HEX}{{0,3}})?)?|u{_HEX}{{0,3}})?\Z)"
    rf"|(?P<pair>{_HIGH}\\{_LOW})"
    rf"|(?P<one>u{_HEX}{{4}})"
    r"|u|[^u][^\\]*+(?:\\[^u][^\\]*+)*+)"
)


class Unescape:
    r"""Decodes JSON's ``\uXXXX`` escapes of printable characters, for a terminal.

    Escapes of control characters, quotes, backslashes, invisible characters and unpaired
    surrogates are not changed. Holds at most eleven characters, of an escape that is cut.
    """

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """Return the decoded text, without an escape that is cut."""
        if self._held:
            text, self._held = self._held + text, ""
        return _ESCAPE.sub(self._decode, text) if "\\" in text else text

    def flush(self) -> str:
        """Return held text unchanged."""
        held, self._held = self._held, ""
        return held

    def _decode(self, match: re.Match[str]) -> str:
        escape = match[0]
        if match["cut"] is not None:
            self._held = escape
            return ""
        if match["pair"]:
            high, low = int(escape[2:6], 16), int(escape[8:], 16)
            decoded = chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
        elif match["one"]:
            decoded = chr(int(match["one"][1:], 16))
        else:
            return escape
        return decoded if decoded.isprintable() and decoded not in '"\\' else escape
