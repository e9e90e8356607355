"""Keeps values that were given by reference out of what is shown of a request.

They stand nowhere else: not in argv, not in a history, not in ``ps``. A field
knows that it is such a one (``Field.secret``); in the target and the content
they are found by their text, in each way that they can be written there. In
content that is compressed they cannot be found, so it is not shown at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from httpcli.core.escaping import REDACTED
from httpcli.core.events import Event, RequestChunk, RequestStarted
from httpcli.protocol.secrets import SecretValues


class ValueRedaction:
    """Rewrites the events of a request, holding no more than a secret that may go on."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._references = SecretValues(secrets)
        self._held = b""
        self._coded = False

    def of(self, event: Event) -> Iterator[Event]:
        """Give what may be shown of the event, and of what was held before it."""
        match event:
            case RequestChunk(data):
                yield from self._content(data)
            case RequestStarted(target=target, fields=fields):
                yield from self.rest()
                self._coded = fields.has("Content-Encoding")
                yield event._replace(target=self._references.hidden(target))
                if self._coded:
                    yield RequestChunk(REDACTED.encode())
            case _:
                yield from self.rest()
                yield event

    def rest(self) -> Iterator[Event]:
        """Give what is held: no more content comes."""
        held, self._held = self._held, b""
        if held:
            yield RequestChunk(self._references.hidden_content(held))

    def _content(self, data: bytes) -> Iterator[Event]:
        if self._coded:
            return
        data = self._held + data
        cut = max(0, len(data) - self._references.longest + 1)
        for found in self._references.in_content.finditer(data):
            cut = max(cut, found.end())
        self._held = data[cut:]
        if cut:
            yield RequestChunk(self._references.hidden_content(data[:cut]))
