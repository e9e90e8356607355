"""Media types: parsed leniently, and guessed from file names."""

from __future__ import annotations

import pytest

from httpcli.protocol.media_types import MediaType, guess_media_type, parse_media_type


@pytest.mark.parametrize(
    ("value", "essence", "parameters"),
    [
        ("text/html", "text/html", {}),
        ("Text/HTML;Charset=UTF-8", "text/html", {"charset": "UTF-8"}),
        (" text/html ; charset=utf-8 ", "text/html", {"charset": "utf-8"}),
        ('text/html;charset="utf-8"', "text/html", {"charset": "utf-8"}),
        ('text/x; a="b;c\\"d"; e=f', "text/x", {"a": 'b;c"d', "e": "f"}),
        ('text/x; a="open', "text/x", {"a": "open"}),
        ('text/x; a="b" rest; c=d', "text/x", {"a": "b", "c": "d"}),
        ("text/x; charset=one; charset=two", "text/x", {"charset": "one"}),
        ("text/x;;; a ; =b; c=; d=e", "text/x", {"d": "e"}),
        ("text/x; a b=c; d=e", "text/x", {"d": "e"}),
    ],
)
def test_media_type_is_parsed(value: str, essence: str, parameters: dict[str, str]) -> None:
    media_type = parse_media_type(value)
    assert media_type.essence == essence
    assert media_type.parameters == parameters


@pytest.mark.parametrize("value", ["", "text", "text/", "/html", "text/html/x", "a b/c", ";x=y"])
def test_invalid_media_type_is_empty(value: str) -> None:
    assert parse_media_type(value) == MediaType()
    assert parse_media_type(value).essence == ""


@pytest.mark.parametrize(
    ("value", "charset"),
    [
        ("text/plain; charset=ISO-8859-1", "ISO-8859-1"),
        ('text/plain; charset="koi8-r"', "koi8-r"),
        ('text/plain; charset=""', None),
        ("text/plain", None),
    ],
)
def test_charset_is_returned_as_sent(value: str, charset: str | None) -> None:
    assert parse_media_type(value).charset == charset


@pytest.mark.parametrize(
    ("value", "suffix"),
    [("image/svg+xml", "xml"), ("a/b+c+d", "d"), ("text/html", "")],
)
def test_suffix_follows_the_last_plus(value: str, suffix: str) -> None:
    assert parse_media_type(value).suffix == suffix


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("photo.png", "image/png"),
        ("PHOTO.JPG", "image/jpeg"),
        ("a.b/archive.tar.gz", "application/gzip"),
        ("dir.json/plain", None),
        ("data.json", "application/json"),
        ("C:\\data\\rows.csv", "text/csv"),
        (".json", None),
        ("..json", None),
        ("name.", None),
        ("name.unheard-of", None),
        ("", None),
    ],
)
def test_media_type_is_guessed_from_the_file_name(path: str, media_type: str | None) -> None:
    assert guess_media_type(path) == media_type
