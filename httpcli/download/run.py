"""Downloads one file: sends requests until the file is complete, or the download fails.

Every attempt requests the URL that was typed: a redirect may have led to a signed URL that
has expired meanwhile. An attempt resumes the bytes received so far only if the server proves
that they belong to the same representation; otherwise it restarts.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, nullcontext
from typing import TYPE_CHECKING

from httpcli.core.download import Download
from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseChunk, ResponseStarted
from httpcli.core.exit_status import ExitStatus, worst_status
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.plan_options import ProgressStyle, RetryPolicy
from httpcli.download.response import Action, RangeRequest, ResponseHandler
from httpcli.download.segmented import SegmentedDownload, SegmentedResult
from httpcli.exchange.request import open_request
from httpcli.observers.group import Observers
from httpcli.progress.tracker import make_progress
from httpcli.protocol.ranges import supports_ranges
from httpcli.protocol.retries import Decision, RetryDecider
from httpcli.terminal.streams import until_reader_leaves

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from httpcli.core.interfaces import Send
    from httpcli.core.plan import Plan
    from httpcli.core.request import Request
    from httpcli.download.writer import PartialFile
    from httpcli.protocol.cookies import Jar
    from httpcli.run_context import RunContext


async def download(plan: Plan, context: RunContext, jar: Jar | None) -> ExitStatus:
    """Download the file that the plan names. Raises HttpcliError."""
    settings = plan.download or Download()
    progress = make_progress(settings.progress_style, context.environment)
    if settings.progress_style is ProgressStyle.BARS:
        context = context._replace(notices=context.notices.writing_to(progress.write_above))
    try:
        # Other output is printed above the progress bars; otherwise they could not be erased.
        with Observers(plan, context, progress.write_above, progress.write_above) as observers:
            handler = ResponseHandler(
                settings, plan.request, context, progress, context.notices.note
            )
            notices = context.notices
            status = await download_file(
                plan, context, jar, observers, handler, lambda part: notices.note(part.message)
            )
    finally:
        progress.close()
    if observers.reason and plan.announce_status:
        context.notices.warn(observers.reason)
    return worst_status((observers.status, status))


async def download_file(
    plan: Plan,
    context: RunContext,
    jar: Jar | None,
    observers: Observers,
    handler: ResponseHandler,
    report_partial_file: Callable[[PartialFile], None],
    shared: Send | None = None,
) -> ExitStatus:
    """Download the file. Raises HttpcliError.

    ``report_partial_file`` is called with a partial file that is kept.
    ``shared`` sends over the connections of other requests, as in ``open_request``.
    """
    stdout = context.environment.stdout
    writes_to_stdout = plan.download is not None and plan.download.writes_to_stdout
    # The middleware must not retry: DownloadAttempts does, and requests only the missing bytes.
    once = plan._replace(send_policy=plan.send_policy._replace(retry=None))
    reason = "interrupted"
    try:
        if not handler.prepare():
            return ExitStatus.OK
        async with (
            until_reader_leaves(stdout) if writes_to_stdout else nullcontext(),
            open_request(once, context, jar, shared, observers.observe_exchanges) as (
                request,
                send,
            ),
        ):
            await handler.checksum.prepare(send)
            if await handler.skips_named_file():
                return ExitStatus.OK
            attempts = DownloadAttempts(plan, context, observers, handler)
            status = await attempts.run(request, send)
        reason = "refused"  # unless the file is complete: then it is closed already
    except HttpcliError as error:
        reason = error.message
        raise
    finally:
        handler.checksum.stop()
        partial = await handler.writer.close(reason)
        if partial is not None:
            report_partial_file(partial)
    return status


_MAX_USELESS_RESPONSES = 5


def _no_file_line(response: ResponseStarted) -> str:
    """Return why a 3xx that is not followed saves no file."""
    line = f"no file was saved: HTTP {response.status} {response.reason}".rstrip()
    if response.status not in (300, 304) and not response.fields.has("Location"):
        line += ", a redirect without a Location"
    return line


class _Failure(NamedTuple):
    """A failed attempt that is retried."""

    reason: str
    """What failed, for the notice."""
    decision: Decision


class DownloadAttempts:
    """Sends the requests for one file, with retries."""

    def __init__(
        self, plan: Plan, context: RunContext, observers: Observers, handler: ResponseHandler
    ) -> None:
        self._notices = context.notices
        self._observers = observers
        self._handler = handler
        self._writer = handler.writer
        environment = context.environment
        self._decider = RetryDecider(
            plan.send_policy.retry or RetryPolicy(),
            environment.clock,
            environment.now,
            context.random_fraction,
        )
        self._attempts = 1
        """Attempts since there were more bytes than ever before."""
        self._most_received = 0
        """The largest number of bytes that could be resumed."""
        self._useless_responses = 0
        """Consecutive responses that were no failure, and brought no byte nearer."""
        self._max_connections = plan.download.max_connections if plan.download else 1
        self._may_segment = self._max_connections > 1 and not handler.has_user_range

    async def run(self, request: Request, send: Send) -> ExitStatus:
        """Return the exit status of a complete or refused file; otherwise raise HttpcliError."""
        while True:
            before = await self._writer.pause()
            self._most_received = max(self._most_received, before)
            try:
                result = await self._attempt(request, send)
            except HttpcliError as error:
                self._observers.end_early()
                if await self._writer.pause() > self._most_received:
                    self._attempts = 1  # only failures without progress count
                decision = self._decider.after_error(request, error, self._attempts)
                if decision.wait is None:
                    error.hint = error.hint or decision.reason
                    raise
                result = _Failure(error.message, decision)
            except asyncio.CancelledError:
                self._observers.end_early()
                raise
            if isinstance(result, ExitStatus):
                return result
            if result is not None:
                await self._wait(result)
            else:
                await self._check_progress(before)

    async def _check_progress(self, before: int) -> None:
        """Raise HttpcliError if the server keeps sending responses that do not help.

        ``before`` is the number of bytes that there were before the last request.
        """
        is_useful = await self._writer.pause() > before
        self._useless_responses = 0 if is_useful else self._useless_responses + 1
        if max(self._useless_responses, self._writer.restarts) > _MAX_USELESS_RESPONSES:
            raise HttpcliError(
                f"{self._handler.name}: the server sends no response that completes the file",
                status=ExitStatus.INCOMPLETE,
            )

    async def _wait(self, failure: _Failure) -> None:
        self._attempts += 1
        self._notices.note(failure.decision.notice(failure.reason))
        await asyncio.sleep(failure.decision.wait or 0.0)

    async def _attempt(self, request: Request, send: Send) -> ExitStatus | _Failure | None:
        """Send one request and save its response.

        Return the final status, a failure to retry, or None to send another request at once.
        """
        observers = self._observers
        sent = self._handler.next_request(request)
        action = segmented = None
        status = ExitStatus.OK
        async with aclosing(send(sent.request)) as events:
            async for event in events:
                if action is Action.SAVE and isinstance(event, ResponseChunk):
                    self._writer.feed(event.data)
                    self._handler.checksum.update(event.data)
                    observers.observe_without_screen(event)
                elif isinstance(event, ResponseStarted) and not event.is_followed:
                    action = await self._handle(sent, event)
                    failure = (
                        self._failure_to_retry(request, event) if action is Action.REFUSE else None
                    )
                    is_repeated = failure is not None or action is Action.REQUEST_AGAIN
                    observers.observe(event._replace(is_followed=is_repeated))
                    if is_repeated or action is Action.FINISH:
                        observers.end_exchange()
                        if is_repeated:
                            return failure
                        observers.ignore_status()
                        return status
                    if 300 <= event.status <= 399:
                        status = ExitStatus.REDIRECTED
                        self._notices.warn(_no_file_line(event))
                    segmented = await self._download_segments(sent, event, action, send, events)
                    if segmented is not None:
                        break
                else:
                    observers.observe(event)
        observers.end_exchange()
        if action is not Action.SAVE:
            return status
        if segmented is SegmentedResult.NOT_SEGMENTED:
            return None
        return await self._finish(status)

    async def _handle(self, sent: RangeRequest, response: ResponseStarted) -> Action:
        try:
            return await self._handler.handle(sent, response)
        except HttpcliError:
            self._observers.observe(response._replace(is_followed=True))  # for reports
            raise

    async def _finish(self, status: ExitStatus) -> ExitStatus | None:
        """Commit a complete file and return the status; return None to request missing bytes."""
        await self._writer.end_response()
        if not self._writer.is_complete:
            return None
        if self._observers.status is ExitStatus.EXPECTATION:
            self._writer.part.discard()
            return status
        if not await self._handler.commit():
            self._may_segment = False
            return None
        self._observers.saved_file = self._handler.name
        return status

    async def _download_segments(
        self,
        sent: RangeRequest,
        response: ResponseStarted,
        action: Action,
        send: Send,
        events: AsyncGenerator[Event, None],
    ) -> SegmentedResult | None:
        """Download the missing bytes over several connections; None if only one may be used."""
        request = sent.request
        if (
            action is not Action.SAVE
            or not self._may_segment
            or not _can_request_ranges(request, response)
        ):
            return None
        file = self._writer.hand_over_to_segments()
        if file is None:
            return None
        segments = SegmentedDownload(file, self._decider, send, request, self._max_connections)
        result = await segments.run(events)
        if result is not SegmentedResult.COMPLETE:
            # Do not try again: the server would send different responses again.
            self._may_segment = False
        return result

    def _failure_to_retry(self, request: Request, response: ResponseStarted) -> _Failure | None:
        """Return the failure if an error response is retried, else None.

        Warns if it is not retried because the limits of ``--retry`` are reached.
        """
        decision = self._decider.after_response(request, response, self._attempts)
        name = f"HTTP {response.status} {response.reason}".rstrip()
        reason = f"{request.url.authority}: {name}"
        if decision.wait is not None:
            return _Failure(reason, decision)
        if decision.reason:
            self._notices.warn(decision.notice(reason))
        return None


def _can_request_ranges(request: Request, response: ResponseStarted) -> bool:
    """Return whether ranges of the same representation can be requested."""
    is_plain_get = request.method == "GET" and request.body is None
    return is_plain_get and supports_ranges(response.status, response.fields)
