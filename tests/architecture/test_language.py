"""Comments, docstrings and test names are plain English.

The phrases below made the code hard to read for newcomers. The list cannot hold all that is
unclear: would you say it aloud to a colleague?
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.environment import ROOT

PHRASES = (
    r"go(es|ne|ing)? on with",
    r"anew",
    r"of (one's|his|our) own",
    r"nobody",
    r"somebody",
    r"who(ever)? (asks|calls|comes|has|is|listens|looks|reads|says|sends|wants)",
    r"what (came|comes|stands|is left|is said|was said|is told|is asked)",
    r"(is|are|was|be) told",
    r"(tells?|notify|notifies) whether",
    r"where there (is|are) (one|none)",
    r"heeds?",
    r"mend(s|ed)?",
)
"""Regular expressions for whole words, in any case."""

PHRASE = re.compile(rf"\b({'|'.join(PHRASES)})\b", re.IGNORECASE)
IN_A_NAME = re.compile(r"(?:^|_)(?:nobody|somebody|anew|heed|what_came|is_told|stands_in)")

FILES = sorted(
    path for folder in ("httpcli", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py")
)


def comments_and_docstrings(text: str) -> Iterator[tuple[int, str]]:
    """Yield each comment and each triple-quoted string with its first line's number."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        is_docstring = token.type == tokenize.STRING and token.string.startswith('"""')
        if token.type == tokenize.COMMENT or is_docstring:
            yield token.start[0], " ".join(token.string.split())


@pytest.mark.parametrize(
    "folder", [pytest.param(folder, id=folder) for folder in ("httpcli", "tests", "benchmarks")]
)
def test_comments_and_docstrings_use_plain_words(folder: str) -> None:
    assert not [
        f"{path.relative_to(ROOT)}:{line}: {found[0]}"
        for path in FILES
        if path.is_relative_to(ROOT / folder) and path != Path(__file__)
        for line, text in comments_and_docstrings(path.read_text("utf-8"))
        if (found := PHRASE.search(text))
    ]


def test_names_of_tests_are_plain_sentences() -> None:
    names = [
        (path, name)
        for path in FILES
        for name in re.findall(r"\bdef test_(\w+)", path.read_text("utf-8"))
    ]
    assert len(names) > 2000
    assert not [
        f"{path.relative_to(ROOT)}: {name}" for path, name in names if IN_A_NAME.search(name)
    ]
