"""Parsing of the ``--write-out`` format, as curl does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        ("%output{>>a b}", (WriteOutPiece(WriteOutKind.OUTPUT, ">>a b"),)),
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
    assert parse_write_out(text).pieces == pieces


@pytest.mark.parametrize(
    ("text", "warning", "left"),
    [
        ("a %{http_cod} b", "unknown variable 'http_cod'; did you mean %{http_code}?", "a  b"),
        ("%{}", "unknown variable ''", ""),
        ("x%{http_code", "missing } in %{http_code", "x%{http_code"),
        ("%header{}", "missing name in %header{}", ""),
        ("%header{a", "missing } in %header{a", "%header{a"),
        ("%output{>>}", "missing name in %output{>>}", ""),
    ],
)
def test_part_without_a_meaning_is_a_warning(text: str, warning: str, left: str) -> None:
    pieces, warnings = parse_write_out(text)
    assert warnings == (f"--write-out: {warning}",)
    assert "".join(piece.text for piece in pieces) == left


def test_every_variable_has_a_value() -> None:
    known = WriteOutVariables(ReportInfo("GET", "http://h/", 0.0)).values(Outcome(ExitStatus.OK))
    assert {*known, "certs", "filename_effective", "header_json", "json"} == set(
        WRITE_OUT_VARIABLES
    )


@given(
    st.lists(
        st.sampled_from(["%", "{", "}", "\\", "n", "url", "header", " ", "%%", "%{url}"])
    ).map("".join)
    | st.text()
)
def test_any_text_is_a_format(text: str) -> None:
    pieces, warnings = parse_write_out(text)
    if "%" not in text and "\\" not in text:
        assert "".join(piece.text for piece in pieces) == text
        assert not warnings
