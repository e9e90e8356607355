"""File names that a server chooses: neither an option of other programs nor another folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.http_connection import response
from tests.support.run import run_process
from tests.support.servers import RawServer


def names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.name != "home")


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="-rf"', "_-rf"),
        ("attachment; filename*=UTF-8''%2Drf%20%2A", "_-rf *"),
        ('attachment; filename="../-o"', "_-o"),
        ('attachment; filename="~root"', "_~root"),
    ],
)
@pytest.mark.parametrize("command", ["-d", "download"])
def test_name_is_no_option_and_no_home_directory(
    server: RawServer, tmp_path: Path, command: str, disposition: str, name: str
) -> None:
    server.answer(response("x", f"Content-Disposition: {disposition}"))
    assert run_process(command, f"{server.url}/f").status == 0
    assert names_in(tmp_path) == [name]


def test_last_segment_of_the_url_is_no_option(server: RawServer, tmp_path: Path) -> None:
    server.answer(response("x"))
    assert run_process("-d", f"{server.url}/-rf").status == 0
    assert names_in(tmp_path) == ["_-rf"]


@pytest.mark.parametrize("options", [[], ["-c"], ["--overwrite"]])
def test_name_with_a_tilde_stays_in_the_output_folder(
    server: RawServer, tmp_path: Path, options: list[str]
) -> None:
    (tmp_path / "out").mkdir()
    server.answer_always(response("x", 'Content-Disposition: attachment; filename="~x"'))
    assert run_process("-d", "--output-dir", "out", *options, f"{server.url}/f").status == 0
    assert names_in(tmp_path) == ["out"]
    assert names_in(tmp_path / "out") == ["_~x"]
