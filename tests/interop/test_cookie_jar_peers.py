"""curl, wget and Python (so yt-dlp) read our cookie jars, and we read theirs."""

from __future__ import annotations

import subprocess
from http.cookiejar import MozillaCookieJar
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.environment import current_environment
from tests.support.http_connection import response
from tests.support.other_programs import require_program
from tests.support.run import run

if TYPE_CHECKING:
    from tests.support.servers import RawServer

pytestmark = pytest.mark.slow

SET = (
    "plain=1",
    "path=2; Path=/deep",
    "kept=two words; Max-Age=1000; HttpOnly",
    'odd=a"b,c; Path=/',
    "over=5; Max-Age=0",
)
SENT = {"plain=1", "path=2", "kept=two words", 'odd=a"b,c'}
CURL = "curl -s -b {jar} -c {jar} {url}"
WGET = "wget -q -O - --load-cookies {jar} --save-cookies {jar} --keep-session-cookies {url}"


def peer(command: str, jar: Path, url: str) -> None:
    words = [word.format(jar=jar, url=url) for word in command.split()]
    require_program(words[0])
    subprocess.run(words, env=current_environment(), check=True, capture_output=True, timeout=30)


def sent(server: RawServer) -> set[str]:
    return set((server.requests[-1].header("Cookie") or "").split("; "))


@pytest.mark.parametrize("command", [CURL, WGET])
def test_jar_of_another_program_is_read(server: RawServer, tmp_path: Path, command: str) -> None:
    jar, url = tmp_path / "jar", f"{server.url}/deep/page"
    jar.touch()
    server.answer(response("", *(f"Set-Cookie: {each}" for each in SET)))
    peer(command, jar, url)
    before = jar.read_bytes()
    run(f"--cookie-jar={jar}", url)
    assert sent(server) == SENT
    assert jar.read_bytes() == before


@pytest.mark.parametrize(
    ("command", "expected"),
    [(CURL, SENT), (WGET, SENT - {"kept=two words"})],  # wget reads #HttpOnly_ as a comment
)
def test_other_program_reads_our_jar(
    server: RawServer, tmp_path: Path, command: str, expected: set[str]
) -> None:
    jar, url = tmp_path / "jar", f"{server.url}/deep/page"
    server.answer(response("", *(f"Set-Cookie: {each}" for each in SET)))
    assert run(f"--cookie-jar={jar}", url).err == ""
    peer(command, jar, url)
    assert sent(server) == expected


@pytest.mark.parametrize("command", [CURL, WGET])
def test_replaced_cookie_is_replaced_in_the_jar_of_another_program(
    server: RawServer, tmp_path: Path, command: str
) -> None:
    jar, url = tmp_path / "jar", f"{server.url}/deep/page"
    jar.touch()
    server.answer(response("", "Set-Cookie: a=old"))
    peer(command, jar, url)
    server.answer(response("", "Set-Cookie: a=new"))
    run(f"--cookie-jar={jar}", url)
    peer(command, jar, url)
    assert sent(server) == {"a=new"}


def test_jars_are_exchanged_with_python(server: RawServer, tmp_path: Path) -> None:
    jar, url = tmp_path / "jar", f"{server.url}/deep/page"
    server.answer(response("", *(f"Set-Cookie: {each}" for each in SET)))
    run(f"--cookie-jar={jar}", url)
    theirs = MozillaCookieJar(str(jar))
    # Python reads expiry 0 (a session cookie) as expired; yt-dlp does not.
    theirs.load(ignore_discard=True, ignore_expires=True)
    assert {f"{each.name}={each.value}" for each in theirs} == SENT
    theirs.save(ignore_discard=True, ignore_expires=True)
    run(f"--cookie-jar={jar}", url)
    assert sent(server) == SENT
