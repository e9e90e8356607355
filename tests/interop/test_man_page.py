"""The man page as the programs that read man pages see it."""

from __future__ import annotations

import re
import subprocess

from tests.architecture.record_documents import ROOT
from tests.support.peers import require

PAGE = ROOT / "man/httpcli.1"


def _said(*command: str) -> str:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout + result.stderr


def test_mandoc_finds_nothing_to_complain_of() -> None:
    assert _said(require("mandoc"), "-T", "lint", str(PAGE)) == ""


def test_groff_finds_nothing_to_complain_of() -> None:
    assert _said(require("groff"), "-ww", "-man", "-z", str(PAGE)) == ""


def test_a_terminal_of_80_columns_shows_it_whole() -> None:
    shown = _said(require("mandoc"), "-T", "ascii", "-O", "width=78", str(PAGE))
    plain = re.sub(".\b", "", shown)
    assert "httpcli [OPTIONS] [METHOD] URL [ITEM]..." in plain
    assert max(len(line) for line in plain.splitlines()) <= 80
