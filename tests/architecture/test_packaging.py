"""The source archive and the wheel: reproducible, complete and installable."""

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
    """Build from a copy of the tree; return the source archive and the wheel."""
    for name in tracked():
        (folder / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / "tree" / name)
    result = subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(folder / "dist"), str(folder / "tree")],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": ""},
    )
    assert result.returncode == 0, result.stdout + result.stderr
    [source] = (folder / "dist").glob("*.tar.gz")
    [wheel] = (folder / "dist").glob("*.whl")
    return [source, wheel]


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return build(tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def installed(archives: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([folder / "bin" / "pip", "install", "-q", str(archives[1])], check=True)
    return folder


def test_build_is_reproducible(archives: list[Path], tmp_path: Path) -> None:
    previous_umask = os.umask(0o077)
    try:
        again = build(tmp_path)
    finally:
        os.umask(previous_umask)
    for one, other in zip(archives, again, strict=True):
        assert one.name == other.name
        assert (
            hashlib.sha256(one.read_bytes()).digest()
            == hashlib.sha256(other.read_bytes()).digest()
        )


def test_source_archive_has_all_tracked_files(
    archives: list[Path],
) -> None:
    with tarfile.open(archives[0]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert set(tracked()) - names == set()
    assert names - set(tracked()) == {"PKG-INFO"}


def test_wheel_has_the_program_man_pages_and_completions(archives: list[Path]) -> None:
    modules = {name for name in tracked() if name.startswith("httpcli/")}
    with zipfile.ZipFile(archives[1]) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert {name for name in names if ".data/" not in name} == modules
    assert {name.partition(".data/data/")[2] for name in names if ".data/" in name} == SHARED


@pytest.mark.parametrize("program", ["httpcli", "hc"])
def test_installed_program_runs(installed: Path, program: str) -> None:
    result = subprocess.run(
        [installed / "bin" / program, "--print=b", "echo:/anything", "name=world"],
        capture_output=True,
        text=True,
    )
    assert '"name": "world"' in result.stdout, result.stderr


@pytest.mark.parametrize("name", sorted(SHARED))
def test_man_pages_and_completions_are_installed(installed: Path, name: str) -> None:
    assert (installed / name).stat().st_size > 0


def test_extra_all_includes_every_other_extra(archives: list[Path]) -> None:
    requirements: dict[str, set[str]] = {}
    with zipfile.ZipFile(archives[1]) as archive:
        [name] = [name for name in archive.namelist() if name.endswith("/METADATA")]
        metadata = message_from_bytes(archive.read(name))
    for requirement in metadata.get_all("Requires-Dist", []):
        package, _, extra = requirement.partition("; extra == ")
        requirements.setdefault(extra.strip("'"), set()).add(package)
    others = requirements.keys() - {"", "all", "test"}
    assert others >= {"dns", "socks", "schema", "interactive"}
    assert requirements["all"] == set().union(*(requirements[extra] for extra in others))
