r"""The terminal guard: it decides which characters and sequences reach a terminal.

``terminal.streams`` passes everything that is written to a terminal through ``OutputGuard``,
whoever wrote it. Bodies pass through ``TerminalGuard`` before they are formatted, because a
format must not see what will be escaped.

Text, tabs and line ends pass, and the SGR sequences that colour text. Everything else is escaped
visibly, as ``\x1b`` or ``\u202e``: the characters of ``core.escaping.UNSAFE``, and sequences that
hide text, such as conceal, blink, reverse, or a foreground like the background. A joiner or
variation selector passes after a character that it can change: scripts and emoji need them.

The terminal's own default colours are not known, so black text on a black default background
passes. Parameters with colons do not pass, because terminals read them differently.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from httpcli.core.escaping import UNSAFE, escape_character
from httpcli.core.named_tuple import NamedTuple

UTF_8: Final = "utf-8"

BODY_STYLES: Final = frozenset({1, 22})
"""Attributes that a body may set besides colours: bold, and its end."""
OUR_STYLES: Final = BODY_STYLES | {3, 4, 23, 24}
"""Those of coloured output: italic and underlined as well."""

_RESET: Final = "\x1b[0m"
_SGR = re.compile(r"\x1b\[([0-9;]{0,64})m")
_INCOMPLETE = re.compile(r"(?:\r|\x1b(?:\[[0-9;]{0,64})?)\Z")
_MAX_INCOMPLETE: Final = 66
"""Characters of an incomplete sequence."""
_MAX_PARAMETERS: Final = 16
"""Parameters of a sequence. Some terminals ignore the rest, so its colours would be unknown."""

_PLAIN: Final = bytes((*b"\t\n", *range(0x20, 0x7F)))
_PLAIN_AND_ESC: Final = _PLAIN + b"\x1b"
_LEARNED_FROM: Final = 1 << 14
"""Characters of a text whose sequences are remembered."""
_MAX_KNOWN: Final = 12
"""Sequences that are counted: more would take as long as a search."""

# Sequences that cannot hide text while the background is the terminal's own.
_BYTE: Final = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]{{1,2}})"
_NO_BACKGROUND: Final = rf"0?{{styles}}|39|3[0-7]|9[0-7]|38;5;{_BYTE}|38;2(?:;{_BYTE}){{{{3}}}}"

_CONTROLS_BUT_ESC: Final = r"\x00-\x08\x0b-\x1a\x1c-\x1f\x7f"
_RANGE: Final = r"\\(?:x..|u.{4}|U.{8})(?:-\\(?:x..|u.{4}|U.{8}))?"
"""One range of a character class in ``UNSAFE``."""

# Characters that a joiner may follow: letters of scripts with joined or stacked forms, emoji.
_JOINED: Final = (
    r"\u0620-\u109f\u1780-\u17b3\u17b6-\u17ff\u1820-\u18aa\u1900-\u1cff\ua800-\uabff"
    r"\U00010a00-\U00011fff\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff\ufe0f"
)
# Characters that a variation selector may follow: emoji, symbols, Myanmar, ideographs.
_VARIED: Final = (
    r"0-9#*\xa9\xae\u1000-\u109f\u203c\u2049\u2100-\u2bff\u3000-\u30ff\u3297\u3299"
    r"\u3400-\u9fff\ua840-\ua87f\uf900-\ufaff\U0001f000-\U0001faff\U00020000-\U0003ffff"
)
_IDEOGRAPHS: Final = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_IN_CONTEXT: Final = (
    (_JOINED, r"\u200c\u200d"),
    (_VARIED, r"\ufe00-\ufe0f"),
    (_IDEOGRAPHS, r"\U000e0100-\U000e01ef"),
    (r"\u1820-\u18aa", r"\u180b-\u180d\u180f"),
    (r"\n\u2800-\u28ff", r"\u2800"),
    (r"\U00013000-\U0001343f", r"\U00013430-\U0001343f"),
)
"""Characters that pass after certain others, and elsewhere are escaped."""


@cache
def _passing_after() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    """Return expressions for ``_IN_CONTEXT``: the character, and the one before it."""
    return tuple(
        (re.compile(f"[{after}]"), re.compile(f"[{before}]")) for before, after in _IN_CONTEXT
    )


def _passes_after(character: str, previous: str) -> bool:
    """Return whether an invisible character can change the one before it."""
    return any(
        after.match(character) and before.match(previous) for after, before in _passing_after()
    )


# Each expression below begins with a class: a search for anything else is many times slower.


@cache
def _active(*, is_ascii: bool) -> re.Pattern[str]:
    """Return the expression for the characters that need a decision, except newlines."""
    return re.compile(f"[{_active_class(is_ascii=is_ascii)}]")


@cache
def _other_than_harmless(styles: frozenset[int], *, is_ascii: bool) -> re.Pattern[str]:
    """Return the same without the colours that are harmless while no background is set."""
    allowed = _NO_BACKGROUND.format(styles=f"(?:{'|'.join(map(str, sorted({0, *styles})))})")
    return re.compile(
        rf"[{_active_class(is_ascii=is_ascii)}]"
        # At most three colours have fewer than _MAX_PARAMETERS parameters.
        rf"(?!(?<=\x1b)\[(?:(?:{allowed})(?:;(?:{allowed})){{0,2}}+)?m)"
    )


@cache
def _active_but_esc() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return expressions for the characters that need a decision, except ESC.

    One for those up to U+FFFF, one for others: together they take six times as long.
    """
    classes = (_CONTROLS_BUT_ESC, *(characters for characters, _ in UNSAFE[1:]))
    ranges = [each for characters in classes for each in re.findall(_RANGE, characters)]
    low = "".join(each for each in ranges if not each.startswith(r"\U"))
    high = "".join(each for each in ranges if each.startswith(r"\U"))
    return re.compile(f"[{low}]"), re.compile(f"[{high}]")


def _active_class(*, is_ascii: bool) -> str:
    return "".join(characters for characters, _ in (UNSAFE[:1] if is_ascii else UNSAFE))


class TerminalGuard:
    """Makes text safe for a terminal (a ``Format``). Holds at most one incomplete sequence.

    CRLF becomes a newline, unless ``keeps_crlf``. ``styles``: SGR attributes that pass besides
    colours; None: no SGR sequence passes. ``keeps``: control characters that pass because the
    next format escapes them. ``drops_mark``: a byte order mark at the start is no text.
    """

    def __init__(
        self,
        *,
        styles: frozenset[int] | None = BODY_STYLES,
        keeps: str = "",
        drops_mark: bool = False,
        keeps_crlf: bool = False,
    ) -> None:
        self._colours = None if styles is None else ColourTracker(styles)
        self._keeps = keeps
        self._may_be_mark = drops_mark
        self._keeps_crlf = keeps_crlf
        self._known: tuple[str, ...] = ()
        """Harmless sequences of the text so far."""
        self._held = ""
        self._previous = "\n"
        """The last character of the text so far."""

    def feed(self, text: str) -> Iterator[str]:
        """Yield the safe text, without a sequence that may continue."""
        if self._may_be_mark and text:
            self._may_be_mark = False
            text = text.removeprefix("\ufeff")
        text = self._held + text
        incomplete = _INCOMPLETE.search(text, max(0, len(text) - _MAX_INCOMPLETE))
        cut = incomplete.start() if incomplete else len(text)
        self._held = text[cut:]
        if cut:
            text = text[:cut]
            yield self._guarded(text if self._keeps_crlf else text.replace("\r\n", "\n"))

    def pause(self) -> Iterator[str]:
        """Yield nothing: the sequence that is held may continue."""
        return iter(())

    def flush(self) -> Iterator[str]:
        """Yield held text, and reset colours."""
        held, self._held = self._held, ""
        if held:
            yield self._guarded(held)
        if self._colours is not None and self._colours.are_set:
            self._colours.reset()
            yield _RESET

    @property
    def holds_text(self) -> bool:
        """Whether the end of the text so far was not yielded yet."""
        return bool(self._held)

    def note_plain(self, last: str) -> None:
        """Take note that safe text that ends in ``last`` went to the same terminal."""
        self._previous = last

    def _guarded(self, text: str) -> str:
        """Return the safe text. What passes may depend on the character before it."""
        is_ascii = text.isascii()
        before = 0
        if not is_ascii:
            before = len(self._previous)
            text = self._previous + text
        self._previous = text[-1]
        if self._has_only_harmless_colours(text, before, is_ascii=is_ascii):
            return text[before:]
        pieces = []
        done = before
        for match in _active(is_ascii=is_ascii).finditer(text, before):
            start = match.start()
            pieces.append(text[done:start])
            character = match[0]
            sequence = _SGR.match(text, start) if character == "\x1b" else None
            is_line_end = self._keeps_crlf and text.startswith("\r\n", start)
            if is_line_end or self._passes(character, text[start - 1 : start], sequence):
                done = start
            else:
                pieces.append(escape_character(character))
                done = start + 1
        pieces.append(text[done:])
        return "".join(pieces)

    def _has_only_harmless_colours(self, text: str, start: int, *, is_ascii: bool) -> bool:
        """Return whether text needs no change. It is fast: coloured output is common."""
        colours = self._colours
        if colours is None or colours.has_background:
            return False
        if "\x1b" not in text:
            return not self._has_unsafe(text, start, is_ascii=is_ascii)
        if text.count("\x1b", start) != sum(text.count(each, start) for each in self._known):
            if _other_than_harmless(colours.styles, is_ascii=is_ascii).search(text, start):
                return False
            self._learn(text)
        elif self._has_unsafe(text, start, is_ascii=is_ascii):
            return False
        colours.follow(text, max(start, text.rfind(_RESET, start)))
        return True

    def _learn(self, text: str) -> None:
        """Remember the sequences of a text that has only harmless ones.

        Counting a few sequences is many times faster than a search for anything else.
        """
        found = {match[0] for match in _SGR.finditer(text[:_LEARNED_FROM])}
        if len(found) <= _MAX_KNOWN:
            self._known = tuple(found)

    @staticmethod
    def _has_unsafe(text: str, start: int, *, is_ascii: bool) -> bool:
        """Return whether there is an unsafe character, except ESC."""
        if is_ascii:
            return bool(text.encode("ascii").translate(None, _PLAIN_AND_ESC))
        low, high = _active_but_esc()
        if low.search(text, start):
            return True
        # The fastest way to see whether there is a character above U+FFFF.
        is_low = len(text.encode("utf-16-le", "surrogatepass")) == 2 * len(text)
        return not is_low and high.search(text, start) is not None

    def _passes(self, character: str, previous: str, sequence: re.Match[str] | None) -> bool:
        """Return whether a character passes; ``sequence``: the SGR sequence that it begins."""
        if sequence is not None:
            return self._colours is not None and self._colours.apply(sequence[1])
        return character in self._keeps or (
            not character.isascii() and _passes_after(character, previous)
        )


class ColourTracker:
    """The colours that a terminal has been set to.

    ``styles``: attributes that may be set besides colours.
    """

    def __init__(self, styles: frozenset[int]) -> None:
        self.styles = styles
        self.are_set = False
        """Whether anything has been set since the last reset."""
        self._state = _OWN

    @property
    def has_background(self) -> bool:
        """Whether the background is not the terminal's own."""
        return self._state.background is not None

    def reset(self) -> None:
        """Take note of a reset."""
        self.are_set = False
        self._state = _OWN

    def follow(self, text: str, start: int) -> None:
        """Take note of the sequences of a text, all of which pass."""
        for sequence in _SGR.finditer(text, start):
            self.apply(sequence[1])

    def apply(self, parameters: str) -> bool:
        """Take note of an SGR sequence; return False if it must not pass, without a change."""
        state = _state_after(self._state, parameters, self.styles)
        if state is None:
            return False
        self._state = state
        self.are_set = True
        return True


class _State(NamedTuple):
    """Colours of a terminal; None for its own."""

    foreground: Colour | None = None
    background: Colour | None = None
    is_bold: bool = False

    @property
    def hides_text(self) -> bool:
        """Whether the foreground and the background look alike."""
        foreground, background = self.foreground, self.background
        if foreground is None or background is None:
            return False
        if _are_alike(foreground, background):
            return True
        # Many terminals show bold text in the bright form of the first eight colours.
        return self.is_bold and any(
            foreground == _palette_colour(number)
            and _are_alike(_palette_colour(number + 8), background)
            for number in range(8)
        )


_OWN: Final = _State()


@lru_cache(maxsize=1024)
def _state_after(state: _State, parameters: str, styles: frozenset[int]) -> _State | None:
    """Return the state after an SGR sequence; None if it must not pass."""
    groups = parameters.split(";")
    if len(groups) > _MAX_PARAMETERS:
        return None
    following: _State | None = state
    while groups and following is not None:
        following = _after_next(following, groups, styles)
    return None if following is None or following.hides_text else following


def _after_next(state: _State, groups: list[str], styles: frozenset[int]) -> _State | None:
    """Remove the next parameter from the list; return the state after it."""
    number = int(groups.pop(0) or 0)
    match number:
        case 0:
            return _OWN
        case 38 | 39:
            colour = _take_extended_colour(groups) if number == 38 else None
            is_valid = number == 39 or colour is not None
            return state._replace(foreground=colour) if is_valid else None
        case 48 | 49:
            colour = _take_extended_colour(groups) if number == 48 else None
            is_valid = number == 49 or colour is not None
            return state._replace(background=colour) if is_valid else None
        case _ if number in styles:
            return state._replace(is_bold=number == 1 or (number != 22 and state.is_bold))
        case _ if 30 <= number <= 37 or 90 <= number <= 97:
            return state._replace(foreground=_palette_colour(number % 10 + 8 * (number >= 90)))
        case _ if 40 <= number <= 47 or 100 <= number <= 107:
            return state._replace(background=_palette_colour(number % 10 + 8 * (number >= 100)))
        case _:
            return None


Colour = tuple[int, int, int]
"""Red, green and blue, each from 0 to 255."""

_LEVELS = (0, 95, 135, 175, 215, 255)
"""Levels of red, green and blue in the colours 16 to 231 of a terminal with 256 colours."""
_MIN_DIFFERENCE: Final = 30
"""Colours are alike if they differ by less in red, in green and in blue."""


def rgb_of(number: int) -> Colour:
    """Return red, green and blue of one of the colours 16 to 255."""
    if number >= 232:
        grey = 8 + 10 * (number - 232)
        return grey, grey, grey
    number -= 16
    return _LEVELS[number // 36], _LEVELS[number // 6 % 6], _LEVELS[number % 6]


def _palette_colour(number: int) -> Colour:
    """Return one of 256 colours. The first sixteen are those of most terminals by default."""
    if number >= 16:
        return rgb_of(number)
    if number == 8:
        return 128, 128, 128
    level = 255 if number > 8 else 192 if number == 7 else 128
    return level * (number & 1), level * (number >> 1 & 1), level * (number >> 2 & 1)


def _are_alike(first: Colour, second: Colour) -> bool:
    return max(abs(a - b) for a, b in zip(first, second, strict=True)) < _MIN_DIFFERENCE


def _take_extended_colour(groups: list[str]) -> Colour | None:
    """Remove ``5;NUMBER`` or ``2;RED;GREEN;BLUE`` from the list; None if it is invalid."""
    count = {"5": 2, "2": 4}.get(groups[0].lstrip("0") if groups else "", 0)
    words, groups[:count] = groups[:count], []
    numbers = [int(word) if word else 0 for word in words]
    if not all(number <= 255 for number in numbers):
        return None
    match numbers:
        case [5, number]:
            return _palette_colour(number)
        case [2, red, green, blue]:
            return red, green, blue
        case _:
            return None


class OutputGuard:
    """Makes bytes safe for a terminal: UTF-8 is decoded, guarded, and encoded in ``charset``.

    Bytes that are not UTF-8 are escaped. At most one incomplete character and one incomplete
    sequence are held, until the next bytes or ``flush``.
    """

    def __init__(self, charset: str = UTF_8) -> None:
        self._charset = charset
        self._decoder = codecs.getincrementaldecoder(UTF_8)("surrogateescape")
        self._guard = TerminalGuard(styles=OUR_STYLES, keeps_crlf=True)
        self._is_pending = False
        """Whether bytes are held."""
        # In other charsets, bytes that look like 8-bit controls belong to a longer character.
        self._has_single_bytes = charset != UTF_8 and (
            len(bytes(range(256)).decode(charset, "replace")) == 256
        )

    def feed(self, data: bytes) -> bytes:
        """Return the safe bytes, without those that may continue."""
        if not self._is_pending and not data.translate(None, _PLAIN):
            if data:
                self._guard.note_plain(chr(data[-1]))
            return data
        text = self._decoder.decode(data)
        guarded = "".join(self._guard.feed(text))
        was_pending = self._is_pending
        self._is_pending = self._guard.holds_text or bool(self._decoder.getstate()[0])
        if guarded == text and self._charset == UTF_8 and not (was_pending or self._is_pending):
            return data
        return self._encode(guarded)

    def flush(self) -> bytes:
        """Return the held bytes, escaped; reset colours that are set."""
        text = self._decoder.decode(b"", True)
        self._is_pending = False
        return self._encode("".join((*self._guard.feed(text), *self._guard.flush())))

    def _encode(self, text: str) -> bytes:
        encoded = text.encode(self._charset, "backslashreplace")
        if not self._has_single_bytes or not encoded.translate(None, _NOT_8_BIT_CONTROLS):
            return encoded
        return b"".join(map(self._encode_character, text))

    def _encode_character(self, character: str) -> bytes:
        """Encode a character, or escape it if its byte may be an 8-bit control."""
        encoded = character.encode(self._charset, "backslashreplace")
        if encoded.translate(None, _NOT_8_BIT_CONTROLS):
            return escape_character(character).encode("ascii")
        return encoded


_NOT_8_BIT_CONTROLS: Final = bytes((*range(0x80), *range(0xA0, 0x100)))
