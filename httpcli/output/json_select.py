"""Shows a selection from a JSON body in place of the body (``--select``).

Numbers that are not computed, repeated keys and the order of keys are not changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Final

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.json_limits import JsonLimits
from httpcli.core.json_prefix import json_prefix
from httpcli.output.body import BodyFormatter, displayed_media_type
from httpcli.protocol.declared_charsets import UTF_8, ReadAs
from httpcli.syntax.lossless_json import (
    Json,
    NotJsonError,
    TooManyValuesError,
    dump_pieces,
    parse,
)

if TYPE_CHECKING:
    from httpcli.core.headers import Fields
    from httpcli.core.interfaces import Notify
    from httpcli.core.plan import Display

_BATCH: Final = 1 << 16
"""Characters that are formatted at once."""
_MAX_GROWTH: Final = 2
"""How many times longer than the longest body a selection may be."""


class SelectedBody:
    """Shows the selection of ``display`` once the body is complete. Used like ``BodyFormatter``.

    Raises HttpcliError for a body that is not JSON or too long.
    """

    suppressed = False

    def __init__(self, display: Display, fields: Fields, notify: Notify) -> None:
        self._display = display
        self._fields = fields
        self._notify = notify
        self._limits = display.json_limits or JsonLimits()
        self._held = bytearray()
        self.coloured = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Hold the next piece of the body."""
        self._check_type()
        if len(self._held) + len(data) > self._limits.size:
            raise HttpcliError(
                f"the body has more than {self._limits.size_text}: too much to select from",
                hint="--max-json-size sets the limit; -o FILE saves the body",
                status=ExitStatus.INCOMPLETE,
            )
        self._held += data
        return iter(())

    def _check_type(self) -> None:
        """Reject media types with many values: such a stream may never end."""
        media = displayed_media_type(self._display, self._fields, received=True)
        if media.is_event_stream or media.is_json_lines or media.subtype == "json-seq":
            each = "with --events=json, each event" if media.is_event_stream else "each"
            raise HttpcliError(
                f"--select: the body is {media.essence}: not one JSON value but many",
                hint=f"{each} is one line: use jq",
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
            selected = selection.select(parse(self._text(), self._limits.values))
        except TooManyValuesError as error:
            raise HttpcliError(
                f"--select: the body is too large: {error}",
                hint="--max-json-values sets the limit; -o FILE saves the body",
                status=ExitStatus.INCOMPLETE,
            ) from None
        except NotJsonError as error:
            raise HttpcliError(
                f"--select: the body is not JSON: {error}",
                hint="to detect error pages: --check-status or --fail",
                status=ExitStatus.INCOMPLETE,
            ) from None
        except ValueError as error:
            raise HttpcliError(f"--select: {error}") from None
        if selection.raw and isinstance(selected, str | list):
            pieces = (piece for value in _values(selected) for piece in _raw(value))
            yield from self._formatted(pieces, "text/plain")
        else:
            yield from self._formatted(chain(dump_pieces(selected), "\n"), "application/json")

    def _text(self) -> str:
        """Return the body as text. Raises NotJsonError if it cannot be decoded."""
        data, self._held = self._held, bytearray()
        read_as = ReadAs(self._display.response_media_type, self._display.response_charset)
        charset = read_as.charset_of(self._fields, data)
        try:
            text = data.decode(charset.name)
        except UnicodeDecodeError as error:
            raise NotJsonError(f"byte {error.start} is not {charset.name}", 0) from None
        return text[len(json_prefix(text) or "") :]

    def _formatted(self, texts: Iterable[str], media_type: str) -> Iterator[bytes]:
        """Yield text formatted as a body of that type, with a line end after the last line."""
        display = self._display._replace(
            response_media_type=media_type, response_charset=UTF_8, selection=None
        )
        body = BodyFormatter(display, self._fields, self._notify, received=True)
        last = b"\n"
        for text in self._batches(texts):
            for piece in body.feed(text.encode("utf-8", "replace")):
                last = piece or last
                yield piece
        for piece in body.flush():
            last = piece or last
            yield piece
        self.coloured = body.coloured
        if not (self.coloured or last.endswith(b"\n")):
            yield b"\n"

    def _batches(self, texts: Iterable[str]) -> Iterator[str]:
        """Yield the texts in larger pieces. Raises HttpcliError if they are too long."""
        batch: list[str] = []
        length = total = 0
        for text in texts:
            batch.append(text)
            length += len(text)
            if length < _BATCH:
                continue
            yield "".join(batch)
            batch.clear()
            total, length = total + length, 0
            if total > _MAX_GROWTH * self._limits.size:
                raise HttpcliError(
                    f"--select: the selection is longer than {_MAX_GROWTH} times "
                    f"{self._limits.size_text}",
                    hint="--max-json-size sets the limit",
                    status=ExitStatus.INCOMPLETE,
                )
        yield "".join(batch)


def _values(selected: Json) -> list[Json]:
    return selected if isinstance(selected, list) else [selected]


def _raw(value: Json) -> Iterable[str]:
    return (value, "\n") if isinstance(value, str) else chain(dump_pieces(value), "\n")
