"""The pipelines and the crontab in docs/ci.md work as documented."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.docs import yaml
from tests.docs.catch_all_server import Ports
from tests.docs.example_shell import ExampleShell
from tests.support.certificates import CertificateAuthority
from tests.support.environment import ROOT
from tests.support.junit import suites_of

DOCUMENT = (ROOT / "docs" / "ci.md").read_text("utf-8")
_INSTALLS = re.compile(r"(pip|pipx) install (-q )?httpcli")
_ENTRY = re.compile(r"(?:\S+ +){5}(.*)")


def section(title: str, language: str) -> str:
    """Return the first block in a language under a heading."""
    found = re.search(
        rf"^## {title}\n.*?^```{language}\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL
    )
    assert found is not None
    return found[1]


@pytest.fixture
def example_shell(servers: tuple[CertificateAuthority, Ports], tmp_path: Path) -> ExampleShell:
    home = tmp_path / "me"
    home.mkdir()
    return ExampleShell(home, *servers)


def run(
    example_shell: ExampleShell,
    script: str,
    folder: Path,
    env: dict[str, str],
    shell: tuple[str, ...],
) -> None:
    """Run a step like the CI runner does, but skip the installation of httpcli."""
    if _INSTALLS.fullmatch(script.strip()):
        return
    done = example_shell.run(script, folder, shell, {**env, "CI": "true"})
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"


@pytest.mark.wide
def test_github_workflow_passes_and_creates_its_artifacts(
    example_shell: ExampleShell, tmp_path: Path
) -> None:
    [job] = yaml.read(section("GitHub Actions", "yaml"))["jobs"].values()
    secret = {"${{ secrets.API_TOKEN }}": "t0ken"}
    env = {name: secret.get(value, value) for name, value in job["env"].items()}
    env["GITHUB_STEP_SUMMARY"] = str(tmp_path / "summary")
    uploads: list[str] = []
    for step in job["steps"]:
        if "run" in step:
            run(example_shell, step["run"], tmp_path, env, ("bash", "-e"))
        else:
            uploads += step["with"]["path"].split()
    assert uploads == ["smoke.xml", "smoke.har"]
    assert [suite.get("failures") for suite in suites_of(str(tmp_path / "smoke.xml"))] == ["0"] * 4
    assert "t0ken" not in (tmp_path / "smoke.har").read_text()
    rows = (tmp_path / "summary").read_text().splitlines()
    assert [row.split(" | ")[1] for row in rows[2:]] == ["200", "200", "200", "410"]


@pytest.mark.wide
def test_gitlab_job_passes_and_creates_its_artifacts(
    example_shell: ExampleShell, tmp_path: Path
) -> None:
    job: dict[str, Any] = yaml.read(section("GitLab", "yaml"))["smoke"]
    for script in (*job["before_script"], *job["script"]):
        run(example_shell, script, tmp_path, job["variables"], ("bash", "-eo", "pipefail"))
    assert len(suites_of(str(tmp_path / job["artifacts"]["reports"]["junit"]))) == 3
    for path in job["artifacts"]["paths"]:
        assert (tmp_path / path).stat().st_size == 100_000


@pytest.mark.wide
def test_cron_job_prints_nothing_unless_it_fails(
    example_shell: ExampleShell, tmp_path: Path
) -> None:
    (example_shell.home / "links").write_text("https://example.org/a\nhttps://example.com/b\n")
    variable, *entries = section("Cron", "crontab").splitlines()
    name, _, site = variable.partition("=")
    for entry in entries:
        found = _ENTRY.fullmatch(entry)
        assert found is not None
        command = found[1].replace("\\%", "%")
        for _ in range(2):
            passed = example_shell.run(command, tmp_path, ("sh",), {name: site})
            assert (passed.returncode, passed.stdout, passed.stderr) == (0, "", ""), command
        if f"${name}" in command:
            # The server's certificate is not valid for this host.
            failed = example_shell.run(
                command, tmp_path, ("sh",), {name: "https://nobody.invalid"}
            )
            assert failed.returncode == 14
            assert failed.stdout == ""
            assert "httpcli: error: " in failed.stderr
    assert len((example_shell.home / "list.csv").read_bytes()) == 100_000
    assert len((example_shell.home / "times").read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: b\nc:\n  - d\n  - e: f\n    g: h\n", {"a": "b", "c": ["d", {"e": "f", "g": "h"}]}),
        ("a: |\n  x\n    y\n\n  z\nb: c\n", {"a": "x\n  y\n\nz\n", "b": "c"}),
        ("# no\na:\n  - |\n    x\n  - y\n", {"a": ["x\n", "y"]}),
    ],
)
def test_supported_yaml_is_parsed(text: str, value: object) -> None:
    assert yaml.read(text) == value


@pytest.mark.parametrize("text", ["x\n", "a: b\n  c: d\n", "a: b\n? c\n"])
def test_unsupported_yaml_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"not read|neither"):
        yaml.read(text)
