"""Host names outside ASCII, or with percent-escapes, as browsers read them (UTS 46).

Imported only for such a host.
"""

from __future__ import annotations

import re
from unicodedata import bidirectional

import idna

from httpcli.core.errors import HostError

_LABEL = "[^.\u3002\uff0e\uff61]+"
"""The characters between two dots; UTS 46 maps the other three to a dot."""
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_DELIMITERS = frozenset('/?#@:[]\\%<>^|`{}" ')
_MAX_LABEL = 63
_MAX_LENGTH = 1000
"""Characters of a host before it is mapped: a valid one has at most 253 in ASCII."""


def decode_escapes(host: str) -> str:
    """Return the host with its percent-escapes decoded. Raises HostError."""
    if re.search("%(?![0-9A-Fa-f]{2})", host):
        at = host.index("%")
        raise HostError("'%' is not allowed in a host name", at, at + 1)
    escapes = re.sub(
        b"%(..)",
        lambda escape: bytes.fromhex(escape[1].decode("ascii")),
        host.encode("utf-8", "surrogatepass"),
    )
    try:
        decoded = escapes.decode()
    except UnicodeDecodeError:
        raise HostError(
            "the percent-escapes of the host name are not UTF-8", 0, len(host)
        ) from None
    wrong = next((c for c in decoded if c in _DELIMITERS or not c.isprintable()), None)
    if wrong is not None:
        at = host.index("%")
        raise HostError(f"{wrong!r} is not allowed in a host name", at, len(host))
    return decoded


def to_ascii(host: str) -> str:
    """Return a host name in ASCII, by UTS 46 with nontransitional processing.

    Emoji and other symbols are allowed, and ``ß`` stays itself. Raises HostError, which
    names the wrong label.
    """
    if len(host) > _MAX_LENGTH:
        raise HostError("the host name is too long", 0, len(host))
    has_right_to_left = any(bidirectional(character) in _RIGHT_TO_LEFT for character in host)
    pieces: list[str] = []
    done = 0
    for label in re.finditer(_LABEL, host):
        pieces.append("." * (label.start() - done))
        done = label.end()
        try:
            mapped = idna.uts46_remap(label[0], std3_rules=False)
            pieces.append(
                ".".join(_encode(part, check_bidi=has_right_to_left) for part in mapped.split("."))
            )
        except idna.InvalidCodepoint as error:
            raise _wrong_label(label, _reason(error)) from None
        except idna.IDNAError as error:
            raise _wrong_label(label, str(error)[:1].lower() + str(error)[1:]) from None
        except ValueError as error:
            raise _wrong_label(label, str(error)) from None
    pieces.append("." * (len(host) - done))
    return "".join(pieces)


def _encode(label: str, *, check_bidi: bool) -> str:
    """Return one mapped label in ASCII. Raises ValueError."""
    if label.isascii():
        ascii_label = label
    elif label.startswith("xn--"):
        raise ValueError("xn-- begins a label in ASCII only")
    else:
        _check(label, check_bidi=check_bidi)
        ascii_label = "xn--" + label.encode("punycode").decode("ascii")
    wrong = _DELIMITERS.intersection(ascii_label)
    if wrong:
        raise ValueError(f"{min(wrong)!r} is not allowed")
    if len(ascii_label) > _MAX_LABEL:
        raise ValueError(f"it has more than {_MAX_LABEL} characters in ASCII")
    return ascii_label


def _check(label: str, *, check_bidi: bool) -> None:
    """Check a label as UTS 46, 4.1 requires, without the rules for hyphens."""
    idna.check_initial_combiner(label)
    for at, character in enumerate(label):
        if character in "\u200c\u200d" and not idna.valid_contextj(label, at):
            raise ValueError(f"{_code(character)} is not allowed here")
    if check_bidi:
        idna.check_bidi(label, check_ltr=True)


def _wrong_label(label: re.Match[str], reason: str) -> HostError:
    return HostError(f"invalid label {label[0]!r} in the host name: {reason}", *label.span())


def _reason(error: idna.InvalidCodepoint) -> str:
    found = re.search(r"U\+[0-9A-F]+", str(error))
    return f"{found[0]} is not allowed" if found else "a character is not allowed"


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"
