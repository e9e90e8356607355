"""A body that is fetched from another URL while it is sent."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncGenerator

import pytest

from httpcli.body.from_url import open_source
from httpcli.body.prepare import BodyPreparer
from httpcli.core.body import BodyFromUrl
from httpcli.core.errors import TRUNCATED, HttpcliError
from httpcli.core.events import (
    Event,
    RequestStarted,
    ResponseChunk,
    ResponseEnded,
    ResponseStarted,
)
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Field, Fields
from httpcli.core.request import Request
from httpcli.core.url import Url
from tests.body.test_prepare import Input, stdin

__all__ = ["stdin"]

SOURCE = Url("http", "source")
PUT = Request("PUT", Url("http", "sink"), body=BodyFromUrl(SOURCE))


class Source:
    """A Send with scripted responses: a status, headers, and a body or an error."""

    def __init__(self, *responses: tuple[int, dict[str, str]], error: HttpcliError | None = None):
        self._responses = iter(responses)
        self._error = error
        self.requests: list[Request] = []
        self.closed = 0

    async def send(self, request: Request) -> AsyncGenerator[Event, None]:
        self.requests.append(request)
        status, headers = next(self._responses)
        try:
            yield RequestStarted(request.method, request.url.target, request.url, request.fields)
            fields = Fields(Field(name, value) for name, value in headers.items())
            yield ResponseStarted("1.1", status, "Reason", fields, request.url)
            yield ResponseChunk(b"one,")
            if self._error is not None:
                raise self._error
            yield ResponseChunk(b"two")
            yield ResponseEnded(0.0)
        finally:
            self.closed += 1


async def prepared(preparer: BodyPreparer, source: Source, request: Request = PUT) -> Request:
    return await preparer.prepare(request, source.send)


async def content(preparer: BodyPreparer, request: Request) -> bytes:
    assert request.body is not None
    return b"".join([piece async for piece in preparer.open(request.body)])


async def test_length_and_type_are_those_of_the_source(stdin: Input) -> None:
    source = Source((200, {"Content-Length": "7", "Content-Type": "text/x"}))
    async with stdin.preparer() as preparer:
        request = await prepared(preparer, source)
        assert request.body == BodyFromUrl(SOURCE, length=7)
        assert request.fields.all_values("Content-Type") == ["text/x"]
        assert await content(preparer, request) == b"one,two"
    assert source.closed == 1


async def test_typed_content_type_is_kept(stdin: Input) -> None:
    source = Source((200, {"Content-Type": "text/x"}), (200, {"Content-Type": "text/x"}))
    typed = PUT._replace(fields=Fields([Field("Content-Type", "text/y")]))
    async with stdin.preparer() as preparer:
        request = await prepared(preparer, source, typed)
    assert request.fields.all_values("Content-Type") == ["text/y"]
    async with stdin.preparer() as preparer:
        unset = PUT._replace(removed_defaults=frozenset({"content-type"}))
        request = await prepared(preparer, source, unset)
    assert not request.fields.has("Content-Type")


async def test_length_of_a_coded_response_is_unknown(stdin: Input) -> None:
    source = Source((200, {"Content-Length": "7", "Content-Encoding": "gzip"}))
    async with stdin.preparer() as preparer:
        request = await prepared(preparer, source)
    assert request.body == BodyFromUrl(SOURCE)


async def test_source_gets_no_headers_of_the_request(stdin: Input) -> None:
    source = Source((200, {}))
    typed = PUT._replace(fields=Fields([Field("Authorization", "Bearer x"), Field("X", "1")]))
    async with stdin.preparer() as preparer:
        await prepared(preparer, source, typed)
    (request,) = source.requests
    assert request.method == "GET"
    assert {field.name for field in request.fields} == {"User-Agent", "Accept", "Accept-Encoding"}


async def test_credentials_of_the_url_stay_at_its_origin(stdin: Input) -> None:
    source = Source((302, {"Location": "http://elsewhere/"}), (200, {}))
    async with stdin.preparer() as preparer:
        await prepared(preparer, source, PUT._replace(body=BodyFromUrl(SOURCE, "u", "p")))
    first, second = source.requests
    assert first.fields.first("Authorization") == f"Basic {b64encode(b'u:p').decode()}"
    assert second.url.host == "elsewhere"
    assert not second.fields.has("Authorization")


@pytest.mark.parametrize(
    ("status", "exit_status"),
    [(404, ExitStatus.CLIENT_ERROR), (503, ExitStatus.SERVER_ERROR), (304, ExitStatus.REDIRECTED)],
)
async def test_source_without_success_is_an_error(
    stdin: Input, status: int, exit_status: ExitStatus
) -> None:
    source = Source((status, {}))
    async with stdin.preparer() as preparer:
        with pytest.raises(HttpcliError, match=rf"source.*{status} Reason") as caught:
            await prepared(preparer, source)
    assert caught.value.status is exit_status
    assert source.closed == 1


async def test_source_that_is_cut_short_fails_and_is_not_transient(stdin: Input) -> None:
    error = HttpcliError("too short", status=ExitStatus.INCOMPLETE).as_transient(TRUNCATED)
    source = Source((200, {}), error=error)
    async with stdin.preparer() as preparer:
        request = await prepared(preparer, source)
        with pytest.raises(HttpcliError) as caught:
            await content(preparer, request)
    assert caught.value.message == "source: too short"
    assert not caught.value.transient_kind


async def test_source_can_be_sent_again_if_it_is_spooled(stdin: Input) -> None:
    source = Source((200, {}))
    async with stdin.preparer(spool=True) as preparer:
        request = await prepared(preparer, source)
        assert request.body is not None
        assert request.body.replayable
        assert await content(preparer, request) == await content(preparer, request) == b"one,two"
    assert len(source.requests) == 1


async def test_source_is_closed_with_the_block() -> None:
    source = Source((200, {}))
    async with open_source(source.send, BodyFromUrl(SOURCE)) as response:
        assert await anext(aiter(response.body())) == b"one,"
        assert source.closed == 0
    assert source.closed == 1
