from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.format_options import FormatOptions
from httpcli.core.plan import Colours, Display
from httpcli.output.formats.xml import MAX_DEPTH, MAX_INDENT, MAX_LENGTH, XmlIndent, indenter
from httpcli.protocol.media_types import parse_media_type
from tests.output.exchanges import body, request, shown

SGR = re.compile("\x1b\\[[0-9;]*m")
TOKEN = re.compile(
    r"<!DOCTYPE.*?ANY> \]>|<!--.*?-->|<\?.*?\?>|<(?:\"[^\"]*\"|'[^']*'|[^>\"'])*>|<[^>]*>|[^<]+",
    re.DOTALL,
)
"""A tag ends at a > outside of quotes; broken documents may lack the second quote."""
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
PIPED = Display(format=True)

WHITE = st.sampled_from(["", "", " ", "\n", "\r\n", "\t\n\n "])
NAMES = st.sampled_from(["a", "b", "c:d", "é"])
TEXT = st.text(alphabet="xy<>&\"' \n\u00a0", min_size=1, max_size=6).map(escape)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["p", "q", "xml:space"]), st.sampled_from(["", "1", "preserve", 'a"b>'])
).map(lambda pairs: "".join(f" {name}={quoteattr(value)}" for name, value in pairs.items()))
OTHERS = st.sampled_from(["<!-- <b> 'x -->", "<?pi a='?>", "<![CDATA[<b>]]>", "&amp;", "&#32;"])


def element(name: str, attributes: str, inner: str, after: str) -> str:
    return f"<{name}{attributes}>{inner}</{name}>{after}"


ELEMENTS = st.recursive(
    st.builds(lambda name, attributes: f"<{name}{attributes}/>", NAMES, ATTRIBUTES),
    lambda inner: st.builds(
        element,
        NAMES,
        ATTRIBUTES,
        st.lists(inner | inner | WHITE | TEXT | OTHERS, max_size=3).map("".join),
        WHITE,
    ),
    max_leaves=6,
)
DOCUMENTS = st.builds(
    '{}{}<root xmlns:c="u">{}</root>{}'.format,
    st.sampled_from(["", '<?xml version="1.0" encoding="latin-1"?>', "\ufeff"]),
    st.sampled_from(["", "\n\n<!-- > -->", "<!DOCTYPE root [<!-- ]>' -->\n<!ELEMENT a ANY> ]>"]),
    st.lists(ELEMENTS | WHITE, max_size=4).map("".join),
    WHITE,
)
BROKEN = st.lists(
    st.sampled_from(
        [
            *("<a>", "</a>", "<b/>", "<a/>", "<a b='>'/>", "<a b='", '"', ">", " ", "<", "x"),
            *("<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "<!DOCTYPE a", "[", "]", "&x;"),
        ]
    ),
    max_size=12,
).map("".join)


def indented(*pieces: str, indent: int = 2) -> str:
    messages: list[str] = []
    format_ = XmlIndent(indent, messages.append)
    seen = "".join([*(out for piece in pieces for out in format_.feed(piece)), *format_.flush()])
    assert not messages
    return seen


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("<a><b>1</b><c/></a>", "<a>\n  <b>1</b>\n  <c/>\n</a>"),
        ("<a>\n\n\n<b/>\t</a>\n", "<a>\n  <b/>\n</a>\n"),
        ("<a><b><c><d/></c></b></a>", "<a>\n  <b>\n    <c>\n      <d/>\n    </c>\n  </b>\n</a>"),
        ("<?xml version='1.0' ?><a/>", "<?xml version='1.0' ?>\n<a/>"),
        ("<a><!-- x --><b/><?pi?></a>", "<a>\n  <!-- x -->\n  <b/>\n  <?pi?>\n</a>"),
        ("<!-- 1 --><a/><!-- 2 -->", "<!-- 1 -->\n<a/>\n<!-- 2 -->"),
        (
            "<!DOCTYPE a SYSTEM '[>' [ <!-- ' ]> --> <?p ' ]>?>\n<!ELEMENT a ANY> ] ><a/>",
            "<!DOCTYPE a SYSTEM '[>' [ <!-- ' ]> --> <?p ' ]>?>\n<!ELEMENT a ANY> ] >\n<a/>",
        ),
        ("\ufeff<a><b/></a>", "\ufeff<a>\n  <b/>\n</a>"),
        ("<a><b>\udce9</b></a>", "<a>\n  <b>\udce9</b>\n</a>"),
        (
            '<?xml version="1.0" encoding="utf-16"?><a><b/></a>',
            '<?xml version="1.0" encoding="utf-16"?>\n<a>\n  <b/>\n</a>',
        ),
        ("<a xml:space='default'><b/></a>", "<a xml:space='default'>\n  <b/>\n</a>"),
    ],
)
def test_elements_are_on_separate_lines(sent: str, seen: str) -> None:
    assert indented(sent) == indented(*sent) == seen


@pytest.mark.parametrize(
    "kept",
    [
        "<b></b>",
        "<b> </b>",
        "<b>\n</b>",
        "<b> <!-- nothing --> </b>",
        "<b>x <i><u/></i></b>",
        "<b><i/> <i/>x</b>",
        "<b><i> <u/></i><![CDATA[]]></b>",
        "<b><i/>&amp;</b>",
        "<b> <i/>&#32;</b>",
        "<b><i/>\u00a0</b>",
        "<b c = '1'  d=\"'>/\"\n/>",
        "<b >x</b >",
        "<b><![CDATA[<i>]] >\n\n</b>]]></b>",
        "<b xml:space='preserve'><i> <u/></i> </b>",
        "<b xml:space = '&#112;reserve'><i/></b>",
        '<b c="x" xmlns="http://www.w3.org/1999/xhtml"><i/> <i/></b>',
        "<!-- a\n\n b -->",
        "<?pi <b> ' ?>",
    ],
)
def test_significant_text_is_unchanged(kept: str) -> None:
    assert indented(f"<a>{kept}<c/></a>") == f"<a>\n  {kept}\n  <c/>\n</a>"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "text",
        "<",
        "<a><b/>",
        "<a><b/></a></a>",
        "<a><b></a></b>",
        "<a><b/></a><c/>",
        "<a><b/></a>x",
        "x<a><b/></a>",
        "<a><b/>&nbsp;</a>",
        "<a><b/><c d=1/></a>",
        "<a><b/><!-- -- --></a>",
        "<a><b/>\x1b</a>",
        " <?xml version='1.0'?><a><b/></a>",
        "<a><b/><!-- ",
        "<a><b/><c d='",
        "<!DOCTYPE a [<!ENTITY e 'x'>]><a><b/></a>",
        "<!DOCTYPE a [<!ATTLIST a xml:space CDATA 'preserve'>]><a><b/></a>",
    ],
)
def test_unsupported_or_invalid_documents_are_unchanged(text: str) -> None:
    assert indented(text) == text


def test_indent_is_configurable() -> None:
    sent = "<a> <b><c/></b></a>"
    assert indented(sent, indent=4) == "<a>\n    <b>\n        <c/>\n    </b>\n</a>"
    assert indented(sent, indent=0) == "<a>\n<b>\n<c/>\n</b>\n</a>"


@pytest.mark.parametrize(
    "display",
    [PIPED._replace(stream=True), PIPED._replace(format_options=FormatOptions(xml_format=False))],
)
def test_formatting_can_be_turned_off(display: Display) -> None:
    assert indenter(display, parse_media_type("text/xml"), print) is None
    assert body(display, b"<a><b/></a>", media="text/xml") == b"<a><b/></a>"


@given(DOCUMENTS | BROKEN, st.integers(1, 9))
def test_output_does_not_depend_on_how_text_is_split(text: str, size: int) -> None:
    assert indented(*(text[i : i + size] for i in range(0, len(text), size))) == indented(text)


@given(DOCUMENTS)
def test_formatting_twice_changes_nothing(text: str) -> None:
    assert indented(indented(text)) == indented(text)


@given(DOCUMENTS)
def test_only_white_space_between_tags_changes(text: str) -> None:
    assert tokens(indented(text)) == tokens(text)


def tokens(text: str) -> list[str]:
    return [token for token in TOKEN.findall(text) if token.strip(" \t\r\n")]


@given(BROKEN)
def test_documents_that_expat_rejects_are_unchanged(text: str) -> None:
    seen = indented(text)
    assert tokens(seen) == tokens(text)
    try:
        ET.fromstring(text)
    except ET.ParseError:
        assert seen == text


@given(DOCUMENTS)
def test_formatted_document_parses_the_same(text: str) -> None:
    before, after = (ET.fromstring(each.encode()) for each in no_charset(text, indented(text)))
    for one, other in zip_longest(before.iter(), after.iter()):
        assert (one.tag, one.attrib) == (other.tag, other.attrib)
        for was, became in texts(one, other):
            assert was == became or (len(one) and not (was + became).strip(" \t\r\n"))
        if not len(one) or own_text(one) or SPACE in one.attrib:
            assert list(texts(one, one)) == list(texts(other, other))


def no_charset(*documents: str) -> Iterator[str]:
    """Remove the declared charset: the documents are parsed as UTF-8."""
    return (document.replace(' encoding="latin-1"', "") for document in documents)


def texts(one: ET.Element, other: ET.Element) -> Iterator[tuple[str, str]]:
    """Pair the text nodes directly inside two elements."""
    yield one.text or "", other.text or ""
    for child, counterpart in zip(one, other, strict=True):
        yield child.tail or "", counterpart.tail or ""


def own_text(one: ET.Element) -> str:
    return "".join(text for text, _ in texts(one, one)).strip(" \t\r\n")


class TestMedia:
    @pytest.mark.parametrize(
        "media",
        [
            "text/xml",
            "application/xml; charset=utf-8",
            "application/problem+xml",
            "image/svg+xml",
            "application/soap+xml",
        ],
    )
    def test_xml_is_recognised_by_its_media_type(self, media: str) -> None:
        assert body(PIPED, b"<a><b/></a>", media=media) == b"<a>\n  <b/>\n</a>"

    def test_xml_is_recognised_by_its_declaration(self) -> None:
        sent = b'<?xml version="1.0"?><a/>'
        assert body(PIPED, sent) == b'<?xml version="1.0"?>\n<a/>'
        seen = body(PIPED._replace(colours=Colours.SIXTEEN), sent).decode()
        assert SGR.search(seen)
        assert SGR.sub("", seen) == '<?xml version="1.0"?>\n<a/>\n'

    @pytest.mark.parametrize(
        "media", ["text/html", "application/xhtml+xml", "text/plain", "text/css", ""]
    )
    def test_other_text_is_unchanged(self, media: str) -> None:
        assert body(PIPED, b"<a><b/></a>", media=media) == b"<a><b/></a>"

    def test_request_body_is_indented_too(self) -> None:
        display = PIPED._replace(parts=frozenset("B"))
        events = request(b"<a><b/>", b"</a>", lines=["Content-Type: text/xml"])
        assert shown(display, events).startswith(b"<a>\n  <b/>\n</a>")

    def test_body_keeps_its_charset(self) -> None:
        sent = "<a><b>é</b></a>".encode("utf-16-be")
        seen = body(PIPED, sent, media="text/xml; charset=utf-16-be")
        assert seen.decode("utf-16-be") == "<a>\n  <b>é</b>\n</a>"


@pytest.mark.wide
class TestHostileXml:
    def test_over_32_mebicharacters_is_unchanged_with_one_note(self) -> None:
        messages: list[str] = []
        format_ = XmlIndent(2, messages.append)
        half = "<a>" + "<b/>" * (MAX_LENGTH // 8)
        assert not list(format_.feed(half))
        assert "".join(format_.feed(half)) == half + half
        assert list(format_.feed("</a>")) == ["</a>"]
        assert not list(format_.flush())
        assert messages == ["the XML is larger than 32 MiB: it is not indented"]

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
