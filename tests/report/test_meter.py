"""How fast something goes, of late."""

from __future__ import annotations

from httpcli.progress.tracker import RateMeter


def test_a_steady_rate_is_that_rate() -> None:
    meter = RateMeter(100.0)
    rates = [meter.rate(100.0 + tenth / 10, tenth * 1000) for tenth in range(1, 200)]
    assert all(abs(rate - 10_000) < 1 for rate in rates)


def test_a_transfer_that_stands_still_comes_to_nothing() -> None:
    meter = RateMeter(0.0)
    meter.rate(1.0, 5000)
    rates = [meter.rate(1.0 + tenth / 10, 5000) for tenth in range(1, 80)]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == 0.0


def test_what_was_there_before_does_not_count() -> None:
    assert RateMeter(0.0, done=1000).rate(1.0, 1500) == 500.0


def test_a_transfer_that_begins_again_is_measured_anew() -> None:
    meter = RateMeter(0.0)
    meter.rate(1.0, 9000)
    meter.rate(2.0, 0)
    assert meter.rate(3.0, 100) == 100.0


def test_no_time_is_no_rate() -> None:
    assert RateMeter(5.0).rate(5.0, 100) == 0.0
