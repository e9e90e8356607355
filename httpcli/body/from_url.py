"""One response as the content of another request: ``-T URL``, in one process.

A pipe cannot tell its reader that the writer failed; here a source that is cut
short aborts the upload, so the sink never sees a clean end.
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
from httpcli.middleware.redirects import redirecting

if TYPE_CHECKING:
    from httpcli.core.interfaces import Send


class SourceResponse:
    """A response whose content is still to come. ``length`` is None where it does not say."""

    def __init__(self, head: ResponseStarted, events: AsyncGenerator[Event, None]) -> None:
        coded = head.fields.has("Content-Encoding")
        self.length = None if coded else head.fields.content_length
        self.media_type = head.fields.first("Content-Type")
        self._events = events

    async def content(self) -> AsyncIterator[bytes]:
        """Give the content. Raises HttpcliError where it is cut short."""
        try:
            async for event in self._events:
                if isinstance(event, ResponseChunk):
                    yield event.data
        except HttpcliError as error:
            error.message = f"the source, {error.message}"
            error.transient = ""  # sent again, the request would get no more of it
            raise


@asynccontextmanager
async def open_source(send: Send, relay: BodyFromUrl) -> AsyncIterator[SourceResponse]:
    """Ask for the source, following redirects; nothing of the user's goes there but its URL.

    Raises HttpcliError, also for a status that is no success.
    """
    url = relay.url
    fields = Fields(
        (
            Field("User-Agent", f"httpcli/{__version__}"),
            Field("Accept", "*/*"),
            Field("Accept-Encoding", "identity"),
        )
    )
    request = Request("GET", url, fields)
    if relay.user:
        # On a redirect to another origin it is dropped, as any Authorization is.
        request = with_basic(request, Credentials("basic", relay.user, relay.password))
    events = redirecting(send, SendPolicy(follow=True), shown=False)(request)
    try:
        yield SourceResponse(await _head(events, url), events)
    finally:
        await events.aclose()


async def _head(events: AsyncGenerator[Event, None], url: Url) -> ResponseStarted:
    async for event in events:
        if isinstance(event, ResponseStarted) and not event.intermediary:
            if not 200 <= event.status <= 299:
                raise HttpcliError(
                    f"{url.authority}: the source answered {event.status} {event.reason}".rstrip(),
                    status=exit_status_for(event.status, following=False) or ExitStatus.FAILED,
                )
            return event
    raise HttpcliError(f"{url.authority}: the source gave no response")
