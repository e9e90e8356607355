"""The timeout reason, and whether a tunnel is being opened, follow the steps of a connection."""

from __future__ import annotations

import pytest

from httpcli.transport.current_attempt import (
    Attempt,
    set_current_attempt,
    set_timeout_reason,
    timeout_reason,
)


@pytest.fixture
async def attempt() -> Attempt:
    return Attempt()


async def test_reason_of_a_block_is_restored_after_success(attempt: Attempt) -> None:
    set_current_attempt(attempt)
    set_timeout_reason("no tunnel", is_opening_tunnel=True)
    with timeout_reason("no name"):
        assert (attempt.timeout_reason, attempt.is_opening_tunnel) == ("no name", False)
    assert (attempt.timeout_reason, attempt.is_opening_tunnel) == ("no tunnel", True)


async def test_reason_of_a_failed_block_is_kept(attempt: Attempt) -> None:
    set_current_attempt(attempt)
    block = timeout_reason("no connection")
    block.__enter__()
    set_timeout_reason("no tunnel", is_opening_tunnel=True)
    block.__exit__(OSError, OSError("x"), None)
    assert (attempt.timeout_reason, attempt.is_opening_tunnel) == ("no tunnel", True)


async def test_handshake_ends_the_wait_for_a_tunnel(attempt: Attempt) -> None:
    set_current_attempt(attempt)
    set_timeout_reason("no tunnel", is_opening_tunnel=True)
    set_timeout_reason("no handshake")
    assert not attempt.is_opening_tunnel
