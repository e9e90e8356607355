"""Parsing of download lists."""

from __future__ import annotations

import pytest

from httpcli.core.errors import UsageError
from httpcli.syntax.download_list import Listed, parse_list


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("", []),
        ("http://h/a\n", [Listed("http://h/a")]),
        ("http://h/a\nh/b", [Listed("http://h/a"), Listed("h/b")]),
        ("# all\n\nh/a\r\n", [Listed("h/a")]),
        ("h/a  \n", [Listed("h/a")]),
        ("\ufeffh/a", [Listed("h/a")]),
        ("h/a\n  out=b c.txt\n", [Listed("h/a", "b c.txt")]),
        ("h/a\n\tout=b=c\n\n checksum=sha256:00\n", [Listed("h/a", "b=c", "sha256:00")]),
        ("h/a\n # why\n out=b\nh/c", [Listed("h/a", "b"), Listed("h/c")]),
    ],
)
def test_list_has_one_url_per_line_with_indented_settings(
    text: str, entries: list[Listed]
) -> None:
    assert list(parse_list(text, "list")) == entries


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  out=a\nh/a", "list, line 1: an indented line"),
        ("h/a\n  dir=b", "list, line 2: 'dir'"),
        ("h/a\n  out", "list, line 2: 'out'"),
        ("h/a\n  out=", "list, line 2: 'out'"),
        ("h/a\n out=b\n out=c", "list, line 3: out is said twice of h/a"),
    ],
)
def test_invalid_line_is_reported_with_its_number(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_list(text, "list")
