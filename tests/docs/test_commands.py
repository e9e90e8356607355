"""Every command of the README and of ``docs/`` does what the document says."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from tests.docs.blocks import blocks, checked
from tests.docs.everywhere import Ports, everywhere
from tests.support.certificates import Authority
from tests.support.environment import ROOT, environment_of_child
from tests.support.peers import require

DOCUMENTS = {name: tuple(group) for name, group in groupby(blocks(), lambda block: block.document)}
HOSTS = ("example.org", "*.example.org", "example.com", "*.example.com", "localhost", "127.0.0.1")


class World:
    """A home whose programs reach one server under every name."""

    def __init__(self, home: Path, authority: Authority, ports: Ports) -> None:
        self.home = home
        programs = home / "bin"
        programs.mkdir()
        for name in ("httpcli", "hc"):
            program = programs / name
            program.write_text(f'#!/bin/sh\nexec {sys.executable} -m httpcli "$@"\n')
            program.chmod(0o755)
        settings = home / "config"
        settings.mkdir()
        ways = [f":443:127.0.0.1:{ports.secure}", f"::127.0.0.1:{ports.plain}"]
        options = [f"--connect-to={way}" for way in ways]
        (settings / "config.json").write_text(json.dumps({"default_options": options}))
        path = f"{programs}:{environment_of_child()['PATH']}"
        self.env = environment_of_child(
            {
                "PATH": path,
                "HOME": str(home),
                "HTTPCLI_CONFIG_DIR": str(settings),
                "SSL_CERT_FILE": str(authority.file),
            }
        )

    def run(self, script: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run a script in a folder that has the README in it."""
        shutil.copy(ROOT / "README.md", folder)
        return subprocess.run(
            [require("bash"), "-c", script],
            cwd=folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Authority, Ports]]:
    """The server that is every host, and the CA that vouches for it."""
    folder = tmp_path_factory.mktemp("everywhere")
    authority = Authority(folder)
    with everywhere(authority.for_hosts(*HOSTS), folder) as ports:
        yield authority, ports


@pytest.mark.slow
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
