"""Where connections come from: sockets bound to an interface, a local address, a local port."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from typing import Any

from httpcli.core.connection_options import LocalAddress
from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus


class _UnboundError(OSError):
    """As an OSError aiohttp takes it for a failure of one address; the cause is ours."""


def socket_factory(source: LocalAddress) -> Callable[[tuple[Any, ...]], socket.socket]:
    """Return what makes a socket for an address that will be connected to."""

    def make(address: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol = address[:3]
        made = socket.socket(family, kind, protocol)
        try:
            _bind_to_interface(made, source.interface)
            _bind_to_address(made, source)
        except HttpcliError as error:
            made.close()
            raise _UnboundError(error.message) from error
        return made

    return make


def _bind_to_interface(made: socket.socket, name: str) -> None:
    option = getattr(socket, "SO_BINDTODEVICE", None)
    if not name:
        return
    if option is None:
        raise _failure(f"--interface={name}: not on this system", "--local-address=ADDRESS")
    try:
        made.setsockopt(socket.SOL_SOCKET, option, os.fsencode(name))
    except OSError as error:
        hint = "see the names with: ip link"
        if error.errno == errno.EPERM:
            hint = "only root may; --local-address=ADDRESS binds to its address"
        raise _failure(f"--interface={name}: {_reason(error)}", hint) from error


def _bind_to_address(made: socket.socket, source: LocalAddress) -> None:
    first, last = source.ports
    if not source.address and not first:
        return
    address = source.address or ("::" if made.family == socket.AF_INET6 else "0.0.0.0")  # noqa: S104
    flags = socket.AI_NUMERICHOST
    for port in range(first, last + 1):
        where = socket.getaddrinfo(address, port, made.family, socket.SOCK_STREAM, flags=flags)
        try:
            made.bind(where[0][4])
        except OSError as error:
            if error.errno == errno.EADDRINUSE and port < last:
                continue
            raise _unbound(source, error) from error
        return


def _unbound(source: LocalAddress, error: OSError) -> HttpcliError:
    first, last = source.ports
    if error.errno == errno.EADDRINUSE:
        ports = f"{first}-{last}" if last > first else f"{first}"
        return _failure(f"--local-port={ports}: {_reason(error)}", "a range: --local-port=N-M")
    if error.errno == errno.EACCES:
        return _failure(f"--local-port={first}: {_reason(error)}", "below 1024 only root may")
    return _failure(f"the local address {source.address}: {_reason(error)}", "see: ip address")


def _reason(error: OSError) -> str:
    return os.strerror(error.errno or 0).lower()


def _failure(message: str, hint: str) -> HttpcliError:
    return HttpcliError(message, hint=hint, status=ExitStatus.NOT_CONNECTED)
