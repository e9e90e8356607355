"""One JSON value on one line that can stand anywhere, a terminal too."""

from __future__ import annotations

import json
import re

# As in output.safety, but for what JSON itself escapes; line ends of other kinds, too.
_ACTING = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def json_line(value: object) -> str:
    """Return the line, with its end. Nothing in it drives a terminal, and nothing is lost."""
    text = json.dumps(value, ensure_ascii=False)
    return _ACTING.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"
