"""What the options say of TLS handshakes: a client certificate, versions, ciphers, pins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from httpcli.cli.typed_options import TypedOptions
from httpcli.core.connection_options import ClientCertificate, TlsOptions
from httpcli.core.errors import UsageError
from httpcli.syntax.file_values import resolve_reference
from httpcli.syntax.tls import parse_pin, parse_tls_versions
from httpcli.syntax.urls import RequestTarget

if TYPE_CHECKING:
    from httpcli.core.interfaces import Files

_CURE = "--cert-key-pass=PASSPHRASE, @env:NAME or @file:PATH"


def tls_for(
    options: TypedOptions, env: Mapping[str, str], target: RequestTarget, files: Files
) -> TlsOptions:
    """Settle what handshakes are like. Raises UsageError, also for what the files hold."""
    oldest, newest = parse_tls_versions(options.text("ssl") or "auto")
    pins = frozenset(map(parse_pin, options.texts("pin")))
    if pins and target.url.scheme != "https":
        raise UsageError(
            f"--pin: {target.url.scheme} has no certificate to check", hint="type https://"
        )
    key_log = env.get("SSLKEYLOGFILE", "")
    return TlsOptions(
        origin=target.url.origin,
        client_certificate=_identity(options, files),
        send_everywhere=options.switch("trust-redirects"),
        min_version=oldest,
        max_version=newest,
        ciphers=_given(options, "ciphers"),
        pins=pins,
        server_name=_server_name(options),
        key_log=files.path(key_log) if key_log else "",
    )


def _given(options: TypedOptions, name: str) -> str:
    typed = options.text(name)
    if typed == "":
        raise UsageError(f"--{name} is empty")
    return typed or ""


def _server_name(options: TypedOptions) -> str:
    name = _given(options, "server-name")
    if not name.isascii() or any(mark in name for mark in " /:@\0\r\n\t"):
        raise UsageError(
            f"--server-name={name}: not a host name", hint="a name alone: example.org"
        )
    return name.rstrip(".")


def _identity(options: TypedOptions, files: Files) -> ClientCertificate | None:
    certificate, key = _given(options, "cert"), _given(options, "cert-key")
    secret = options.text("cert-key-pass")
    if not certificate:
        for name, typed in (("cert-key", key), ("cert-key-pass", secret)):
            if typed:
                raise UsageError(f"--{name} needs --cert", hint="--cert=FILE")
        return None
    if b"-----BEGIN CERTIFICATE-----" not in _pem(certificate, "cert", files):
        raise UsageError(f"--cert={certificate}: no certificate in PEM in it")
    holder = key or certificate
    held = _pem(holder, "cert-key" if key else "cert", files)
    if b"PRIVATE KEY-----" not in held:
        hint = "" if key else "--cert-key=FILE names the key's file"
        raise UsageError(f"{holder}: no private key in PEM in it", hint=hint)
    # As in HTTPie: "BEGIN ENCRYPTED PRIVATE KEY", and "Proc-Type: 4,ENCRYPTED" of old.
    encrypted = b"ENCRYPTED" in held
    passphrase = _passphrase(secret, files) if encrypted else None
    locked = encrypted and passphrase is None
    if locked and options.switch("ignore-stdin"):
        raise UsageError(f"{holder}: the key has a passphrase", hint=_CURE)
    return ClientCertificate(files.path(certificate), files.path(holder), passphrase, locked)


def _pem(path: str, option: str, files: Files) -> bytes:
    """Return what a file holds. OpenSSL opens it again, so it must be one that lasts."""
    if files.size(path) is None:
        raise UsageError(f"--{option}={path}: can be read only once", hint="name a file")
    return files.read(path)


def _passphrase(typed: str | None, files: Files) -> str | None:
    if typed is None:
        return None
    secret = resolve_reference(typed, files)
    return typed if secret is None else secret
