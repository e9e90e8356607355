"""File names for downloads: taken from a response, and made safe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.headers import Field, Fields
from httpcli.core.url import Url
from httpcli.protocol.filenames import (
    MAX_NAME_SIZE,
    add_number,
    download_name,
    filename_from_disposition,
    has_own_suffix,
    sanitize,
    shorten,
    split_extension,
)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("attachment; filename=a.txt", "a.txt"),
        ('attachment; filename="a b.txt"', "a b.txt"),
        ("ATTACHMENT; FILENAME=a.txt", "a.txt"),
        ('inline; filename="a.txt"', "a.txt"),
        ('attachment; filename="a\\"b.txt"', 'a"b.txt'),
        ('attachment; filename="f\\oo.html"', "foo.html"),
        ('attachment; filename="a;b=c.txt"; size=3', "a;b=c.txt"),
        ("attachment; filename=a b.txt", "a b.txt"),
        ('attachment; filename="unclosed.txt', "unclosed.txt"),
        ("attachment;filename = spaced.txt ;x=y", "spaced.txt"),
        ("filename=no-disposition.txt", "no-disposition.txt"),
        ("attachment", None),
        ("attachment; filename=", None),
        ('attachment; filename=""', None),
        ("", None),
        ('attachment; filename="h\u00e9.txt"', "hé.txt"),
        (b'attachment; filename="h\xe9.txt"'.decode("utf-8", "surrogateescape"), "hé.txt"),
        ('attachment; filename="50%25.txt"', "50%.txt"),
    ],
)
def test_plain_file_name_is_parsed_as_browsers_do(value: str, name: str | None) -> None:
    assert filename_from_disposition(value) == name


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("attachment; filename*=UTF-8''%e2%82%ac%20rates.txt", "€ rates.txt"),
        ("attachment; filename*=utf-8'en'a.txt", "a.txt"),
        ("attachment; filename*=iso-8859-1''f%fcr.txt", "für.txt"),
        ("attachment; filename=EURO.txt; filename*=UTF-8''%e2%82%ac.txt", "€.txt"),
        ("attachment; filename*=UTF-8''%e2%82%ac.txt; filename=EURO.txt", "€.txt"),
        ("attachment; filename*=\"UTF-8''a%20b.txt\"", "a b.txt"),
        ("attachment; filename*=UTF-8''%e2%82.txt; filename=plain.txt", "plain.txt"),
        ("attachment; filename*=UTF-8''%zz.txt; filename=plain.txt", "plain.txt"),
        ("attachment; filename*=klingon''a.txt; filename=plain.txt", "plain.txt"),
        ("attachment; filename*=rot13''a.txt", None),
        ("attachment; filename*=a.txt; filename=plain.txt", "plain.txt"),
        ("attachment; filename*=UTF-8''..%2f..%2fetc%2fpasswd", "../../etc/passwd"),
    ],
)
def test_extended_file_name_has_precedence_over_the_plain_one(
    value: str, name: str | None
) -> None:
    assert filename_from_disposition(value) == name


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("a.txt", "a.txt"),
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\evil.exe", "evil.exe"),
        ("C:\\docs\\a.txt", "a.txt"),
        ("dir/", "dir"),
        ("..", ""),
        (".", ""),
        ("/", ""),
        (".bashrc", "bashrc"),
        ("...hidden", "hidden"),
        (". .profile", "profile"),
        ("a\x00b\x1b[31mc\x7f\x9b.txt", "ab[31mc.txt"),
        ("a\r\nb\t.txt", "ab.txt"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\u2028b", "ab"),
        ("a\udcff.txt", "a.txt"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("nul .txt", "_nul .txt"),
        ("COM1.tar.gz", "_COM1.tar.gz"),
        ("lpt¹", "_lpt¹"),
        ("CONSOLE.txt", "CONSOLE.txt"),
        ("COM10", "COM10"),
        ("CON. .", "_CON"),
        ("a.txt. . ", "a.txt"),
        ("-", ""),
        ("~", ""),
        ("-rf", "_-rf"),
        ("./--checkpoint-action=exec=sh", "_--checkpoint-action=exec=sh"),
        (" .-rf *", "_-rf *"),
        ("~root", "_~root"),
        ("..\\~\\-x", "_-x"),
        ("a-b~", "a-b~"),
        ("  spaced name.txt  ", "spaced name.txt"),
        ("日本語.txt", "日本語.txt"),
    ],
)
def test_unsafe_parts_of_a_name_are_removed(sent: str, name: str) -> None:
    assert sanitize(sent) == name


@pytest.mark.parametrize(
    ("name", "most", "shorter"),
    [
        ("abcdef.txt", 8, "abcd.txt"),
        ("abcdef.tar.gz", 10, "abc.tar.gz"),
        ("ééééé.txt", 9, "éé.txt"),
        ("abcdef", 3, "abc"),
        ("short.txt", 255, "short.txt"),
    ],
)
def test_a_long_name_keeps_its_extension(name: str, most: int, shorter: str) -> None:
    assert shorten(name, most) == shorter


@pytest.mark.parametrize(
    ("name", "number", "other"),
    [
        ("a.txt", 1, "a-1.txt"),
        ("a.tar.gz", 2, "a-2.tar.gz"),
        ("a", 10, "a-10"),
        (".tar.gz", 1, ".tar-1.gz"),
        (".bashrc", 1, ".bashrc-1"),
        ("a b.c.txt", 1, "a b.c-1.txt"),
        ("x" * 251 + ".txt", 12, "x" * 248 + "-12.txt"),
        ("a\udcff.txt", 1, "a\udcff-1.txt"),
    ],
)
def test_existing_name_gets_a_number_before_its_extension(
    name: str, number: int, other: str
) -> None:
    assert add_number(name, number) == other


@pytest.mark.parametrize(
    ("path", "fields", "name"),
    [
        ("/a/b.txt", {}, "b.txt"),
        ("/a/b%20c.txt", {}, "b c.txt"),
        ("/a;v=1.txt", {}, "a;v=1.txt"),
        ("/a.zip;jsessionid=t", {}, "a.zip"),
        ("/a;v=1;token=t.zip", {}, "a;v=1"),
        ("/a/%2e%2e%2fevil", {}, "evil"),
        ("/a/h%e9.txt", {}, "hé.txt"),
        ("/a/", {}, "index"),
        ("/", {"Content-Type": "text/html; charset=utf-8"}, "index.html"),
        ("/", {"Content-Type": "application/problem+json"}, "index.json"),
        ("/", {"Content-Type": "text/x-unheard-of"}, "index.txt"),
        ("/", {"Content-Type": "image/jpeg"}, "index.jpg"),
        ("/", {"Content-Type": "nonsense"}, "index"),
        ("/x.bin", {"Content-Disposition": "attachment; filename=y.bin"}, "y.bin"),
        ("/x.bin", {"Content-Disposition": "attachment; filename=../.."}, "x.bin"),
        ("/.hidden", {"Content-Type": "text/plain"}, "hidden"),
        ("/%2e", {"Content-Type": "text/plain"}, "index.txt"),
    ],
)
def test_name_comes_from_response_header_then_url_then_media_type(
    path: str, fields: dict[str, str], name: str
) -> None:
    sent = Fields(Field(key, value) for key, value in fields.items())
    assert download_name(Url("http", "example.org", None, path), sent) == name


@given(st.text(st.characters(codec=None), max_size=400))
def test_any_sent_name_becomes_one_short_safe_name(sent: str) -> None:
    name = sanitize(sent)
    assert len(name.encode()) <= MAX_NAME_SIZE
    assert not {"/", "\\", "\0", "\n", "\x1b"} & set(name)
    assert not name.startswith(".")
    assert sanitize(name) == name


@given(st.text(max_size=300), st.integers(1, 10**6))
def test_stem_and_extension_join_to_the_name(name: str, number: int) -> None:
    assert "".join(split_extension(name)) == name
    assert len(add_number(name, number).encode()) <= MAX_NAME_SIZE


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("film.mkv.part", "film.mkv.part_"),
        ("film.mkv.part.json", "film.mkv.part.json_"),
        ("film.mkv.part.json.new", "film.mkv.part.json.new_"),
        ("film.mkv.PART", "film.mkv.PART_"),
        ("film.mkv.Part.JSON", "film.mkv.Part.JSON_"),
        ("film.mkv.part. . ", "film.mkv.part_"),
        ("film.mkv.par\x00t", "film.mkv.part_"),
        ("film.mkv.part\u200b", "film.mkv.part\u200b_"),
        ("film.mkv.pa\u00adrt", "film.mkv.pa\u00adrt_"),
        ("film.mkv.\uff50\uff41\uff52\uff54", "film.mkv.\uff50\uff41\uff52\uff54_"),
        ("film.mkv\uff0epart", "film.mkv\uff0epart_"),
        ("a/b/film.part/", "film.part_"),
        (".part", "part"),
        ("x.part", "x.part_"),
        ("film.part1.rar", "film.part1.rar"),
        ("film.partial", "film.partial"),
        ("a" * 250 + ".part", "a" * 250 + ".par_"),
        ("a" * 250 + ".part" + "b" * 30, "a" * 250 + ".par_"),
    ],
)
def test_no_name_is_that_of_a_part_file_or_sidecar(sent: str, name: str) -> None:
    safe = sanitize(sent)
    assert not has_own_suffix(safe)
    assert safe == name


@given(st.text(max_size=300), st.sampled_from([".part", ".part.json", ".PART.json.new"]))
def test_numbered_and_shortened_names_keep_no_suffix_of_ours(stem: str, suffix: str) -> None:
    safe = sanitize(stem + suffix)
    assert not has_own_suffix(safe)
    assert not safe or not has_own_suffix(add_number(safe, 7))
    assert len(safe.encode()) <= MAX_NAME_SIZE
