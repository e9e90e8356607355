"""Keeps values that were given by reference out of what is shown of a request.

They stand nowhere else: not in argv, not in a history, not in ``ps``. A field
knows that it is such a one (``Field.secret``); in the target and the content
they are found by their text, in each way that they can be written there. In
content that is compressed they cannot be found, so it is not shown at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from json import dumps

from httpcli.model.events import Event, RequestChunk, RequestStarted
from httpcli.model.shown import REDACTED
from httpcli.model.url_text import form_quote


def forms_of(secrets: Iterable[str]) -> list[str]:
    """Return all ways to write secrets; the longest first, for one may hold another."""
    forms = {form for text in secrets for form in (text, dumps(text)[1:-1], form_quote(text))}
    return sorted(filter(None, forms), key=len, reverse=True)


class Redaction:
    """Rewrites the events of a request, holding no more than a secret that may go on."""

    def __init__(self, secrets: Iterable[str]) -> None:
        texts = forms_of(secrets)
        contents = [text.encode("utf-8", "surrogateescape") for text in texts]
        self._in_target = re.compile("|".join(map(re.escape, texts)))
        self._in_content = re.compile(b"|".join(map(re.escape, contents)))
        self._longest = max(map(len, contents), default=1)
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
                yield event._replace(target=self._in_target.sub(REDACTED, target))
                if self._coded:
                    yield RequestChunk(REDACTED.encode())
            case _:
                yield from self.rest()
                yield event

    def rest(self) -> Iterator[Event]:
        """Give what is held: no more content comes."""
        held, self._held = self._held, b""
        if held:
            yield RequestChunk(self._in_content.sub(REDACTED.encode(), held))

    def _content(self, data: bytes) -> Iterator[Event]:
        if self._coded:
            return
        data = self._held + data
        cut = max(0, len(data) - self._longest + 1)
        for found in self._in_content.finditer(data):
            cut = max(cut, found.end())
        self._held = data[cut:]
        if cut:
            yield RequestChunk(self._in_content.sub(REDACTED.encode(), data[:cut]))
