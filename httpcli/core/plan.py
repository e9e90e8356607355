"""The plan of a run: every decision, made once by ``planning.planner`` and never changed.

Defaults, conflicts between options and choices that depend on terminals are
settled in the plan. Parts that most runs do not need are in other modules
(``plan_options``, ``download``, ``session``, …), which a plain GET does not load.
"""

from collections.abc import Callable, Mapping
from enum import Enum, IntEnum
from typing import TYPE_CHECKING

from httpcli.core.headers import Fields
from httpcli.core.limits import MAX_EVENT_SIZE, MAX_REDIRECTS
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.request import Request
from httpcli.core.url import Origin, Url, canonical_host

if TYPE_CHECKING:
    from httpcli.core.download import Download
    from httpcli.core.expectation import Check
    from httpcli.core.format_options import FormatOptions, JsonSelection
    from httpcli.core.json_limits import JsonLimits
    from httpcli.core.plan_options import (
        ConnectTo,
        EventStreamPolicy,
        LocalAddress,
        MinimumRate,
        PoolLimits,
        ProgressStyle,
        RetryPolicy,
        TeeAndHash,
        TlsOptions,
    )
    from httpcli.core.reports import Reports, TimingsStyle, WriteOutPiece
    from httpcli.core.session import CookieFile, Session
else:  # a quoted annotation would be parsed and compiled with its class, in every run
    Check = ConnectTo = TeeAndHash = CookieFile = Download = EventStreamPolicy = object
    FormatOptions = JsonSelection = LocalAddress = MinimumRate = PoolLimits = object
    ProgressStyle = Reports = RetryPolicy = Session = TimingsStyle = TlsOptions = object
    JsonLimits = WriteOutPiece = object


class Mode(Enum):
    """The kind of run."""

    REQUEST = "request"
    """Send the request and print the response."""
    OFFLINE = "offline"
    """Print the request without sending it."""
    CERTIFICATES = "certificates"
    """Print the server's certificates."""
    CURL = "curl"
    """Print the equivalent curl command."""
    DOWNLOAD = "download"
    """Save the response's body to a file."""
    WEBSOCKET = "websocket"
    """Open a WebSocket and exchange messages."""


class Colours(IntEnum):
    """How many colours the terminal can show."""

    NONE = 0
    EIGHT = 8
    SIXTEEN = 16
    MANY = 256
    TRUE = 1 << 24


AUTO_STYLE = "auto"
"""The style that uses the terminal's own sixteen colours."""


class RedactionLevel(Enum):
    """Which secrets are redacted in the headers that are printed."""

    NOTHING = "nothing"
    REFERENCES = "references"
    """Values that were given by reference (``@env:NAME``, ``@file:PATH``)."""
    SECRETS = "secrets"
    """Also the values of all headers and parameters whose names indicate secrets."""


class Proxy(NamedTuple):
    """A proxy for the URLs of one scheme."""

    url: str
    """Its address; the scheme is ``http``, ``https`` or a SOCKS one."""
    user: str = ""
    """The user name to authenticate with; empty for none."""
    password: str | None = ""
    """None: prompt for it before the first request."""
    error: str = ""
    """Why the proxy cannot be used; empty if it can."""

    @property
    def is_http(self) -> bool:
        """Whether it reads HTTP requests; a SOCKS proxy only forwards bytes."""
        return not self.url.startswith("socks")


class Network(NamedTuple):
    """How to reach the origin. Times are in seconds; None is no limit."""

    verify: bool | str = True
    """Whether certificates are verified, or the path of a CA bundle or directory."""
    proxies: Mapping[str, Proxy] = {}
    """Proxies by scheme, or by scheme and host (``http://HOST``)."""
    no_proxy: tuple[str, ...] = ()
    """Hosts that are connected to directly."""
    connect_timeout: float | None = 60.0
    """Time for DNS, TCP and TLS together."""
    read_timeout: float | None = None
    """Time between two reads."""
    total_timeout: float | None = None
    """Time for the whole exchange."""
    max_header_size: int = 0
    """Bytes of a response head; 0 for the default (``core.limits``)."""
    max_fields: int = 0
    """A response with more header fields fails; 0 for the engine's limit."""
    tls: TlsOptions | None = None
    """None for handshakes with the default options."""
    record_connection: bool = False
    """Whether ``ResponseStarted`` gets the connection's addresses, TLS and certificate."""
    unix_sockets: Mapping[Origin, str] = {}
    """Paths of Unix sockets, by the origin that is reached through each."""
    connect_to: tuple[ConnectTo, ...] = ()
    """Other hosts and ports to connect to; the first that matches is used."""
    host_addresses: Mapping[tuple[str, int], tuple[str, ...]] = {}
    """Addresses of (host or ``*``, port), used without a DNS query."""
    dns_servers: tuple[str, ...] = ()
    """DNS servers with port, in place of the system's."""
    ip_version: int = 0
    """4 or 6 for one kind of address only; 0 for both."""
    record_timings: bool = False
    """Whether ``ResponseStarted``, ``ResponseEnded`` and errors get the exchange's timings."""
    max_rate: int | None = None
    """Bytes a second over all connections, each way."""
    min_rate: MinimumRate | None = None
    """A slower transfer is aborted; None for no limit."""
    local_address: LocalAddress | None = None
    """The local end of connections; None for the system's choice."""
    proxy_fields: Fields = Fields()
    """Header fields for HTTP proxies."""
    http_version: str = "1.1"
    """``1.1`` or ``1.0``."""
    pool_limits: PoolLimits | None = None
    """How connections are kept; None for the engine's defaults."""

    def connect_address(self, url: Url) -> tuple[str, int] | None:
        """Return the host and port to connect to instead of the URL's, None for the URL's."""
        for rule in self.connect_to:
            matches = not rule.host or canonical_host(rule.host) == canonical_host(url.host)
            if matches and rule.port in (None, url.effective_port):
                return rule.target_host or url.host, rule.target_port or url.effective_port
        return None


class Credentials(NamedTuple):
    """User name and password, or a token, for one authentication scheme."""

    scheme: str
    """A name of ``auth.registry``."""
    user: str
    """Empty for a token."""
    password: str | None
    """The password or token; None: prompt for it before the first request."""
    secret: bool = False
    """Whether they were given by reference or come from a netrc file, and are never printed."""
    plugin: str = ""
    """``module:attribute`` of the factory of a plugin's scheme; empty for a built-in scheme."""


class SendPolicy(NamedTuple):
    """When one request is followed by others: redirects, authentication, retries."""

    follow: bool = False
    """Whether redirects are followed."""
    max_redirects: int = MAX_REDIRECTS
    """Redirects to follow; 0 for no limit."""
    allow_downgrade: bool = False
    """Whether a redirect from https to http is followed."""
    trust_redirects: bool = False
    """Whether credentials are sent to other origins after a redirect."""
    credentials: Credentials | None = None
    """None to send no credentials."""
    retry: RetryPolicy | None = None
    """None for no retries."""
    spool: bool = False
    """Whether bodies are held on disk: a response's until it is complete; and, to send it
    again, a request's that can be read only once."""
    event_stream: EventStreamPolicy | None = None
    """How to read a response that is an event stream; None to read it as any response."""


class Display(NamedTuple):
    """Which parts of an exchange are printed, and how."""

    parts: frozenset[str] = frozenset("b")
    """Letters of ``--print``: H, B (request headers, body), h, b (response), m (metadata)."""
    all_exchanges: bool = False
    """Whether followed responses (redirects, challenges) and their requests are printed too."""
    format: bool = False
    """Whether bodies and headers are formatted."""
    colours: Colours = Colours.NONE
    style: str = AUTO_STYLE
    """The name of the colour style."""
    to_terminal: bool = False
    """Whether the output goes to a terminal (of a download: stderr); messages are separated
    by blank lines there."""
    guard_terminal: bool = False
    """Whether control characters are escaped and binary bodies are not printed."""
    redaction: RedactionLevel = RedactionLevel.REFERENCES
    secrets: frozenset[str] = frozenset()
    """Secret values to redact in requests and ``--write-out``, unless ``redaction`` is NOTHING;
    they are always redacted in the output of ``--debug``."""
    light_background: bool = False
    """Whether the terminal's background is light."""
    format_options: FormatOptions | None = None
    """None for the defaults."""
    response_charset: str = ""
    """The codec to decode a response with; empty to follow the response."""
    response_media_type: str = ""
    """The media type to format a response as; empty to follow the response."""
    stream: bool = False
    """Whether output is printed at once, without waiting for more to format it."""
    selection: JsonSelection | None = None
    """The part of the last response's JSON body to print; None for the whole body."""
    json_limits: JsonLimits | None = None
    """How much of a body is parsed for ``selection`` and checks; None for the defaults."""
    may_resend: bool = False
    """Whether the request may be retried, so that a response may be discarded."""
    events_as_json: bool = False
    """Whether server-sent events and WebSocket messages are printed as JSON lines."""
    max_event_size: int = MAX_EVENT_SIZE
    """Bytes of a server-sent event that is printed as JSON; 0 for no limit."""
    now: Callable[[], float] | None = None
    """Returns seconds since 1970; None if no times are printed."""
    all_heads: bool = False
    """Whether interim responses, the proxy's response to a CONNECT and trailers are printed
    with the headers of a response."""

    @property
    def is_raw(self) -> bool:
        """Whether bodies reach the terminal unchanged (``--terminal=raw``)."""
        return self.to_terminal and not self.guard_terminal


class Plan(NamedTuple):
    """All decisions about a run."""

    mode: Mode
    request: Request
    network: Network
    send_policy: SendPolicy
    display: Display
    output: str | None = None
    """The file for the body; None for stdout."""
    check_status: bool = False
    """Whether a status of 3xx, 4xx or 5xx sets the exit status."""
    quiet: int = 0
    """How many times ``--quiet`` was given."""
    announce_status: bool = False
    """Whether a failed status is printed on stderr."""
    echo: bool = False
    """Whether the request goes to the built-in echo server."""
    upload_progress: ProgressStyle | None = None
    """How the progress of uploads is reported; None for not at all."""
    warnings: tuple[str, ...] = ()
    """Warnings of the planner, printed before the request is sent."""
    session: Session | None = None
    """None without ``--session``."""
    cookie_file: CookieFile | None = None
    """None without ``--cookie-jar``."""
    omit_failed_body: bool = False
    """Whether the body is not printed if ``check_status`` fails the response."""
    checks: tuple[Check, ...] = ()
    """Expectations, checked at the end."""
    write_out: tuple[WriteOutPiece, ...] = ()
    """The template of ``--write-out``; empty for none."""
    reports: Reports | None = None
    """The reports to write; None for none."""
    timings_style: TimingsStyle | None = None
    """How timings are printed; None for not at all."""
    download: Download | None = None
    """How to save the response to a file; None if this is no download."""
    tee_and_hash: TeeAndHash | None = None
    """Copies and hashes of the body; None for neither."""


def needs_prompt(plan: Plan) -> bool:
    """Return whether a password or passphrase must be typed before the run."""
    if plan.mode is Mode.CURL:
        return False  # curl prompts
    credentials, tls = plan.send_policy.credentials, plan.network.tls
    certificate = tls.client_certificate if tls is not None else None
    return (
        (credentials is not None and credentials.password is None)
        or any(proxy.password is None for proxy in plan.network.proxies.values())
        or (certificate is not None and certificate.needs_passphrase)
    )
