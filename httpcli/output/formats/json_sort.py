"""One JSON text with the members of its objects in the order of their keys.

The text stays one string, and is written in slices of it: no value is made of
a value. Beside it there are numbers, packed: where members are, for objects
that are open or out of order. Two passes, and nothing in them recurs.
"""

from __future__ import annotations

import json
import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import compress
from operator import le
from typing import Final

from httpcli.core.interfaces import Notify
from httpcli.core.plan import Display
from httpcli.output.formats.json import JsonFormat
from httpcli.output.formats.json_grammar import (
    CONTENT,
    LONGEST_PREFIX,
    UNQUOTED,
    WHITE,
    prefix_of,
    string_end,
)
from httpcli.protocol.media_types import MediaType

_NONE: Final = 0xFFFFFFFF
_BATCH: Final = 1 << 16
"""Characters that are given at once."""
_COMPARED: Final = 1 << 16
"""Keys that are there at once, in order to be compared."""

_W = f"[{WHITE}]*+"
_SCALAR = rf'(?:"{CONTENT}"|{UNQUOTED})'
# A member up to what follows its value, or up to the bracket that begins it;
# elements of an array likewise, scalars by the run.
_MEMBER = re.compile(rf'{_W}"({CONTENT})"{_W}:{_W}(?:{_SCALAR}{_W}([,}}])|([\[{{]))', re.DOTALL)
_ELEMENTS = re.compile(rf"{_W}(?:{_SCALAR}{_W},{_W})*+(?:{_SCALAR}{_W}(\])|([\[{{]))", re.DOTALL)
_AFTER = re.compile(rf"{_W}([,\]}}])")
_EMPTY = {"{": re.compile(rf"{_W}\}}"), "[": re.compile(rf"{_W}\]")}


def in_order(text: str) -> Iterator[str] | None:
    """Return the text in order, in pieces, or None where it is no JSON.

    ``text`` is an object or array, whole, of less than 2**32 characters. Keys
    are compared as Python compares what they stand for; of equal ones the
    first comes first. What stands between members is not kept.
    """
    survey = _Survey(text)
    return survey.written() if survey.valid else None


class _Survey:
    """Where the objects of a text are whose members are out of order."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._escapes = "\\" in text
        # For each open container, an array: _NONE; an object: where in
        # ``_members`` its own begin, and its number.
        self._open = array("I")
        # For each member of open objects: where between its quotes the key begins
        # and ends, and where the member ends.
        self._members = array("I")
        # For each object, in the order in which they begin: where that is, and
        # where in ``_moved`` there is more of it; _NONE: its members stay.
        self._places = array("I")
        self._more = array("I")
        # For each object out of order: where it ends, where in here its members
        # end, then of each where it begins and ends.
        self._moved = array("I")
        self.valid = self._walk()

    def _walk(self) -> bool:
        """Go through the text; tell whether it is JSON to its end."""
        place: int | None = self._enter(0)
        while place is not None and self._open:
            in_object = self._open[-1] != _NONE
            place = self._member(place) if in_object else self._elements(place)
        return place == len(self._text)

    def _enter(self, place: int) -> int | None:
        """Open the container that begins here; return where it goes on, None for nowhere."""
        opening = self._text[place]
        if opening == "{":
            self._open.extend((len(self._members), len(self._places)))
            self._places.append(place)
            self._more.append(_NONE)
        else:
            self._open.append(_NONE)
        empty = _EMPTY[opening].match(self._text, place + 1)
        return self._leave(empty.end()) if empty else place + 1

    def _member(self, place: int) -> int | None:
        """Go on with an object, through a scalar or into a container."""
        text, members = self._text, self._members
        while found := _MEMBER.match(text, place):
            begin, end = found.span(1)
            members.append(begin)
            members.append(end)
            if found[3]:
                return self._enter(found.start(3))
            members.append(found.start(2))
            place = found.end()
            if found[2] == "}":
                return self._leave(place)
        return None

    def _elements(self, place: int) -> int | None:
        """Go on with an array, through scalars to its end or into a container."""
        found = _ELEMENTS.match(self._text, place)
        if found is None:
            return None
        return self._enter(found.start(2)) if found[2] else self._leave(found.end())

    def _leave(self, place: int) -> int | None:
        """Close what ends here, and what ends with it; return where it goes on."""
        while True:
            number = self._open.pop()
            if number != _NONE:
                self._settle(number, self._open.pop(), place - 1)
            if not self._open:
                return place
            after = _AFTER.match(self._text, place)
            in_object = self._open[-1] != _NONE
            if after is None or after[1] == ("]" if in_object else "}"):
                return None
            if in_object:
                self._members.append(after.start(1))
            place = after.end()
            if after[1] == ",":
                return place

    def _settle(self, number: int, first: int, end: int) -> None:
        """Note how the members of an object have to stand, if otherwise than they do."""
        members = self._members[first:]
        del self._members[first:]
        begins, ends = members[::3], members[2::3]
        order = self._order(begins, members[1::3]) if len(begins) > 1 else None
        if order is None:
            return
        moved = self._moved
        self._more[number] = len(moved)
        moved.extend((end, len(moved) + 2 + 2 * len(order)))
        for which in order:
            moved.append(begins[which] - 1)
            moved.append(ends[which])

    def _order(self, begins: array[int], ends: array[int]) -> Sequence[int] | None:
        """Return the order of these keys, None where they are in it; some at a time."""
        chunks: list[Sequence[int]] = []
        for start in range(0, len(begins), _COMPARED):
            stop = start + _COMPARED
            keys = self._keys(begins[start:stop], ends[start:stop])
            if len(begins) <= _COMPARED and all(map(le, keys, keys[1:])):
                return None
            order = sorted(range(len(keys)), key=keys.__getitem__)
            if len(begins) <= _COMPARED:
                return order
            chunks.append(array("I", (start + which for which in order)))

        def key(which: int) -> str:
            return self._keys(begins[which : which + 1], ends[which : which + 1])[0]

        return array("I", merge(*chunks, key=key))

    def _keys(self, begins: array[int], ends: array[int]) -> list[str]:
        """Return what keys stand for; what they are written like where an escape is none."""
        keys = list(map(self._text.__getitem__, map(slice, begins, ends)))
        return list(map(_meant, keys)) if self._escapes else keys

    def written(self) -> Iterator[str]:
        """Give the text, each object in order: many slices of it, and commas, at once."""
        text, moved = self._text, self._moved
        places = array("I", compress(self._places, (more != _NONE for more in self._more)))
        details = array("I", (more for more in self._more if more != _NONE))
        # For each object that is being written: where what is around it ends,
        # where it ends itself, and in ``moved`` its next member and their end.
        environment = array("I")
        batch: list[str] = []
        size, place, end = 0, 0, len(text)
        while True:
            which = bisect_left(places, place)
            enters = which < len(places) and places[which] < end
            stop = places[which] + 1 if enters else end
            batch.append(text[place:stop])
            size += stop - place
            if size >= _BATCH:
                yield "".join(batch)
                batch.clear()
                size = 0
            if enters:
                begin = details[which]
                environment.extend((end, moved[begin], begin + 2, moved[begin + 1]))
            elif not environment:
                break
            member = environment[-2]
            if member < environment[-1]:
                if not enters:
                    batch.append(",")
                place, end = moved[member], moved[member + 1]
                environment[-2] = member + 2
            else:
                end, place = environment[-4], environment[-3]
                del environment[-4:]
        yield "".join(batch)


def _meant(key: str) -> str:
    """Return what a key stands for; what it is written like where an escape in it is none."""
    if "\\" not in key:
        return key
    try:
        return str(json.loads(f'"{key}"', strict=False))
    except ValueError:
        return key


# Sorts the keys of JSON as it arrives: each text is held until it is complete.
#
# Texts are told apart by their brackets alone; the formatter's own grammar says whether what
# stands between them is JSON. Scalars at the top go through.


LONGEST: Final = 32 << 20
"""Characters of one text that are held."""

_JSON_SORT_BATCH: Final = 1 << 16

_NEXT = re.compile(
    # Up to brackets that open, brackets that close, or a string that is cut.
    rf'(?:[^"\[\]{{}}]++|"{CONTENT}")*+(?:([\[{{]++)|([\]}}]++)|("))?',
    re.DOTALL,
)


def sorter(_display: Display, _media: MediaType, tell: Notify) -> JsonSort:
    """Return the format that sorts the keys before the text is formatted."""
    return JsonSort(tell)


class JsonSort:
    """Gives JSON texts with the members of objects in the order of their keys (a ``Format``).

    What is no JSON, or was cut short, is given as it came, with all that
    follows; so is a text of more than ``longest`` characters, and ``tell`` says so.
    """

    def __init__(self, tell: Notify, longest: int = LONGEST) -> None:
        self._tell = tell
        self._longest = longest
        self._held: list[str] = []
        self._length = 0
        self._depth = 0
        self._in_string = self._escaped = False
        self._begun = self._inside = self._rest = False
        self._top = JsonFormat(Display(), indent=None)
        # The last text, and white space, that ``_top`` has not seen; None: there is more since.
        self._unchecked: str | None = ""

    def feed(self, text: str) -> Iterator[str]:
        """Take the next piece; give all but the beginning of a text in it, much at once."""
        batch: list[str] = []
        size = 0
        for piece in self._take(text):
            batch.append(piece)
            size += len(piece)
            if size >= _JSON_SORT_BATCH:
                yield "".join(batch)
                batch.clear()
                size = 0
        yield "".join(batch)

    def _take(self, text: str) -> Iterator[str]:
        """Give what comes of this piece."""
        if not self._begun:
            text = self._release() + text
            prefix = prefix_of(text, last=False)
            if prefix is None:
                self._hold(text)
                return
            self._begun = True
            # With blanks behind it, so that it is not held for more.
            self._judge(prefix + " " * LONGEST_PREFIX)
            yield prefix
            text = text[len(prefix) :]
        done = 0
        for cut in () if self._rest else self._cuts(text):
            piece, done = text[done:cut], cut
            if self._inside:
                self._hold(piece)
                yield from self._sorted()
            else:
                self._begin(piece)
                yield piece
            if self._rest:
                break
        yield self._last(text[done:])

    def pause(self) -> Iterator[str]:
        """Give nothing: what is held has no order yet."""
        return iter(())

    def flush(self) -> Iterator[str]:
        """Nothing more comes: what is held was cut short."""
        yield self._release()

    def _cuts(self, text: str) -> Iterator[int]:
        """Find where a text in brackets begins, where it ends, and so on by turns."""
        place = self._string(text, 1 if self._escaped else 0) if self._in_string else 0
        while place < len(text) and (found := _NEXT.match(text, place)):
            place = found.end()
            if found[1]:
                if not self._depth:
                    yield found.start(1)
                self._depth += len(found[1])
            elif found[2] and self._depth:
                inner = self._depth - len(found[2])
                if inner <= 0:
                    yield found.start(2) + self._depth
                self._depth = max(inner, 0)
            elif found[3]:
                place = self._string(text, place)

    def _string(self, text: str, start: int) -> int:
        """Look for a string's end from ``start`` on; return where it is, or the text's end."""
        end, self._escaped = string_end(text, start)
        self._in_string = not end
        return end or len(text)

    def _begin(self, between: str) -> None:
        """A text in brackets begins after this."""
        self._check(between)
        if self._unchecked is None:
            self._judge("[]")
        self._unchecked = "[]"
        self._inside = True

    def _check(self, between: str) -> None:
        """See whether what stands between texts is JSON: white space alone always is."""
        if self._unchecked is not None and not between.strip(WHITE):
            self._unchecked = self._unchecked.rstrip(WHITE) + between[:1]
            return
        self._judge((self._unchecked or "") + between)
        self._unchecked = None

    def _judge(self, between: str) -> None:
        """Have the grammar go through what stands between texts."""
        for _ in self._top.feed(between):
            pass
        self._rest = self._top.gave_up

    def _sorted(self) -> Iterator[str]:
        """Give the text that has ended."""
        self._inside = False
        if self._length > self._longest:
            yield self._give_up()
            return
        text = self._release()
        ordered = in_order(text)
        if ordered is None:
            self._rest = True
            yield text
        else:
            yield from ordered

    def _last(self, piece: str) -> str:
        """Take the end of a piece; return it where it need not be held."""
        if self._rest:
            return piece
        if not self._inside:
            self._check(piece)
            return piece
        self._hold(piece)
        return self._give_up() if self._length > self._longest else ""

    def _give_up(self) -> str:
        """Return what was held, and go on unsorted."""
        self._rest = True
        size = self._longest >> 20
        self._tell(f"the JSON is longer than {size} MiB: its keys stay in their order")
        return self._release()

    def _hold(self, text: str) -> None:
        """Keep a part of a text."""
        self._held.append(text)
        self._length += len(text)

    def _release(self) -> str:
        """Give back what was kept."""
        held = "".join(self._held)
        self._held.clear()
        self._length = 0
        return held
