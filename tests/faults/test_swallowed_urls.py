"""A URL that an option took as its value: the error names the option."""

from __future__ import annotations

import pytest

from tests.support.run import run_process


def wide(*values: object) -> object:
    return pytest.param(*values, marks=pytest.mark.wide)


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        (
            "--timeout example.org",
            "missing URL: --timeout took 'example.org' as its value",
            "httpcli --timeout TIME example.org",
        ),
        wide("--timeout=example.org", "--timeout took 'example.org'", "--timeout TIME"),
        wide("--max-time :8080/x", "--max-time took ':8080/x'", "--max-time TIME :8080/x"),
        wide("--timeout pie", "--timeout took 'pie'", "--timeout TIME pie"),
        wide("-o example.org", "--output took 'example.org'", "--output FILE example.org"),
        wide("-vo localhost:8080", "--output took 'localhost:8080'", "--output FILE"),
        wide("--verify example.org", "--verify took 'example.org'", "yes|no|PATH example.org"),
        wide("--session http://h.test", "--session took 'http://h.test'", "http://h.test"),
        wide("--proxy http://p.test:3128", "--proxy took 'http://p.test:3128'", "usage: "),
        wide(
            "download --timeout http://h.test/f",
            "download: missing URL: --timeout took 'http://h.test/f' as its value",
            "httpcli download --timeout TIME http://h.test/f",
        ),
        wide("download --jobs h.test", "--jobs took 'h.test'", "--jobs N h.test"),
    ],
)
def test_an_option_that_took_the_url_is_named(line: str, message: str, hint: str) -> None:
    result = run_process(*line.split())
    assert result.status == 10
    assert message in result.err
    assert hint in result.err


@pytest.mark.wide
@pytest.mark.parametrize(
    "line",
    [
        "-a me.test:hunter2",
        "--proxy http://me:hunter2@p.test",
        "--session https://me:hunter2@h.test/?token=hunter2",
        "-H localhost:hunter2",
        "--raw h.test/hunter2",
        "--timeout me:hunter2@h.test",
        "-o me.xx:hunter2@h.test",
    ],
)
def test_the_error_shows_no_secret(line: str) -> None:
    result = run_process(*line.split())
    assert result.status == 10
    assert " took " in result.err
    assert "hunter2" not in result.err


@pytest.mark.parametrize("line", ["--timeout 5", "-o page.html", "-a me:hunter2"])
def test_a_value_that_is_no_url_is_not_blamed(line: str) -> None:
    result = run_process(*line.split())
    assert result.status == 10
    assert "missing URL" in result.err
    assert "took" not in result.err
