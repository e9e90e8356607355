"""Keeps values that were given by reference out of what is shown of a request.

They stand nowhere else: not in argv, not in a history, not in ``ps``. A field
knows that it is such a one (``Field.secret``); in the target and the content
they are found by their text, in each way that they can be written there.
"""

from __future__ import annotations

from collections.abc import Iterable
from json import dumps

from httpcli.model.events import Event, RequestChunk, RequestStarted
from httpcli.model.shown import REDACTED
from httpcli.model.url_text import form_quote


class Redaction:
    """Rewrites the events of a request."""

    def __init__(self, secrets: Iterable[str]) -> None:
        # The longest first: one may be part of another.
        texts = sorted({text for text in secrets if text}, key=len, reverse=True)
        self._targets = [form_quote(text) for text in texts]
        forms = [[text, dumps(text)[1:-1], form_quote(text)] for text in texts]
        self._contents = [form.encode("utf-8", "surrogateescape") for row in forms for form in row]

    def of(self, event: Event) -> Event:
        """Return the event as it may be shown."""
        match event:
            case RequestStarted(target=target):
                for secret in self._targets:
                    target = target.replace(secret, REDACTED)
                return event._replace(target=target)
            case RequestChunk(data):
                for secret_bytes in self._contents:
                    data = data.replace(secret_bytes, REDACTED.encode())
                return RequestChunk(data)
            case _:
                return event
