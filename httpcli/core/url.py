"""An http or https URL taken apart (RFC 9110, 4.2), percent-escapes as typed."""

from typing import NamedTuple

DEFAULT_PORTS = {"http": 80, "https": 443}


def is_address(host: str) -> bool:
    """Tell whether a host, as ``Url`` has it, is an IP address: only there the end is a number."""
    return ":" in host or host.rstrip(".").rpartition(".")[2].isdecimal()


class Origin(NamedTuple):
    """Scheme, host and port: what credentials belong to (RFC 9110, 4.3.1)."""

    scheme: str
    host: str
    port: int


class Url(NamedTuple):
    """Where a request goes. Everything in it can stand on the wire as it is.

    ``host`` is ASCII, in lower case, an IPv6 address without its brackets;
    ``port`` is None where none was given; ``path`` starts with ``/``;
    ``query`` is None where there is no ``?``. There is no userinfo and no
    fragment: neither is ever sent.
    """

    scheme: str
    host: str
    port: int | None = None
    path: str = "/"
    query: str | None = None

    @property
    def origin(self) -> Origin:
        """The origin, with the scheme's default port filled in."""
        return Origin(self.scheme, self.host, self.effective_port)

    @property
    def effective_port(self) -> int:
        """The port that is connected to."""
        return self.port if self.port is not None else DEFAULT_PORTS[self.scheme]

    @property
    def authority(self) -> str:
        """``host[:port]`` as the Host field has it: no port where it is the default."""
        # A zone says which of our interfaces to use; it means nothing there (RFC 6874, 4).
        host = f"[{self.host.partition('%')[0]}]" if ":" in self.host else self.host
        if self.port is None or self.port == DEFAULT_PORTS[self.scheme]:
            return host
        return f"{host}:{self.port}"

    @property
    def target(self) -> str:
        """The request target in origin form: path and query (RFC 9112, 3.2.1)."""
        return self.path if self.query is None else f"{self.path}?{self.query}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"
