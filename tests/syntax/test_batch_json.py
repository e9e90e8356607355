"""A JSON object of a batch file as command-line arguments."""

from __future__ import annotations

import pytest

from httpcli.core.errors import UsageError
from httpcli.syntax.batch_lines import arguments_of_object


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ("", []),
        ('"method": "PUT"', ["--method=PUT"]),
        ('"headers": {"A": "1", "B": ["2", 3]}', ["--header=A:1", "--header=B:2", "--header=B:3"]),
        ('"headers": {"A": null, "B": ""}', ["--header=A:", "--header=B;"]),
        ('"headers": {"A": "1", "A": "2"}', ["--header=A:1", "--header=A:2"]),
        ('"params": {"q": "a b", "n": 1.10}', ["--param=q=a b", "--param=n=1.10"]),
        ('"params": {"on": true}', ["--param=on=true"]),
        ('"json": {"a": 1e400}', ["--json", '--raw={"a": 1e400}']),
        ('"json": null', ["--json", "--raw=null"]),
        (
            '"form": {"a": "@x", "b": [1, 2]}',
            ["--form", *(f"--field={x}" for x in ("a=@x", "b=1", "b=2"))],
        ),
        ('"data": "text"', ["--raw=text"]),
        ('"options": ["--follow", "-v"]', ["--follow", "-v"]),
    ],
)
def test_each_key_becomes_arguments(members: str, words: list[str]) -> None:
    text = f'{{"url": "-u", {members}}}'.replace(", }", "}")
    assert arguments_of_object(text) == [*words, "--", "-u"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "invalid JSON: .*, at column 2"),
        ('{"url": "s3cret" x}', "invalid JSON: .*, at column 18"),
        ('{"url": "h", "url": "h"}', "a key stands twice"),
        ("{}", "the key url is missing"),
        ('{"url": "h", "heders": "s3cret"}', "unknown key 'heders'"),
        ('{"url": "h", "json": 1, "data": "s3cret"}', "two bodies: json and data"),
        ('{"url": ["s3cret"]}', "url is not a text"),
        ('{"url": "h", "headers": ["s3cret"]}', "headers is not an object"),
        ('{"url": "h", "headers": {"A:b": "s3cret"}}', "cannot be the name of a field"),
        ('{"url": "h", "params": {"a=b": "s3cret"}}', "has a = in it"),
        ('{"url": "h", "form": {"a": {"s3cret": 1}}}', "form: a is not a text"),
        ('{"url": "h", "options": "s3cret"}', "options is not a list"),
        ('{"url": "h", "options": [1]}', "options is not a list"),
    ],
)
def test_invalid_object_is_rejected_without_showing_values(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        arguments_of_object(text)
    assert "s3cret" not in caught.value.message + caught.value.hint
    assert caught.value.fault is None
