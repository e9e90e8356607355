"""The pipelines and the crontab of docs/ci.md do what the document says of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.docs import yaml
from tests.docs.everywhere import Ports
from tests.docs.world import World
from tests.support.certificates import Authority
from tests.support.environment import ROOT
from tests.support.junit import suites_of

DOCUMENT = (ROOT / "docs" / "ci.md").read_text("utf-8")
_INSTALLS = re.compile(r"(pip|pipx) install (-q )?httpcli")
_ENTRY = re.compile(r"(?:\S+ +){5}(.*)")


def section(title: str, language: str) -> str:
    """Return the first block of a language under a heading."""
    found = re.search(
        rf"^## {title}\n.*?^```{language}\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL
    )
    assert found is not None
    return found[1]


@pytest.fixture
def world(servers: tuple[Authority, Ports], tmp_path: Path) -> World:
    home = tmp_path / "me"
    home.mkdir()
    return World(home, *servers)


def run(
    world: World, script: str, folder: Path, env: dict[str, str], shell: tuple[str, ...]
) -> None:
    """Run a step as the runner does, but for its installing what is here already."""
    if _INSTALLS.fullmatch(script.strip()):
        return
    done = world.run(script, folder, shell, {**env, "CI": "true"})
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"


@pytest.mark.wide
def test_the_github_workflow_passes_and_leaves_what_it_uploads(
    world: World, tmp_path: Path
) -> None:
    [job] = yaml.read(section("GitHub Actions", "yaml"))["jobs"].values()
    secret = {"${{ secrets.API_TOKEN }}": "t0ken"}
    env = {name: secret.get(value, value) for name, value in job["env"].items()}
    env["GITHUB_STEP_SUMMARY"] = str(tmp_path / "summary")
    uploads: list[str] = []
    for step in job["steps"]:
        if "run" in step:
            run(world, step["run"], tmp_path, env, ("bash", "-e"))
        else:
            uploads += step["with"]["path"].split()
    assert uploads == ["smoke.xml", "smoke.har"]
    assert [suite.get("failures") for suite in suites_of(str(tmp_path / "smoke.xml"))] == ["0"] * 4
    assert "t0ken" not in (tmp_path / "smoke.har").read_text()
    rows = (tmp_path / "summary").read_text().splitlines()
    assert [row.split(" | ")[1] for row in rows[2:]] == ["200", "200", "200", "410"]


@pytest.mark.wide
def test_the_gitlab_job_passes_and_leaves_its_artifacts(world: World, tmp_path: Path) -> None:
    job: dict[str, Any] = yaml.read(section("GitLab", "yaml"))["smoke"]
    for script in (*job["before_script"], *job["script"]):
        run(world, script, tmp_path, job["variables"], ("bash", "-eo", "pipefail"))
    assert len(suites_of(str(tmp_path / job["artifacts"]["reports"]["junit"]))) == 3
    for path in job["artifacts"]["paths"]:
        assert (tmp_path / path).stat().st_size == 100_000


@pytest.mark.wide
def test_cron_has_nothing_to_mail_while_all_is_well_and_an_error_when_not(
    world: World, tmp_path: Path
) -> None:
    (world.home / "links").write_text("https://example.org/a\nhttps://example.com/b\n")
    variable, *entries = section("Cron", "crontab").splitlines()
    name, _, site = variable.partition("=")
    for entry in entries:
        found = _ENTRY.fullmatch(entry)
        assert found is not None
        command = found[1].replace("\\%", "%")
        for _ in range(2):
            well = world.run(command, tmp_path, ("sh",), {name: site})
            assert (well.returncode, well.stdout, well.stderr) == (0, "", ""), command
        if f"${name}" in command:
            # There the certificate is another's.
            ill = world.run(command, tmp_path, ("sh",), {name: "https://nobody.invalid"})
            assert ill.returncode == 14
            assert ill.stdout == ""
            assert "httpcli: error: " in ill.stderr
    assert len((world.home / "list.csv").read_bytes()) == 100_000
    assert len((world.home / "times").read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: b\nc:\n  - d\n  - e: f\n    g: h\n", {"a": "b", "c": ["d", {"e": "f", "g": "h"}]}),
        ("a: |\n  x\n    y\n\n  z\nb: c\n", {"a": "x\n  y\n\nz\n", "b": "c"}),
        ("# no\na:\n  - |\n    x\n  - y\n", {"a": ["x\n", "y"]}),
    ],
)
def test_yaml_is_read(text: str, value: object) -> None:
    assert yaml.read(text) == value


@pytest.mark.parametrize("text", ["x\n", "a: b\n  c: d\n", "a: b\n? c\n"])
def test_yaml_that_is_not_read_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"not read|neither"):
        yaml.read(text)
