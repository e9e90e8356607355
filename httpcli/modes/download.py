"""One response becomes a file: asks for what is missing until it is whole, or there is no use.

Every try asks the URL that was typed: where a redirect led to a signed URL, that
may have expired meanwhile. A try goes on behind what is there only where the
server proves that it is of the same representation; else it starts over.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, closing, nullcontext
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from httpcli.model.download import Download, Existing
from httpcli.model.errors import HttpcliError
from httpcli.model.events import Event, ResponseChunk, ResponseStarted
from httpcli.model.exits import ExitStatus, worst
from httpcli.model.fields import Field, Fields
from httpcli.model.progress import Telling
from httpcli.model.retry import Retry
from httpcli.modes.audience import Audience
from httpcli.modes.opening import opened
from httpcli.modes.placing import Place
from httpcli.modes.saving import Rest, Saving
from httpcli.modes.segments import Filled, Segments, sends_parts
from httpcli.modes.progress import Progress, Told, progress_for
from httpcli.protocol.dates import http_date
from httpcli.protocol.ranges import (
    Judged,
    Verdict,
    content_range,
    judged,
    range_fields,
    without_ranges,
)
from httpcli.protocol.retries import Decision, Failure, answer_of, decide, failure_of
from httpcli.terminal.departure import until_reader_leaves

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from httpcli.model.plan import Plan
    from httpcli.model.ports import Send
    from httpcli.model.request import Request
    from httpcli.modes.means import Means
    from httpcli.protocol.cookies import Jar


async def download(plan: Plan, means: Means, jar: Jar | None) -> ExitStatus:
    """Download what the plan asks for. Raises HttpcliError."""
    progress = progress_for(plan.telling or Telling.NONE, means.around)
    means = means._replace(notices=means.notices.through(progress.above))
    with closing(progress):
        return await _download(plan, means, jar, progress)


async def _download(plan: Plan, means: Means, jar: Jar | None, progress: Progress) -> ExitStatus:
    wish = plan.download or Download()
    stdout = means.around.stdout
    with Audience(plan, means, progress.above, progress.above) as audience:
        transfer = Transfer(plan, wish, means, audience, Told(progress))
        transfer.prepare()
        # Further tries are made here: they ask for what is missing only.
        once = plan._replace(journey=plan.journey._replace(retry=None))
        async with (
            until_reader_leaves(stdout) if wish.to_stdout else nullcontext(),
            opened(once, means, jar) as (request, send),
        ):
            await transfer.run(request, send)
    if audience.reason and plan.announce_status:
        means.notices.warn(audience.reason)
    return worst((audience.status, transfer.status))


class _Step(Enum):
    """What a try came to."""

    DONE = "done"
    AGAIN = "again"
    """Another request is needed, at once."""


class _Later(NamedTuple):
    """A response that will be asked for again, and how it was decided."""

    what: str
    decision: Decision


class Transfer:
    """The conversation about one file."""

    def __init__(
        self, plan: Plan, wish: Download, means: Means, audience: Audience, told: Told
    ) -> None:
        self._plan = plan
        self._wish = wish
        self._means = means
        self._audience = audience
        self._url = plan.request.url
        self._place = Place(wish, self._url, means)
        notices = means.notices
        self._saving = Saving(
            wish,
            str(self._url),
            self._place,
            told,
            notices.note,
        )
        self._retry = plan.journey.retry or Retry()
        self._tries = 1
        self._began = means.around.clock()
        self._own_range = plan.request.fields.has("Range")
        self._conditions: list[Field] = []
        self._saves = False
        self._undivided = False
        self.status = ExitStatus.OK

    def prepare(self) -> None:
        """Do all that can be done before anything is sent. Raises HttpcliError."""
        self._place.prepare()
        if self._wish.to_stdout:
            return
        if self._wish.existing is Existing.NEWER:
            self._compare()
        if self._place.is_named and not self._is_to_be_skipped():
            self._saving.open()

    def _compare(self) -> None:
        """Ask for what is newer than the file that is there (RFC 9110, 13.1.3)."""
        self._place.guess()
        existed = self._place.existed()
        if existed is not None:
            self._conditions = [Field("If-Modified-Since", http_date(existed.time))]

    def _is_to_be_skipped(self) -> bool:
        return self._wish.existing is Existing.SKIP and self._place.existed() is not None

    @property
    def path(self) -> str:
        """Where the file is, as the user would type it; empty while it has no name."""
        return self._place.name

    async def run(self, request: Request, send: Send) -> None:
        """Try until it is whole. Raises HttpcliError where that will not be."""
        if self._place.is_named and not self._wish.to_stdout and self._is_to_be_skipped():
            self._means.notices.note(f"{self._place.name} is there already")
            return
        reason = "interrupted"
        try:
            await self._try_on(request, send)
            reason = ""
        except HttpcliError as error:
            reason = error.message
            raise
        finally:
            left = await self._saving.leave(reason or "refused")
            if left:
                self._means.notices.note(left)

    async def _try_on(self, request: Request, send: Send) -> None:
        while True:
            before = await self._saving.pause()
            try:
                step = await self._try(request, send)
            except HttpcliError as error:
                self._audience.interrupted()
                have = await self._saving.pause()
                if have > before:
                    self._tries = 1  # it gets on: what counts is failures in a row
                decision = self._decide(request, failure_of(error))
                if decision.wait is None:
                    raise _explained(error, decision) from None
                step = _Later(error.message, decision)
            if step is _Step.DONE:
                return
            if isinstance(step, _Later):
                await self._wait(step)

    def _decide(self, request: Request, failure: Failure) -> Decision:
        return self.decided(request, failure, self._tries)

    async def _wait(self, later: _Later) -> None:
        left = self._retry.most - self._tries
        wait = later.decision.wait or 0.0
        self._tries += 1
        self._means.notices.warn(
            f"{later.what}; trying again in {wait:.3g} s"
            f" ({left + 1} {'try' if left == 0 else 'tries'} left)"
        )
        await asyncio.sleep(wait)

    async def _try(self, request: Request, send: Send) -> _Step | _Later:
        """Send one request, and take what comes. Raises HttpcliError."""
        saving, audience = self._saving, self._audience
        rest = saving.rest() if saving.is_open else None
        saves = False
        async with aclosing(send(self._asking(request, rest))) as events:
            async for event in events:
                if saves and isinstance(event, ResponseChunk):
                    saving.feed(event.data)
                    audience.overhear(event)
                    continue
                if isinstance(event, ResponseStarted) and not event.intermediary:
                    step = await self._head(request, event, rest)
                    if step is not None:
                        audience.see(event._replace(intermediary=step is not _Step.DONE))
                        return step
                    saves = self._saves
                    audience.see(event)
                    if saves and self._wish.connections > 1 and sends_parts(request, event):
                        step = await self._divided(request, send, events)
                        if step is _Step.AGAIN:
                            return step
                    continue
                audience.see(event)
        audience.finish()
        if not saves:
            return _Step.DONE  # it was refused, and that has been shown
        await saving.ended()
        if not saving.is_whole:
            return _Step.AGAIN
        await saving.commit()
        return _Step.DONE

    async def _divided(
        self, request: Request, send: Send, events: AsyncGenerator[Event, None]
    ) -> _Step | None:
        """Fetch what is missing by several connections; None where one goes on alone."""
        divided = None if self._own_range or self._undivided else self._saving.divide()
        if divided is None:
            return None
        segments = Segments(divided, self, send, request, self._wish.connections)
        came_of_it = await segments.fill(events)
        if came_of_it is Filled.WHOLE:
            return _Step.DONE
        # Once is enough: a server whose answers change from one to the next changes again.
        self._undivided = True
        if came_of_it is Filled.CHANGED:
            self._say_starting_over("it has changed on the server")
            self._saving.start_over()
        return _Step.AGAIN

    def decided(self, request: Request, failure: Failure, tries: int) -> Decision:
        """Say what comes after that many tries in a row."""
        elapsed = self._means.around.clock() - self._began
        dice = int.from_bytes(self._means.around.entropy(4), "big") / (1 << 32)
        return decide(self._retry, request, failure, tries, elapsed, dice)

    def now(self) -> float:
        """Return the seconds since 1970."""
        return self._means.around.now()

    def _asking(self, request: Request, rest: Rest | None) -> Request:
        if self._own_range:
            return request
        fields = without_ranges(request.fields).plus(self._conditions)
        if rest is not None:
            known = rest.known if rest.proven else None
            fields = fields.plus(range_fields(rest.start, rest.end, known))
        return request._replace(fields=fields)

    async def _head(
        self, request: Request, response: ResponseStarted, rest: Rest | None
    ) -> _Step | _Later | None:
        """Settle what becomes of a response; None where its content is taken, or shown."""
        self._saves = False
        found = self._judged(response, request, rest)
        if found.verdict is Verdict.REFUSED:
            return self._refused(request, response)
        if not self._saving.is_open and (step := self._named(response)) is not None:
            return step
        if found.verdict is Verdict.USELESS:
            return self._useless(response, rest, found.why)
        if found.verdict is Verdict.COMPLETE:
            return await self._complete()
        return await self._take(response, request, rest, found)

    def _judged(self, response: ResponseStarted, request: Request, rest: Rest | None) -> Judged:
        if self._own_range and response.status == 206:
            return Judged(Verdict.WHOLE)  # the part that the user asked for is all of it
        known, start = (None, None) if rest is None else (rest.known, rest.start)
        found = judged(response.status, response.fields, known, start)
        if found.verdict is Verdict.PART and _is_coded(response, request):
            return Judged(Verdict.USELESS, "the server sends parts of coded content")
        return found

    def _refused(self, request: Request, response: ResponseStarted) -> _Step | _Later | None:
        if response.status == 304 and self._conditions:
            self._means.notices.note(f"{self._place.name}: the server has nothing newer")
            return _Step.DONE
        decision = self._decide(request, answer_of(response, self._means.around.now()))
        if decision.wait is not None:
            return _Later(f"HTTP {response.status} {response.reason}".rstrip(), decision)
        if decision.why:
            self._means.notices.warn(decision.why)
        if 300 <= response.status <= 399:
            self.status = ExitStatus.REDIRECTED
        return None

    def _named(self, response: ResponseStarted) -> _Step | None:
        """Settle the name by the response; what is there already may change what is asked for."""
        self._place.choose(response.fields)
        if not self._wish.to_stdout and self._is_to_be_skipped():
            self._means.notices.note(f"{self._place.name} is there already")
            return _Step.DONE
        self._saving.open()
        return _Step.AGAIN if self._saving.rest() is not None else None

    def _useless(self, response: ResponseStarted, rest: Rest | None, why: str) -> _Step:
        if rest is None:
            raise HttpcliError(
                f"{response.url.authority}: all of it was asked for, but {why}",
                status=ExitStatus.INCOMPLETE,
            )
        self._say_starting_over(why)
        self._saving.start_over()
        return _Step.AGAIN

    def _say_starting_over(self, why: str) -> None:
        self._means.notices.note(f"{self._place.name}: {why}: it starts over")

    async def _complete(self) -> _Step:
        if not self._saving.is_there():
            await self._saving.commit()
        self._means.notices.note(f"{self._place.name} is complete already")
        return _Step.DONE

    async def _take(
        self, response: ResponseStarted, request: Request, rest: Rest | None, found: Judged
    ) -> _Step | None:
        fields, saving = response.fields, self._saving
        came = content_range(fields.first("Content-Range")) if found.end is not None else None
        if rest is not None and came is not None:
            await saving.go_on(fields, rest, came.end, came.size)
        else:
            coded = _is_coded(response, request)
            length = came.size if came is not None else _length(fields)
            if not coded and saving.is_finished(fields, length):
                self._means.notices.note(f"{self._place.name} is complete already")
                return _Step.DONE
            if found.why:
                self._say_starting_over(found.why)
            saving.begin(fields, length, coded=coded)
            if came is not None:
                saving.expect(came.end)
        self._saves = True
        return None


def _is_coded(response: ResponseStarted, request: Request) -> bool:
    """Tell whether the content that comes is another than the one that was sent."""
    codings = ",".join(response.fields.every("Content-Encoding")).strip().lower()
    return codings not in ("", "identity") and codings not in request.kept_codings


def _length(fields: Fields) -> int | None:
    length = fields.first("Content-Length")
    if fields.has("Transfer-Encoding") or length is None or not length.isdecimal():
        return None
    return int(length)


def _explained(error: HttpcliError, decision: Decision) -> HttpcliError:
    """Say beside a failure why it is not tried again, where that is not plain."""
    error.hint = error.hint or decision.why
    return error
