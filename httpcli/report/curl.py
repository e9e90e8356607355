"""The curl command that sends the same request, and the features that curl does not support.

For ``--print-curl`` and the report ``curl``. The command consists of groups, each an option with
its value, so that a long one can be broken into lines between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.plan import Credentials, Network, Plan, Proxy, SendPolicy
from httpcli.core.plan_options import TlsOptions
from httpcli.core.reports import RecordedExchange
from httpcli.core.shell import printf_command, quote_word
from httpcli.core.url import Url
from httpcli.protocol.proxies import network_proxy
from httpcli.protocol.redact_urls import is_secret_parameter
from httpcli.protocol.redaction import Redaction
from httpcli.protocol.request_head import frame_request
from httpcli.report.registry import BatchFormat, ReportInfo

_FORM = "application/x-www-form-urlencoded"
_DEFAULT_HEADERS = ("Accept", "Host", "User-Agent")
"""Headers that curl sends by default."""
_EXPECT_SIZE = 1024 * 1024
"""Bytes of a body above which curl sends ``Expect: 100-continue``."""


class CurlCommand(NamedTuple):
    """A curl command."""

    text: str
    """The command, which may have several lines, with a line end."""
    unsupported: tuple[str, ...] = ()
    """Features that curl lacks or handles differently, for notices."""


def curl_command(
    plan: Plan, redaction: Redaction | None, curl_options: tuple[tuple[str, ...], ...] = ()
) -> CurlCommand:
    """Return the curl command for a plan. ``redaction``: None to include secrets.

    ``curl_options``: further options of curl, each with its value.
    """
    request = plan.request
    head = frame_request(request, version="1.1")
    fields = head.fields if redaction is None else redaction.fields(head.fields)
    options = (
        CurlBodyOptions([])
        if request.body is None
        else body_options(request.body, head.fields, redaction)
    )
    unsupported = [*options.unsupported]
    groups = [["curl"], *_method(request.method, options, has_body=request.body is not None)]
    if request.method == "HEAD" and request.body is not None:
        unsupported.append("HEAD with a body: curl waits for a response body")
    groups += _url(request.url, redaction)
    if plan.send_policy.credentials is not None:
        groups += _credentials(plan.send_policy.credentials, redaction, unsupported)
    length = 0 if request.body is None else request.body.length
    long = length is None or length > _EXPECT_SIZE
    groups += _fields(fields, request.url, options, has_body=request.body is not None, long=long)
    groups += options.groups
    groups += redirect_options(plan.send_policy, request.url)
    if plan.send_policy.follow and not any(group[0] == "--cookie" for group in groups):
        groups.append(["--cookie", ""])  # without it, curl drops the cookies of redirects
    if plan.send_policy.follow and any(group[0] == "--request" for group in groups):
        unsupported.append(
            f"a redirect that turns {request.method} into GET: curl repeats the method"
        )
    groups += network_options(plan.network, request.url, redaction)
    if "h" in plan.display.parts and request.method != "HEAD":
        groups.append(["--include"])
    if plan.output is not None:
        groups.append(["--output", plan.output])
    groups += [[*option] for option in curl_options]
    if request.compression is not None:
        unsupported.append("compression of the body")
    if plan.echo:
        unsupported.append("echo: URLs work only in httpcli")
    groups, with_nul = _split_by_nul(groups)
    unsupported += (f"{group[0]}: a value with a NUL" for group in with_nul)
    return CurlCommand(options.pipe + join_groups(groups) + "\n", tuple(unsupported))


def _split_by_nul(groups: list[list[str]]) -> tuple[list[list[str]], list[list[str]]]:
    """Return the groups without a NUL, and those with one: no argument can contain it."""
    with_nul = [group for group in groups if any("\0" in word for word in group)]
    return [group for group in groups if group not in with_nul], with_nul


class CurlReport:
    """A report that contains only the command, regardless of the result."""

    def __init__(self, info: ReportInfo) -> None:
        self._text = info.curl

    def begin(self) -> str:
        return self._text

    def add(self, _exchange: RecordedExchange) -> str:
        return ""

    def end(self, _outcome: Outcome) -> str:
        return ""


BATCH = BatchFormat(CurlReport)
"""The commands of all requests, one after the other."""


def _method(method: str, options: CurlBodyOptions, *, has_body: bool) -> list[list[str]]:
    """Return the options for the method; empty if curl chooses it by default."""
    if method == "HEAD" and not has_body:
        return [["--head"]]
    default = "POST" if options.groups else "GET"
    return [] if method == default else [["--request", method]]


def _url(url: Url, redaction: Redaction | None) -> Iterator[list[str]]:
    text = str(url)
    if "%" in url.host:  # an IPv6 zone, which str(url) leaves out
        authority = url.authority
        zoned = f"[{url.host.replace('%', '%25', 1)}]"
        text = text.replace(authority.partition("]")[0] + "]", zoned, 1)
    redacted = text if redaction is None else redaction.url(text)
    if any(mark in text.partition("://")[2].partition("/")[2] for mark in "[]{}"):
        yield ["--globoff"]
    if any(segment in (".", "..") for segment in url.path.split("/")):
        yield ["--path-as-is"]
    yield [redacted]


def _credentials(
    credentials: Credentials, redaction: Redaction | None, unsupported: list[str]
) -> list[list[str]]:
    user, password = credentials.user, credentials.password
    pair = user_and_password(user, password, redaction)
    match credentials.scheme:
        case "basic":
            return [["--user", pair]]
        case "digest":
            return [["--digest"], ["--user", pair]]
        case "bearer":
            return [["--oauth2-bearer", REDACTED if password and redaction else password or ""]]
        case scheme:
            unsupported.append(f"{scheme} authentication")
            return []


def _fields(
    fields: Fields, url: Url, options: CurlBodyOptions, *, has_body: bool, long: bool
) -> Iterator[list[str]]:
    """Yield the headers that differ from those curl sends by default."""
    one_cookie = len(fields.all_values("Cookie")) == 1
    for name, value, _ in fields:
        if _is_default(name.lower(), value, url, options, has_body=has_body):
            continue
        if name.lower() == "cookie" and one_cookie and "=" in value:
            yield ["--cookie", value]
            continue
        if name.lower() == "accept-encoding" and value != "identity":
            yield ["--compressed"]
        yield ["--header", f"{name}: {value}" if value.strip() else f"{name};"]
    for name in _DEFAULT_HEADERS:
        if not fields.has(name):
            yield ["--header", f"{name}:"]
    if options.groups and not options.form and not fields.has("Content-Type"):
        yield ["--header", "Content-Type:"]
    if long and not fields.has("Expect"):
        yield ["--header", "Expect:"]


def _is_default(
    name: str, value: str, url: Url, options: CurlBodyOptions, *, has_body: bool
) -> bool:
    """Return whether curl sends this header by default."""
    match name:
        case "host":
            return value == url.authority
        case "accept":
            return value == "*/*"
        case "content-length":
            return has_body
        case "content-type" if options.form:
            return value.startswith("multipart/form-data")
        case "content-type":
            return value == _FORM and bool(options.groups)
    return False


# The body.

_PART = re.compile(
    r'Content-Disposition: form-data; name="([^"]*)"(?:; filename="([^"]*)")?'
    r"(?:\r\nContent-Type: ([^\r\n]*))?\Z"
)
_MAX_BODY = 64 * 1024
"""Bytes of a body in a command line. Linux limits one argument to 128 KiB."""
_IN_VALUE = str.maketrans({"\\": r"\\", '"': r"\""})


class CurlBodyOptions(NamedTuple):
    """The options of curl for a body."""

    groups: list[list[str]]
    pipe: str = ""
    """A command whose output curl reads, with the pipe character."""
    form: bool = False
    """Whether curl generates the Content-Type."""
    unsupported: tuple[str, ...] = ()
    """As in ``CurlCommand``."""


def body_options(body: Body, fields: Fields, redaction: Redaction | None) -> CurlBodyOptions:
    """Return the options for a body. ``fields``: the request's headers."""
    match body:
        case BytesBody(data):
            return _bytes(data if redaction is None else _redact_bytes(data, fields, redaction))
        case FileBody(path):
            return CurlBodyOptions([["--data-binary", f"@{path}"]])
        case StdinBody():
            return CurlBodyOptions([["--data-binary", "@-"]])
        case MultipartBody():
            return _multipart(body, fields, redaction)
        case BodyFromUrl():
            url = str(body.url) if redaction is None else redaction.url(str(body.url))
            pair = user_and_password(body.user, body.password, redaction)
            user = ["-u", pair] if body.user else []
            words = " ".join(map(quote_word, ["curl", "-fsSL", *user, url]))
            return CurlBodyOptions([["--data-binary", "@-"]], f"{words} | ")
        case SpooledBody():
            return body_options(body.body, fields, redaction)
        case CompressedBody():
            inner = body_options(body.body, fields, redaction)
            return inner._replace(unsupported=(*inner.unsupported, "compression of the body"))


def _redact_bytes(data: bytes, fields: Fields, redaction: Redaction) -> bytes:
    return redaction.body(data, fields.first("Content-Type") or "")


def _bytes(data: bytes) -> CurlBodyOptions:
    if len(data) > _MAX_BODY:
        missing = f"the body is too long for a command line: pipe its {len(data)} bytes to curl"
        return CurlBodyOptions([["--data-binary", "@-"]], unsupported=(missing,))
    if b"\0" in data:
        return CurlBodyOptions([["--data-binary", "@-"]], f"{printf_command(data)} | ")
    return CurlBodyOptions([["--data-raw", data.decode("utf-8", "surrogateescape")]])


def _multipart(
    body: MultipartBody, fields: Fields, redaction: Redaction | None
) -> CurlBodyOptions:
    groups: list[list[str]] = []
    unsupported: list[str] = []
    for part in body.parts:
        head = _PART.match(part.head.decode("utf-8", "surrogateescape"))
        option = None if head is None else _part(part, head, redaction)
        if head is None or option is None:
            return _as_bytes(body, fields, redaction)
        groups.append(option)
        if head[2] is not None and head[3] is None:
            unsupported.append(f"part {head[1]} has no Content-Type, but curl adds one")
    return CurlBodyOptions(groups, form=True, unsupported=tuple(unsupported))


def _part(part: FormPart, head: re.Match[str], redaction: Redaction | None) -> list[str] | None:
    """Return the option for a part of a form, or None if curl's syntax cannot express it."""
    name, filename, media_type = head.groups()
    if "=" in name or not name or "\0" in name:
        return None
    if isinstance(part.content, BytesBody):
        text = part.content.data.decode("utf-8", "surrogateescape")
        if filename is not None or "\0" in text:
            return None
        if redaction is not None:
            text = REDACTED if is_secret_parameter(name) else _redact_text(text, redaction)
        return ["--form-string", f"{name}={text}"]
    path = "-" if isinstance(part.content, StdinBody) else part.content.path
    value = f'{name}=@"{path.translate(_IN_VALUE)}"'
    if filename is not None:
        value += f';filename="{filename.translate(_IN_VALUE)}"'
    if media_type:
        value += f";type={media_type}"
    return ["-F", value]


def _redact_text(text: str, redaction: Redaction) -> str:
    data = text.encode("utf-8", "surrogateescape")
    return redaction.body(data).decode("utf-8", "surrogateescape")


def _as_bytes(body: MultipartBody, fields: Fields, redaction: Redaction | None) -> CurlBodyOptions:
    """Return the options for a multipart body as bytes, which must not contain a file."""
    pieces: list[bytes] = []
    for part in body.parts:
        if not isinstance(part.content, BytesBody):
            return CurlBodyOptions(
                [], unsupported=("a name in the multipart body cannot be written for curl",)
            )
        pieces += [body.delimiter, part.head, b"\r\n\r\n", part.content.data, b"\r\n"]
    data = b"".join([*pieces, body.end])
    return _bytes(data if redaction is None else _redact_bytes(data, fields, redaction))


# The connection: proxies, TLS, timeouts, addresses.

_DEFAULT_CONNECT_TIMEOUT = Network().connect_timeout
"""The default is omitted: the user did not type it."""


def network_options(
    network: Network, url: Url, redaction: Redaction | None
) -> Iterator[list[str]]:
    """Yield the options for the connection to a URL."""
    if url.scheme == "https" or network.http_version == "1.0":
        yield [f"--http{network.http_version}"]
    proxy = network_proxy(url, network)
    if proxy is not None:
        yield from _proxy(proxy, network, redaction)
    elif network.proxies:
        yield ["--noproxy", "*"]
    if network.verify is False:
        yield ["--insecure"]
    elif network.verify is not True:
        yield ["--capath" if network.verify.endswith("/") else "--cacert", network.verify]
    if network.tls is not None:
        yield from _tls(network.tls, redaction)
    yield from _limits(network)
    yield from _addresses(network, url)


def user_and_password(user: str, password: str | None, redaction: Redaction | None) -> str:
    """Return credentials in curl's syntax. A user without a password may be a token."""
    if password is None:
        return user
    if redaction is not None:
        user, password = (user, REDACTED) if password else (user and REDACTED, "")
    return f"{user}:{password}"


def redirect_options(policy: SendPolicy, url: Url) -> Iterator[list[str]]:
    """Yield the options for redirects."""
    if not policy.follow:
        return
    yield ["--location-trusted" if policy.trust_redirects else "--location"]
    yield ["--max-redirs", str(policy.max_redirects or -1)]
    if url.scheme == "https" and not policy.allow_downgrade:
        yield ["--proto-redir", "=https"]


def _proxy(proxy: Proxy, network: Network, redaction: Redaction | None) -> Iterator[list[str]]:
    yield ["--proxy", proxy.url]
    if proxy.user or proxy.password:
        yield ["--proxy-user", user_and_password(proxy.user, proxy.password, redaction)]
    fields = network.proxy_fields if redaction is None else redaction.fields(network.proxy_fields)
    for field in fields:
        yield ["--proxy-header", f"{field.name}: {field.value}"]
    if network.no_proxy:
        yield ["--noproxy", ",".join(network.no_proxy)]


def _tls(tls: TlsOptions, redaction: Redaction | None) -> Iterator[list[str]]:
    if tls.client_certificate is not None:
        yield [
            "--cert",
            tls.client_certificate.certificate.replace("\\", "\\\\").replace(":", "\\:"),
        ]
        yield ["--key", tls.client_certificate.key]
        if tls.client_certificate.passphrase:
            yield ["--pass", tls.client_certificate.passphrase if redaction is None else REDACTED]
    if tls.min_version:
        yield [f"--tlsv{tls.min_version}"]
    if tls.max_version:
        yield ["--tls-max", tls.max_version]
    if tls.ciphers:
        yield ["--ciphers", tls.ciphers]


def _limits(network: Network) -> Iterator[list[str]]:
    if network.connect_timeout is not None and network.connect_timeout != _DEFAULT_CONNECT_TIMEOUT:
        yield ["--connect-timeout", f"{network.connect_timeout:g}"]
    if network.read_timeout is not None:
        # The closest option of curl: less than 1 byte per second for this many whole seconds.
        yield ["--speed-limit", "1", "--speed-time", str(max(1, round(network.read_timeout)))]
    if network.total_timeout is not None:
        yield ["--max-time", f"{network.total_timeout:g}"]


def _addresses(network: Network, url: Url) -> Iterator[list[str]]:
    socket = network.unix_sockets.get(url.origin, "")
    if socket.startswith("@"):
        yield ["--abstract-unix-socket", socket[1:]]
    elif socket:
        yield ["--unix-socket", socket]
    for rule in network.connect_to:
        source = f"{_bracketed(rule.host)}:{'' if rule.port is None else rule.port}"
        port = "" if rule.target_port is None else rule.target_port
        yield ["--connect-to", f"{source}:{_bracketed(rule.target_host)}:{port}"]
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


# The command line.

_MAX_LINE = 78


def join_groups(groups: list[list[str]]) -> str:
    """Return the groups as one command: on one line if it is short, else a line for each."""
    texts = [" ".join(map(quote_word, group)) for group in groups]
    line = " ".join(texts)
    return line if len(line) <= _MAX_LINE else " \\\n  ".join(texts)
