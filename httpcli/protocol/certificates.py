"""What an X.509 certificate says of itself (RFC 5280, 4.1); nothing here is verified.

Python's ssl tells it only of a certificate that it verified, and not the public
key; a package that parses all of X.509 is larger than this program.
"""

from datetime import UTC, datetime
from ipaddress import ip_address
from typing import NamedTuple

from httpcli.protocol import der
from httpcli.protocol.der import Node

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
    """A certificate's own words, which may be anybody's.

    ``subject`` and ``issuer`` are as ``CN=a, O=b``; ``names`` the hosts,
    addresses and others of its alternative names; ``serial`` is hexadecimal;
    ``key`` the public key in DER (SubjectPublicKeyInfo).
    """

    subject: str
    issuer: str
    common_name: str
    names: tuple[str, ...]
    since: datetime
    until: datetime
    serial: str
    key: bytes

    @property
    def name(self) -> str:
        """What to call it: a host's name where it has one."""
        return self.common_name or (self.names[0] if self.names else self.subject)

    @property
    def is_its_own_issuer(self) -> bool:
        """Whether nobody else is said to vouch for it."""
        return self.subject == self.issuer


def read_certificate(data: bytes) -> Certificate:
    """Take a certificate in DER apart. Raises ValueError."""
    try:
        signed = der.parse(data).children[0].children
        if signed[0].tag == _VERSION:
            signed = signed[1:]
        serial, _, issuer, validity, subject, key = signed[:6]
        since, until = validity.children
        return Certificate(
            subject=_distinguished(subject),
            issuer=_distinguished(issuer),
            common_name=next((text for kind, text in _parts(subject) if kind == "CN"), ""),
            names=_alternative_names(signed[6:]),
            since=_time(since),
            until=_time(until),
            serial=serial.content.hex().upper(),
            key=key.whole,
        )
    except (IndexError, OverflowError) as error:
        raise ValueError(f"not a certificate: {error}") from None


def _parts(name: Node) -> list[tuple[str, str]]:
    """Return the attributes of a distinguished name."""
    found = []
    for relative in name.children:
        for attribute in relative.children:
            kind, value = attribute.children
            found.append((_ATTRIBUTES.get(kind.identifier, kind.identifier), value.text))
    return found


def _distinguished(name: Node) -> str:
    return ", ".join(f"{kind}={text}" for kind, text in _parts(name))


def _time(node: Node) -> datetime:
    """Read a time as RFC 5280, 4.1.2.5 wants it: in UTC, with seconds."""
    text = node.text
    if node.tag == der.UTC_TIME:
        text = ("20" if text[:2] < "50" else "19") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _alternative_names(rest: list[Node]) -> tuple[str, ...]:
    for extensions in rest:
        if extensions.tag != _EXTENSIONS:
            continue
        for extension in extensions.children[0].children:
            identifier, *_, value = extension.children
            if identifier.identifier == _ALTERNATIVE_NAMES:
                names = der.parse(value.content).children
                return tuple(filter(None, map(_alternative_name, names)))
    return ()


def _alternative_name(name: Node) -> str:
    if name.tag in (_HOST, _EMAIL, _URI):
        return name.text
    if name.tag == _ADDRESS and len(name.content) in (4, 16):
        return str(ip_address(name.content))
    return ""
