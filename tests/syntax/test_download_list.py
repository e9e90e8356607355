"""Parsing of download lists."""

from __future__ import annotations

import pytest

from httpcli.core.errors import UsageError
from httpcli.syntax.download_list import ListedDownload, parse_download_list


@pytest.mark.parametrize(
    ("text", "downloads"),
    [
        ("", []),
        ("http://h/a\n", [ListedDownload("http://h/a")]),
        ("http://h/a\nh/b", [ListedDownload("http://h/a"), ListedDownload("h/b")]),
        ("# all\n\nh/a\r\n", [ListedDownload("h/a")]),
        ("h/a  \n", [ListedDownload("h/a")]),
        ("\ufeffh/a", [ListedDownload("h/a")]),
        ("h/a\n  out=b c.txt\n", [ListedDownload("h/a", "b c.txt")]),
        (
            "h/a\n\tout=b=c\n\n checksum=sha256:00\n",
            [ListedDownload("h/a", "b=c", ("sha256:00",))],
        ),
        ("h/a\n checksum=md5:0\n checksum=b:1", [ListedDownload("h/a", "", ("md5:0", "b:1"))]),
        ("h/a\n # why\n out=b\nh/c", [ListedDownload("h/a", "b"), ListedDownload("h/c")]),
    ],
)
def test_list_has_one_url_per_line_with_indented_options(
    text: str, downloads: list[ListedDownload]
) -> None:
    assert list(parse_download_list(text, "list")) == downloads


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  out=a\nh/a", "list, line 1: an indented line"),
        ("h/a\n  dir=b", "list, line 2: unknown key 'dir'"),
        ("h/a\n  out", "list, line 2: unknown key 'out'"),
        ("h/a\n  out=", "list, line 2: unknown key 'out'"),
        ("h/a\n out=b\n out=c", "list, line 3: out is set twice for h/a"),
    ],
)
def test_invalid_line_is_reported_with_its_number(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_download_list(text, "list")
