"""What becomes of one response in a download: it begins the file, goes on with it, or does not."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.download import ExistingFile, Resume
from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Field
from httpcli.download.checksum import ChecksumVerifier
from httpcli.download.target import Target
from httpcli.download.writer import FileWriter
from httpcli.protocol.dates import http_date
from httpcli.protocol.ranges import (
    Judged,
    RangeVerdict,
    content_range,
    judged,
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
    """What becomes of a response."""

    TAKEN = "taken"
    """Its content goes into the file."""
    REFUSED = "refused"
    """It is an error, or a redirect to nowhere: its content is for the user to read."""
    USELESS = "useless"
    """Another request is needed, at once."""
    NEEDLESS = "needless"
    """The file is there already; nothing more is asked for."""


class ResumeRequest(NamedTuple):
    """A request of a download, and the part that it asks for (None: all)."""

    request: Request
    rest: MissingRange | None


class ResponseHandler:
    """Fills one file from responses. Its methods raise HttpcliError."""

    def __init__(
        self,
        wish: Download,
        request: Request,
        context: RunContext,
        progress: Progress,
        tell: Notify,
    ) -> None:
        self._wish = wish
        self._tell = tell
        self._place = Target(wish, request.url, context)
        self.saving = FileWriter(wish, str(request.url), self._place, progress, tell)
        self.proving = ChecksumVerifier(wish.expected_checksum, request)
        self._own_range = request.fields.has("Range")
        self._conditions: list[Field] = []

    @property
    def name(self) -> str:
        """The file as the user would type it; empty while it has none."""
        return self._place.name

    @property
    def wants_part(self) -> bool:
        """Whether the user asked for a part himself, which is then all of it."""
        return self._own_range

    def say_changed(self) -> None:
        """Start over because what is fetched is no longer what is there."""
        self._say_starting_over("it has changed on the server")
        self.saving.start_over()

    def prepare(self) -> bool:
        """Do what can be done before anything is sent; tell whether anything need be sent."""
        self._place.prepare()
        if self._wish.existing is ExistingFile.NEWER and not self._wish.to_stdout:
            self._compare()
        if self._place.is_named and self._is_to_be_skipped():
            return False
        goes_on = self._wish.resume is not Resume.NO
        if self._place.is_named or (goes_on and self._place.find()):
            self.saving.open()
        return True

    def _compare(self) -> None:
        """Ask for what is newer than the file that is there (RFC 9110, 13.1.3)."""
        self._place.guess()
        existed = self._place.existed()
        if existed is not None:
            self._conditions = [Field("If-Modified-Since", http_date(existed.time))]

    def _is_to_be_skipped(self) -> bool:
        if self._wish.existing is not ExistingFile.SKIP or self._place.existed() is None:
            return False
        self._tell(f"{self._place.name} is there already")
        return True

    def asking(self, request: Request) -> ResumeRequest:
        """Return the request for what is missing."""
        rest = self.saving.rest() if self.saving.is_open else None
        if self._own_range:
            return ResumeRequest(request, None)
        fields = without_ranges(request.fields).plus(self._conditions)
        if rest is not None:
            known = rest.known if rest.proven else None
            fields = fields.plus(range_fields(rest.start, rest.end, known))
        return ResumeRequest(request._replace(fields=fields), rest)

    async def head(self, asked: ResumeRequest, response: ResponseStarted) -> Action:
        """Settle what becomes of a response, by its head."""
        found = self._judged(asked, response)
        if found.verdict is RangeVerdict.REFUSED:
            return self._refused(response)
        if not self.saving.is_open:
            self._place.choose(response.fields)
            if self._is_to_be_skipped():
                return Action.NEEDLESS
            self.saving.open()
            if self.saving.rest() is not None:
                return Action.USELESS
        match found.verdict:
            case RangeVerdict.USELESS:
                return self._useless(asked, response, found.why)
            case RangeVerdict.COMPLETE:
                return await self._complete(response)
            case _:
                return await self._take(asked, response, found)

    async def commit(self) -> None:
        """Give the file its name, if it is what it should be."""
        try:
            await self.proving.check(self.name)
        except HttpcliError:
            self.saving.part.discard()
            raise
        await self.saving.commit()

    def _judged(self, asked: ResumeRequest, response: ResponseStarted) -> Judged:
        if self._own_range and response.status == 206:
            return Judged(RangeVerdict.WHOLE)  # the part that the user asked for is all of it
        known, start = (None, None) if asked.rest is None else (asked.rest.known, asked.rest.start)
        found = judged(response.status, response.fields, known, start)
        if found.verdict is RangeVerdict.PART and _is_coded(response, asked.request):
            return Judged(RangeVerdict.USELESS, "the server sends parts of coded content")
        return found

    def _refused(self, response: ResponseStarted) -> Action:
        if response.status == 304 and self._conditions:
            self._tell(f"{self._place.name}: the server has nothing newer")
            return Action.NEEDLESS
        return Action.REFUSED

    def _useless(self, asked: ResumeRequest, response: ResponseStarted, why: str) -> Action:
        if asked.rest is None:
            raise HttpcliError(
                f"{response.url.authority}: all of it was asked for, but {why}",
                status=ExitStatus.INCOMPLETE,
            )
        self._say_starting_over(why)
        self.saving.start_over()
        return Action.USELESS

    def _say_starting_over(self, why: str) -> None:
        self._tell(f"{self._place.name}: {why}, so it starts over")

    async def _complete(self, response: ResponseStarted) -> Action:
        if not self.saving.is_there():
            self.proving.begin(self.saving.part, self.name, response, coded=False)
            await self.commit()
        self._tell(f"{self._place.name} is complete already")
        return Action.NEEDLESS

    async def _take(
        self, asked: ResumeRequest, response: ResponseStarted, found: Judged
    ) -> Action:
        fields, saving = response.fields, self.saving
        came = content_range(fields.first("Content-Range")) if found.end is not None else None
        if asked.rest is not None and came is not None:
            await saving.go_on(fields, asked.rest, came.end, came.size)
            if not self.proving.is_begun:
                self.proving.begin(saving.part, self.name, response, coded=False)
            return Action.TAKEN
        coded = _is_coded(response, asked.request)
        length = came.size if came is not None else _length(fields)
        if not coded and saving.is_finished(fields, length):
            self._tell(f"{self._place.name} is complete already")
            return Action.NEEDLESS
        if found.why:
            self._say_starting_over(found.why)
        saving.begin(fields, length, coded=coded)
        self.proving.begin(saving.part, self.name, response, coded=coded or self._own_range)
        if came is not None:
            saving.expect(came.end)
        return Action.TAKEN


def _is_coded(response: ResponseStarted, request: Request) -> bool:
    """Tell whether the content that comes is another than the one that was sent."""
    codings = ",".join(response.fields.all_values("Content-Encoding"))
    return codings.strip().lower() not in ("", "identity") and not request.keeps_coding(codings)


def _length(fields: Fields) -> int | None:
    return None if fields.has("Transfer-Encoding") else fields.content_length
