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


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename = "a b.txt"', "a b.txt"),
        ("attachment; filename* = UTF-8''%e2%82%ac.txt", "€.txt"),
        ("attachment ; filename= a.txt", "a.txt"),
        ('attachment; filename="%E2%82%AC%20x.txt"', "€ x.txt"),
        ("attachment; filename=100%.txt", "100%.txt"),
        ('attachment; filename="a%2Fb.txt"', "b.txt"),
        ('attachment; filename="%2E%2E%2Fa"', "a"),
        ('attachment; filename="%FF.txt"', "%FF.txt"),
        ('attachment; filename*0="a b"; filename*1="c.txt"', "a bc.txt"),
        ("attachment; filename*0*=UTF-8''%e2%82%ac; filename*1=.txt", "€.txt"),
    ],
)
def test_name_is_read_as_browsers_do(
    server: RawServer, tmp_path: Path, disposition: str, name: str
) -> None:
    server.answer(response("x", f"Content-Disposition: {disposition}"))
    assert run_process("-d", f"{server.url}/f").status == 0
    assert names_in(tmp_path) == [name]


@pytest.mark.parametrize("options", [["-c"], ["--continue=trust"]])
@pytest.mark.parametrize("command", ["-d", "download"])
def test_resuming_does_not_touch_an_existing_file_that_only_the_server_named(
    server: RawServer, tmp_path: Path, command: str, options: list[str]
) -> None:
    (tmp_path / "mine").write_text("mine")
    named = 'Content-Disposition: attachment; filename="mine"'
    part = response("efgh", named, "Content-Range: bytes 4-7/8", status="206 Partial Content")
    server.answer(response("abcdefgh", named))
    server.may_be_idle().answer(part)
    result = run_process(command, *options, f"{server.url}/f")
    assert result.status == 0
    assert "starting over" not in result.err
    assert (tmp_path / "mine").read_text() == "mine"
    assert (tmp_path / "mine-1").read_text() == "abcdefgh"


@pytest.mark.parametrize("several", [False, True])
def test_hint_to_resume_names_a_file_that_the_server_named(
    server: RawServer, tmp_path: Path, several: bool
) -> None:
    head = response(
        b"x" * 1000, 'ETag: "1"', "Content-Disposition: attachment; filename*=UTF-8''a%20b"
    )
    cut = head[:-500]
    server.answer(cut, lambda connection: connection.close())
    if several:
        server.answer(cut.replace(b"a%20b", b"c"), lambda connection: connection.close())
    urls = [f"{server.url}/f"] + [f"{server.url}/g"] * several
    result = run_process("download", "--retry=0", "--jobs=1", *urls)
    assert result.status == 13
    assert "to resume: --download --continue --output 'a b'\n" in result.err
    part = response(
        b"x" * 500, 'ETag: "1"', "Content-Range: bytes 500-999/1000", status="206 Partial Content"
    )
    server.answer(part)
    assert run_process("-d", "-c", "-o", "a b", f"{server.url}/f").status == 0
    assert (tmp_path / "a b").read_bytes() == b"x" * 1000


@pytest.mark.parametrize("options", [[], ["-c"], ["--overwrite"]])
def test_name_with_a_tilde_stays_in_the_output_folder(
    server: RawServer, tmp_path: Path, options: list[str]
) -> None:
    (tmp_path / "out").mkdir()
    server.answer_always(response("x", 'Content-Disposition: attachment; filename="~x"'))
    assert run_process("-d", "--output-dir", "out", *options, f"{server.url}/f").status == 0
    assert names_in(tmp_path) == ["out"]
    assert names_in(tmp_path / "out") == ["_~x"]
