"""Fetches a body from another URL while it is sent: ``--upload-file URL``.

If the source ends too early, the upload is aborted, so that the server does not store it
as complete. A shell pipe could not do that: the reader does not see that the writer failed.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from httpcli import __version__
from httpcli.auth.basic import with_basic
from httpcli.core.body import BodyFromUrl
from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseChunk, ResponseStarted
from httpcli.core.exit_status import ExitStatus, exit_status_for
from httpcli.core.headers import Field, Fields
from httpcli.core.plan import Credentials, SendPolicy
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.middleware.redirects import with_redirects
from httpcli.protocol.ranges import has_whole_file

if TYPE_CHECKING:
    from httpcli.core.interfaces import Send


class SourceResponse:
    """The response of the source, whose body is read later."""

    def __init__(self, head: ResponseStarted, events: AsyncGenerator[Event, None]) -> None:
        is_encoded = head.fields.has("Content-Encoding")
        self.length = None if is_encoded else head.fields.content_length
        """Bytes of the body; None if unknown."""
        self.media_type = head.fields.first("Content-Type")
        """The Content-Type header, None if it is missing."""
        self._events = events

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the body. Raises HttpcliError if it ends too early."""
        try:
            async for event in self._events:
                if isinstance(event, ResponseChunk):
                    yield event.data
        except HttpcliError as error:
            error.message = f"source: {error.message}"
            error.transient_kind = ""  # a retry of the upload would not get the rest of the source
            raise


@asynccontextmanager
async def open_source(send: Send, body: BodyFromUrl) -> AsyncIterator[SourceResponse]:
    """Request the source, following redirects; it gets no header of the upload.

    Raises HttpcliError, also for a status that is not 2xx.
    """
    url = body.url
    fields = Fields(
        (
            Field("User-Agent", f"httpcli/{__version__}"),
            Field("Accept", "*/*"),
            Field("Accept-Encoding", "identity"),
        )
    )
    request = Request("GET", url, fields)
    if body.user:
        # Dropped on a redirect to another origin, like any Authorization header.
        request = with_basic(request, Credentials("basic", body.user, body.password))
    events = with_redirects(send, SendPolicy(follow=True), read_bodies=False)(request)
    try:
        yield SourceResponse(await _final_head(events, url), events)
    finally:
        await events.aclose()


async def _final_head(events: AsyncGenerator[Event, None], url: Url) -> ResponseStarted:
    async for event in events:
        if isinstance(event, ResponseStarted) and not event.is_followed:
            if not 200 <= event.status <= 299:
                raise HttpcliError(
                    f"source {url.authority}: HTTP {event.status} {event.reason}".rstrip(),
                    status=exit_status_for(event.status, following=False) or ExitStatus.FAILED,
                )
            if not has_whole_file(event.status, event.fields):
                raise HttpcliError(
                    f"{url.authority}: the source sent no complete file, but"
                    f" {event.status} {event.reason}".rstrip(),
                    status=ExitStatus.INCOMPLETE,
                )
            return event
    raise HttpcliError(f"source {url.authority}: no response")
