"""The meter reports the recent transfer rate."""

from __future__ import annotations

from httpcli.progress.tracker import RateMeter


def test_steady_rate_is_reported() -> None:
    meter = RateMeter(100.0)
    rates = [meter.rate(100.0 + tenth / 10, tenth * 1000) for tenth in range(1, 200)]
    assert all(abs(rate - 10_000) < 1 for rate in rates)


def test_rate_of_a_stalled_transfer_falls_to_zero() -> None:
    meter = RateMeter(0.0)
    meter.rate(1.0, 5000)
    rates = [meter.rate(1.0 + tenth / 10, 5000) for tenth in range(1, 80)]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == 0.0


def test_bytes_present_at_the_start_do_not_count() -> None:
    assert RateMeter(0.0, done=1000).rate(1.0, 1500) == 500.0


def test_restarted_transfer_is_measured_from_its_restart() -> None:
    meter = RateMeter(0.0)
    meter.rate(1.0, 9000)
    meter.rate(2.0, 0)
    assert meter.rate(3.0, 100) == 100.0


def test_rate_is_zero_before_any_time_has_passed() -> None:
    assert RateMeter(5.0).rate(5.0, 100) == 0.0
