"""Lists of what is to be downloaded."""

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
def test_a_list_has_a_url_a_line_and_below_it_what_is_said_of_it(
    text: str, entries: list[Listed]
) -> None:
    assert list(parse_list(text, "list")) == entries


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("  out=a\nh/a", "list, line 1: an indented line"),
        ("h/a\n  dir=b", "list, line 2: 'dir'"),
        ("h/a\n  out", "list, line 2: 'out'"),
        ("h/a\n  out=", "list, line 2: 'out'"),
        ("h/a\n out=b\n out=c", "list, line 3: out is said twice of h/a"),
    ],
)
def test_what_cannot_be_meant_is_said_with_its_line(text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        parse_list(text, "list")
