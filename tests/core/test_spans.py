"""Spans record which bytes of a file are present, merged where they touch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.download import Span, Spans

_PAIRS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=12)


@pytest.mark.parametrize(
    ("added", "merged"),
    [
        ([], []),
        ([(3, 3)], []),
        ([(0, 2), (2, 4)], [(0, 4)]),
        ([(2, 4), (0, 2)], [(0, 4)]),
        ([(0, 2), (3, 5)], [(0, 2), (3, 5)]),
        ([(3, 5), (0, 2), (2, 3)], [(0, 5)]),
        ([(0, 9), (3, 5)], [(0, 9)]),
        ([(3, 5), (0, 9)], [(0, 9)]),
        ([(0, 2), (4, 6), (8, 9), (1, 8)], [(0, 9)]),
    ],
)
def test_touching_spans_are_merged(
    added: list[tuple[int, int]], merged: list[tuple[int, int]]
) -> None:
    assert list(Spans(Span(*pair) for pair in added)) == merged


@given(_PAIRS, st.integers(0, 45))
def test_spans_behave_like_a_set_of_bytes(pairs: list[tuple[int, int]], size: int) -> None:
    spans = Spans(Span(*pair) for pair in pairs)
    bytes_there = {at for start, end in pairs for at in range(start, end)}
    assert {at for span in spans for at in range(*span)} == bytes_there
    assert spans.total == len(bytes_there)
    missing = [at for span in spans.gaps(size) for at in range(*span)]
    assert missing == [at for at in range(size) if at not in bytes_there]
    inside = [at for span in spans.within(size) for at in range(*span)]
    assert inside == [at for at in range(size) if at in bytes_there]
    head = next((at for at in range(50) if at not in bytes_there), 50)
    assert spans.prefix_length == head
    ends = [edge for span in spans for edge in span]
    assert ends == sorted(set(ends))
