"""docs/limits.md has the limits of ``core.limits``, and the options that change them exist."""

from __future__ import annotations

import re

import pytest

from httpcli.core import limits
from httpcli.options.table import OPTIONS
from tests.support.environment import ROOT

PAGE = (ROOT / "docs/limits.md").read_text()
ROWS = [
    ("response headers in all", f"{limits.MAX_HEADER_SIZE >> 10} KiB"),
    ("number of headers", f"{limits.MAX_HEADERS:,}"),
    ("interim responses (100", str(limits.MAX_INTERIM_RESPONSES)),
    ("redirects", str(limits.MAX_REDIRECTS)),
    ("content codings", str(limits.MAX_CODINGS)),
    ("decoded body for", f"{limits.MAX_JSON_SIZE >> 20} MiB"),
    ("values in a JSON document", f"{limits.MAX_JSON_VALUES:,}"),
    ("server-sent event", f"{limits.MAX_EVENT_SIZE >> 20} MiB"),
    ("id of an event", f"{limits.MAX_EVENT_ID_SIZE >> 10} KiB"),
    ("pause before", f"{limits.MIN_RECONNECT_PAUSE / 1000:g} s"),
    ("pause before", f"{limits.MAX_RECONNECT_PAUSE // 3_600_000} hour"),
    ("WebSocket message", f"{limits.MAX_MESSAGE_SIZE >> 20} MiB"),
    ("cookies that a host", str(limits.MAX_COOKIES)),
    ("line before a chunk", f"{limits.MAX_CHUNK_LINE >> 10} KiB"),
    ("cookies that hosts can set in all", str(limits.MAX_STORED_COOKIES)),
    ("attribute of a cookie", f"{limits.MAX_COOKIE_ATTRIBUTE_SIZE >> 10} KiB"),
    ("name and value of a cookie", f"{limits.MAX_COOKIE_SIZE >> 10} KiB"),
    ("Cookie header", f"{limits.MAX_COOKIE_HEADER_SIZE >> 10} KiB"),
    ("request line and headers", f"{limits.ECHO_HEADER_SIZE >> 20} MiB"),
    ("connections at a time", str(limits.ECHO_CONNECTIONS)),
    ("body for `auth-int`", f"{limits.ECHO_BODY_SIZE >> 20} MiB"),
]


@pytest.mark.parametrize(("start", "limit"), ROWS)
def test_page_has_the_limits_of_the_program(start: str, limit: str) -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith(f"| {start}")]
    assert rows
    for row in rows:
        assert re.search(rf"(?<![\d,]){re.escape(limit)}(?!,?\d)", row.split("|")[2])


def test_options_of_the_page_exist() -> None:
    names = {option.name for option in OPTIONS}
    assert set(re.findall(r"`--([a-z-]+)`", PAGE)) <= names
