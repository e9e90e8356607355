"""Guesses the charset of text that is no UTF-8 and does not say what it is.

The one door to charset-normalizer. It is asked about the charsets of the web
only: of all that Python knows it would find the ones of mainframes too. Where
it finds several as likely, as it does for short texts, the more usual one is
taken. Few and lone letters beyond ASCII are too little for it: that is how
Western text looks, and Western text is read as windows-1252.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from charset_normalizer import CharsetMatch, from_bytes

WESTERN = "cp1252"
_LATIN = (WESTERN, "cp1250", "cp1254", "cp1257", "iso8859_2")
_OTHERS = (
    *("cp932", "gb18030", "cp1251", "euc_jp", "big5", "cp949"),
    *("cp1253", "cp1256", "cp1255", "cp874", "koi8_r", "cp866"),
)

_BEYOND = re.compile(rb"[\x80-\xff]+")
_WORD = 3
"""Letters beyond ASCII in a row that Latin script hardly has."""
_FEW = 8
_LOWEST_TRAIL = 0x40
"""No byte below it ends a character of two bytes."""

_MOST_MESS = 0.25
_ALIKE = 0.12
_WORDS_ALIKE = 0.01
"""Of mess, below which two charsets are as likely: for lone letters, and for words of them."""
_LEAST_LANGUAGE = 0.25
"""Likeness to a language that means anything."""


def guess(sample: bytes) -> str:
    """Return the codec's name for a text that has this in it, from the first such byte on."""
    runs = _BEYOND.findall(sample)
    in_words = sum(len(run) for run in runs if len(run) >= _WORD)
    letters = sum(map(len, runs))
    lone = in_words * 2 < letters
    if lone and letters < _FEW:
        return WESTERN
    found = [each for part in _parts(sample) for each in _candidates(part)]
    least = min((each.chaos for each in found), default=0.0)
    tidy = [each for each in found if each.chaos <= least + (_ALIKE if lone else _WORDS_ALIKE)]
    best = max((each.coherence for each in tidy), default=0.0)
    if best < _LEAST_LANGUAGE:
        best = 0.0
    likely = {
        name for each in tidy if each.coherence >= best for name in each.could_be_from_charset
    }
    order = (*_LATIN, *_OTHERS) if lone else (*_OTHERS, *_LATIN)
    return next((name for name in order if name in likely), WESTERN)


def _candidates(sample: bytes) -> Iterable[CharsetMatch]:
    """Ask the library."""
    return from_bytes(sample, cp_isolation=[*_LATIN, *_OTHERS], threshold=_MOST_MESS)


def _parts(sample: bytes) -> tuple[bytes, ...]:
    """Return the sample, and where its last character may be cut, also what comes before that."""
    return (sample,) if sample[-1] < _LOWEST_TRAIL else (sample, sample[:-1])
