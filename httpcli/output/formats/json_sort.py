"""Sorts the keys of JSON objects; each document is held until it is complete.

A document is never parsed into values: it stays one string, and the output consists of slices
of it. Besides it, only packed numbers are in memory: where members begin and end, for objects
that are open or unsorted. There are two passes over the document, without recursion.
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

from httpcli.core.format_options import JSON_DEPTH
from httpcli.core.interfaces import Notify
from httpcli.core.json_prefix import MAX_PREFIX_LENGTH, json_prefix
from httpcli.core.plan import Display
from httpcli.output.formats.json import JsonFormat
from httpcli.output.formats.json_grammar import (
    CONTENT,
    UNQUOTED,
    WHITE_SPACE,
    string_end,
)
from httpcli.protocol.media_types import MediaType

MAX_LENGTH: Final = 32 << 20
"""Characters of one document that are held."""
_BATCH: Final = 1 << 16
"""Characters that are yielded at once."""
_CHUNK: Final = 1 << 16
"""Keys that are sorted at once; limits the memory for them."""

_NEXT_BRACKET = re.compile(
    # Up to opening brackets, closing brackets, or a string that is cut.
    rf'(?:[^"\[\]{{}}]++|"{CONTENT}")*+(?:([\[{{]++)|([\]}}]++)|("))?',
    re.DOTALL,
)


def sorter(_display: Display, _media: MediaType, notify: Notify) -> JsonSort:
    """Return the format that sorts the keys, before another one indents the document."""
    return JsonSort(notify)


class JsonSort:
    """Sorts the members of each object in JSON documents by key (a ``Format``).

    Text that is not JSON, or was cut short, is not changed, nor is the text after it. The same
    applies to a document of more than ``max_length`` characters, or deeper than ``JSON_DEPTH``,
    and ``notify`` gets a notice. Brackets alone decide where a document begins and ends; scalars
    between documents pass through, and the grammar of ``JsonFormat`` validates them.
    """

    def __init__(self, notify: Notify, max_length: int = MAX_LENGTH) -> None:
        self._notify = notify
        self._max_length = max_length
        self._held: list[str] = []
        self._length = 0
        self._depth = 0
        self._deepest = 0
        """The greatest depth in the held document."""
        self._in_string = self._escaped = False
        self._after_prefix = self._inside = self._plain = False
        self._validator = JsonFormat(Display(), indent=None)
        """Validates text outside of brackets. For a document in brackets it gets ``[]``."""
        self._unvalidated: str | None = ""
        """Text not yet passed to the validator; None once later text was passed."""

    def feed(self, text: str) -> Iterator[str]:
        """Take the next piece; yield all but an incomplete document, in large batches."""
        batch: list[str] = []
        size = 0
        for piece in self._take(text):
            batch.append(piece)
            size += len(piece)
            if size >= _BATCH:
                yield "".join(batch)
                batch.clear()
                size = 0
        yield "".join(batch)

    def pause(self) -> Iterator[str]:
        """Yield nothing: only a complete document can be sorted."""
        return iter(())

    def flush(self) -> Iterator[str]:
        """Yield the held text unchanged: its document was cut short."""
        yield self._release()

    def _take(self, text: str) -> Iterator[str]:
        """Yield the output for this piece."""
        if not self._after_prefix:
            text = self._release() + text
            prefix = json_prefix(text, last=False)
            if prefix is None:
                self._hold(text)
                return
            self._after_prefix = True
            # The blanks make it long enough for JsonFormat to recognize it at once.
            self._validate_now(prefix + " " * MAX_PREFIX_LENGTH)
            yield prefix
            text = text[len(prefix) :]
        done = 0
        for cut in () if self._plain else self._cuts(text):
            piece, done = text[done:cut], cut
            if self._inside:
                self._hold(piece)
                yield from self._sorted_document()
            else:
                self._begin_document(piece)
                yield piece
            if self._plain:
                break
        yield self._take_end(text[done:])

    def _cuts(self, text: str) -> Iterator[int]:
        """Yield the indexes where documents in brackets begin and end, alternately."""
        index = self._string(text, 1 if self._escaped else 0) if self._in_string else 0
        while index < len(text) and (match := _NEXT_BRACKET.match(text, index)):
            index = match.end()
            opening, closing, cut_string = match.groups()
            if opening:
                if not self._depth:
                    yield match.start(1)
                self._depth += len(opening)
                self._deepest = max(self._deepest, self._depth)
            elif closing and self._depth:
                depth = self._depth - len(closing)
                if depth <= 0:
                    yield match.start(2) + self._depth
                self._depth = max(depth, 0)
            elif cut_string:
                index = self._string(text, index)

    def _string(self, text: str, start: int) -> int:
        """Search for the end of a string from ``start`` on; return it, or the text's end."""
        end, self._escaped = string_end(text, start)
        self._in_string = not end
        return end or len(text)

    def _begin_document(self, outside: str) -> None:
        """Begin a document in brackets, after the text ``outside`` of brackets."""
        self._validate(outside)
        if self._unvalidated is None:
            self._validate_now("[]")
        self._unvalidated = "[]"
        self._inside = True

    def _validate(self, outside: str) -> None:
        """Validate text outside of brackets. White space is always valid, so it can wait."""
        if self._unvalidated is not None and not outside.strip(WHITE_SPACE):
            self._unvalidated = self._unvalidated.rstrip(WHITE_SPACE) + outside[:1]
            return
        self._validate_now((self._unvalidated or "") + outside)
        self._unvalidated = None

    def _validate_now(self, outside: str) -> None:
        """Validate text; if it is not JSON, leave the rest unchanged."""
        for _ in self._validator.feed(outside):
            pass
        self._plain = self._validator.gave_up

    def _sorted_document(self) -> Iterator[str]:
        """Yield the document that is complete now, sorted."""
        self._inside = False
        if self._limit_exceeded:
            yield self._give_up(self._limit_exceeded)
            return
        self._deepest = 0
        document = self._release()
        pieces = sort_keys(document)
        if pieces is None:
            self._plain = True
            yield document
        else:
            yield from pieces

    def _take_end(self, piece: str) -> str:
        """Take the end of a piece; return it, or nothing if it must be held."""
        if self._plain:
            return piece
        if not self._inside:
            self._validate(piece)
            return piece
        self._hold(piece)
        return self._give_up(self._limit_exceeded) if self._limit_exceeded else ""

    @property
    def _limit_exceeded(self) -> str:
        """The limit that the held document exceeds, as text for a notice; empty for none."""
        if self._length > self._max_length:
            return f"larger than {self._max_length >> 20} MiB"
        return f"more than {JSON_DEPTH} levels deep" if self._deepest > JSON_DEPTH else ""

    def _give_up(self, reason: str) -> str:
        """Return the held text, and leave the rest unchanged."""
        self._plain = True
        self._notify(f"the JSON is {reason}: keys are not sorted")
        return self._release()

    def _hold(self, text: str) -> None:
        """Keep a part of a document."""
        self._held.append(text)
        self._length += len(text)

    def _release(self) -> str:
        """Return the kept text."""
        held = "".join(self._held)
        self._held.clear()
        self._length = 0
        return held


_NONE: Final = 0xFFFFFFFF
"""Means none in the arrays of 32-bit numbers below."""

_W = f"[{WHITE_SPACE}]*+"
_SCALAR = rf'(?:"{CONTENT}"|{UNQUOTED})'
# A member up to the comma or bracket after a scalar, or up to the bracket that begins its
# value. Elements of an array likewise, but all scalars in a row at once.
_MEMBER = re.compile(rf'{_W}"({CONTENT})"{_W}:{_W}(?:{_SCALAR}{_W}([,}}])|([\[{{]))', re.DOTALL)
_ELEMENTS = re.compile(rf"{_W}(?:{_SCALAR}{_W},{_W})*+(?:{_SCALAR}{_W}(\])|([\[{{]))", re.DOTALL)
_AFTER = re.compile(rf"{_W}([,\]}}])")
_EMPTY = {"{": re.compile(rf"{_W}\}}"), "[": re.compile(rf"{_W}\]")}


def sort_keys(document: str) -> Iterator[str] | None:
    """Return the document with sorted keys, in pieces, or None if it is not JSON.

    ``document`` is a complete object or array of less than 2**32 characters. Keys are
    compared as Python compares strings, after decoding escapes. Equal keys keep their
    order. White space between members is not kept.
    """
    objects = _UnsortedObjects(document)
    return objects.sorted_document() if objects.valid else None


class _UnsortedObjects:
    """The objects of a document whose members are not sorted."""

    def __init__(self, document: str) -> None:
        self._document = document
        self._has_escapes = "\\" in document
        self._open = array("I")
        """For each open array: _NONE. For each open object: where in ``_members`` its
        members begin, then its number."""
        self._members = array("I")
        """For each member of open objects: where its key begins and ends between the
        quotes, and where the member ends."""
        self._starts = array("I")
        """For each object, by its number: where it begins."""
        self._details = array("I")
        """For each object, by its number: its index in ``_moved``; _NONE if it is sorted."""
        self._moved = array("I")
        """For each unsorted object: where it ends, the index after its members here,
        then for each member where it begins and ends, in the new order."""
        self.valid = self._walk()

    def _walk(self) -> bool:
        """Read the document; return whether all of it is JSON."""
        index: int | None = self._enter(0)
        while index is not None and self._open:
            in_object = self._open[-1] != _NONE
            index = self._member(index) if in_object else self._elements(index)
        return index == len(self._document)

    # The next four methods take the index up to which the document is read, and return the
    # new one, or None if the document is not JSON.

    def _enter(self, index: int) -> int | None:
        """Open the container that begins here."""
        opening = self._document[index]
        if opening == "{":
            self._open.extend((len(self._members), len(self._starts)))
            self._starts.append(index)
            self._details.append(_NONE)
        else:
            self._open.append(_NONE)
        empty = _EMPTY[opening].match(self._document, index + 1)
        return self._leave(empty.end()) if empty else index + 1

    def _member(self, index: int) -> int | None:
        """Read members of an object, to its end or into a container."""
        document, members = self._document, self._members
        while match := _MEMBER.match(document, index):
            begin, end = match.span(1)
            members.append(begin)
            members.append(end)
            if match[3]:
                return self._enter(match.start(3))
            members.append(match.start(2))
            index = match.end()
            if match[2] == "}":
                return self._leave(index)
        return None

    def _elements(self, index: int) -> int | None:
        """Read elements of an array, to its end or into a container."""
        match = _ELEMENTS.match(self._document, index)
        if match is None:
            return None
        return self._enter(match.start(2)) if match[2] else self._leave(match.end())

    def _leave(self, index: int) -> int | None:
        """Close the container that ends here, and all that end directly after it."""
        while True:
            number = self._open.pop()
            if number != _NONE:
                self._close_object(number, self._open.pop(), index - 1)
            if not self._open:
                return index
            after = _AFTER.match(self._document, index)
            in_object = self._open[-1] != _NONE
            if after is None or after[1] == ("]" if in_object else "}"):
                return None
            if in_object:
                self._members.append(after.start(1))
            index = after.end()
            if after[1] == ",":
                return index

    def _close_object(self, number: int, first: int, end: int) -> None:
        """Record the sorted order of the members of an object, unless they are sorted."""
        members = self._members[first:]
        del self._members[first:]
        begins, ends = members[::3], members[2::3]
        order = self._order(begins, members[1::3]) if len(begins) > 1 else None
        if order is None:
            return
        moved = self._moved
        self._details[number] = len(moved)
        moved.extend((end, len(moved) + 2 + 2 * len(order)))
        for member in order:
            moved.append(begins[member] - 1)
            moved.append(ends[member])

    def _order(self, begins: array[int], ends: array[int]) -> Sequence[int] | None:
        """Return the sorted order of these keys, or None if they are sorted already.

        Sorts chunks of ``_CHUNK`` keys and merges them, to limit memory.
        """
        chunks: list[Sequence[int]] = []
        for start in range(0, len(begins), _CHUNK):
            stop = start + _CHUNK
            keys = self._keys(begins[start:stop], ends[start:stop])
            if len(begins) <= _CHUNK and all(map(le, keys, keys[1:])):
                return None
            order = sorted(range(len(keys)), key=keys.__getitem__)
            if len(begins) <= _CHUNK:
                return order
            chunks.append(array("I", (start + member for member in order)))

        def key(member: int) -> str:
            return self._keys(begins[member : member + 1], ends[member : member + 1])[0]

        return array("I", merge(*chunks, key=key))

    def _keys(self, begins: array[int], ends: array[int]) -> list[str]:
        """Return the decoded keys."""
        keys = list(map(self._document.__getitem__, map(slice, begins, ends)))
        return list(map(_decoded, keys)) if self._has_escapes else keys

    def sorted_document(self) -> Iterator[str]:
        """Yield the document with each object sorted, in batches of slices and commas."""
        document, moved = self._document, self._moved
        # The unsorted objects, by their position: where they begin, and their ``_details``.
        starts = array("I", compress(self._starts, (detail != _NONE for detail in self._details)))
        details = array("I", (detail for detail in self._details if detail != _NONE))
        # For each object that is being written: where the slice around it ends, where the
        # object ends, and in ``moved`` its next member and the end of its members.
        stack = array("I")
        batch: list[str] = []
        size, start, end = 0, 0, len(document)
        while True:
            number = bisect_left(starts, start)
            enters = number < len(starts) and starts[number] < end
            stop = starts[number] + 1 if enters else end
            batch.append(document[start:stop])
            size += stop - start
            if size >= _BATCH:
                yield "".join(batch)
                batch.clear()
                size = 0
            if enters:
                detail = details[number]
                stack.extend((end, moved[detail], detail + 2, moved[detail + 1]))
            elif not stack:
                break
            member = stack[-2]
            if member < stack[-1]:
                if not enters:
                    batch.append(",")
                start, end = moved[member], moved[member + 1]
                stack[-2] = member + 2
            else:
                end, start = stack[-4], stack[-3]
                del stack[-4:]
        yield "".join(batch)


def _decoded(key: str) -> str:
    """Return a key with its escapes decoded; unchanged if one of them is invalid."""
    if "\\" not in key:
        return key
    try:
        return str(json.loads(f'"{key}"', strict=False))
    except ValueError:
        return key
