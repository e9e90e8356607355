"""Decides what to do with each response of a download: start the file, resume it, or neither."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from httpcli.core.download import ExistingFile, Resume
from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Field
from httpcli.core.named_tuple import NamedTuple
from httpcli.download.checksum import ChecksumVerifier
from httpcli.download.resume import Restart
from httpcli.download.target import DownloadTarget
from httpcli.download.writer import FileWriter
from httpcli.protocol.dates import http_date
from httpcli.protocol.ranges import (
    RangeCheck,
    RangeRequirements,
    RangeResult,
    check_range_response,
    check_typed_range,
    content_coding,
    content_range,
    has_changed,
    range_fields,
    without_ranges,
)

if TYPE_CHECKING:
    from httpcli.core.download import Download
    from httpcli.core.events import ResponseStarted
    from httpcli.core.headers import Fields
    from httpcli.core.interfaces import Notify
    from httpcli.core.request import Request
    from httpcli.download.resume import MissingRange
    from httpcli.progress.tracker import Progress
    from httpcli.run_context import RunContext


class Action(Enum):
    """What to do with a response."""

    SAVE = "save"
    """Write its body to the file."""
    REFUSE = "refuse"
    """It is an error, or a redirect that is not followed: show its body to the user."""
    REQUEST_AGAIN = "request again"
    """Its body cannot be used: send another request at once."""
    FINISH = "finish"
    """The file exists or is complete: send no more requests."""


class RangeRequest(NamedTuple):
    """A request for the file, or for a missing range of it."""

    request: Request
    missing: MissingRange | None
    """The requested range; None for the whole file."""


class ResponseHandler:
    """Decides what to do with each response of one download. Its methods raise HttpcliError."""

    def __init__(
        self,
        settings: Download,
        request: Request,
        context: RunContext,
        progress: Progress,
        notify: Notify,
        finished: dict[str, str] | None = None,
    ) -> None:
        """``finished``: as for ``DownloadTarget``."""
        self._settings = settings
        self._notify = notify
        self._target = DownloadTarget(settings, request.url, context, finished)
        self._typed_range = request.fields.first("Range")
        # Ranges are defined for GET only (RFC 9110, 14.2), and for the same request.
        may_resume = request.method == "GET" and request.body is None and not self.has_user_range
        self.writer = FileWriter(
            settings, str(request.url), self._target, progress, notify, may_resume=may_resume
        )
        self.checksum = ChecksumVerifier(settings.expected_checksums, request)
        self._has_started_over = False
        """Whether a joined file had a wrong checksum, and was downloaded again."""
        self._conditions: list[Field] = []
        """Conditional headers that are added to each request."""

    @property
    def name(self) -> str:
        """The file as the user would type it; empty until it has a name."""
        return self._target.name

    @property
    def has_user_range(self) -> bool:
        """Whether the user set a Range header: then that range is the whole file."""
        return self._typed_range is not None

    def prepare(self) -> bool:
        """Check the directory and existing file before the first request.

        Return whether to send a request.
        """
        self._target.prepare()
        if self._settings.existing is ExistingFile.NEWER and not self._settings.writes_to_stdout:
            self._request_newer_only()
        resumes = self._settings.resume is not Resume.NO
        has_name = self._target.is_named or (resumes and self._target.take_partial_name())
        if has_name and self._has_file_to_skip:
            if self._settings.expected_checksums:
                return True  # the checksum may have to be fetched first
            self._report_skipped()
            return False
        if has_name:
            self.writer.open()
        return True

    def _request_newer_only(self) -> None:
        """Make the request conditional on a newer file (RFC 9110, 13.1.3)."""
        self._target.name_by_url()
        existing = self._target.existing_file()
        if existing is not None:
            self._conditions = [Field("If-Modified-Since", http_date(existing.time))]

    @property
    def _has_file_to_skip(self) -> bool:
        skips = self._settings.existing is ExistingFile.SKIP
        return skips and self._target.existing_file() is not None

    async def skips_named_file(self) -> bool:
        """Return whether the file that the user named is there, and has its checksum.

        Call it after ``checksum.prepare``. Raises HttpcliError if its checksum is another.
        """
        return self._target.is_named and await self._skips_existing()

    async def _skips_existing(self, response: ResponseStarted | None = None) -> bool:
        if not self._has_file_to_skip:
            return False
        await self.checksum.check_existing(self._target.path, self._target.name, response)
        self._report_skipped()
        return True

    def _report_skipped(self) -> None:
        self._target.finish()
        self._notify(f"{self._target.name}: already exists, not downloaded")

    async def _existing_is_right(self, response: ResponseStarted) -> bool:
        """Return whether the existing file has its checksum; else report that it starts over."""
        try:
            await self.checksum.check_existing(self._target.path, self._target.name, response)
        except HttpcliError as error:
            if error.status is not ExitStatus.INCOMPLETE:
                raise
            reason = error.message.removeprefix(f"{self._target.name}: ")
            self._notify(Restart(reason).message(self._target.name))
            self.writer.ignore_existing_file()
            return False
        return True

    def next_request(self, request: Request) -> RangeRequest:
        """Return the next request: for the missing range, or for the whole file."""
        missing = self.writer.missing() if self.writer.is_open else None
        if self.has_user_range:
            return RangeRequest(request, None)
        fields = without_ranges(request.fields).plus(self._conditions)
        if missing is not None:
            state = missing.state if missing.is_conditional else None
            fields = fields.plus(range_fields(missing.start, missing.end, state))
        return RangeRequest(request._replace(fields=fields), missing)

    async def handle(self, sent: RangeRequest, response: ResponseStarted) -> Action:
        """Decide what to do with a response, from its status and headers; prepare for its body."""
        if response.status in (200, 206):
            self._conditions = []  # the file is newer; a 304 would refuse the rest of it
        check = self._check_range(sent, response)
        if check.result is RangeResult.REFUSED:
            return await self._refuse(response)
        if check.result is RangeResult.NO_FILE:
            raise self._no_file(response, check.reason)
        if not self.writer.is_open:
            self._target.choose_name(response.fields)
            if await self._skips_existing(response):
                return Action.FINISH
            self.writer.open()
            if self.writer.missing() is not None:
                return Action.REQUEST_AGAIN
        match check.result:
            case RangeResult.UNUSABLE:
                return self._restart(sent, response, check.reason)
            case RangeResult.COMPLETE:
                return await self._complete(response)
            case _:
                return await self._save(sent, response, check)

    async def commit(self) -> bool:
        """Verify the checksum and give the file its final name.

        Return False if the file must be downloaded again: the parts from which it was joined do
        not have the checksum together. That is done once.
        """
        try:
            await self.checksum.check(self.name)
        except HttpcliError as error:
            if not self.writer.is_joined or self._has_started_over:
                self.writer.part.discard()
                raise
            self._has_started_over = True
            self._notify(
                f"{error.message}: starting over, because the file was joined from several parts"
            )
            self.writer.start_over(may_resume=False)
            return False
        await self.writer.commit()
        self._target.finish()
        return True

    def _check_range(self, sent: RangeRequest, response: ResponseStarted) -> RangeCheck:
        if self._typed_range is not None and response.status == 206:
            reason = check_typed_range(self._typed_range, response.fields)
            return RangeCheck(RangeResult.UNUSABLE if reason else RangeResult.WHOLE, reason)
        missing = sent.missing
        required = RangeRequirements(
            known=None if missing is None else missing.state,
            start=None if missing is None else missing.start,
            method=sent.request.method,
            is_proven_otherwise=self._is_proven_otherwise(),
        )
        is_decoded = _is_decoded(response, sent.request)
        return check_range_response(
            response.status, response.fields, required, is_decoded=is_decoded
        )

    def _is_proven_otherwise(self) -> bool:
        """Return whether a part may be joined without the validator of the partial file.

        The user's trust is in bytes of an earlier run, and in a server without validators.
        """
        if self._settings.checksum_text:
            return True
        is_trusted = self._settings.resume is Resume.TRUST
        return is_trusted and not (self.writer.is_open and self.writer.has_proven_bytes)

    def _no_file(self, response: ResponseStarted, reason: str) -> HttpcliError:
        name = self._target.name or response.url.authority
        if reason:
            return HttpcliError(
                f"{name}: instead of the rest of the file, the server sent {reason}",
                hint="the partial file is kept; without --continue, the download starts over",
                status=ExitStatus.INCOMPLETE,
            )
        status_line = f"{response.status} {response.reason}".rstrip()
        return HttpcliError(
            f"{name}: the server sent no file, but {status_line}",
            hint="nothing was saved, and an existing file is unchanged;"
            " to see the response, leave out --download",
            status=ExitStatus.INCOMPLETE,
        )

    async def _refuse(self, response: ResponseStarted) -> Action:
        if response.status == 304 and self._conditions:
            current = self._target.name
            self._target.name_by_url()  # of the file that is not older, not of a partial file
            if not await self._existing_is_right(response):
                self._conditions = []
                self._target.restore_name(current)
                return Action.REQUEST_AGAIN
            self._target.check_other_files()
            self._target.finish()
            self._notify(f"{self._target.name}: up to date")
            return Action.FINISH
        return Action.REFUSE

    def _restart(self, sent: RangeRequest, response: ResponseStarted, why: str) -> Action:
        if sent.missing is None:
            requested = "the whole file" if self._typed_range is None else self._typed_range
            raise HttpcliError(
                f"{response.url.authority}: requested {requested}, but {why}",
                status=ExitStatus.INCOMPLETE,
            )
        self._report_restart(why)
        # Of a changed file, the new version may be resumed.
        self.writer.start_over(may_resume=has_changed(sent.missing.state, response.fields))
        return Action.REQUEST_AGAIN

    def _report_restart(self, why: str) -> None:
        self._notify(Restart(why).message(self._target.name))

    async def _complete(self, response: ResponseStarted) -> Action:
        if self.writer.resumes_target:
            if not await self._existing_is_right(response):
                self.writer.start_over(may_resume=True)
                return Action.REQUEST_AGAIN
            self._target.finish()
        else:
            self.writer.mark_part_complete()
            self.checksum.start(
                self.writer.part, self.name, response, ignore_server_checksum=False
            )
            if not await self.commit():
                return Action.REQUEST_AGAIN
        self._notify(f"{self._target.name}: already complete")
        return Action.FINISH

    async def _save(
        self, sent: RangeRequest, response: ResponseStarted, check: RangeCheck
    ) -> Action:
        fields, writer = response.fields, self.writer
        received = content_range(fields.single("Content-Range")) if check.end is not None else None
        if sent.missing is not None and received is not None:
            await writer.resume(fields, sent.missing, received.end, received.size)
            if not self.checksum.is_started:
                self.checksum.start(writer.part, self.name, response, ignore_server_checksum=False)
            return Action.SAVE
        is_decoded = _is_decoded(response, sent.request)
        length = received.size if received is not None else _length(fields)
        is_whole = not is_decoded and writer.existing_file_matches(fields, length)
        if is_whole and await self._existing_is_right(response):
            self._target.finish()
            self._notify(f"{self._target.name}: already complete")
            return Action.FINISH
        if sent.missing is not None and not has_changed(sent.missing.state, fields):
            writer.note_that_no_parts_are_sent()
        restart = Restart(check.reason) if check.reason else None
        if restart is None and not is_whole:
            restart = writer.why_start_over(length)
        if restart is not None:
            self._notify(restart.message(self._target.name))
        writer.begin(fields, length, is_decoded=is_decoded)
        self.checksum.start(
            writer.part,
            self.name,
            response,
            ignore_server_checksum=is_decoded or self.has_user_range,
        )
        if received is not None:
            writer.set_response_end(received.end)
        return Action.SAVE


def _is_decoded(response: ResponseStarted, request: Request) -> bool:
    """Return whether a content coding is decoded, so that other bytes are saved than were sent."""
    coding = content_coding(response.fields)
    return bool(coding) and not request.keeps_coding(coding)


def _length(fields: Fields) -> int | None:
    return None if fields.has("Transfer-Encoding") else fields.content_length
