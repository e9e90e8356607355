"""What is shown of a JSON body in place of it: collected whole, selected from, then dressed.

Numbers that nobody computed, repeated keys and the order of keys stay as they
were sent. It is a ``BodyFormatter`` to the screen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.output.body import BodyFormatter, displayed_media_type
from httpcli.protocol.charsets import UTF_8, charset_of
from httpcli.syntax.json_values import Json, NotJsonError, dump, parse

if TYPE_CHECKING:
    from httpcli.core.headers import Fields
    from httpcli.core.interfaces import Notify
    from httpcli.core.plan import Display

MOST_HELD: Final = 64 * 1024 * 1024
"""Bytes of content that are looked at."""


class SelectedBody:
    """Shows what the selection of ``display`` gives once the content is whole.

    Raises HttpcliError for content that is not JSON or too long for it.
    """

    suppressed = False

    def __init__(self, display: Display, fields: Fields, tell: Notify) -> None:
        self._show = display
        self._fields = fields
        self._tell = tell
        self._held = bytearray()
        self.coloured = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take the next piece of content; nothing is shown yet."""
        self._check_type()
        self._held += data
        if len(self._held) > MOST_HELD:
            raise HttpcliError(
                f"the content has more than {MOST_HELD >> 20} MiB: too much to select from",
                hint="save it with -o FILE",
            )
        return iter(())

    def _check_type(self) -> None:
        """Refuse many values, perhaps without an end: nothing is waited for."""
        media = displayed_media_type(self._show, self._fields, received=True)
        if media.is_events or media.is_json_lines or media.subtype == "json-seq":
            each = "with --events=json each event" if media.is_events else "each"
            raise HttpcliError(
                f"--select: {media.essence} is not one JSON value but many",
                hint=f"{each} is a line, which jq selects from",
                status=ExitStatus.INCOMPLETE,
            )

    def pause(self) -> Iterator[bytes]:
        """Nothing came for a while; there is nothing to show before the end."""
        return iter(())

    def flush(self) -> Iterator[bytes]:
        """The content is whole: give what is shown of it."""
        selection = self._show.selection
        if selection is None:
            return
        try:
            found = selection.select(parse(self._text()))
        except NotJsonError as error:
            raise HttpcliError(
                f"--select: the body is not JSON: {error}",
                hint="--check-status (or --fail) tells an error's page apart",
                status=ExitStatus.INCOMPLETE,
            ) from None
        except ValueError as error:
            raise HttpcliError(f"--select: {error}") from None
        if selection.raw and isinstance(found, str | list):
            yield from self._dressed("".join(map(_raw, _each(found))), "text/plain")
        else:
            yield from self._dressed(dump(found) + "\n", "application/json")

    def _text(self) -> str:
        """Return the content as text. Raises NotJsonError where it is none."""
        data = bytes(self._held)
        charset = charset_of(displayed_media_type(self._show, self._fields, received=True), data)
        try:
            return data.decode(charset.name).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            raise NotJsonError(f"byte {error.start} is not {charset.name}", 0) from None

    def _dressed(self, text: str, media_type: str) -> Iterator[bytes]:
        """Give text as a body of that type would be shown; it ends its last line."""
        display = self._show._replace(
            response_media_type=media_type, response_charset=UTF_8, selection=None
        )
        body = BodyFormatter(display, self._fields, self._tell, received=True)
        last = b"\n"
        for pieces in (body.feed(text.encode("utf-8", "replace")), body.flush()):
            for piece in pieces:
                last = piece or last
                yield piece
        self.coloured = body.coloured
        if not (self.coloured or last.endswith(b"\n")):
            yield b"\n"


def _each(found: Json) -> list[Json]:
    return found if isinstance(found, list) else [found]


def _raw(value: Json) -> str:
    return f"{value if isinstance(value, str) else dump(value)}\n"
