"""A request's content in curl's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from httpcli.core.body import (
    Body,
    BodyFromUrl,
    BytesBody,
    CompressedBody,
    FileBody,
    FormPart,
    MultipartBody,
    SpooledBody,
    StdinBody,
)
from httpcli.core.escaping import REDACTED
from httpcli.core.exit_status import Outcome
from httpcli.core.headers import Fields
from httpcli.core.plan import Credentials, Network, Plan, Proxy, SendPolicy
from httpcli.core.plan_options import TlsOptions
from httpcli.core.reports import RecordedBody, RecordedExchange
from httpcli.core.url import Url
from httpcli.protocol.proxies import proxy_of
from httpcli.protocol.request_head import framed
from httpcli.protocol.secrets import is_secret
from httpcli.report.redact import Redactor
from httpcli.report.registry import About
from httpcli.report.shell_quote import laid_out, printed, quoted

_PART = re.compile(
    r'Content-Disposition: form-data; name="([^"]*)"(?:; filename="([^"]*)")?'
    r"(?:\r\nContent-Type: ([^\r\n]*))?\Z"
)
_AT_MOST = 64 * 1024
"""Bytes of content that a command line has; the system's limit for a word is about 128 KiB."""
_IN_VALUE = str.maketrans({"\\": r"\\", '"': r"\""})


class CurlOptions(NamedTuple):
    """Options for the content; ``before`` stands before ``curl``, with its pipe.

    ``form``: curl makes the media type by itself. ``unsaid``: what is not said.
    """

    groups: list[list[str]]
    before: str = ""
    form: bool = False
    unsaid: tuple[str, ...] = ()


def said(body: Body, fields: Fields, hiding: Redactor | None) -> CurlOptions:
    """Return the content in curl's words, less what ``hiding`` hides."""
    match body:
        case BytesBody(data):
            return _bytes(data if hiding is None else _hidden(data, fields, hiding))
        case FileBody(path):
            return CurlOptions([["--data-binary", f"@{path}"]])
        case StdinBody():
            return CurlOptions([["--data-binary", "@-"]])
        case MultipartBody():
            return _multipart(body, fields, hiding)
        case BodyFromUrl():
            url = str(body.url) if hiding is None else hiding.url(str(body.url))
            user = ["-u", body.user] if body.user else []
            words = " ".join(map(quoted, ["curl", "-fsSL", *user, url]))
            return CurlOptions([["--data-binary", "@-"]], f"{words} | ")
        case SpooledBody():
            return said(body.body, fields, hiding)
        case CompressedBody():
            inner = said(body.body, fields, hiding)
            return inner._replace(unsaid=(*inner.unsaid, "compressing the content"))


def _hidden(data: bytes, fields: Fields, hiding: Redactor) -> bytes:
    return hiding.content(RecordedBody(len(data), data), fields, len(data) * 20 + 64).data


def _bytes(data: bytes) -> CurlOptions:
    if len(data) > _AT_MOST:
        missing = f"the content is too long for a command line: pipe its {len(data)} bytes in"
        return CurlOptions([["--data-binary", "@-"]], unsaid=(missing,))
    if b"\0" in data:
        return CurlOptions([["--data-binary", "@-"]], f"{printed(data)} | ")
    return CurlOptions([["--data-raw", data.decode("utf-8", "surrogateescape")]])


def _multipart(body: MultipartBody, fields: Fields, hiding: Redactor | None) -> CurlOptions:
    groups: list[list[str]] = []
    unsaid: list[str] = []
    for part in body.parts:
        found = _PART.match(part.head.decode("utf-8", "surrogateescape"))
        words = None if found is None else _part(part, found, hiding)
        if found is None or words is None:
            return _as_bytes(body, fields, hiding)
        groups.append(words)
        if found[2] is not None and found[3] is None:
            unsaid.append(f"the part {found[1]} has no Content-Type, curl gives it one")
    return CurlOptions(groups, form=True, unsaid=tuple(unsaid))


def _part(part: FormPart, head: re.Match[str], hiding: Redactor | None) -> list[str] | None:
    """Return the words for a part, None where curl's syntax has none."""
    name, filename, media_type = head.groups()
    if "=" in name or not name:
        return None
    if isinstance(part.content, BytesBody):
        text = part.content.data.decode("utf-8", "surrogateescape")
        if filename is not None or "\0" in text:
            return None
        if hiding is not None:
            text = REDACTED if is_secret(name) else hiding.text(text)
        return ["--form-string", f"{name}={text}"]
    path = "-" if isinstance(part.content, StdinBody) else part.content.path
    value = f'{name}=@"{path.translate(_IN_VALUE)}"'
    if filename is not None:
        value += f';filename="{filename.translate(_IN_VALUE)}"'
    if media_type:
        value += f";type={media_type}"
    return ["-F", value]


def _as_bytes(body: MultipartBody, fields: Fields, hiding: Redactor | None) -> CurlOptions:
    """Return multipart content as it is on the wire; where a file is in it, nothing says it."""
    pieces: list[bytes] = []
    for part in body.parts:
        if not isinstance(part.content, BytesBody):
            return CurlOptions(
                [], unsaid=("the multipart content: curl cannot write one of its names",)
            )
        pieces += [body.delimiter, part.head, b"\r\n\r\n", part.content.data, b"\r\n"]
    data = b"".join([*pieces, body.end])
    return _bytes(data if hiding is None else _hidden(data, fields, hiding))


# The way to the server in curl's words: proxies, TLS, limits, detours.


_CONNECT = Network().connect_timeout
"""The limit that is not said, because nobody typed it."""


def way(network: Network, url: Url, hiding: Redactor | None) -> Iterator[list[str]]:
    """Give the options for the way to a URL, each with its value."""
    if url.scheme == "https" or network.http_version == "1.0":
        yield [f"--http{network.http_version}"]
    proxy = proxy_of(url, network)
    if proxy is not None:
        yield from _proxy(proxy, network, hiding)
    elif network.proxies:
        yield ["--noproxy", "*"]
    if network.verify is False:
        yield ["--insecure"]
    elif network.verify is not True:
        yield ["--capath" if network.verify.endswith("/") else "--cacert", network.verify]
    if network.tls is not None:
        yield from _tls(network.tls, hiding)
    yield from _limits(network)
    yield from _detours(network, url)


def user_and_password(user: str, password: str | None, hiding: Redactor | None) -> str:
    """Return credentials as curl takes them. A user without a password may be a token."""
    if password is None:
        return user
    if hiding is not None:
        user, password = (user, REDACTED) if password else (user and REDACTED, "")
    return f"{user}:{password}"


def send_policy(plan: SendPolicy, url: Url) -> Iterator[list[str]]:
    """Give the options for redirects."""
    if not plan.follow:
        return
    yield ["--location-trusted" if plan.trust_redirects else "--location"]
    yield ["--max-redirs", str(plan.max_redirects or -1)]
    if url.scheme == "https" and not plan.allow_downgrade:
        yield ["--proto-redir", "=https"]


def _proxy(proxy: Proxy, network: Network, hiding: Redactor | None) -> Iterator[list[str]]:
    yield ["--proxy", proxy.url]
    if proxy.user or proxy.password:
        yield ["--proxy-user", user_and_password(proxy.user, proxy.password, hiding)]
    fields = network.proxy_fields if hiding is None else hiding.fields(network.proxy_fields)
    for field in fields:
        yield ["--proxy-header", f"{field.name}: {field.value}"]
    if network.no_proxy:
        yield ["--noproxy", ",".join(network.no_proxy)]


def _tls(tls: TlsOptions, hiding: Redactor | None) -> Iterator[list[str]]:
    if tls.client_certificate is not None:
        yield [
            "--cert",
            tls.client_certificate.certificate.replace("\\", "\\\\").replace(":", "\\:"),
        ]
        yield ["--key", tls.client_certificate.key]
        if tls.client_certificate.passphrase:
            yield ["--pass", tls.client_certificate.passphrase if hiding is None else REDACTED]
    if tls.min_version:
        yield [f"--tlsv{tls.min_version}"]
    if tls.max_version:
        yield ["--tls-max", tls.max_version]
    if tls.ciphers:
        yield ["--ciphers", tls.ciphers]


def _limits(network: Network) -> Iterator[list[str]]:
    if network.connect_timeout is not None and network.connect_timeout != _CONNECT:
        yield ["--connect-timeout", f"{network.connect_timeout:g}"]
    if network.read_timeout is not None:
        # The nearest that curl has: no byte for so many (whole) seconds.
        yield ["--speed-limit", "1", "--speed-time", str(max(1, round(network.read_timeout)))]
    if network.total_timeout is not None:
        yield ["--max-time", f"{network.total_timeout:g}"]


def _detours(network: Network, url: Url) -> Iterator[list[str]]:
    socket = network.unix_sockets.get(url.origin, "")
    if socket.startswith("@"):
        yield ["--abstract-unix-socket", socket[1:]]
    elif socket:
        yield ["--unix-socket", socket]
    for detour in network.connect_to:
        here = f"{_bracketed(detour.host)}:{'' if detour.port is None else detour.port}"
        port = "" if detour.target_port is None else detour.target_port
        yield ["--connect-to", f"{here}:{_bracketed(detour.target_host)}:{port}"]
    for (host, port), addresses in network.host_addresses.items():
        yield ["--resolve", f"{host}:{port}:{','.join(map(_bracketed, addresses))}"]
    if network.dns_servers:
        yield ["--dns-servers", ",".join(network.dns_servers)]
    if network.ip_version:
        yield [f"--ipv{network.ip_version}"]
    if network.local_address is not None:
        if network.local_address.address or network.local_address.interface:
            yield ["--interface", network.local_address.address or network.local_address.interface]
        first, last = network.local_address.ports
        if first:
            yield ["--local-port", str(first) if last in (0, first) else f"{first}-{last}"]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


# The curl command that sends the same request, and what curl has no words for.


_FORM = "application/x-www-form-urlencoded"
_OWN = ("Accept", "Host", "User-Agent")
"""Fields that curl sends unless it is told not to."""
_EXPECTS = 1024 * 1024
"""Bytes of content from which curl asks for a 100 (Continue) by itself."""


class CurlLine(NamedTuple):
    """The command, which may have several lines, and what it does not say."""

    text: str
    unsaid: tuple[str, ...] = ()


def curl_line(
    plan: Plan, hiding: Redactor | None, said_so: tuple[tuple[str, ...], ...] = ()
) -> CurlLine:
    """Return the curl command for a plan, less what ``hiding`` hides.

    ``said_so``: options that are curl's, as they are.
    """
    request = plan.request
    head = framed(request, version="1.1")
    fields = head.fields if hiding is None else hiding.fields(head.fields)
    content = CurlOptions([]) if request.body is None else said(request.body, head.fields, hiding)
    unsaid = [*content.unsaid]
    groups = [["curl"], *_method(request.method, content, has_body=request.body is not None)]
    if request.method == "HEAD" and request.body is not None:
        unsaid.append("HEAD with content: curl waits for a body of the response")
    groups += _url(request.url, hiding)
    if plan.send_policy.credentials is not None:
        groups += _credentials(plan.send_policy.credentials, hiding, unsaid)
    length = 0 if request.body is None else request.body.length
    long = length is None or length > _EXPECTS
    groups += _fields(fields, request.url, content, body=request.body is not None, long=long)
    groups += content.groups
    groups += send_policy(plan.send_policy, request.url)
    if plan.send_policy.follow and not any(group[0] == "--cookie" for group in groups):
        groups.append(["--cookie", ""])  # so that it carries cookies from hop to hop
    if plan.send_policy.follow and any(group[0] == "--request" for group in groups):
        unsaid.append(f"a redirect that turns {request.method} into GET: curl repeats the method")
    groups += way(plan.network, request.url, hiding)
    if "h" in plan.display.parts and request.method != "HEAD":
        groups.append(["--include"])
    if plan.output is not None:
        groups.append(["--output", plan.output])
    groups += [[*each] for each in said_so]
    if request.compression is not None:
        unsaid.append("compressing the content")
    if plan.echo:
        unsaid.append("echo: is a server inside httpcli")
    return CurlLine(content.before + laid_out(groups) + "\n", tuple(unsaid))


class CurlReport:
    """The command alone: what came of the run is not curl's business."""

    def __init__(self, about: About) -> None:
        self._text = about.curl

    def begin(self) -> str:
        return self._text

    def exchange(self, _exchange: RecordedExchange) -> str:
        return ""

    def end(self, _outcome: Outcome) -> str:
        return ""


def _method(method: str, content: CurlOptions, *, has_body: bool) -> list[list[str]]:
    """Return the method where curl would not choose it by itself."""
    if method == "HEAD" and not has_body:
        return [["--head"]]
    by_itself = "POST" if content.groups else "GET"
    return [] if method == by_itself else [["--request", method]]


def _url(url: Url, hiding: Redactor | None) -> Iterator[list[str]]:
    text = str(url)
    if "%" in url.host:  # the zone, which is not for the server
        authority = url.authority
        zoned = f"[{url.host.replace('%', '%25', 1)}]"
        text = text.replace(authority.partition("]")[0] + "]", zoned, 1)
    shown = text if hiding is None else hiding.url(text)
    if any(mark in text.partition("://")[2].partition("/")[2] for mark in "[]{}"):
        yield ["--globoff"]
    if any(segment in (".", "..") for segment in url.path.split("/")):
        yield ["--path-as-is"]
    yield [shown]


def _credentials(
    credentials: Credentials, hiding: Redactor | None, unsaid: list[str]
) -> list[list[str]]:
    user, password = credentials.user, credentials.password
    pair = user_and_password(user, password, hiding)
    match credentials.scheme:
        case "basic":
            return [["--user", pair]]
        case "digest":
            return [["--digest"], ["--user", pair]]
        case "bearer":
            return [["--oauth2-bearer", REDACTED if password and hiding else password or ""]]
        case scheme:
            unsaid.append(f"authentication by {scheme}")
            return []


def _fields(
    fields: Fields, url: Url, content: CurlOptions, *, body: bool, long: bool
) -> Iterator[list[str]]:
    """Give the header fields, less what curl sends by itself, and what it is not to send."""
    one_cookie = len(fields.all_values("Cookie")) == 1
    for name, value, _ in fields:
        if _is_curls(name.lower(), value, url, content, body=body):
            continue
        if name.lower() == "cookie" and one_cookie and "=" in value:
            yield ["--cookie", value]
            continue
        if name.lower() == "accept-encoding" and value != "identity":
            yield ["--compressed"]
        yield ["--header", f"{name}: {value}" if value.strip() else f"{name};"]
    for name in _OWN:
        if not fields.has(name):
            yield ["--header", f"{name}:"]
    if content.groups and not content.form and not fields.has("Content-Type"):
        yield ["--header", "Content-Type:"]
    if long and not fields.has("Expect"):
        yield ["--header", "Expect:"]


def _is_curls(name: str, value: str, url: Url, content: CurlOptions, *, body: bool) -> bool:
    """Tell whether curl sends that field by itself."""
    match name:
        case "host":
            return value == url.authority
        case "accept":
            return value == "*/*"
        case "content-length":
            return body
        case "content-type" if content.form:
            return value.startswith("multipart/form-data")
        case "content-type":
            return value == _FORM and bool(content.groups)
    return False
