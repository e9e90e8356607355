"""Every command of the README and of ``docs/`` does what the document says."""

from __future__ import annotations

import subprocess
from itertools import groupby
from pathlib import Path

import pytest

from tests.docs.blocks import blocks, checked
from tests.docs.everywhere import Ports
from tests.docs.world import World
from tests.support.certificates import Authority
from tests.support.peers import require

DOCUMENTS = {name: tuple(group) for name, group in groupby(blocks(), lambda block: block.document)}


@pytest.mark.wide
@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_can_be_followed_from_its_top(
    document: str, servers: tuple[Authority, Ports], tmp_path: Path
) -> None:
    home, folder = tmp_path / "me", tmp_path / "here"
    home.mkdir()
    folder.mkdir()
    world = World(home, *servers)
    for block in DOCUMENTS[document]:
        done = world.run(checked(block.script), folder)
        said = f"{document}:{block.line}\n{done.stdout}\n{done.stderr}"
        assert done.returncode == 0, said


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
def test_a_block_fails_where_a_command_does_not_do_what_it_says(script: str, works: bool) -> None:
    done = subprocess.run([require("bash"), "-c", checked(script)], check=False)
    assert (done.returncode == 0) is works


def test_the_readme_has_commands_to_run() -> None:
    assert len(DOCUMENTS["README.md"]) > 3
