"""A download that runs against scripted responses: no sockets, no server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from httpcli.core.download import Checksum, Download, ExpectedChecksum, PartialState, Resume, Span
from httpcli.core.errors import TRUNCATED, HttpcliError
from httpcli.core.events import (
    Event,
    RequestStarted,
    ResponseChunk,
    ResponseEnded,
    ResponseStarted,
)
from httpcli.core.exit_status import ExitStatus, worst_status
from httpcli.core.headers import Field, Fields
from httpcli.core.invocation import Environment, Stream, StreamKind
from httpcli.core.plan import Display, Mode, Network, Plan, SendPolicy
from httpcli.core.plan_options import RetryPolicy
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.download.response import ResponseHandler
from httpcli.download.run import download_file
from httpcli.observers.group import Observers
from httpcli.progress.tracker import make_progress
from httpcli.run_context import RunContext
from httpcli.storage import sidecar
from httpcli.storage.resume_key import ResumeKey
from httpcli.storage.user_files import UserFiles
from httpcli.terminal.notices import Notices

URL = Url("http", "example.org", path="/f")
CONTENT = bytes(range(256)) * 4
ETAG = '"v1"'

Reply = Callable[[Request], AsyncGenerator[Event, None]]
"""Produces the response events of one request."""


def reply(
    status: int = 200,
    *chunks: bytes | HttpcliError,
    reason: str = "",
    etag: str = ETAG,
    length: int | None = None,
    content_range: str = "",
    chunked: bool = False,
    more: Sequence[Field] = (),
) -> Reply:
    """Return a reply with these chunks; an error among them is raised in its place.

    ``length`` is the Content-Length, by default that of ``content_range`` or of the chunks;
    ``chunked``: there is none.
    """
    first, dash, last = content_range.partition("/")[0].partition("-")
    if length is None and dash:
        length = int(last) + 1 - int(first)
    if length is None:
        length = sum(len(chunk) for chunk in chunks if isinstance(chunk, bytes))
    framing = Field("Transfer-Encoding", "chunked")
    fields = [framing if chunked else Field("Content-Length", str(length)), *more]
    if etag:
        fields.append(Field("ETag", etag))
    if content_range:
        fields.append(Field("Content-Range", f"bytes {content_range}"))

    async def events(request: Request) -> AsyncGenerator[Event, None]:
        yield RequestStarted(request.method, request.url.target, request.url, request.fields)
        yield ResponseStarted("1.1", status, reason, Fields(fields), request.url)
        for chunk in chunks:
            if isinstance(chunk, HttpcliError):
                raise chunk
            yield ResponseChunk(chunk)
        yield ResponseEnded(0.0)

    return events


def failure(error: HttpcliError) -> Reply:
    """Return a request that fails without a response."""

    async def events(request: Request) -> AsyncGenerator[Event, None]:
        yield RequestStarted(request.method, request.url.target, request.url, request.fields)
        raise error

    return events


def truncated() -> HttpcliError:
    """Return the error of a body that ends too early."""
    error = HttpcliError("example.org: the content ended early", status=ExitStatus.INCOMPLETE)
    return error.as_transient(TRUNCATED)


class ScriptedSend:
    """A Send that yields the replies one after the other and stores the requests."""

    def __init__(self, *replies: Reply) -> None:
        self._replies = iter(replies)
        self.requests: list[Request] = []

    async def __call__(self, request: Request) -> AsyncGenerator[Event, None]:
        self.requests.append(request)
        async for event in next(self._replies)(request):
            yield event

    @property
    def ranges(self) -> list[tuple[str | None, str | None]]:
        """The Range and If-Range of each request."""
        return [
            (each.fields.first("Range"), each.fields.first("If-Range")) for each in self.requests
        ]


class Result(NamedTuple):
    """The outcome of a scripted download."""

    status: ExitStatus
    error: str
    messages: str


def run_download(
    directory: Path,
    send: ScriptedSend,
    *,
    resume: Resume = Resume.CHECKED,
    retry: RetryPolicy | None = None,
    connections: int = 1,
    checksum: Checksum | None = None,
) -> Result:
    """Download URL to ``f`` in ``directory``."""
    messages: list[bytes] = []
    null = Stream(os.open(os.devnull, os.O_RDWR), StreamKind.OTHER)
    environment = Environment((), {"HOME": str(directory)}, str(directory), null, null, null)
    request = Request("GET", URL)
    settings = Download(
        "f",
        resume=resume,
        max_connections=connections,
        checksum_text="" if checksum is None else str(checksum),
        expected_checksums=()
        if checksum is None
        else (ExpectedChecksum(str(checksum), checksum),),
    )
    plan = Plan(
        Mode.DOWNLOAD,
        request,
        Network(),
        SendPolicy(retry=retry),
        Display(frozenset()),
        download=settings,
        check_status=True,
    )
    context = RunContext(
        environment,
        UserFiles(str(directory), environment.env),
        Notices(messages.append),
        lambda: plan,
    )

    async def run() -> ExitStatus:
        progress = make_progress(None, environment)
        note = context.notices.note
        with Observers(plan, context, messages.append, messages.append) as observers:
            handler = ResponseHandler(settings, request, context, progress, note)
            status = await download_file(
                plan, context, None, observers, handler, lambda part: note(part.message), send
            )
            return worst_status((observers.status, status))

    status, error = ExitStatus.OK, ""
    try:
        status = asyncio.run(run())
    except HttpcliError as failed:
        status, error = failed.status, failed.message
    finally:
        os.close(null.fd)
    return Result(status, error, b"".join(messages).decode())


def leave_partial(
    directory: Path, *spans: tuple[int, int], etag: str = ETAG, content: bytes = CONTENT
) -> None:
    """Write the partial file and the sidecar that an interrupted download leaves."""
    data = bytearray(max((end for _, end in spans), default=0))
    for start, end in spans:
        data[start:end] = content[start:end]
    (directory / "f.part").write_bytes(data)
    done = tuple(Span(*span) for span in spans)
    key = ResumeKey({"HOME": str(directory)}).create()
    with (directory / "f.part").open("rb") as file:
        sidecar.write(
            str(directory / "f.part.json"),
            PartialState(str(URL), len(content), etag, spans=done),
            done,
            sidecar.Owner(key, "f.part", file.fileno()),
        )


def spans_on_disk(directory: Path) -> list[tuple[int, int]] | None:
    """Return the spans that the sidecar lists; None without a sidecar."""
    saved = sidecar.read(str(directory / "f.part.json"))
    return None if saved is None else [(span.start, span.end) for span in saved.state.spans]


def file_names(directory: Path) -> list[str]:
    """Return the names of the files in a directory."""
    return sorted(each.name for each in directory.iterdir() if each.is_file())
