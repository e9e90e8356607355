"""Shows a selection from a JSON body in place of the body (``--select``).

Numbers that are not computed, repeated keys and the order of keys are not changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.output.body import BodyFormatter, displayed_media_type
from httpcli.protocol.declared_charsets import UTF_8, charset_of
from httpcli.syntax.lossless_json import Json, NotJsonError, dump, parse

if TYPE_CHECKING:
    from httpcli.core.headers import Fields
    from httpcli.core.interfaces import Notify
    from httpcli.core.plan import Display

MAX_HELD: Final = 64 * 1024 * 1024
"""Bytes of a body that are held to select from it."""


class SelectedBody:
    """Shows the selection of ``display`` once the body is complete. Used like ``BodyFormatter``.

    Raises HttpcliError for a body that is not JSON or too long.
    """

    suppressed = False

    def __init__(self, display: Display, fields: Fields, notify: Notify) -> None:
        self._display = display
        self._fields = fields
        self._notify = notify
        self._held = bytearray()
        self.coloured = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Hold the next piece of the body."""
        self._check_type()
        self._held += data
        if len(self._held) > MAX_HELD:
            raise HttpcliError(
                f"the content has more than {MAX_HELD >> 20} MiB: too much to select from",
                hint="save it with -o FILE",
            )
        return iter(())

    def _check_type(self) -> None:
        """Reject media types with many values: such a stream may never end."""
        media = displayed_media_type(self._display, self._fields, received=True)
        if media.is_event_stream or media.is_json_lines or media.subtype == "json-seq":
            each = "with --events=json each event" if media.is_event_stream else "each"
            raise HttpcliError(
                f"--select: {media.essence} is not one JSON value but many",
                hint=f"{each} is a line, which jq selects from",
                status=ExitStatus.INCOMPLETE,
            )

    def pause(self) -> Iterator[bytes]:
        """Yield nothing: a selection needs the complete body."""
        return iter(())

    def flush(self) -> Iterator[bytes]:
        """Yield the selection. The body is complete."""
        selection = self._display.selection
        if selection is None:
            return
        try:
            selected = selection.select(parse(self._text()))
        except NotJsonError as error:
            raise HttpcliError(
                f"--select: the body is not JSON: {error}",
                hint="--check-status (or --fail) tells an error's page apart",
                status=ExitStatus.INCOMPLETE,
            ) from None
        except ValueError as error:
            raise HttpcliError(f"--select: {error}") from None
        if selection.raw and isinstance(selected, str | list):
            yield from self._formatted("".join(map(_raw, _values(selected))), "text/plain")
        else:
            yield from self._formatted(dump(selected) + "\n", "application/json")

    def _text(self) -> str:
        """Return the body as text. Raises NotJsonError if it cannot be decoded."""
        data = bytes(self._held)
        charset = charset_of(
            displayed_media_type(self._display, self._fields, received=True), data
        )
        try:
            return data.decode(charset.name).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            raise NotJsonError(f"byte {error.start} is not {charset.name}", 0) from None

    def _formatted(self, text: str, media_type: str) -> Iterator[bytes]:
        """Yield text formatted as a body of that type, with a line end after the last line."""
        display = self._display._replace(
            response_media_type=media_type, response_charset=UTF_8, selection=None
        )
        body = BodyFormatter(display, self._fields, self._notify, received=True)
        last = b"\n"
        for pieces in (body.feed(text.encode("utf-8", "replace")), body.flush()):
            for piece in pieces:
                last = piece or last
                yield piece
        self.coloured = body.coloured
        if not (self.coloured or last.endswith(b"\n")):
            yield b"\n"


def _values(selected: Json) -> list[Json]:
    return selected if isinstance(selected, list) else [selected]


def _raw(value: Json) -> str:
    return f"{value if isinstance(value, str) else dump(value)}\n"
