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

from httpcli.output.formats.json_tokens import CONTENT, UNQUOTED, WHITE

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
        around = array("I")
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
                around.extend((end, moved[begin], begin + 2, moved[begin + 1]))
            elif not around:
                break
            member = around[-2]
            if member < around[-1]:
                if not enters:
                    batch.append(",")
                place, end = moved[member], moved[member + 1]
                around[-2] = member + 2
            else:
                end, place = around[-4], around[-3]
                del around[-4:]
        yield "".join(batch)


def _meant(key: str) -> str:
    """Return what a key stands for; what it is written like where an escape in it is none."""
    if "\\" not in key:
        return key
    try:
        return str(json.loads(f'"{key}"', strict=False))
    except ValueError:
        return key
