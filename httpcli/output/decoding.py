"""Decodes bodies into text and encodes the formatted text, a piece at a time.

On a terminal, undecodable bytes become U+FFFD. In a pipe they pass through unchanged, if the
charset is UTF-8 or has one byte for each character. A body without a declared charset is
decoded as UTF-8; on a terminal the charset is guessed at the first byte that is not UTF-8.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from httpcli.protocol.declared_charsets import UTF_8, Charset

if TYPE_CHECKING:
    from charset_normalizer import CharsetMatch

_EVERY_BYTE = bytes(range(256))
SAMPLE: Final = 1 << 16
"""Maximum number of bytes that a charset is guessed from."""

WESTERN = "cp1252"
_LATIN = (WESTERN, "cp1250", "cp1254", "cp1257", "iso8859_2")
_OTHERS = (
    *("cp932", "gb18030", "cp1251", "euc_jp", "big5", "cp949"),
    *("cp1253", "cp1256", "cp1255", "cp874", "koi8_r", "cp866"),
)
"""The charsets of the web, the more common ones first. Python knows others, for example of
mainframes, that would be wrong guesses."""

_WORD = 3
"""Non-ASCII letters in a row that are rare in Latin script."""
_FEW = 8
"""Isolated non-ASCII letters that are enough for a guess."""
_LOWEST_TRAIL = 0x40
"""No byte below it ends a two-byte character."""

_MAX_CHAOS = 0.25
_SIMILAR_CHAOS = 0.12
"""Difference of charset-normalizer's ``chaos`` at which two charsets are equally likely.

For text with isolated non-ASCII letters.
"""
_SIMILAR_CHAOS_OF_WORDS = 0.01
"""The same for text with words of non-ASCII letters."""
_MIN_COHERENCE = 0.25
"""Similarity to a language below which it is ignored."""


class BodyCodec:
    """Decodes a body, and encodes the formatted text.

    ``for_terminal``: the text is encoded as UTF-8; else in the charset of the body.
    """

    def __init__(self, charset: Charset, *, for_terminal: bool) -> None:
        name = charset.superset if for_terminal else charset.name
        if not for_terminal and name != UTF_8 and _has_single_bytes(name):
            name = "latin-1"  # formats depend on ASCII alone, and this charset loses no byte
        errors = "surrogateescape" if name == UTF_8 and not for_terminal else "replace"
        guesses = for_terminal and not charset.is_stated
        self._decoder = (
            GuessingDecoder() if guesses else codecs.getincrementaldecoder(name)(errors)
        )
        self._encoder = codecs.getincrementalencoder(UTF_8 if for_terminal else name)(errors)

    def decode(self, data: bytes, *, last: bool = False) -> str:
        """Return the text of these bytes, except an incomplete character and held bytes."""
        return self._decoder.decode(data, last)

    def pause(self) -> str:
        """Return the text of bytes held to guess a charset: no data arrived for a while."""
        return self._decoder.decide() if isinstance(self._decoder, GuessingDecoder) else ""

    def encode(self, text: str, *, last: bool = False) -> bytes:
        """Return the bytes of this text."""
        return self._encoder.encode(text, last)


class GuessingDecoder:
    """Decodes UTF-8 until there is a byte that is not UTF-8, then guesses the charset.

    From the first non-ASCII byte in that piece on, data is held until there is enough of it
    to guess, or no more arrives for a while: at most ``SAMPLE`` bytes and a piece.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder(UTF_8)("strict")
        self._held: bytearray | None = None
        self._valid = 0
        """Continuation bytes of valid UTF-8 so far."""

    def decode(self, data: bytes, last: bool = False) -> str:
        """Return the text of these bytes, except held ones."""
        text = ""
        if self._held is not None:
            self._held += data
        else:
            try:
                text = self._decoder.decode(data, last)
            except UnicodeDecodeError as error:
                # Includes the bytes of an incomplete character that the decoder had kept.
                data = error.object
                end = _ascii_length(data)
                text = data[:end].decode("ascii")
                self._held = bytearray(data[end:])
            else:
                self._valid += 0 if text.isascii() else len(text.encode()) - len(text)
        if self._held is not None and (last or len(self._held) >= SAMPLE):
            text += self.decide(last=last)
        return text

    def decide(self, *, last: bool = False) -> str:
        """Guess the charset of the held bytes and return their text; empty if none are held."""
        if self._held is None:
            return ""
        held, self._held = bytes(self._held), None
        sample = held[:SAMPLE]
        charset = UTF_8 if _is_damaged_utf_8(sample, self._valid) else guess_charset(sample)
        self._decoder = codecs.getincrementaldecoder(charset)("replace")
        return self._decoder.decode(held, last)


def guess_charset(sample: bytes) -> str:
    """Return the name of the codec for a text, of which ``sample`` begins at a non-ASCII byte.

    charset-normalizer finds several charsets equally likely for short texts; then the most
    common one is taken. A few isolated non-ASCII letters are not enough for a guess: they are
    decoded as windows-1252, since Western text looks like that.
    """
    runs = re.findall(rb"[\x80-\xff]+", sample)
    in_words = sum(len(run) for run in runs if len(run) >= _WORD)
    letters = sum(map(len, runs))
    isolated = in_words * 2 < letters
    if isolated and letters < _FEW:
        return WESTERN
    candidates = [match for part in _parts(sample) for match in _candidates(part)]
    least = min((match.chaos for match in candidates), default=0.0)
    tolerance = _SIMILAR_CHAOS if isolated else _SIMILAR_CHAOS_OF_WORDS
    plausible = [match for match in candidates if match.chaos <= least + tolerance]
    best = max((match.coherence for match in plausible), default=0.0)
    if best < _MIN_COHERENCE:
        best = 0.0
    likely = {
        name
        for match in plausible
        if match.coherence >= best
        for name in match.could_be_from_charset
    }
    order = (*_LATIN, *_OTHERS) if isolated else (*_OTHERS, *_LATIN)
    return next((name for name in order if name in likely), WESTERN)


def _candidates(sample: bytes) -> Iterable[CharsetMatch]:
    """Return the charsets that charset-normalizer finds possible."""
    from charset_normalizer import from_bytes

    return from_bytes(sample, cp_isolation=[*_LATIN, *_OTHERS], threshold=_MAX_CHAOS)


def _parts(sample: bytes) -> tuple[bytes, ...]:
    """Return the sample, and if its last character may be cut, also the sample without it."""
    return (sample,) if sample[-1] < _LOWEST_TRAIL else (sample, sample[:-1])


def _has_single_bytes(name: str) -> bool:
    """Return whether the charset extends ASCII and has one byte for each character."""
    try:
        is_ascii = _EVERY_BYTE[:128].decode(name).encode() == _EVERY_BYTE[:128]
    except UnicodeDecodeError:
        return False
    return is_ascii and len(_EVERY_BYTE.decode(name, "replace")) == len(_EVERY_BYTE)


def _ascii_length(data: bytes) -> int:
    """Return the index of the first byte that is not ASCII."""
    try:
        data.decode("ascii")
    except UnicodeDecodeError as error:
        return error.start
    return len(data)


def _is_damaged_utf_8(sample: bytes, valid: int) -> bool:
    """Return whether this is UTF-8 with some bytes lost: most characters are complete.

    ``valid``: as ``GuessingDecoder._valid``, for the text before the sample.
    """
    text = sample.decode(UTF_8, "replace")
    wrong = text.count("\ufffd")
    non_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return valid + non_ascii - wrong >= wrong
