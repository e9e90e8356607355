"""Finds values that were given by reference, in each way that they can be written in a message."""

from __future__ import annotations

import re
from collections.abc import Iterable
from json import dumps

from httpcli.core.escaping import REDACTED
from httpcli.core.url_syntax import form_quote


class References:
    """The texts of secrets. ``longest`` is the length in bytes of the longest form."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for text in secrets for form in (text, dumps(text)[1:-1], form_quote(text))}
        # The longest first: one may be part of another.
        texts = sorted(filter(None, forms), key=len, reverse=True)
        contents = [text.encode("utf-8", "surrogateescape") for text in texts]
        # Without a text there is nothing to find, which an empty pattern would find everywhere.
        self.in_text = re.compile("|".join(map(re.escape, texts)) or r"(?!)")
        self.in_content = re.compile(b"|".join(map(re.escape, contents)) or rb"(?!)")
        self.longest = max(map(len, contents), default=1)

    def hidden(self, text: str) -> str:
        """Return the text without them."""
        return self.in_text.sub(REDACTED, text)

    def hidden_content(self, data: bytes) -> bytes:
        """Return the content without them."""
        return self.in_content.sub(REDACTED.encode(), data)
