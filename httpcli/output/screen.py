"""Writes an exchange to the output: which parts, in which order, and the lines between them.

The layout is HTTPie's. On a terminal a body is followed by an empty line; elsewhere an empty
line comes before a message that follows a body. A body that needs no formatting is written
unchanged, without copying it and without importing the formats.
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
    from httpcli.output.head import HeadFormatter
    from httpcli.output.json_select import SelectedBody

_GAP = b"\n\n"
_RESET_COLOURS = b"\x1b[0m"
"""``theme.RESET``. Unformatted output does not import the theme."""
_MAX_HELD = 1 << 20
"""Bytes of a request that are held until it is known whether it is shown."""


def _ignore(_notice: str) -> None:
    """Print no notice."""


class Screen:
    """Writes the parts of exchanges that ``display`` selects.

    Without ``display.all_exchanges``, a request is written when its response turns out to be
    the last one; with ``display.may_resend``, when a response has arrived. The constructor
    raises UsageError for an unknown style; methods raise the errors of ``write``.
    """

    def __init__(self, display: Display, write: Write, notify: Notify = _ignore) -> None:
        self._display = display
        self._notify = notify
        self._write = write
        self._heads: HeadFormatter | None = None
        if display.parts & {"H", "h", "m"} or display.colours:
            from httpcli.output.head import HeadFormatter

            self._heads = HeadFormatter(display)
        self._formatted = bool(
            display.guard_terminal or display.format or display.colours or display.events_as_json
        )
        # Like HTTPie: the last line is ended if the body is only guarded, or coloured.
        for_person = display.to_terminal or display.guard_terminal
        self._ends_lines = for_person and not (display.format or display.colours)
        self._body: BodyFormatter | SelectedBody | None = None
        self._body_is_open = False
        """Whether a body is being shown."""
        self._line_is_open = False
        """Whether its last line has no line end yet."""
        self._after_body = False
        """Whether the last part of the output is a body."""
        self._hidden = False
        """Whether the current response is not shown."""
        self._held: bytearray | None = None
        """Output of a request that may not be shown; None if output is not held."""
        self._after_body_before = False
        """``_after_body`` before that request."""
        self._connection: Connection | None = None

    @property
    def needs_body(self) -> bool:
        """Whether more of the response's body would be shown."""
        return "b" in self._display.parts and not (
            self._body is not None and self._body.suppressed
        )

    def observe(self, event: Event) -> None:
        """Write the output for an event."""
        match event:
            case ResponseChunk(data):
                if self._body_is_open and not self._hidden:
                    self._take_body(data)
            case RequestChunk(data):
                if self._body_is_open:
                    self._take_body(data)
            case RequestStarted():
                self._start_request(event)
            case ResponseStarted():
                self._start_response(event)
            case ResponseEnded():
                self._end_response(event)
            case Retrying():
                self._discard_attempt()

    def show_body(self, data: bytes) -> None:
        """Write output that the caller formatted, in place of the body."""
        if self._body_is_open and not self._hidden:
            self._write_body(data)

    @property
    def holds_output(self) -> bool:
        """Whether output may be held until more of the body arrives."""
        return self._body is not None and self._body_is_open

    def pause(self) -> None:
        """Write held output of the body, because no data arrived for a while."""
        if self._body is not None and self._body_is_open:
            for piece in self._body.pause():
                self._write_body(piece)

    def finish(self) -> None:
        """Write held output. No more events will follow."""
        self._end_body(gap=self._display.to_terminal)
        self._release()

    def end_early(self) -> None:
        """Write held output after an interruption: no selection from an incomplete body."""
        if self._display.selection is not None:
            self._body_is_open = False
        self.finish()

    def change_display(self, display: Display) -> None:
        """Show other parts from now on. The formats and colours must stay the same."""
        self._display = display

    def abandon(self) -> None:
        """Reset colours and drop held output, after Ctrl-C interrupted a write.

        Held output would follow a gap, and look like text that the server sent.
        """
        if self._formatted and self._display.to_terminal:
            self._write(_RESET_COLOURS)
        self._body_is_open = False
        self._held = None

    def _start_request(self, head: RequestStarted) -> None:
        self._end_body(gap=self._display.to_terminal)
        self._release()
        self._hidden = False
        parts = self._display.parts
        if (self._display.may_resend or not self._display.all_exchanges) and parts & {"H", "B"}:
            self._held = bytearray()
            self._after_body_before = self._after_body
        if parts & {"H", "B"}:
            self._separate()
        if self._heads is not None and "H" in parts:
            self._output(self._heads.request(head))
        self._start_body("B", head.fields)

    def _start_response(self, head: ResponseStarted) -> None:
        self._end_body(gap=self._display.to_terminal)
        self._connection = head.connection
        self._hidden = head.is_followed and not self._display.all_exchanges
        if self._hidden:
            self._discard_held()
            return
        self._release()
        parts = self._display.parts
        if parts & {"h", "b", "m"}:
            self._separate()
        if self._heads is not None and "h" in parts:
            if self._display.all_heads:
                for other in (head.tunnel, *head.interim):
                    if other is not None:
                        self._output(self._heads.response(other))
            self._output(self._heads.response(head))
        self._start_body("b", head.fields, last=not head.is_followed)

    def _discard_held(self) -> None:
        """Discard held output."""
        if self._held is not None:
            self._held = None
            self._after_body = self._after_body_before

    def _discard_attempt(self) -> None:
        """Discard the request, which is sent again, unless it was too long to hold."""
        self._end_body(gap=self._display.to_terminal)
        self._discard_held()

    def _end_response(self, end: ResponseEnded) -> None:
        if self._hidden:
            return
        parts = self._display.parts
        writer = self._heads if "m" in parts else None
        trailers = end.trailers if self._display.all_heads and "h" in parts else None
        had_body = self._body_is_open
        self._end_body(gap=self._display.to_terminal or writer is not None or bool(trailers))
        if trailers and self._heads is not None:
            self._output(self._heads.trailers(trailers))
        if writer is not None:
            self._output(writer.meta(end.elapsed, self._connection))
        self._after_body = had_body

    def _start_body(self, part: str, fields: Fields, *, last: bool = False) -> None:
        self._body_is_open = part in self._display.parts
        self._after_body = self._body_is_open
        self._line_is_open = False
        self._body = None
        if self._body_is_open and last and self._display.selection is not None:
            from httpcli.output.json_select import SelectedBody

            self._body = SelectedBody(self._display, fields, self._notify)
        elif self._body_is_open and self._formatted:
            from httpcli.output.body import BodyFormatter

            self._body = BodyFormatter(self._display, fields, self._notify, received=part == "b")

    def _take_body(self, data: bytes) -> None:
        """Write a piece of the body."""
        if self._body is None:
            self._write_body(data)
            return
        for piece in self._body.feed(data):
            self._write_body(piece)

    def _write_body(self, data: bytes) -> None:
        if data:
            # Colours are reset after the last line end.
            if text := data.removesuffix(_RESET_COLOURS):
                self._line_is_open = not text.endswith(b"\n")
            self._output(data)

    def _end_body(self, *, gap: bool) -> None:
        """End the body that is being shown, if any."""
        if not self._body_is_open:
            return
        self._body_is_open = False
        if self._body is not None:
            for piece in self._body.flush():
                self._write_body(piece)
        coloured = self._body is not None and self._body.coloured
        if self._line_is_open and (self._ends_lines or coloured):
            self._output(b"\n")
        if gap:
            self._output(_GAP)

    def _separate(self) -> None:
        """Separate a message from the body before it. On a terminal the body ended with a gap."""
        if self._after_body and not self._display.to_terminal:
            self._output(_GAP)
        self._after_body = False

    def _output(self, data: bytes) -> None:
        """Write or hold output."""
        if self._held is None:
            self._write(data)
            return
        self._held += data
        if len(self._held) > _MAX_HELD:
            # Too much to hold: show the request, even if its response is followed.
            self._release()

    def _release(self) -> None:
        """Write held output."""
        held, self._held = self._held, None
        if held:
            self._write(bytes(held))
