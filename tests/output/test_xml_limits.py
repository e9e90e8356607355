from __future__ import annotations

import pytest

from httpcli.output.formats.xml import MAX_DEPTH, MAX_INDENT, MAX_LENGTH, XmlIndent
from tests.output.test_xml import indented

pytestmark = pytest.mark.wide


class TestHostileXml:
    def test_over_32_mebicharacters_is_unchanged_with_one_note(self) -> None:
        messages: list[str] = []
        format_ = XmlIndent(2, messages.append)
        half = "<a>" + "<b/>" * (MAX_LENGTH // 8)
        assert not list(format_.feed(half))
        assert "".join(format_.feed(half)) == half + half
        assert list(format_.feed("</a>")) == ["</a>"]
        assert not list(format_.flush())
        assert messages == ["the XML is longer than 32 MiB: it is not indented"]

    def test_indent_stops_growing_at_a_limit(self) -> None:
        seen = indented("<a>" * (MAX_INDENT + 50) + "</a>" * (MAX_INDENT + 50), indent=1)
        lines = seen.splitlines()
        assert lines[MAX_INDENT + 10] == " " * MAX_INDENT + "<a>"
        assert max(map(len, lines)) == MAX_INDENT + len("<a></a>")

    def test_beyond_the_depth_limit_is_unchanged(self) -> None:
        within = "<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH
        beyond = f"<a>{within}</a>"
        assert indented(within) != within
        assert indented(f"<a>{beyond}</a>") == f"<a>{beyond}</a>"

    @pytest.mark.parametrize(
        "text",
        [
            "<" * 4_000_000,
            "<!--" * 1_000_000,
            "<a><![CDATA[" * 300_000,
            "<a>" * 1_000_000,
            "<a b='" + "x" * 4_000_000,
            "<a " + " ".join(f"a{i}='1'" for i in range(100_000)),
            "<a " + " a='1'" * 100_000 + "/>",
            "<!DOCTYPE a [" + "<!ELEMENT a ANY>" * 200_000,
            "<?" * 2_000_000,
            "<a>" + "\n" * 4_000_000,
        ],
        ids=lambda text: text[:12],
    )
    def test_unterminated_constructs_take_linear_time(self, text: str) -> None:
        """With quadratic time this would take hours."""
        assert indented(text) == text

    def test_entities_are_not_expanded(self) -> None:
        text = "<!DOCTYPE a [<!ENTITY e0 'ha'>"
        text += "".join(f"<!ENTITY e{i} '{f'&e{i - 1};' * 10}'>" for i in range(1, 12))
        text += "]><a><b/>&e11;</a>"
        assert indented(text) == text
