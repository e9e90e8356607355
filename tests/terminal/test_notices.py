"""Messages on stderr: one plain line, the fault under its text."""

from __future__ import annotations

import pytest

from httpcli.core.errors import Fault, HttpcliError
from httpcli.terminal.notices import Notices, carets


def said(notices_of: Notices, parts: list[bytes], error: HttpcliError) -> str:
    notices_of.error(error)
    return b"".join(parts).decode()


def test_an_error_says_what_failed_and_what_to_try() -> None:
    parts: list[bytes] = []
    text = said(Notices(parts.append), parts, HttpcliError("it broke", hint="mend it"))
    assert text == "httpcli: error: it broke\n  mend it\n"


def test_colour_is_around_the_word_alone() -> None:
    parts: list[bytes] = []
    text = said(Notices(parts.append, colour=True), parts, HttpcliError("it broke"))
    assert text == "httpcli: \x1b[31merror\x1b[0m: it broke\n"


@pytest.mark.parametrize(
    ("fault", "shown"),
    [
        (Fault("a[b", 3, 3), "  a[b\n     ^"),
        (Fault("abc", 1, 3), "  abc\n   ^^"),
        (Fault("a\nb!", 3, 4), "  a\\x0ab!\n        ^"),
        (Fault("é=", 1, 2), "  é=\n   ^"),
        (Fault("x" * 200 + "!", 200, 201), "  " + "x" * 40 + "!\n" + " " * 42 + "^"),
    ],
)
def test_carets_stand_under_the_fault(fault: Fault, shown: str) -> None:
    assert carets(fault) == shown


@pytest.mark.parametrize(("quiet", "lines"), [(0, 3), (1, 2), (2, 1)])
def test_quiet_hides_notes_then_warnings_never_errors(quiet: int, lines: int) -> None:
    parts: list[bytes] = []
    notices = Notices(parts.append, quiet=quiet)
    notices.note("n")
    notices.warn("w")
    notices.error(HttpcliError("e"))
    assert len(parts) == lines


def test_a_closed_stderr_changes_nothing() -> None:
    def fail(_: bytes) -> None:
        raise BrokenPipeError

    Notices(fail).error(HttpcliError("nobody hears"))
