"""Parses X.509 certificates (RFC 5280, 4.1) in DER (ITU-T X.690); verifies nothing.

Python's ssl module decodes only certificates that it has verified, and not their public
keys; its decoder for other certificates is a private test function. A library for all of
X.509 is larger than this program.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address

from httpcli.core.named_tuple import NamedTuple

UTC_TIME = 0x17
_OBJECT_IDENTIFIER = 0x06

_CHARSETS = {0x1E: "utf-16-be", 0x1C: "utf-32-be", 0x14: "latin-1"}
"""The charsets of BMPString, UniversalString and T61String; all others are UTF-8."""


class Node(NamedTuple):
    """One value in DER."""

    tag: int
    content: bytes
    """The bytes without tag and length."""
    encoded: bytes
    """All bytes, with tag and length."""

    @property
    def children(self) -> list["Node"]:
        """The values inside a constructed value. Raises ValueError for invalid DER."""
        return list(_nodes(self.content))

    @property
    def text(self) -> str:
        """The text of a string of any string type."""
        return self.content.decode(_CHARSETS.get(self.tag, "utf-8"), "replace")

    @property
    def identifier(self) -> str:
        """The dotted form of an object identifier. Raises ValueError for another type."""
        if self.tag != _OBJECT_IDENTIFIER or not self.content or self.content[-1] & 0x80:
            raise ValueError("not an object identifier")
        arcs, arc = [], 0
        for byte in self.content:
            arc = arc << 7 | byte & 0x7F
            if not byte & 0x80:
                arcs.append(arc)
                arc = 0
        first = min(arcs[0] // 40, 2)
        return ".".join(map(str, [first, arcs[0] - 40 * first, *arcs[1:]]))


def parse(data: bytes) -> Node:
    """Return the single value in ``data``. Raises ValueError for anything else."""
    nodes = list(_nodes(data))
    if len(nodes) != 1:
        raise ValueError("not one value")
    return nodes[0]


def _nodes(data: bytes) -> Iterator[Node]:
    at = 0
    while at < len(data):
        start, tag = at, data[at]
        length, at = _length(data, at + 1)
        if tag & 0x1F == 0x1F or at + length > len(data):
            raise ValueError("not DER")
        yield Node(tag, data[at : at + length], data[start : at + length])
        at += length


def _length(data: bytes, at: int) -> tuple[int, int]:
    """Return a length and the offset after it. Raises ValueError."""
    if at >= len(data):
        raise ValueError("truncated")
    first = data[at]
    if first < 0x80:
        return first, at + 1
    end = at + 1 + (first & 0x7F)
    if not 1 <= first & 0x7F <= 4 or end > len(data):
        raise ValueError("not DER")
    return int.from_bytes(data[at + 1 : end], "big"), end


_ALTERNATIVE_NAMES = "2.5.29.17"
_COMMON_NAME = "2.5.4.3"
_ATTRIBUTES = {
    _COMMON_NAME: "CN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
}
_VERSION = 0xA0
_EXTENSIONS = 0xA3
_EMAIL, _HOST, _URI, _ADDRESS = 0x81, 0x82, 0x86, 0x87


class Certificate(NamedTuple):
    """The contents of a certificate. They are not verified."""

    subject: str
    """The distinguished name, such as ``CN=a, O=b``."""
    issuer: str
    """The distinguished name of the CA."""
    common_name: str
    """The common name of the subject; empty if it has none."""
    names: tuple[str, ...]
    """The subject's alternative names: hosts, addresses, URIs and e-mail addresses."""
    not_before: datetime
    not_after: datetime
    serial: str
    """In hexadecimal."""
    public_key: bytes
    """The public key in DER (SubjectPublicKeyInfo)."""

    @property
    def name(self) -> str:
        """The name for messages: the common name, else the first alternative name."""
        return self.common_name or (self.names[0] if self.names else self.subject)

    @property
    def is_self_issued(self) -> bool:
        """Whether subject and issuer are the same."""
        return self.subject == self.issuer


def read_certificate(data: bytes) -> Certificate:
    """Parse a certificate in DER. Raises ValueError."""
    try:
        fields = parse(data).children[0].children
        if fields[0].tag == _VERSION:
            fields = fields[1:]
        serial, _, issuer, validity, subject, key = fields[:6]
        since, until = validity.children
        return Certificate(
            subject=_name_text(subject),
            issuer=_name_text(issuer),
            common_name=next(
                (text for kind, text in _name_attributes(subject) if kind == "CN"), ""
            ),
            names=_alternative_names(fields[6:]),
            not_before=_time(since),
            not_after=_time(until),
            serial=serial.content.hex().upper(),
            public_key=key.encoded,
        )
    except (IndexError, OverflowError) as error:
        raise ValueError(f"not a certificate: {error}") from None


def _name_attributes(name: Node) -> list[tuple[str, str]]:
    """Return the attributes of a distinguished name as pairs of type and text."""
    attributes = []
    for relative_name in name.children:
        for attribute in relative_name.children:
            kind, value = attribute.children
            attributes.append((_ATTRIBUTES.get(kind.identifier, kind.identifier), value.text))
    return attributes


def _name_text(name: Node) -> str:
    return ", ".join(f"{kind}={text}" for kind, text in _name_attributes(name))


def _time(node: Node) -> datetime:
    """Parse a UTCTime or GeneralizedTime (RFC 5280, 4.1.2.5), which is in UTC."""
    text = node.text
    if node.tag == UTC_TIME:
        text = ("20" if text[:2] < "50" else "19") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _alternative_names(optional_fields: list[Node]) -> tuple[str, ...]:
    for extensions in optional_fields:
        if extensions.tag != _EXTENSIONS:
            continue
        for extension in extensions.children[0].children:
            identifier, *_, value = extension.children
            if identifier.identifier == _ALTERNATIVE_NAMES:
                names = parse(value.content).children
                return tuple(filter(None, map(_alternative_name, names)))
    return ()


def _alternative_name(name: Node) -> str:
    if name.tag in (_HOST, _EMAIL, _URI):
        return name.text
    if name.tag == _ADDRESS and len(name.content) in (4, 16):
        return str(ip_address(name.content))
    return ""


def pem(der: bytes) -> str:
    """Return a certificate as text (RFC 7468)."""
    from base64 import b64encode

    text = b64encode(der).decode()
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    begin, end = (f"-----{word} CERTIFICATE-----" for word in ("BEGIN", "END"))
    return "\n".join((begin, *lines, end, ""))
