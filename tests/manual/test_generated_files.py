"""The man page and the completions are generated from the option table and up to date."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

import pytest

from httpcli.cli.commands.registry import SUBCOMMANDS
from httpcli.core.exit_status import ExitStatus
from httpcli.manual.completion_values import ValueSource, suggested_words, value_source
from httpcli.manual.generated_files import DOCUMENTS
from httpcli.manual.help import full_help
from httpcli.options.table import OPTIONS
from httpcli.output.styles import style_names
from httpcli.protocol.checksums import find_algorithm
from httpcli.syntax.tls import parse_tls_versions
from tests.support.environment import ROOT


@pytest.mark.parametrize("path", DOCUMENTS)
def test_document_is_up_to_date(path: str) -> None:
    fresh = DOCUMENTS[path](tuple(sorted(SUBCOMMANDS)))
    assert (ROOT / path).read_text("utf-8") == fresh, (
        "python -m tests.architecture.record_documents"
    )


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_document_has_every_option(option) -> None:  # type: ignore[no-untyped-def]
    for path in ("completions/httpcli.bash", "completions/_httpcli"):
        assert f"--{option.name}" in (ROOT / path).read_text("utf-8")
    assert f" -l {option.name} " in (ROOT / "completions/httpcli.fish").read_text("utf-8")
    roff = option.name.replace("-", "\\-")
    assert f"\\fB\\-\\-{roff}\\fR" in (ROOT / "man/httpcli.1").read_text("utf-8")


def test_completion_source_matches_the_option() -> None:
    named = {option.name: value_source(option) for option in OPTIONS}
    assert named["output"] is ValueSource.FILES
    assert named["session"] is ValueSource.SESSIONS
    assert named["timeout"] is ValueSource.NONE
    assert named["pretty"] is ValueSource.WORDS


@pytest.mark.parametrize(
    ("option", "read"),
    [
        ("ssl", parse_tls_versions),
        ("hash", find_algorithm),
        ("style", lambda name: name in style_names()),
        ("response-charset", codecs.lookup),
    ],
)
def test_offered_values_are_valid_for_the_option(
    option: str, read: Callable[[str], object]
) -> None:
    (row,) = (row for row in OPTIONS if row.name == option)
    for word in suggested_words(row):
        assert read(word), word


def test_help_attaches_an_optional_value() -> None:
    assert "\n  -x, --compress[=CODING]\n" in full_help()
    assert "\n  --raw TEXT " in full_help()


def test_man_page_lists_every_exit_status() -> None:
    page = (ROOT / "man/httpcli.1").read_text("utf-8")
    section = page.partition(".SH EXIT STATUS")[2].partition(".SH ENVIRONMENT")[0]
    assert re.findall(r"\\fB(\d+)\\fR", section) == [str(int(status)) for status in ExitStatus]
