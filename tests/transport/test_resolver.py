"""Addresses: overrides first, then the early lookup, then the system."""

from __future__ import annotations

import socket

import pytest

from httpcli.core.plan import Network
from httpcli.transport.aiohttp.dns import Resolver
from httpcli.transport.dial.early_dns import Lookup


async def test_an_address_that_was_told_is_asked_of_nobody() -> None:
    resolver = Resolver(Network(answers={("h.test", 80): ("127.0.0.2",)}), None)
    (result,) = await resolver.resolve("h.test", 80, socket.AF_UNSPEC)
    assert (result["host"], result["port"], result["hostname"]) == ("127.0.0.2", 80, "h.test")


async def test_the_early_lookup_is_used_for_its_own_question() -> None:
    early = Lookup("localhost", 80)
    resolver = Resolver(Network(), early)
    results = await resolver.resolve("localhost", 80, socket.AF_UNSPEC)
    assert {result["host"] for result in results} == {
        str(address[0]) for *_, address in early.answer.result()
    }


async def test_another_question_is_asked_anew() -> None:
    resolver = Resolver(Network(), Lookup("localhost", 80))
    results = await resolver.resolve("127.0.0.1", 81, socket.AF_INET)
    assert [(result["host"], result["port"]) for result in results] == [("127.0.0.1", 81)]


async def test_a_name_that_is_not_there_is_an_oserror() -> None:
    with pytest.raises(OSError, match="nown"):
        await Resolver(Network(), Lookup("no-such-host.invalid", 80)).resolve(
            "no-such-host.invalid", 80
        )
