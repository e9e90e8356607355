"""Shows an exchange: which parts, in what order, and what stands between them.

The layout is HTTPie's. On a terminal a message's content ends with an empty
line; elsewhere an empty line comes before the message that follows content. A
body that needs no dressing is written as it came, uncopied, and loads nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.events import (
    Event,
    RequestChunk,
    RequestStarted,
    ResponseChunk,
    ResponseEnded,
    ResponseStarted,
    Retrying,
)
from httpcli.core.plan import Display

if TYPE_CHECKING:
    from httpcli.core.connection_info import Connection
    from httpcli.core.headers import Fields
    from httpcli.core.interfaces import Notify, Write
    from httpcli.output.body import BodyFormatter
    from httpcli.output.head import HeadWriter
    from httpcli.output.selection import SelectedBody

_GAP = b"\n\n"
_COLOURS_BACK = b"\x1b[0m"
"""``theme.RESET``; an undressed screen does not load the theme."""
_MOST_HELD = 1 << 20
"""Bytes of a request that wait until it is known whether it is shown."""


def _keep_quiet(_what: str) -> None:
    """Say nothing."""


class Screen:
    """Writes what ``display`` asks for of what it sees.

    Without ``display.every``, a request is written when its response is known to
    be the last one; with ``display.may_resend``, when it is known that one comes.
    Raises UsageError for a style that nobody knows, when it is
    made; whatever ``write`` raises.
    """

    def __init__(self, display: Display, write: Write, tell: Notify = _keep_quiet) -> None:
        self._show = display
        self._tell = tell
        self._write = write
        self._heads: HeadWriter | None = None
        if display.parts & {"H", "h", "m"} or display.colours:
            from httpcli.output.head import HeadWriter

            self._heads = HeadWriter(display)
        self._dressed = bool(
            display.guard_terminal or display.format or display.colours or display.events_as_json
        )
        # As HTTPie: what is neither formatted nor coloured, or coloured, ends its last line.
        person = display.terminal or display.guard_terminal
        self._ends_lines = person and not (display.format or display.colours)
        self._body: BodyFormatter | SelectedBody | None = None
        self._open = False
        self._ragged = False
        self._after_content = False
        self._skipped = False
        self._held: bytearray | None = None
        self._held_before = False
        self._connection: Connection | None = None

    @property
    def wants_content(self) -> bool:
        """Whether more of the response's content would be shown."""
        return "b" in self._show.parts and not (self._body is not None and self._body.suppressed)

    def observe(self, event: Event) -> None:
        """Write what this event adds to the screen."""
        match event:
            case ResponseChunk(data):
                if self._open and not self._skipped:
                    self._content(data)
            case RequestChunk(data):
                if self._open:
                    self._content(data)
            case RequestStarted():
                self._request(event)
            case ResponseStarted():
                self._response(event)
            case ResponseEnded(elapsed):
                self._ended(elapsed)
            case Retrying():
                self._forget()

    def display(self, data: bytes) -> None:
        """Write what others made of content, where content goes."""
        if self._open and not self._skipped:
            self._write_content(data)

    @property
    def holds(self) -> bool:
        """Whether some content may be held back until more of it comes."""
        return self._body is not None and self._open

    def pause(self) -> None:
        """Nothing came for a while: write what a person should not have to wait for."""
        if self._body is not None and self._open:
            for piece in self._body.pause():
                self._write_content(piece)

    def finish(self) -> None:
        """Nothing more will come: write what is still held back, however it ended."""
        self._end_content(gap=self._show.terminal)
        self._release()

    def interrupted(self) -> None:
        """Nothing more will come, too early: the same, but nothing is selected from a part."""
        if self._show.selection is not None:
            self._open = False
        self.finish()

    def go_on_with(self, display: Display) -> None:
        """Show what comes from now on in another way, which has the same formats and colours."""
        self._show = display

    def abandoned(self) -> None:
        """Whatever was being written was cut anywhere: end colours, and write nothing more.

        What is held back would stand behind a gap, and be read as what was sent.
        """
        if self._dressed and self._show.terminal:
            self._write(_COLOURS_BACK)
        self._open = False
        self._held = None

    def _request(self, head: RequestStarted) -> None:
        self._end_content(gap=self._show.terminal)
        self._release()
        self._skipped = False
        parts = self._show.parts
        if (self._show.may_resend or not self._show.all_exchanges) and parts & {"H", "B"}:
            self._held = bytearray()
            self._held_before = self._after_content
        if parts & {"H", "B"}:
            self._separate()
        if self._heads is not None and "H" in parts:
            self._put(self._heads.request(head))
        self._start_content("B", head.fields)

    def _response(self, head: ResponseStarted) -> None:
        self._end_content(gap=self._show.terminal)
        self._connection = head.connection
        self._skipped = head.intermediary and not self._show.all_exchanges
        if self._skipped:
            self._drop()
            return
        self._release()
        parts = self._show.parts
        if parts & {"h", "b", "m"}:
            self._separate()
        if self._heads is not None and "h" in parts:
            self._put(self._heads.response(head))
        self._start_content("b", head.fields, last=not head.intermediary)

    def _drop(self) -> None:
        """Leave what is held unwritten."""
        if self._held is not None:
            self._held = None
            self._after_content = self._held_before

    def _forget(self) -> None:
        """The request is sent again: this one is not shown, unless it was too long to hold."""
        self._end_content(gap=self._show.terminal)
        self._drop()

    def _ended(self, elapsed: float) -> None:
        if self._skipped:
            return
        meta = self._heads if "m" in self._show.parts else None
        had_content = self._open
        self._end_content(gap=self._show.terminal or meta is not None)
        if meta is not None:
            self._put(meta.meta(elapsed, self._connection))
        self._after_content = had_content

    def _start_content(self, part: str, fields: Fields, *, last: bool = False) -> None:
        self._open = part in self._show.parts
        self._after_content = self._open
        self._ragged = False
        self._body = None
        if self._open and last and self._show.selection is not None:
            from httpcli.output.selection import SelectedBody

            self._body = SelectedBody(self._show, fields, self._tell)
        elif self._open and self._dressed:
            from httpcli.output.body import BodyFormatter

            self._body = BodyFormatter(self._show, fields, self._tell, received=part == "b")

    def _content(self, data: bytes) -> None:
        """Write a piece of content."""
        if self._body is None:
            self._write_content(data)
            return
        for piece in self._body.feed(data):
            self._write_content(piece)

    def _write_content(self, data: bytes) -> None:
        if data:
            # The colours are set back behind the last line end, too.
            if text := data.removesuffix(_COLOURS_BACK):
                self._ragged = not text.endswith(b"\n")
            self._put(data)

    def _end_content(self, *, gap: bool) -> None:
        """End the content that is being shown, if any."""
        if not self._open:
            return
        self._open = False
        if self._body is not None:
            for piece in self._body.flush():
                self._write_content(piece)
        coloured = self._body is not None and self._body.coloured
        if self._ragged and (self._ends_lines or coloured):
            self._put(b"\n")
        if gap:
            self._put(_GAP)

    def _separate(self) -> None:
        """Set a message apart from the content before it; a terminal has its gap already."""
        if self._after_content and not self._show.terminal:
            self._put(_GAP)
        self._after_content = False

    def _put(self, data: bytes) -> None:
        """Write, or hold back."""
        if self._held is None:
            self._write(data)
            return
        self._held += data
        if len(self._held) > _MOST_HELD:
            # Too much to keep: a request that may be intermediary is shown too.
            self._release()

    def _release(self) -> None:
        """Write what was held back."""
        held, self._held = self._held, None
        if held:
            self._write(bytes(held))
