"""Ways that most runs do not go: apart from the plan, so that those do not load them."""

from typing import NamedTuple


class Detour(NamedTuple):
    """Connect to another host and port; the request stays as it is.

    An empty ``host`` or a ``port`` of None is any; ``there`` and ``port_there``
    say where to, and keep what they do not name.
    """

    host: str
    port: int | None
    there: str
    port_there: int | None


class Source(NamedTuple):
    """Where connections come from: a network interface, a local address, ports to choose from."""

    interface: str = ""
    address: str = ""
    ports: tuple[int, int] = (0, 0)


class Pool(NamedTuple):
    """How connections are kept for further requests.

    ``idle``: seconds that one is kept, None for the engine's own; ``most`` of them
    at once, and ``most_at_one`` host and port; 0 for no limit.
    """

    idle: float | None = None
    most: int = 0
    most_at_one: int = 0
