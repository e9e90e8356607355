"""Messages on stderr: one line, with carets below the faulty text."""

from __future__ import annotations

import pytest

from httpcli.core.errors import Fault, HttpcliError
from httpcli.terminal.notices import Notices, carets


def printed(notices: Notices, parts: list[bytes], error: HttpcliError) -> str:
    notices.error(error)
    return b"".join(parts).decode()


def test_error_prints_message_and_hint() -> None:
    parts: list[bytes] = []
    text = printed(Notices(parts.append), parts, HttpcliError("it broke", hint="fix it"))
    assert text == "httpcli: error: it broke\n  fix it\n"


def test_only_the_word_error_is_coloured() -> None:
    parts: list[bytes] = []
    text = printed(Notices(parts.append, colour=True), parts, HttpcliError("it broke"))
    assert text == "httpcli: \x1b[31merror\x1b[0m: it broke\n"


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault("a[b", 3, 3), "  a[b\n     ^"),
        (Fault("abc", 1, 3), "  abc\n   ^^"),
        (Fault("a\nb!", 3, 4), "  a\\x0ab!\n        ^"),
        (Fault("é=", 1, 2), "  é=\n   ^"),
        (Fault("x" * 200 + "!", 200, 201), "  " + "x" * 40 + "!\n" + " " * 42 + "^"),
    ],
)
def test_carets_mark_the_fault(fault: Fault, expected: str) -> None:
    assert carets(fault) == expected


@pytest.mark.parametrize(("quiet", "lines"), [(0, 3), (1, 2), (2, 1)])
def test_quiet_hides_notes_then_warnings_but_never_errors(quiet: int, lines: int) -> None:
    parts: list[bytes] = []
    notices = Notices(parts.append, quiet=quiet)
    notices.note("n")
    notices.warn("w")
    notices.error(HttpcliError("e"))
    assert len(parts) == lines


def test_closed_stderr_is_ignored() -> None:
    def fail(_: bytes) -> None:
        raise BrokenPipeError

    Notices(fail).error(HttpcliError("not printed"))
