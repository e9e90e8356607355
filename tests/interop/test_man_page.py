"""The man page is valid for the programs that display man pages."""

from __future__ import annotations

import re
import subprocess

from tests.support.environment import ROOT
from tests.support.other_programs import require_program

PAGE = ROOT / "man/httpcli.1"


def _output_of(*command: str) -> str:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout + result.stderr


def test_mandoc_reports_no_problems() -> None:
    assert _output_of(require_program("mandoc"), "-T", "lint", str(PAGE)) == ""


def test_groff_reports_no_problems() -> None:
    assert _output_of(require_program("groff"), "-ww", "-man", "-z", str(PAGE)) == ""


def test_page_fits_a_terminal_of_80_columns() -> None:
    shown = _output_of(require_program("mandoc"), "-T", "ascii", "-O", "width=78", str(PAGE))
    plain = re.sub(".\b", "", shown)
    assert "httpcli [OPTIONS] [METHOD] URL [ITEM]..." in plain
    assert max(len(line) for line in plain.splitlines()) <= 80
