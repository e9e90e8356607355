"""Which text before JSON is a prefix against scripts."""

from __future__ import annotations

import pytest

from httpcli.core.json_prefix import MAX_PREFIX_LENGTH, json_prefix

PREFIXES = (
    *(")]}'", ")]}',", ")]}", "while(1);", "while (1);", "for(;;);", "for (;;);", "throw 1;"),
    *("{}&&", "{} &&", "&&&START&&&", "])}while(1);</x>", "/**/", "\ufeff", "\ufeff)]}',"),
)


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("body", ['{"a":1}', "[1]", ' "a"', "\n{}", "1"])
def test_prefix_ends_where_the_json_begins(prefix: str, body: str) -> None:
    assert json_prefix(prefix + body) == prefix


@pytest.mark.parametrize(
    "text",
    ["", "{}", "{}\n{}", "[1]", "true", "false", "12", "] {}", "} {}", "wrong", "&", "null"],
)
def test_other_text_has_no_prefix(text: str) -> None:
    assert json_prefix(text) == ""


@pytest.mark.parametrize("prefix", PREFIXES)
def test_pieces_have_the_same_prefix_as_the_whole_text(prefix: str) -> None:
    text = prefix + '{"a": 1}' + " " * MAX_PREFIX_LENGTH
    decided = [
        found
        for end in range(1, len(text) + 1)
        if (found := json_prefix(text[:end], last=False)) is not None
    ]
    assert set(decided) == {prefix}


@pytest.mark.parametrize("text", ["[1", '{"a"', '"w', "12", "{}\n"])
def test_json_is_recognized_at_once(text: str) -> None:
    assert json_prefix(text, last=False) == ""


def test_long_text_is_decided_in_time_that_does_not_depend_on_its_length() -> None:
    for text in (
        ")" * 1_000_000,
        "throw " + "x" * 1_000_000,
        "/*" + " " * 1_000_000,
        " " * 1_000_000,
    ):
        assert len(json_prefix(text, last=False) or "") <= MAX_PREFIX_LENGTH
