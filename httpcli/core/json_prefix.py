"""Prefixes that servers put before JSON, so that a browser cannot run the response as a script.

They are not JSON. Formats keep them, readers of the JSON skip them.
"""

from __future__ import annotations

import re
from typing import Final

MAX_PREFIX_LENGTH: Final = 64
"""Characters after which a prefix is no longer expected."""

_PREFIX = re.compile(
    "\ufeff?"
    r"(?:[ \t\r\n]*+(?:"
    r"[)\]}]{2,4}'?,?"  # )]}'
    r"|(?:while|for) ?\((?:1|true|;;)\);?(?:</[a-z]>)?"
    r"|throw ?[^;{\[\r\n]{1,40};"
    r"|&&&[A-Z]{1,20}&&&"
    r"|\{\} ?&&"
    r"|/\*[^*]{0,40}\*/"
    r")){0,3}"
)
_STARTS = (")", "]", "}", "w", "f", "t", "&", "/", "<")
_EMPTY_OBJECT_STARTS = ("{", "{}", "{} ", "{}&", "{} &")


def json_prefix(text: str, *, last: bool = True) -> str | None:
    r"""Return the prefix before the JSON, usually empty, with a byte order mark.

    ``last``: no more text follows; if it does, the result is None as long as more of it is
    needed to decide.

    >>> json_prefix(")]}',\n[1]"), json_prefix("while(1);{}"), json_prefix("[1]")
    (")]}',", 'while(1);', '')
    >>> json_prefix(")]", last=False) is None
    True
    """
    match = _PREFIX.match(text)
    prefix = match[0] if match else ""
    if not last and len(text) < MAX_PREFIX_LENGTH:
        rest = text[len(prefix) :].lstrip(" \t\r\n")
        begins = text.lstrip("\ufeff \t\r\n")
        ends_in_prefix = len(prefix) == len(text) and begins.startswith((*_STARTS, "{}"))
        may_begin = rest.startswith(_STARTS) or rest in _EMPTY_OBJECT_STARTS
        if ends_in_prefix or text == "\ufeff" or may_begin:
            return None
    return prefix
