"""Less common connection options: addresses, proxies, TLS, rates, pool limits.

``planning.network`` loads this module only if one of them was given. Files are read only
through ``Files``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.errors import UsageError
from httpcli.core.plan_options import (
    ClientCertificate,
    LocalAddress,
    MinimumRate,
    PoolLimits,
    TlsOptions,
)
from httpcli.planning.request import typed_fields
from httpcli.protocol.proxies import parse_no_proxy
from httpcli.syntax.addresses import (
    HostAddresses,
    is_ip_address,
    parse_connect_to,
    parse_dns_servers,
    parse_local_address,
    parse_port_range,
    parse_resolve,
)
from httpcli.syntax.file_values import resolve_reference
from httpcli.syntax.items import parse_option_item
from httpcli.syntax.tls import parse_pin, parse_tls_versions
from httpcli.syntax.units import parse_byte_count, parse_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from httpcli.cli.parser import OptionValues
    from httpcli.core.headers import Fields
    from httpcli.core.interfaces import Files
    from httpcli.core.plan import Network, Plan, Proxy
    from httpcli.core.url import Origin
    from httpcli.planning.optional_features import PlanningInput
    from httpcli.syntax.urls import ParsedUrl

_FRAMING_HEADERS = ("host", "content-length", "transfer-encoding", "connection")
"""Headers of a request to a proxy that the program itself sends."""
_MAX_SOCKET_PATH = 107
"""Bytes that the system allows for the path of a Unix socket, without the final NUL."""
_RATE_WINDOW = 30.0
"""Default number of seconds over which ``--min-rate`` measures."""
_KEY_HINT = "use --cert-key-pass=PASSPHRASE, @env:NAME or @file:PATH"


def add_addresses(
    network: Network, options: OptionValues, parsed_url: ParsedUrl, files: Files
) -> Network:
    """Return the network with the address and proxy options. Raises UsageError.

    An ``echo:`` request stays in this process, so its network does not change.
    """
    no_proxy = options.text("noproxy")
    local_address = _local_address(options)
    ip_version = _ip_version(options, local_address)
    _check_ip_version(parsed_url, ip_version)
    host_addresses: HostAddresses = {}
    for value in options.texts("resolve"):
        host_addresses.update(parse_resolve(value))
    unix_sockets = _unix_sockets(options.text("unix-socket"), parsed_url, files)
    if parsed_url.echo:
        return network
    return network._replace(
        no_proxy=network.no_proxy if no_proxy is None else _no_proxy(no_proxy),
        proxies=_add_proxy_auth(network.proxies, options.text("proxy-auth"), files),
        proxy_fields=_proxy_fields(options.texts("proxy-header"), files),
        unix_sockets=unix_sockets,
        connect_to=tuple(parse_connect_to(value) for value in options.texts("connect-to")),
        host_addresses=host_addresses,
        dns_servers=tuple(
            server for value in options.texts("dns-server") for server in parse_dns_servers(value)
        ),
        ip_version=ip_version,
        local_address=local_address,
    )


def _proxy_fields(values: tuple[str, ...], files: Files) -> Fields:
    """Return the headers of ``--proxy-header`` in the order typed. Raises UsageError."""
    try:
        items = tuple(parse_option_item("header", text) for text in values)
    except UsageError as error:
        message = error.message.replace("--header", "--proxy-header")
        raise UsageError(
            message, hint="use --proxy-header 'Name: value'", fault=error.fault
        ) from None
    fields, removed_defaults = typed_fields(items, files)
    for name in (*removed_defaults, *(field.name for field in fields)):
        if name in removed_defaults or name.lower() in _FRAMING_HEADERS:
            raise UsageError(
                f"--proxy-header: {name} cannot be "
                + ("removed" if name in removed_defaults else "set"),
                hint="use --proxy-header 'Name: value'",
            )
    return fields


def _no_proxy(value: str) -> tuple[str, ...]:
    """Parse ``--noproxy``. Raises UsageError for an invalid network."""
    entries = parse_no_proxy(value)
    for entry in entries:
        if "/" in entry:
            try:
                from ipaddress import ip_network

                ip_network(entry, strict=False)
            except ValueError:
                raise UsageError(
                    f"--noproxy: invalid network {entry!r}", hint="10.0.0.0/8, fd00::/8"
                ) from None
    return entries


def _add_proxy_auth(
    proxies: Mapping[str, Proxy], value: str | None, files: Files
) -> Mapping[str, Proxy]:
    """Return the proxies with the credentials of ``--proxy-auth``, references resolved."""
    if value is None:
        return proxies
    resolved_value = resolve_reference(value, files)
    credentials = value if resolved_value is None else resolved_value
    user, colon, password = credentials.partition(":")
    if not user:
        raise UsageError("--proxy-auth: missing user name", hint="use --proxy-auth USER:PASSWORD")
    resolved = resolve_reference(password, files)
    if resolved is not None:
        password = resolved
    return {
        scheme: proxy._replace(user=user, password=password if colon else None)
        for scheme, proxy in proxies.items()
    }


def _unix_sockets(option: str | None, parsed_url: ParsedUrl, files: Files) -> Mapping[Origin, str]:
    """Return the Unix socket of the URL's origin, if it has one."""
    if option == "":
        raise UsageError(
            "--unix-socket: missing path",
            hint="use --unix-socket PATH, or @NAME for an abstract socket",
        )
    if option and parsed_url.unix_socket:
        raise UsageError(
            "two Unix sockets: --unix-socket and the one in the URL", hint="use only one of them"
        )
    if option and parsed_url.echo:
        raise UsageError("--unix-socket cannot be used with echo: URLs")
    socket = option or parsed_url.unix_socket
    if not socket:
        return {}
    path = socket if socket.startswith("@") else files.path(socket)
    if len(path.encode("utf-8", "surrogateescape")) > _MAX_SOCKET_PATH:
        raise UsageError(
            f"{socket}: the path of a Unix socket can have at most {_MAX_SOCKET_PATH} bytes",
            hint=(
                "change to its directory and use a relative path, or use a shorter symbolic link"
            ),
        )
    return {parsed_url.url.origin: path}


def _local_address(options: OptionValues) -> LocalAddress | None:
    interface = options.text("interface") or ""
    address = options.text("local-address")
    ports = options.text("local-port")
    if options.text("interface") == "":
        raise UsageError("--interface is empty", hint="use --interface eth0, or a local address")
    if is_ip_address(interface):
        if address is not None and address != interface:
            raise UsageError("--interface and --local-address set two different local addresses")
        interface, address = "", interface
    if not interface and address is None and ports is None:
        return None
    return LocalAddress(
        interface,
        "" if address is None else parse_local_address(address),
        (0, 0) if ports is None else parse_port_range(ports),
    )


def _ip_version(options: OptionValues, local_address: LocalAddress | None) -> int:
    """Return 4 or 6 if an option or the local address allows only these addresses, else 0."""
    version = 4 if options.switch("ipv4") else 6 if options.switch("ipv6") else 0
    if local_address is None or not local_address.address:
        return version
    local_version = _version_of(local_address.address)
    if version and version != local_version:
        raise UsageError(
            f"--ipv{version}: the local address {local_address.address} is not an "
            f"IPv{version} address"
        )
    return local_version


def _check_ip_version(parsed_url: ParsedUrl, version: int) -> None:
    host = parsed_url.url.host
    if version and is_ip_address(host) and _version_of(host) != version:
        raise UsageError(
            f"{host} is not an IPv{version} address",
            hint=f"--ipv{version}, or the local address, allows only IPv{version}",
        )


def _version_of(address: str) -> int:
    return 6 if ":" in address else 4


def plan_tls(
    options: OptionValues, env: Mapping[str, str], parsed_url: ParsedUrl, files: Files
) -> TlsOptions:
    """Return the TLS options. Raises UsageError, also for unusable certificate files."""
    oldest, newest = parse_tls_versions(options.text("ssl") or "auto")
    pins = frozenset(map(parse_pin, options.texts("pin")))
    if pins and parsed_url.url.scheme != "https":
        raise UsageError(
            f"--pin needs an https URL, not {parsed_url.url.scheme}", hint="use https://"
        )
    key_log = env.get("SSLKEYLOGFILE", "")
    return TlsOptions(
        origin=parsed_url.url.origin,
        client_certificate=_client_certificate(options, files),
        send_everywhere=options.switch("trust-redirects"),
        min_version=oldest,
        max_version=newest,
        ciphers=_non_empty(options, "ciphers"),
        pins=pins,
        server_name=_server_name(options),
        key_log=files.path(key_log) if key_log else "",
    )


def _non_empty(options: OptionValues, name: str) -> str:
    """Return the value of an option, empty only if it was not given."""
    value = options.text(name)
    if value == "":
        raise UsageError(f"--{name} is empty")
    return value or ""


def _server_name(options: OptionValues) -> str:
    name = _non_empty(options, "server-name")
    if not name.isascii() or any(mark in name for mark in " /:@\0\r\n\t"):
        raise UsageError(
            f"--server-name={name}: invalid host name", hint="use only a host name: example.org"
        )
    return name.rstrip(".")


def _client_certificate(options: OptionValues, files: Files) -> ClientCertificate | None:
    """Check and return the client certificate; None without ``--cert``. Raises UsageError."""
    certificate, key = _non_empty(options, "cert"), _non_empty(options, "cert-key")
    typed_passphrase = options.text("cert-key-pass")
    if not certificate:
        for name, value in (("cert-key", key), ("cert-key-pass", typed_passphrase)):
            if value:
                raise UsageError(f"--{name} needs --cert", hint="--cert=FILE")
        return None
    if b"-----BEGIN CERTIFICATE-----" not in _read_pem(certificate, "cert", files):
        raise UsageError(f"--cert={certificate}: no PEM certificate found")
    key_file = key or certificate
    key_pem = _read_pem(key_file, "cert-key" if key else "cert", files)
    if b"PRIVATE KEY-----" not in key_pem:
        hint = "" if key else "if the key is in another file: --cert-key=FILE"
        raise UsageError(f"{key_file}: no PEM private key found", hint=hint)
    # Both "BEGIN ENCRYPTED PRIVATE KEY" and the older "Proc-Type: 4,ENCRYPTED".
    encrypted = b"ENCRYPTED" in key_pem
    passphrase = _passphrase(typed_passphrase, files) if encrypted else None
    locked = encrypted and passphrase is None
    if locked and options.switch("ignore-stdin"):
        raise UsageError(f"{key_file}: the private key needs a passphrase", hint=_KEY_HINT)
    return ClientCertificate(files.path(certificate), files.path(key_file), passphrase, locked)


def _read_pem(path: str, option: str, files: Files) -> bytes:
    """Return the contents of a file. Raises UsageError for a FIFO: OpenSSL reads it again."""
    if files.size(path) is None:
        raise UsageError(f"--{option}={path}: not a regular file", hint="name a file")
    return files.read(path)


def _passphrase(value: str | None, files: Files) -> str | None:
    if value is None:
        return None
    resolved = resolve_reference(value, files)
    return value if resolved is None else resolved


def apply_pool_limits(plan: Plan, inputs: PlanningInput) -> Plan:
    """Apply ``--keep-alive``, ``--max-connections`` and ``--max-connections-per-host``."""
    options = inputs.options
    pool = PoolLimits(
        options.seconds("keep-alive"),
        options.whole_number("max-connections", 0),
        options.whole_number("max-connections-per-host", 0),
    )
    return plan._replace(network=plan.network._replace(pool_limits=pool))


def apply_rate_limits(plan: Plan, inputs: PlanningInput) -> Plan:
    """Apply ``--limit-rate`` and ``--min-rate``. Raises UsageError."""
    rate = inputs.options.byte_count("limit-rate") or None
    minimum = inputs.options.text("min-rate")
    return plan._replace(
        network=plan.network._replace(
            max_rate=rate, min_rate=None if minimum is None else _minimum_rate(minimum)
        )
    )


def _minimum_rate(text: str) -> MinimumRate | None:
    """Parse ``SIZE[:TIME]``; None for a size of 0."""
    size, colon, time = text.partition(":")
    rate = parse_byte_count(size, "--min-rate")
    window = parse_seconds(time, "--min-rate") if colon else _RATE_WINDOW
    if not window:
        raise UsageError("--min-rate: the time must be greater than 0", hint="10kB:30s")
    return MinimumRate(rate, window) if rate else None
