"""Valid and invalid netrc files."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from httpcli.storage.user_files import UserFiles

FILE = """\
# a comment
machine plain.example login me password pw
machine MIXED.Example
    login me
    password "p w\\"x"
machine user.example user me password pw
machine account.example account me password pw
machine password.example password pw
machine empty.example
machine twice.example login one password 1
machine twice.example login two password 2
macdef init
machine macro.example login no password no

machine ::1 login six password pw
default login anyone password any
"""


def netrc(home: Path, text: str | bytes, mode: int = 0o600, name: str = ".netrc") -> Path:
    path = home / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def files(home: Path, **env: str) -> UserFiles:
    return UserFiles(str(home), {"HOME": str(home), **env})


@pytest.mark.parametrize(
    ("host", "login"),
    [
        ("plain.example", ("me", "pw")),
        ("mixed.example", ("me", 'p w"x')),
        ("user.example", ("me", "pw")),
        ("account.example", ("me", "pw")),
        ("password.example", ("", "pw")),
        ("empty.example", None),
        ("twice.example", ("two", "2")),
        ("macro.example", ("anyone", "any")),
        ("::1", ("six", "pw")),
        ("other.example", ("anyone", "any")),
        ("default", ("anyone", "any")),
    ],
)
def test_login_of_a_host_is_found(home: Path, host: str, login: tuple[str, str] | None) -> None:
    netrc(home, FILE)
    found = files(home)
    assert found.netrc_login(host) == login
    assert found.warnings == []


def test_unlisted_host_has_no_login(home: Path) -> None:
    netrc(home, "machine a.example login me password pw\n")
    assert files(home).netrc_login("b.example") is None


def test_environment_variable_names_the_file(home: Path) -> None:
    netrc(home, "default login home password 1")
    netrc(home, "default login env password 2", name="other")
    assert files(home, NETRC="other").netrc_login("h") == ("env", "2")
    assert files(home, NETRC="~/other").netrc_login("h") == ("env", "2")


@pytest.mark.parametrize("name", ["", "missing", "/dev/null", "a\0b"])
def test_missing_file_in_the_environment_variable_gives_no_login(home: Path, name: str) -> None:
    netrc(home, "default login home password 1")
    found = files(home, NETRC=name)
    assert found.netrc_login("h") is None
    assert found.warnings == []


def test_netrc_with_underscore_is_the_second_choice(home: Path) -> None:
    netrc(home, "default login second password 2", name="_netrc")
    assert files(home).netrc_login("h") == ("second", "2")
    netrc(home, "default login first password 1")
    assert files(home).netrc_login("h") == ("first", "1")


def test_readable_file_is_used_with_one_warning(home: Path) -> None:
    netrc(home, "machine a login me password pw", 0o640)
    found = files(home)
    assert found.netrc_login("a") == found.netrc_login("a") == ("me", "pw")
    assert found.warnings == [
        ("~/.netrc: other users can read this secret; run: chmod 600 ~/.netrc")
    ]
    assert files(home).netrc_login("b") is None


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"machine a login me password my secret", "line 1 or later"),
        (b"machine a login me\n\nsecret x", "line 3 or later"),
        (b"# one\nmachine a login me\nsecret x", "or later"),
        (b"machine", "line 1 or later"),
        (b"macdef init\nsecret", "or later"),
        (b"machine a login me password secret\xff", "cannot be read: not a text file"),
    ],
)
def test_warning_about_an_invalid_file_quotes_nothing(
    home: Path, content: bytes, why: str
) -> None:
    netrc(home, content)
    found = files(home)
    assert found.netrc_login("a") is None
    (warning,) = found.warnings
    assert warning.startswith("~/.netrc: ")
    assert why in warning
    assert warning.endswith("; ignored")
    assert "secret" not in warning


def test_directory_gives_a_warning(home: Path) -> None:
    (home / ".netrc").mkdir()
    found = files(home)
    assert found.netrc_login("a") is None
    assert found.warnings == ["~/.netrc: cannot be read: is a directory; ignored"]


def test_fifo_is_read(home: Path) -> None:
    os.mkfifo(home / "fifo", 0o600)

    def write() -> None:
        (home / "fifo").write_text("default login me password pw")

    writer = threading.Thread(target=write)
    writer.start()
    found = files(home, NETRC="fifo")
    assert found.netrc_login("a") == found.netrc_login("a") == ("me", "pw")
    writer.join()
