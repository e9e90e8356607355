"""TCP connections, also from a chosen interface, local address or local port."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable, Sequence
from typing import Any

import aiohappyeyeballs

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.plan_options import LocalAddress
from httpcli.transport.dial.dns import Address

SocketFactory = Callable[[tuple[Any, ...]], socket.socket]
"""Return a new socket for an address that it will be connected to. Raises OSError."""


async def connect_tcp(
    addresses: Sequence[Address], make_socket: SocketFactory | None
) -> socket.socket:
    """Return a non-blocking socket that is connected to one of the addresses (RFC 8305).

    ``make_socket``: None for unbound sockets. Raises OSError, HttpcliError.
    """
    try:
        return await aiohappyeyeballs.start_connection(
            list(addresses),
            happy_eyeballs_delay=0.25,
            interleave=1,
            socket_factory=make_socket,
        )
    except OSError as error:
        if isinstance(error.__cause__, HttpcliError):
            raise error.__cause__ from error
        raise


def socket_error_reason(error: OSError) -> str:
    """Return the reason of an error, without its class, address and number."""
    if isinstance(error, socket.gaierror):
        return (error.strerror or "").lower()
    if error.errno is not None and error.errno in errno.errorcode:
        return os.strerror(error.errno).lower()
    return str(error) or "the connection was closed"


class _BindError(OSError):
    """Binding the local end failed; the cause is an HttpcliError.

    An OSError, because the libraries that connect then try the next address.
    """


def bound_socket_factory(local: LocalAddress) -> SocketFactory:
    """Return a function that makes sockets bound to ``local``."""

    def make_socket(address: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol = address[:3]
        new_socket = socket.socket(family, kind, protocol)
        try:
            _bind_to_interface(new_socket, local.interface)
            _bind_to_address(new_socket, local)
        except HttpcliError as error:
            new_socket.close()
            raise _BindError(error.message) from error
        return new_socket

    return make_socket


def _bind_to_interface(new_socket: socket.socket, name: str) -> None:
    option = getattr(socket, "SO_BINDTODEVICE", None)
    if not name:
        return
    if option is None:
        raise _failure(f"--interface={name}: no such interface", "--local-address=ADDRESS")
    try:
        new_socket.setsockopt(socket.SOL_SOCKET, option, os.fsencode(name))
    except OSError as error:
        hint = "to list interfaces: ip link"
        if error.errno == errno.EPERM:
            hint = "this needs root; without root, use --local-address=ADDRESS"
        raise _failure(f"--interface={name}: {_system_reason(error)}", hint) from error


def _bind_to_address(new_socket: socket.socket, local: LocalAddress) -> None:
    first, last = local.ports
    if not local.address and not first:
        return
    address = local.address or ("::" if new_socket.family == socket.AF_INET6 else "0.0.0.0")  # noqa: S104
    flags = socket.AI_NUMERICHOST
    for port in range(first, last + 1):
        addresses = socket.getaddrinfo(
            address, port, new_socket.family, socket.SOCK_STREAM, flags=flags
        )
        try:
            new_socket.bind(addresses[0][4])
        except OSError as error:
            if error.errno == errno.EADDRINUSE and port < last:
                continue
            raise _bind_failure(local, error) from error
        return


def _bind_failure(local: LocalAddress, error: OSError) -> HttpcliError:
    first, last = local.ports
    reason = _system_reason(error)
    if error.errno == errno.EADDRINUSE:
        ports = f"{first}-{last}" if last > first else f"{first}"
        return _failure(f"--local-port={ports}: {reason}", "use a range: --local-port=N-M")
    if error.errno == errno.EACCES:
        return _failure(f"--local-port={first}: {reason}", "ports below 1024 need root")
    return _failure(
        f"the local address {local.address}: {reason}", "to list addresses: ip address"
    )


def _system_reason(error: OSError) -> str:
    return os.strerror(error.errno or 0).lower()


def _failure(message: str, hint: str) -> HttpcliError:
    return HttpcliError(message, hint=hint, status=ExitStatus.NOT_CONNECTED)
