"""Parsing of ``--format-options``."""

from __future__ import annotations

import pytest

from httpcli.core.errors import UsageError
from httpcli.core.format_options import FormatOptions
from httpcli.syntax.format_options import parse_format_options


@pytest.mark.parametrize(
    ("texts", "changes"),
    [
        (["json.indent:2"], {"json_indent": 2}),
        (["json.indent:0"], {"json_indent": 0}),
        (["json.sort_keys:true,xml.format:FALSE"], {"json_sort_keys": True, "xml_format": False}),
        ([" headers.sort : true , "], {"headers_sort": True}),
        (["json.unescape:false", "xml.indent:8"], {"json_unescape": False, "xml_indent": 8}),
        (["json.indent:2", "json.indent:3"], {"json_indent": 3}),
        ([""], {}),
    ],
)
def test_pairs_are_combined_and_the_last_value_of_a_key_wins(
    texts: list[str], changes: dict[str, int]
) -> None:
    assert parse_format_options(texts) == FormatOptions()._replace(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "message", "fault"),
    [
        ("json.ident:2", "unknown key 'json.ident'", "json.ident"),
        ("json_indent:2", "unknown key 'json_indent'", "json_indent"),
        ("json.indent", "missing value", "json.indent"),
        ("json.indent:two", "expected a number from 0 to 64", "two"),
        ("json.indent:-1", "expected a number from 0 to 64", "-1"),
        ("json.indent:99999999999999999999", "expected a number from 0 to 64", "9" * 20),
        ("xml.indent:2,json.format:2", "expected true or false", "2"),
    ],
)
def test_error_points_at_the_fault(text: str, message: str, fault: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_format_options([text])
    assert caught.value.message == f"--format-options: {message}"
    marked = caught.value.fault
    assert marked is not None
    assert marked.text[marked.start : marked.end] == fault
