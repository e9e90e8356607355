"""Every command in the README and in ``docs/`` works as documented."""

from __future__ import annotations

import subprocess
from itertools import groupby
from pathlib import Path

import pytest

from tests.docs.catch_all_server import Ports
from tests.docs.code_blocks import blocks, checked
from tests.docs.example_shell import ExampleShell
from tests.support.certificates import CertificateAuthority
from tests.support.other_programs import require_program

DOCUMENTS = {name: tuple(group) for name, group in groupby(blocks(), lambda block: block.document)}


@pytest.mark.wide
@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_of_a_document_work_in_order(
    document: str, servers: tuple[CertificateAuthority, Ports], tmp_path: Path
) -> None:
    home, folder = tmp_path / "me", tmp_path / "here"
    home.mkdir()
    folder.mkdir()
    shell = ExampleShell(home, *servers)
    for block in DOCUMENTS[document]:
        done = shell.run(checked(block.script), folder)
        output = f"{document}:{block.line}\n{done.stdout}\n{done.stderr}"
        assert done.returncode == 0, output


@pytest.mark.parametrize(
    ("script", "works"),
    [
        ("true", True),
        ("false", False),
        ("false\ntrue", False),
        ("(exit 4)  # exit status 4", True),
        ("true  # exit status 4", False),
    ],
)
def test_block_fails_on_an_unexpected_exit_status(script: str, works: bool) -> None:
    done = subprocess.run([require_program("bash"), "-c", checked(script)], check=False)
    assert (done.returncode == 0) is works


def test_readme_has_commands_to_run() -> None:
    assert len(DOCUMENTS["README.md"]) > 3
