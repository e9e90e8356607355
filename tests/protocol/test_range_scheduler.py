"""How the ranges of a file are divided among connections, and the number of connections."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.protocol.range_scheduler import MIN_SEGMENT_SIZE, Growth, Segment, SegmentScheduler

MIB = 1 << 20


def _active_ranges(scheduler: SegmentScheduler) -> list[tuple[int, int]]:
    return [(each.position, each.end) for each in scheduler.active]


def _with_one_connection(size: int) -> SegmentScheduler:
    scheduler = SegmentScheduler([(0, size)])
    scheduler.next_segment()
    return scheduler


@pytest.mark.parametrize(
    ("size", "connections", "ranges"),
    [
        (32 * MIB, 2, [(0, 16), (16, 32)]),
        (32 * MIB, 4, [(0, 8), (16, 24), (8, 16), (24, 32)]),
        (32 * MIB, 3, [(0, 8), (16, 32), (8, 16)]),
    ],
)
def test_the_largest_range_is_halved(
    size: int, connections: int, ranges: list[tuple[int, int]]
) -> None:
    scheduler = SegmentScheduler([(0, size)])
    for _ in range(connections):
        assert scheduler.next_segment() is not None
    assert _active_ranges(scheduler) == [(start * MIB, end * MIB) for start, end in ranges]


@pytest.mark.parametrize(
    ("left", "speed", "split"),
    [
        (2 * MIB - 1, 0, False),
        (2 * MIB, 0, True),
        (2 * MIB, 1 * MIB, True),
        (4 * MIB - 1, 4 * MIB, False),
        (4 * MIB, 4 * MIB, True),
        (100 * MIB - 1, 100 * MIB, False),
        (100 * MIB, 100 * MIB, True),
    ],
)
def test_range_is_not_split_below_a_mebibyte_or_half_a_second(
    left: int, speed: int, split: bool
) -> None:
    scheduler = SegmentScheduler([(0, left + speed)])
    scheduler.next_segment(now=7.0)
    scheduler.active[0].position = speed  # after a second
    assert (scheduler.next_segment(now=8.0) is not None) == split
    assert all(
        each.bytes_left >= min(left, max(MIN_SEGMENT_SIZE, speed // 2))
        for each in scheduler.active
    )


def test_new_connection_is_assumed_as_fast_as_the_others() -> None:
    scheduler = SegmentScheduler([(0, 60 * MIB)])
    scheduler.next_segment(now=0.0)
    scheduler.active[0].position = 20 * MIB
    assert scheduler.next_segment(now=1.0) is not None
    scheduler.active[0].position = 38 * MIB
    assert scheduler.next_segment(now=1.0) is None
    scheduler.active[0].position = 20 * MIB
    assert scheduler.next_segment(now=10.0) is not None


def test_received_bytes_are_not_split() -> None:
    scheduler = _with_one_connection(32 * MIB)
    scheduler.active[0].position = 16 * MIB
    rest = scheduler.next_segment()
    assert rest is not None
    assert (rest.position, rest.end) == (24 * MIB, 32 * MIB)


def test_gaps_are_filled_before_ranges_are_split() -> None:
    scheduler = SegmentScheduler([(10, 20), (30, 40), (50, 50)])
    assert (scheduler.next_segment(), scheduler.next_segment(), scheduler.next_segment())[
        2
    ] is None
    assert _active_ranges(scheduler) == [(10, 20), (30, 40)]


def test_missing_bytes_of_a_dropped_range_become_a_gap() -> None:
    scheduler = _with_one_connection(32 * MIB)
    scheduler.next_segment()
    first = scheduler.active[0]
    first.position = 5 * MIB
    scheduler.release(first)
    again = scheduler.next_segment()
    assert again is not None
    assert (again.position, again.end) == (5 * MIB, 16 * MIB)


def test_connection_with_an_open_range_takes_over_a_dropped_one() -> None:
    scheduler = _with_one_connection(32 * MIB)
    rest = scheduler.next_segment()
    assert rest is not None
    scheduler.release(rest)
    assert _active_ranges(scheduler) == [(0, 32 * MIB)]


def test_connection_with_a_bounded_range_takes_over_nothing() -> None:
    scheduler = SegmentScheduler([(0, 16 * MIB), (16 * MIB, 32 * MIB)])
    scheduler.next_segment()
    second = scheduler.next_segment()
    assert second is not None
    scheduler.release(second)
    assert _active_ranges(scheduler) == [(0, 16 * MIB)]


def test_finished_range_leaves_no_gap() -> None:
    scheduler = SegmentScheduler([(0, 10)])
    segment = scheduler.next_segment()
    assert segment is not None
    segment.position = 10
    scheduler.release(segment)
    assert scheduler.next_segment() is None
    assert scheduler.bytes_left == 0


@given(
    st.integers(1, 64 * MIB),
    st.lists(st.tuples(st.sampled_from(["take", "drop", "read"]), st.integers(0, 10**8))),
)
def test_every_missing_byte_belongs_to_exactly_one_range(
    size: int, steps: list[tuple[str, int]]
) -> None:
    scheduler = SegmentScheduler([(0, size)])
    received: list[tuple[int, int]] = []
    for action, number in steps:
        if action == "take":
            scheduler.next_segment()
        elif scheduler.active:
            segment = scheduler.active[number % len(scheduler.active)]
            if action == "drop":
                scheduler.release(segment)
            else:
                read = min(number, segment.bytes_left)
                received.append((segment.position, segment.position + read))
                segment.position += read
    rest = [(each.position, each.end) for each in (*scheduler.active, *scheduler._gaps)]
    at = 0
    for start, end in sorted(pair for pair in (*received, *rest) if pair[0] < pair[1]):
        assert start == at
        at = end
    assert at == size
    assert scheduler.bytes_left == size - sum(end - start for start, end in received)


@pytest.mark.parametrize(
    ("most", "rates", "connections"),
    [
        (8, [100.0], 2),
        (8, [100.0, 200.0], 4),
        (8, [100.0, 200.0, 400.0], 8),
        (8, [100.0, 200.0, 400.0, 800.0], 8),
        (8, [100.0, 110.0, 1000.0], 2),
        (8, [100.0, 111.0], 4),
        (8, [100.0, 90.0], 2),
        (8, [100.0, 200.0, 210.0, 900.0], 4),
        (1, [100.0], 1),
        (3, [100.0, 200.0], 3),
        (6, [100.0, 200.0, 400.0], 6),
        (8, [0.0], 1),
        (8, [100.0, 300.0, 225.0], 8),
    ],
)
def test_connections_double_while_the_rate_grows_by_a_tenth(
    most: int, rates: list[float], connections: int
) -> None:
    growth = Growth(most)
    for rate in rates:
        growth = growth.after_measurement(rate)
    assert growth.connections == connections


def test_stopped_growth_adds_no_connection() -> None:
    growth = Growth(8).after_measurement(100.0).stopped()
    assert growth.is_final
    assert growth.after_measurement(1000.0).connections == 2


def test_segment_counts_its_missing_bytes() -> None:
    assert Segment(3, 10).bytes_left == 7
