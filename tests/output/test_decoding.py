from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.plan import Display
from httpcli.output.decoding import SAMPLE, GuessingDecoder, guess_charset
from httpcli.output.screen import Screen
from tests.output.exchanges import body, response

PRETTY = Display(parts=frozenset("b"), to_terminal=True, guard_terminal=True, format=True)

TEXTS = [
    ("cp1252", "Le café de la gare était fermé à cause de la grève. Les élèves sont à l'école."),
    ("cp1252", "Café au lait, déjà vu, naïve façade, à bientôt. Très bien!"),
    ("cp1252", "Die Prüfung war für die Schüler äußerst schwierig. Schöne Grüße aus München."),
    ("cp1252", "El niño comió una manzana en el jardín. Mañana habrá una reunión."),
    ("cp1250", "Zażółć gęślą jaźń. Książka leży na stole, a źródło wody jest daleko."),
    ("cp1251", "Привет, мир! Это обычный русский текст без указания кодировки."),
    ("koi8_r", "Привет, мир! Это обычный русский текст без указания кодировки."),
    ("cp1253", "Καλημέρα κόσμε. Αυτό είναι ένα ελληνικό κείμενο χωρίς δήλωση."),
    ("cp932", "こんにちは世界。これは文字コードの宣言がない日本語の文章です。"),
    ("euc_jp", "こんにちは世界。これは文字コードの宣言がない日本語の文章です。"),
    ("gb18030", "你好、世界。这是一段没有声明编码的中文文本。我们应该能够正确地读取它。"),
    ("big5", "你好、世界。這是一段沒有宣告編碼的中文文字。我們應該能夠正確地讀取它。"),
    ("cp949", "안녕하세요 세계. 이것은 인코딩 선언이 없는 한국어 텍스트입니다."),
]
PAGE = "<html><head><title>Page</title></head><body><p>{}</p><p>Copyright</p></body></html>"


@pytest.mark.parametrize(("charset", "text"), TEXTS)
@pytest.mark.parametrize("template", ["{}\n", PAGE], ids=["text", "page"])
class TestTextWithoutCharset:
    def test_is_decoded_in_its_original_charset(
        self, charset: str, text: str, template: str
    ) -> None:
        sent = template.format(text)
        assert body(PRETTY, sent.encode(charset)).decode() == f"{sent}\n\n"

    def test_is_decoded_byte_by_byte(self, charset: str, text: str, template: str) -> None:
        sent = template.format(text)
        content = sent.encode(charset)
        pieces = [content[i : i + 1] for i in range(len(content))]
        assert body(PRETTY, *pieces).decode() == f"{sent}\n\n"

    def test_is_decoded_if_the_sample_ends_within_a_character(
        self, charset: str, text: str, template: str
    ) -> None:
        sent = template.format(text) + text[::-1]
        content = sent.encode(charset)
        cut = len(template.format(text).encode(charset)) + 21
        decoder = GuessingDecoder()
        seen = decoder.decode(content[:cut]) + decoder.decide()
        assert seen + decoder.decode(content[cut:], last=True) == sent


class TestShortText:
    @pytest.mark.parametrize("text", ["café", "é", "naïve façade", "£5", "“quoted”", "Ærø"])
    def test_is_decoded_as_western(self, text: str) -> None:
        assert body(PRETTY, text.encode("cp1252")).decode() == f"{text}\n\n"


class TestDamagedText:
    @pytest.mark.parametrize(
        "content",
        [
            "日本語".encode()[:-1],
            "né".encode() + b"\xe9",
            "日本".encode() + b"\xff" + "語é".encode(),
            b"\xff" + "日本語".encode(),
        ],
    )
    @pytest.mark.parametrize("size", [1, 99])
    def test_is_decoded_as_utf_8(self, content: bytes, size: int) -> None:
        pieces = [content[i : i + size] for i in range(0, len(content), size)]
        assert body(PRETTY, *pieces).decode() == content.decode(errors="replace") + "\n\n"

    def test_is_decoded_as_utf_8_after_a_long_valid_start(self) -> None:
        content = ("é" * 50).encode() + b" \xe9\xe8 and \xe7"
        assert body(PRETTY, content[:100], content[100:]).decode().endswith("\ufffd\n\n")


class TestBuffering:
    def test_ascii_before_the_first_other_byte_is_not_buffered(self) -> None:
        decoder = GuessingDecoder()
        assert decoder.decode(b"at once \xe9") == "at once "
        assert decoder.decode(b" later") == ""
        assert decoder.decide() == "é later"
        assert decoder.decode(b" \xe9") == " é"

    def test_a_pause_shows_the_buffered_text(self) -> None:
        written = bytearray()
        screen = Screen(PRETTY, written.extend)
        for event in response(b"some more text: caf\xe9!", lines=["Content-Type: text/x"])[:2]:
            screen.observe(event)
        assert written == b"some more text: caf"
        screen.pause()
        assert written.decode() == "some more text: café!"

    def test_no_more_than_the_sample_is_buffered(self) -> None:
        decoder = GuessingDecoder()
        assert decoder.decode(b"\xe9" + b"a" * SAMPLE) == "é" + "a" * SAMPLE


@given(st.binary(min_size=1, max_size=200))
def test_any_bytes_get_a_charset(sample: bytes) -> None:
    assert sample.decode(guess_charset(sample), "replace")


@pytest.mark.wide  # detecting a charset is slow
@given(st.text(max_size=99), st.sampled_from(["utf-8", "cp1252", "shift_jis"]), st.integers(1, 50))
def test_ascii_lines_are_always_decoded(text: str, charset: str, size: int) -> None:
    content = b"\n".join([b"before", text.encode(charset, "ignore"), b"after"])
    decoder = GuessingDecoder()
    pieces = [content[i : i + size] for i in range(0, len(content), size)]
    seen = "".join([*map(decoder.decode, pieces), decoder.decode(b"", last=True)])
    assert seen.startswith("before\n")
    assert seen.endswith("\nafter")
