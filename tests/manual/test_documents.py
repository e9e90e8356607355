"""The man page and the completions are made from the table of options, and are fresh."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

import pytest

from httpcli.cli.commands.registry import SUBCOMMANDS
from httpcli.core.exit_status import ExitStatus
from httpcli.manual.completion_values import ValueSource, source_of, words_of
from httpcli.manual.generated_files import DOCUMENTS
from httpcli.manual.help import full_help
from httpcli.options.table import OPTIONS
from httpcli.output.styles import names
from httpcli.protocol.checksums import algorithm
from httpcli.syntax.tls import versions
from tests.architecture.record_documents import ROOT


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_is_what_its_tables_make_of_it(path: str) -> None:
    fresh = DOCUMENTS[path](tuple(sorted(SUBCOMMANDS)))
    assert (ROOT / path).read_text("utf-8") == fresh, (
        "python -m tests.architecture.record_documents"
    )


@pytest.mark.parametrize("flag", OPTIONS, ids=lambda flag: flag.name)
def test_an_option_is_in_every_document(flag) -> None:  # type: ignore[no-untyped-def]
    for path in ("completions/httpcli.bash", "completions/_httpcli"):
        assert f"--{flag.name}" in (ROOT / path).read_text("utf-8")
    assert f" -l {flag.name} " in (ROOT / "completions/httpcli.fish").read_text("utf-8")
    roff = flag.name.replace("-", "\\-")
    assert f"\\fB\\-\\-{roff}\\fR" in (ROOT / "man/httpcli.1").read_text("utf-8")


def test_a_file_is_completed_where_a_file_is_meant() -> None:
    named = {flag.name: source_of(flag) for flag in OPTIONS}
    assert named["output"] is ValueSource.FILES
    assert named["session"] is ValueSource.SESSIONS
    assert named["timeout"] is ValueSource.NOWHERE
    assert named["pretty"] is ValueSource.WORDS


@pytest.mark.parametrize(
    ("option", "read"),
    [
        ("ssl", versions),
        ("hash", algorithm),
        ("style", lambda name: name in names()),
        ("response-charset", codecs.lookup),
    ],
)
def test_a_word_that_is_offered_is_one_that_the_option_takes(
    option: str, read: Callable[[str], object]
) -> None:
    (flag,) = (flag for flag in OPTIONS if flag.name == option)
    for word in words_of(flag):
        assert read(word), word


def test_the_help_attaches_a_value_that_may_be_left_out() -> None:
    assert "\n  -x, --compress[=CODING]\n" in full_help()
    assert "\n  --raw TEXT " in full_help()


def test_the_man_page_tells_every_exit_status() -> None:
    page = (ROOT / "man/httpcli.1").read_text("utf-8")
    told = page.partition(".SH EXIT STATUS")[2].partition(".SH ENVIRONMENT")[0]
    assert re.findall(r"\\fB(\d+)\\fR", told) == [str(int(status)) for status in ExitStatus]
