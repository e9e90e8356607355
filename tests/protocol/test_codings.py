"""Content codings: complete, truncated, corrupt, stacked, and output in bounded chunks."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterable
from itertools import pairwise
from time import process_time

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.interfaces import Decoder
from httpcli.protocol.codings import CODINGS, accepted, decoder_for

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BOUND = 256 * 1024
TEXT = b"Now is the winter of our discontent. " * 9


def bare_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


ENCODERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "bare deflate": ("deflate", bare_deflate),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstd.compress),
}
# Compressing 20 MiB with brotli takes most of a second.
BOMBS = [
    pytest.param(*row, id=name, marks=[pytest.mark.wide] if name == "br" else [])
    for name, row in ENCODERS.items()
]
each_coding = pytest.mark.parametrize(("coding", "encode"), ENCODERS.values(), ids=ENCODERS)


def decode(coding: str, pieces: Iterable[bytes]) -> bytes:
    decoder = decoder_for(coding)
    assert decoder is not None
    content = b"".join(out for piece in pieces for out in decoder.feed(piece))
    decoder.flush()
    return content


def single_bytes(data: bytes) -> list[bytes]:
    return [data[index : index + 1] for index in range(len(data))]


@each_coding
def test_whole_content_is_decoded(coding: str, encode: Callable[[bytes], bytes]) -> None:
    assert decode(coding, [encode(TEXT)]) == TEXT


@each_coding
def test_content_is_decoded_byte_by_byte(coding: str, encode: Callable[[bytes], bytes]) -> None:
    assert decode(coding, single_bytes(encode(TEXT))) == TEXT


@each_coding
def test_empty_content_is_decoded(coding: str, encode: Callable[[bytes], bytes]) -> None:
    assert decode(coding, [encode(b"")]) == b""


@each_coding
def test_truncation_is_detected_at_every_byte(
    coding: str, encode: Callable[[bytes], bytes]
) -> None:
    whole = encode(TEXT)
    for end in range(1, len(whole)):
        with pytest.raises(ValueError, match="truncated"):
            decode(coding, [whole[:end]])


@each_coding
def test_bytes_before_a_truncation_are_returned(
    coding: str, encode: Callable[[bytes], bytes]
) -> None:
    whole = bytes(range(256)) * 1024
    coded = encode(whole)
    decoder = decoder_for(coding)
    assert decoder is not None
    given = b"".join(decoder.feed(coded[:-1]))
    assert given
    assert whole.startswith(given)


@pytest.mark.parametrize("coding", CODINGS)
def test_plain_text_labelled_as_compressed_is_an_error(coding: str) -> None:
    with pytest.raises(ValueError, match="invalid"):
        decode(coding, [b"<!doctype html>\n<p>This was never compressed.</p>\n"])


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("pieces", [[], [b""], [b"", b""]])
def test_empty_input_is_not_an_error(coding: str, pieces: list[bytes]) -> None:
    assert decode(coding, pieces) == b""


@pytest.mark.parametrize(("coding", "encode"), BOMBS)
def test_decompression_bomb_is_output_in_bounded_chunks(
    coding: str, encode: Callable[[bytes], bytes]
) -> None:
    size = 20 * 1024 * 1024
    decoder = decoder_for(coding)
    assert decoder is not None
    sizes = [len(piece) for piece in decoder.feed(encode(bytes(size)))]
    decoder.flush()
    assert sum(sizes) == size
    assert max(sizes) <= BOUND
    assert min(sizes) > 0


def test_layered_decompression_bomb_is_output_in_bounded_chunks() -> None:
    size = 20 * 1024 * 1024
    decoder = decoder_for("gzip, br, zstd, gzip")
    assert decoder is not None
    coded = gzip.compress(zstd.compress(brotli.compress(gzip.compress(bytes(size)))))
    sizes = [len(piece) for piece in decoder.feed(coded)]
    decoder.flush()
    assert sum(sizes) == size
    assert max(sizes) <= BOUND


@given(
    st.sampled_from(sorted(ENCODERS)),
    st.binary(max_size=3000).map(lambda data: data * 3),
    st.lists(st.integers(0, 9000), max_size=8),
)
def test_chunk_boundaries_do_not_change_the_content(
    name: str, content: bytes, cuts: list[int]
) -> None:
    coding, encode = ENCODERS[name]
    coded = encode(content)
    edges = [0, *sorted(min(cut, len(coded)) for cut in cuts), len(coded)]
    pieces = [coded[start:end] for start, end in pairwise(edges)]
    assert decode(coding, pieces) == content


# --- data after the end of a stream ---


@pytest.mark.parametrize(("coding", "encode"), [("gzip", gzip.compress), ("zstd", zstd.compress)])
def test_several_members_or_frames_are_concatenated(
    coding: str, encode: Callable[[bytes], bytes]
) -> None:
    coded = encode(b"one ") + encode(b"") + encode(b"two")
    assert decode(coding, [coded]) == b"one two"
    assert decode(coding, single_bytes(coded)) == b"one two"


@pytest.mark.parametrize("kept", [1, 2, 5])
@pytest.mark.parametrize(("coding", "encode"), [("gzip", gzip.compress), ("zstd", zstd.compress)])
def test_truncation_in_the_second_member_or_frame_is_detected(
    coding: str, encode: Callable[[bytes], bytes], kept: int
) -> None:
    with pytest.raises(ValueError, match="truncated"):
        decode(coding, [encode(b"one ") + encode(b"two")[:kept]])


def test_a_skippable_zstd_frame_is_skipped() -> None:
    skippable = b"\x50\x2a\x4d\x18" + (3).to_bytes(4, "little") + b"abc"
    assert decode("zstd", [skippable + zstd.compress(TEXT)]) == TEXT


def test_a_zstd_window_over_eight_mebibytes_is_refused() -> None:
    options: dict[int, int] = {
        zstd.CompressionParameter.window_log: 24,
        zstd.CompressionParameter.content_size_flag: 0,
    }
    compressor = zstd.ZstdCompressor(options=options)
    coded = compressor.compress(bytes(1024)) + compressor.flush()
    with pytest.raises(ValueError, match="invalid zstd data:"):
        decode("zstd", [coded])


@pytest.mark.parametrize("behind", [b"\0" * 100, b"garbage", b"\x1f?"])
@pytest.mark.parametrize(
    ("coding", "encode"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", bare_deflate)],
)
def test_data_after_gzip_or_deflate_is_ignored(
    coding: str, encode: Callable[[bytes], bytes], behind: bytes
) -> None:
    coded = encode(TEXT) + behind
    assert decode(coding, [coded]) == TEXT
    assert decode(coding, single_bytes(coded)) == TEXT


@pytest.mark.parametrize(("coding", "encode"), [("br", brotli.compress), ("zstd", zstd.compress)])
def test_data_after_br_or_zstd_is_an_error(coding: str, encode: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ValueError, match="invalid"):
        decode(coding, [encode(TEXT), b"garbage"])


# --- the chain ---


@pytest.mark.parametrize("value", [None, "", " ", ",", "identity", "Identity, identity"])
def test_missing_or_identity_coding_needs_no_decoder(value: str | None) -> None:
    assert decoder_for(value) is None


@pytest.mark.parametrize(
    ("value", "coded"),
    [
        ("deflate, gzip", gzip.compress(zlib.compress(TEXT), mtime=0)),
        ("GZIP", gzip.compress(TEXT, mtime=0)),
        ("br,identity , zstd", zstd.compress(brotli.compress(TEXT))),
        (",gzip,, gzip", gzip.compress(gzip.compress(TEXT, mtime=0), mtime=0)),
    ],
)
def test_codings_are_decoded_in_reverse_order(value: str, coded: bytes) -> None:
    assert decode(value, [coded]) == TEXT
    assert decode(value, single_bytes(coded)) == TEXT


def test_truncation_in_an_inner_layer_is_detected() -> None:
    with pytest.raises(ValueError, match="the br"):
        decode("br, gzip", [gzip.compress(brotli.compress(TEXT)[:-1])])


@pytest.mark.parametrize(
    ("value", "coded", "left", "unknown"),
    [
        ("aws-chunked", TEXT, TEXT, "aws-chunked"),
        ("compress, gzip", gzip.compress(TEXT, mtime=0), TEXT, "compress"),
        ("gzip, Odd", gzip.compress(TEXT, mtime=0), gzip.compress(TEXT, mtime=0), "gzip, odd"),
    ],
)
def test_unknown_coding_is_passed_through_and_named(
    value: str, coded: bytes, left: bytes, unknown: str
) -> None:
    decoder = decoder_for(value)
    assert decoder is not None
    assert b"".join(decoder.feed(coded)) == left
    decoder.flush()
    assert decoder.unknown == unknown


def test_at_most_five_codings_are_decoded() -> None:
    decoder = decoder_for(", ".join(["gzip"] * 7))
    assert decoder is not None
    assert decoder.unknown == "gzip, gzip"


def test_accept_encoding_lists_only_supported_codings() -> None:
    names = accepted().split(", ")
    assert names == ["gzip", "deflate", "br", "zstd"]
    assert set(names) <= set(CODINGS)


@pytest.mark.parametrize("make", CODINGS.values())
def test_every_registered_decoder_loads_and_accepts_empty_input(
    make: Callable[[], Decoder],
) -> None:
    decoder = make()
    assert list(decoder.feed(b"")) == []
    decoder.flush()


def test_codings_are_imported_only_when_used() -> None:
    program = (
        "import sys; sys.path[:] = eval(sys.argv[1]); before = set(sys.modules);"
        "from httpcli.protocol.codings import accepted, decoder_for;"
        "accepted(); decoder_for('identity');"
        "loaded = set(sys.modules) - before;"
        "print(sorted({'brotli', 'zlib', 'backports.zstd', 'compression.zstd'} & loaded))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, repr(sys.path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.slow
def test_many_empty_frames_take_linear_time() -> None:
    def cost(frames: int) -> float:
        decoder = decoder_for("zstd")
        assert decoder is not None
        began = process_time()
        assert b"".join(decoder.feed(b"\x50\x2a\x4d\x18\0\0\0\0" * frames)) == b""
        return process_time() - began

    assert cost(120_000) < 9 * cost(30_000)  # about 4 if linear, 16 if quadratic
