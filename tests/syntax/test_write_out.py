"""Parsing of the ``--write-out`` format, as curl does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.errors import UsageError
from httpcli.core.exit_status import ExitStatus, Outcome
from httpcli.core.reports import WRITE_OUT_VARIABLES, WriteOutKind, WriteOutPiece
from httpcli.report.registry import ReportInfo
from httpcli.report.write_out import WriteOutVariables
from httpcli.syntax.write_out import parse_write_out


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", ()),
        ("plain", (WriteOutPiece(WriteOutKind.TEXT, "plain"),)),
        (r"a\tb\nc\rd\\\q", (WriteOutPiece(WriteOutKind.TEXT, "a\tb\nc\rd\\\\\\q"),)),
        (r"\\n\\\n", (WriteOutPiece(WriteOutKind.TEXT, "\\\\n\\\\\n"),)),
        ("100%% % %d %%{x}", (WriteOutPiece(WriteOutKind.TEXT, "100% % %d %{x}"),)),
        ("%{http_code}", (WriteOutPiece(WriteOutKind.VARIABLE, "http_code"),)),
        (
            "%{url}:%{method}",
            (
                WriteOutPiece(WriteOutKind.VARIABLE, "url"),
                WriteOutPiece(WriteOutKind.TEXT, ":"),
                WriteOutPiece(WriteOutKind.VARIABLE, "method"),
            ),
        ),
        ("%header{ETag}", (WriteOutPiece(WriteOutKind.HEADER, "ETag"),)),
        ("%other{ETag}", (WriteOutPiece(WriteOutKind.TEXT, "%other{ETag}"),)),
        (
            "%{stderr}%{onerror}%{stdout}",
            (
                WriteOutPiece(WriteOutKind.STDERR),
                WriteOutPiece(WriteOutKind.ON_ERROR),
                WriteOutPiece(WriteOutKind.STDOUT),
            ),
        ),
    ],
)
def test_format_is_parsed(text: str, pieces: tuple[WriteOutPiece, ...]) -> None:
    assert parse_write_out(text) == pieces


@pytest.mark.parametrize(
    ("text", "message", "fault"),
    [
        ("a %{http_cod} b", "nothing is called 'http_cod'", "%{http_cod}"),
        ("%{}", "nothing is called ''", "%{}"),
        ("x%{http_code", "the brace is not closed", "%{http_code"),
        ("%header{}", "the field's name is missing", "%header{}"),
        ("%header{a", "the brace is not closed", "%header{a"),
    ],
)
def test_error_points_at_the_fault(text: str, message: str, fault: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_write_out(text)
    assert caught.value.message == f"--write-out: {message}"
    marked = caught.value.fault
    assert marked is not None
    assert marked.text[marked.start : marked.end] == fault


def test_every_variable_has_a_value() -> None:
    known = WriteOutVariables(ReportInfo("GET", "http://h/", 0.0)).values(Outcome(ExitStatus.OK))
    assert {*known, "filename_effective", "header_json", "json"} == set(WRITE_OUT_VARIABLES)


@given(
    st.lists(
        st.sampled_from(["%", "{", "}", "\\", "n", "url", "header", " ", "%%", "%{url}"])
    ).map("".join)
    | st.text()
)
def test_any_text_is_a_format_or_a_usage_error(text: str) -> None:
    fault = None
    try:
        pieces: tuple[WriteOutPiece, ...] | None = parse_write_out(text)
    except UsageError as error:
        pieces, fault = None, error.fault
    if pieces is None:
        assert fault is not None
        assert text[fault.start] == "%"
    elif "%" not in text and "\\" not in text:
        assert "".join(piece.text for piece in pieces) == text
