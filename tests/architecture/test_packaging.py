"""What would be published: a source archive and a wheel, always the same, that install whole."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.support.environment import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("packaging")]

SHARED = {
    "share/man/man1/httpcli.1",
    "share/man/man1/hc.1",
    "share/bash-completion/completions/httpcli",
    "share/bash-completion/completions/hc",
    "share/zsh/site-functions/_httpcli",
    "share/fish/vendor_completions.d/httpcli.fish",
    "share/fish/vendor_completions.d/hc.fish",
}


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, capture_output=True
    )
    return [name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).exists()]


def build(folder: Path) -> list[Path]:
    """Build both from a copy of the tree; return the source archive and the wheel."""
    for name in tracked():
        (folder / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / "tree" / name)
    made = subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(folder / "made"), str(folder / "tree")],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": ""},
    )
    assert made.returncode == 0, made.stdout + made.stderr
    [source] = (folder / "made").glob("*.tar.gz")
    [wheel] = (folder / "made").glob("*.whl")
    return [source, wheel]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return build(tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def installed(made: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([folder / "bin" / "pip", "install", "-q", str(made[1])], check=True)
    return folder


def test_another_build_makes_the_same_bytes(made: list[Path], tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        again = build(tmp_path)
    finally:
        os.umask(before)
    for one, other in zip(made, again, strict=True):
        assert one.name == other.name
        assert (
            hashlib.sha256(one.read_bytes()).digest()
            == hashlib.sha256(other.read_bytes()).digest()
        )


def test_the_source_archive_holds_all_that_is_kept_under_version_control(
    made: list[Path],
) -> None:
    with tarfile.open(made[0]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert set(tracked()) - names == set()
    assert names - set(tracked()) == {"PKG-INFO"}


def test_the_wheel_holds_the_program_its_manual_and_its_completions(made: list[Path]) -> None:
    modules = {name for name in tracked() if name.startswith("httpcli/")}
    with zipfile.ZipFile(made[1]) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert {name for name in names if ".data/" not in name} == modules
    assert {name.partition(".data/data/")[2] for name in names if ".data/" in name} == SHARED


@pytest.mark.parametrize("program", ["httpcli", "hc"])
def test_what_pip_installs_runs(installed: Path, program: str) -> None:
    done = subprocess.run(
        [installed / "bin" / program, "--print=b", "echo:/anything", "name=world"],
        capture_output=True,
        text=True,
    )
    assert '"name": "world"' in done.stdout, done.stderr


@pytest.mark.parametrize("name", sorted(SHARED))
def test_manual_and_completions_lie_where_they_are_looked_for(installed: Path, name: str) -> None:
    assert (installed / name).stat().st_size > 0


def test_all_brings_every_extra_that_is_for_users(made: list[Path]) -> None:
    needs: dict[str, set[str]] = {}
    with zipfile.ZipFile(made[1]) as archive:
        [name] = [name for name in archive.namelist() if name.endswith("/METADATA")]
        about = message_from_bytes(archive.read(name))
    for need in about.get_all("Requires-Dist", []):
        what, _, extra = need.partition("; extra == ")
        needs.setdefault(extra.strip("'"), set()).add(what)
    others = needs.keys() - {"", "all", "test"}
    assert others >= {"dns", "socks", "schema", "interactive"}
    assert needs["all"] == set().union(*(needs[extra] for extra in others))
