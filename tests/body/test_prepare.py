"""A request body is prepared for sending: read, compressed and copied, as its framing needs."""

from __future__ import annotations

import gzip
import os
import random
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest

from httpcli.body.prepare import BodyPreparer
from httpcli.core.body import (
    BytesBody,
    CompressedBody,
    Compression,
    FileBody,
    FormPart,
    MultipartBody,
    SpooledBody,
    StdinBody,
)
from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.events import Event, RequestChunk, ResponseStarted
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Field, Fields
from httpcli.core.invocation import Environment, Stream, StreamKind
from httpcli.core.plan import Display, Mode, Network, Plan, SendPolicy
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.middleware.redirects import with_redirects
from httpcli.run_context import RunContext
from httpcli.storage.user_files import UserFiles
from httpcli.terminal.notices import Notices

POST = Request("POST", Url("http", "here"))
GET = Request("GET", Url("http", "here"))
MEBIBYTE = random.Random(0).randbytes(1 << 20)


class Input:
    """Standard input with scripted content, and a preparer that reads it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.fd = -1

    def of(self, content: bytes) -> Input:
        path = self._folder / "input"
        path.write_bytes(content)
        self.fd = os.open(path, os.O_RDONLY)
        return self

    def preparer(self, *, spool: bool = False, without_stdin: Request = GET) -> BodyPreparer:
        plan = Plan(Mode.REQUEST, without_stdin, Network(), SendPolicy(), Display())
        environment = Environment(
            argv=(),
            env={"TMPDIR": str(self._folder / "spool")},
            cwd=str(self._folder),
            stdin=Stream(self.fd, StreamKind.PIPE),
            stdout=Stream(1, StreamKind.OTHER),
            stderr=Stream(2, StreamKind.OTHER),
        )
        context = RunContext(
            environment,
            UserFiles(environment.cwd, {}),
            Notices(lambda _data: None),
            plan_without_stdin=lambda: plan,
        )
        return BodyPreparer(context, spool=spool)


@pytest.fixture
def stdin(tmp_path: Path) -> Iterator[Input]:
    (tmp_path / "spool").mkdir()
    stdin = Input(tmp_path)
    yield stdin
    if stdin.fd >= 0:
        os.close(stdin.fd)


def not_sent(_request: Request) -> AsyncGenerator[Event, None]:
    """Fail: nothing is fetched for most bodies."""
    raise AssertionError("nothing is fetched for this body")


async def content(preparer: BodyPreparer, request: Request) -> bytes:
    """Return the body of a prepared request as it would be sent."""
    assert request.body is not None
    return b"".join([piece async for piece in preparer.open(request.body)])


async def test_short_standard_input_becomes_bytes(stdin: Input) -> None:
    async with stdin.of(b"short").preparer() as preparer:
        request = await preparer.prepare(POST._replace(body=StdinBody()), not_sent)
    assert request.body == BytesBody(b"short")


async def test_long_standard_input_is_streamed(stdin: Input) -> None:
    long = MEBIBYTE * 3
    async with stdin.of(long).preparer() as preparer:
        request = await preparer.prepare(POST._replace(body=StdinBody()), not_sent)
        assert isinstance(request.body, StdinBody)
        assert request.body.length is None
        assert await content(preparer, request) == long


async def test_chunked_request_starts_with_the_first_byte(stdin: Input) -> None:
    reader, writer = os.pipe()
    stdin.fd = reader
    os.write(writer, b"first")
    async with stdin.preparer() as preparer:
        request = await preparer.prepare(POST._replace(body=StdinBody(), chunked=True), not_sent)
        assert request.body == StdinBody(b"first")
        os.write(writer, b", second")
        os.close(writer)
        assert await content(preparer, request) == b"first, second"


async def test_empty_standard_input_means_no_body(stdin: Input) -> None:
    async with stdin.of(b"").preparer(without_stdin=GET) as preparer:
        assert await preparer.prepare(POST._replace(body=StdinBody()), not_sent) == GET


async def test_explicit_empty_standard_input_is_an_empty_body(stdin: Input) -> None:
    explicit = POST._replace(body=StdinBody())
    async with stdin.of(b"").preparer(without_stdin=explicit) as preparer:
        request = await preparer.prepare(explicit, not_sent)
    assert request == POST._replace(body=BytesBody(b""))


async def test_redirected_file_is_sent_with_its_length(stdin: Input) -> None:
    async with stdin.of(b"12345").preparer() as preparer:
        request = await preparer.prepare(POST._replace(body=StdinBody(length=5)), not_sent)
        assert request.body == StdinBody(length=5)
        assert await content(preparer, request) == b"12345"


async def test_redirected_file_of_another_length_is_an_error(stdin: Input) -> None:
    async with stdin.of(b"123").preparer() as preparer:
        request = await preparer.prepare(POST._replace(body=StdinBody(length=5)), not_sent)
        with pytest.raises(
            HttpcliError, match="standard input: the file shrank by 2 bytes"
        ) as caught:
            await content(preparer, request)
    assert caught.value.status is ExitStatus.LOCAL


async def test_form_part_from_standard_input_is_read(stdin: Input) -> None:
    form = MultipartBody("B", (FormPart(b"A: 1", BytesBody(b"a")), FormPart(b"B: 2", StdinBody())))
    async with stdin.of(b"from stdin").preparer() as preparer:
        request = await preparer.prepare(POST._replace(body=form), not_sent)
        body = request.body
        assert isinstance(body, MultipartBody)
        assert body.parts[1].content == BytesBody(b"from stdin")
        assert len(await content(preparer, request)) == body.length


async def test_standard_input_can_be_sent_only_once(stdin: Input) -> None:
    form = MultipartBody("B", (FormPart(b"A: 1", StdinBody()), FormPart(b"B: 2", StdinBody())))
    async with stdin.of(b"once").preparer() as preparer:
        with pytest.raises(UsageError, match="can be sent only once"):
            await preparer.prepare(POST._replace(body=form), not_sent)


# Compression.


async def test_small_body_is_compressed_before_sending(stdin: Input) -> None:
    plain = b"0" * 1000
    request = POST._replace(body=BytesBody(plain), compression=Compression("gzip"))
    async with stdin.preparer() as preparer:
        ready = await preparer.prepare(request, not_sent)
    assert isinstance(ready.body, BytesBody)
    assert gzip.decompress(ready.body.data) == plain
    assert ready.fields.all_values("Content-Encoding") == ["gzip"]


async def test_body_that_would_grow_is_not_compressed(stdin: Input) -> None:
    request = POST._replace(body=BytesBody(b"ab"), compression=Compression("gzip"))
    async with stdin.preparer() as preparer:
        ready = await preparer.prepare(request, not_sent)
    assert ready.body == BytesBody(b"ab")
    assert not ready.fields.has("Content-Encoding")


async def test_forced_compression_accepts_growth(stdin: Input) -> None:
    request = POST._replace(body=BytesBody(b"ab"), compression=Compression("gzip", force=True))
    async with stdin.preparer() as preparer:
        ready = await preparer.prepare(request, not_sent)
    assert isinstance(ready.body, BytesBody)
    assert gzip.decompress(ready.body.data) == b"ab"
    assert ready.fields.has("Content-Encoding")


async def test_empty_body_is_not_compressed(stdin: Input) -> None:
    request = POST._replace(body=BytesBody(b""), compression=Compression("gzip", force=True))
    async with stdin.preparer() as preparer:
        assert await preparer.prepare(request, not_sent) == request


async def test_standard_input_is_compressed_after_it_was_read(stdin: Input) -> None:
    request = POST._replace(body=StdinBody(), compression=Compression("gzip"))
    async with stdin.of(b"1" * 1000).preparer() as preparer:
        ready = await preparer.prepare(request, not_sent)
    assert isinstance(ready.body, BytesBody)
    assert gzip.decompress(ready.body.data) == b"1" * 1000


async def test_large_body_is_compressed_while_it_is_sent(stdin: Input, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"2" * 3_000_000)
    body = FileBody(str(tmp_path / "large"), 3_000_000)
    async with stdin.preparer() as preparer:
        request = POST._replace(body=body, compression=Compression("gzip"))
        ready = await preparer.prepare(request, not_sent)
        assert ready.body == CompressedBody(body, "gzip")
        assert ready.body.length is None
        assert gzip.decompress(await content(preparer, ready)) == b"2" * 3_000_000


# Sending again.


class Origin:
    """A Send that reads each body and redirects by 307 a number of times."""

    def __init__(self, preparer: BodyPreparer, redirects: int = 1, *, pieces: int = 0) -> None:
        self._open = preparer.open
        self._redirects = redirects
        self._pieces = pieces
        self.received: list[bytes] = []

    async def send(self, request: Request) -> AsyncGenerator[Event, None]:
        received = bytearray()
        if request.body is not None:
            count = 0
            async for piece in self._open(request.body):
                yield RequestChunk(piece)
                received += piece
                count += 1
                if count == self._pieces and not self.received:
                    break  # an early response: the rest of the body is not sent
        self.received.append(bytes(received))
        again = len(self.received) <= self._redirects
        fields = Fields([Field("Location", "/next")] if again else [])
        yield ResponseStarted("1.1", 307 if again else 200, "", fields, request.url)


async def follow(origin: Origin, request: Request) -> None:
    async for _ in with_redirects(origin.send, SendPolicy(follow=True))(request):
        pass


def file_request(folder: Path) -> Request:
    (folder / "file").write_bytes(b"from a file")
    return POST._replace(body=FileBody(str(folder / "file"), 11))


async def test_file_is_sent_again_after_a_redirect(stdin: Input, tmp_path: Path) -> None:
    async with stdin.preparer() as preparer:
        origin = Origin(preparer)
        await follow(origin, await preparer.prepare(file_request(tmp_path), not_sent))
    assert origin.received == [b"from a file"] * 2


async def test_short_standard_input_is_sent_again_after_a_redirect(stdin: Input) -> None:
    async with stdin.of(b"short").preparer() as preparer:
        origin = Origin(preparer)
        await follow(origin, await preparer.prepare(POST._replace(body=StdinBody()), not_sent))
    assert origin.received == [b"short"] * 2


async def test_long_standard_input_cannot_be_sent_again(stdin: Input) -> None:
    async with stdin.of(MEBIBYTE * 2).preparer() as preparer:
        origin = Origin(preparer)
        request = await preparer.prepare(POST._replace(body=StdinBody()), not_sent)
        with pytest.raises(HttpcliError):
            await follow(origin, request)
    assert origin.received == [MEBIBYTE * 2]


async def test_spooled_standard_input_is_sent_again(stdin: Input) -> None:
    long = MEBIBYTE * 2
    async with stdin.of(long).preparer(spool=True) as preparer:
        origin = Origin(preparer, redirects=2)
        request = await preparer.prepare(POST._replace(body=StdinBody()), not_sent)
        assert isinstance(request.body, SpooledBody)
        await follow(origin, request)
    assert origin.received == [long] * 3


async def test_spooled_body_continues_after_an_early_response(stdin: Input) -> None:
    long = MEBIBYTE * 2
    async with stdin.of(long).preparer(spool=True) as preparer:
        origin = Origin(preparer, pieces=1)
        await follow(origin, await preparer.prepare(POST._replace(body=StdinBody()), not_sent))
    first, second = origin.received
    assert 0 < len(first) < len(long)
    assert second == long


async def test_spooled_body_keeps_its_length(stdin: Input) -> None:
    async with stdin.of(b"12345").preparer(spool=True) as preparer:
        request = await preparer.prepare(POST._replace(body=StdinBody(length=5)), not_sent)
        assert request.body == SpooledBody(StdinBody(length=5))
        assert request.body.length == 5
        assert await content(preparer, request) == await content(preparer, request) == b"12345"


async def test_compressed_standard_input_is_spooled_compressed(stdin: Input) -> None:
    long = b"3" * (3 << 20)
    request = POST._replace(body=StdinBody(), compression=Compression("gzip"))
    async with stdin.of(long).preparer(spool=True) as preparer:
        origin = Origin(preparer)
        ready = await preparer.prepare(request, not_sent)
        assert isinstance(ready.body, SpooledBody)
        await follow(origin, ready)
    first, second = origin.received
    assert gzip.decompress(first) == long
    assert second == first


async def test_body_that_can_be_read_again_is_not_spooled(stdin: Input, tmp_path: Path) -> None:
    async with stdin.preparer(spool=True) as preparer:
        request = file_request(tmp_path)
        assert await preparer.prepare(request, not_sent) == request


async def test_spool_leaves_no_file(stdin: Input, tmp_path: Path) -> None:
    async with stdin.of(MEBIBYTE * 3).preparer(spool=True) as preparer:
        request = await preparer.prepare(POST._replace(body=StdinBody()), not_sent)
        await content(preparer, request)
        assert os.listdir(tmp_path / "spool") == []
