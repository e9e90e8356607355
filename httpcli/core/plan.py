"""What will be done. Made once, by ``cli.planner``; nobody changes it.

Every default, every guess from is-a-tty and every conflict between options is
settled here: after it nobody asks whether stdout is a terminal.
"""

from collections.abc import Callable, Mapping
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.headers import Fields
from httpcli.core.request import Request
from httpcli.core.url import Origin, Url

if TYPE_CHECKING:
    from httpcli.core.connection_options import ConnectTo, LocalAddress, PoolLimits, TlsOptions
    from httpcli.core.download import Download
    from httpcli.core.expectation import Check
    from httpcli.core.formatting import FormatOptions, JsonSelection
    from httpcli.core.reports import Reports, TimingsStyle, WriteOutPiece
    from httpcli.core.retry import RetryPolicy
    from httpcli.core.session import CookieFile, Session
    from httpcli.core.streaming import EventStreamPolicy
    from httpcli.core.transfers import ContentCopies, MinimumRate, ProgressStyle
else:  # what is in quotes would be compiled when its class is made (model.registry)
    CookieFile = Download = Check = FormatOptions = ProgressStyle = Reports = TimingsStyle = object
    RetryPolicy = JsonSelection = Session = EventStreamPolicy = TlsOptions = ContentCopies = (
        MinimumRate
    ) = object
    ConnectTo = PoolLimits = LocalAddress = WriteOutPiece = object


class Mode(Enum):
    """What kind of run this is."""

    REQUEST = "request"
    OFFLINE = "offline"
    CERTIFICATES = "certificates"
    CURL = "curl"
    DOWNLOAD = "download"
    WEBSOCKET = "websocket"


class Colours(IntEnum):
    """How many colours the terminal shows."""

    NONE = 0
    EIGHT = 8
    SIXTEEN = 16
    MANY = 256
    TRUE = 1 << 24


AUTO_STYLE = "auto"
"""The style that uses the terminal's own sixteen colours."""


class RedactionLevel(Enum):
    """Which secrets are kept out of the heads that are shown."""

    NOTHING = "nothing"
    REFERENCES = "references"
    """Values that were given by reference, so that they stand nowhere."""
    SECRETS = "secrets"
    """Those, and all that stands under a secret's name: a CI log is for many eyes."""


class Proxy(NamedTuple):
    """A proxy for one scheme: where it is, and who we are to it (empty: nobody).

    ``password``: None is asked for before the first request. ``fault``: why it
    cannot be used, if it cannot.
    """

    url: str
    user: str = ""
    password: str | None = ""
    error: str = ""

    @property
    def is_http(self) -> bool:
        """Whether requests are written to it; a SOCKS proxy only carries bytes."""
        return not self.url.startswith("socks")


class Network(NamedTuple):
    """How the origin is reached.

    ``verify``: True, False, or the path of a CA bundle or directory.
    ``proxies`` is keyed by scheme, or scheme and host (``http://HOST``);
    ``proxy_fields`` are for all that speak HTTP.
    Times are in seconds, None for no limit: ``connect`` until there is a
    connection (DNS, TCP, TLS), ``silence`` between two reads, ``total`` for all
    of the exchange. ``most_fields``: a response with more header fields fails;
    0 for the engine's own limit. ``tls``: None for handshakes as they are by default.
    ``describes``: the response's head tells of its connection; ``times``: it, its end and a
    failure tell where the time went. ``sockets`` are
    the Unix sockets by which an origin is reached. Of ``connect_to`` the first that
    fits counts; ``answers`` are the addresses of (host or ``*``, port), asked of
    nobody; ``name_servers`` (with port) are asked in place of the system's.
    ``family``: 4 or 6 for one kind of address only, else 0. ``rate``: bytes a
    second over all connections, up and down; ``minimum_rate``: what is given up.
    ``pool``: None for the engine's own way to keep connections.
    """

    verify: bool | str = True
    proxies: Mapping[str, Proxy] = {}
    no_proxy: tuple[str, ...] = ()
    connect_timeout: float | None = 60.0
    read_timeout: float | None = None
    total_timeout: float | None = None
    max_fields: int = 0
    tls: TlsOptions | None = None
    record_connection: bool = False
    unix_sockets: Mapping[Origin, str] = {}
    connect_to: tuple[ConnectTo, ...] = ()
    host_addresses: Mapping[tuple[str, int], tuple[str, ...]] = {}
    dns_servers: tuple[str, ...] = ()
    ip_version: int = 0
    record_timings: bool = False
    max_rate: int | None = None
    min_rate: MinimumRate | None = None
    local_address: LocalAddress | None = None
    proxy_fields: Fields = Fields()
    http_version: str = "1.1"
    pool_limits: PoolLimits | None = None

    def connect_address(self, url: Url) -> tuple[str, int] | None:
        """Return the host and port that are connected to, None where they are the URL's."""
        for detour in self.connect_to:
            fits = detour.host in ("", url.host)
            if fits and detour.port in (None, url.effective_port):
                return detour.target_host or url.host, detour.target_port or url.effective_port
        return None


class Credentials(NamedTuple):
    """Who the user is, by a scheme of ``auth.registry``.

    ``user`` is empty for a token, which stands in ``password``; a password of
    None is asked for before the first request. ``hidden``: they were given by
    reference, or stand in a netrc file, and are never shown. ``made_by``: the
    registry row of a scheme that another package brings (empty: it is ours).
    """

    scheme: str
    user: str
    password: str | None
    secret: bool = False
    plugin: str = ""


class SendPolicy(NamedTuple):
    """How one request may become several: redirects, authentication, and further tries.

    ``retry``: None for one try of each. ``spool``: content is held on disk, what
    comes until it is whole, what goes (and can be read only once) to go again.
    ``listening``: how a response that is an event stream is listened to.
    """

    follow: bool = False
    max_redirects: int = 30
    allow_downgrade: bool = False
    trust_redirects: bool = False
    credentials: Credentials | None = None
    retry: RetryPolicy | None = None
    spool: bool = False
    event_stream: EventStreamPolicy | None = None


class Display(NamedTuple):
    """What is shown of the exchange, and how.

    ``parts``: letters of HTTPie's ``--print``: H B (request head, body),
    h b (response head, body), m (meta). ``every``: intermediary exchanges too.
    ``terminal``: stdout is one, so messages are set apart with blank lines.
    ``guard``: control characters from the server are made visible there and
    binary content is not shown (``--terminal=raw`` turns it off).
    ``secrets``: texts that are hidden wherever they stand in the request, unless
    ``hide`` is NOTHING; from what others read always.
    ``light``: the terminal's background is. ``formatting``: None for the
    defaults. ``charset`` (a codec's name) and ``media_type`` take the place of
    what a response says of its content (empty: they do not). ``stream``: nothing is held back
    in order to format it. ``selection``: what is shown of the last response's content.
    ``tentative``: a request may be sent again as if it had not been.
    ``events_as_json``: server-sent events and messages are shown as JSON, one a line.
    ``clock`` gives seconds since 1970, where times are shown.
    """

    parts: frozenset[str] = frozenset("b")
    all_exchanges: bool = False
    format: bool = False
    colours: Colours = Colours.NONE
    style: str = AUTO_STYLE
    terminal: bool = False
    guard_terminal: bool = False
    redaction: RedactionLevel = RedactionLevel.REFERENCES
    secrets: frozenset[str] = frozenset()
    light_background: bool = False
    format_options: FormatOptions | None = None
    response_charset: str = ""
    response_media_type: str = ""
    stream: bool = False
    selection: JsonSelection | None = None
    may_resend: bool = False
    events_as_json: bool = False
    now: Callable[[], float] | None = None


class Plan(NamedTuple):
    """What will be done.

    ``output``: the file that takes the body, None for stdout. ``upload_progress``: how
    the user is told how far transfers are, None where that is not done. ``session``: what
    is remembered between runs, None where nothing is; ``cookie_file``: the same of a
    file of cookies. ``download``: how a response becomes a file.
    ``drops_failure``: the content of a response that ``check_status`` fails is not
    shown. ``checks``: what has to hold in the end. ``write_out``: what is
    written then.
    ``content_copies``: a copy or a hash of the content.
    """

    mode: Mode
    request: Request
    network: Network
    send_policy: SendPolicy
    display: Display
    output: str | None = None
    check_status: bool = False
    quiet: int = 0
    announce_status: bool = False
    echo: bool = False
    upload_progress: ProgressStyle | None = None
    warnings: tuple[str, ...] = ()
    session: Session | None = None
    cookie_file: CookieFile | None = None
    omit_failed_body: bool = False
    checks: tuple[Check, ...] = ()
    write_out: tuple[WriteOutPiece, ...] = ()
    reports: Reports | None = None
    timings_style: TimingsStyle | None = None
    download: Download | None = None
    content_copies: ContentCopies | None = None


def needs_prompt(plan: Plan) -> bool:
    """Tell whether a password or passphrase was left to be typed now."""
    if plan.mode is Mode.CURL:
        return False  # curl asks by itself
    credentials, tls = plan.send_policy.credentials, plan.network.tls
    return (
        (credentials is not None and credentials.password is None)
        or any(proxy.password is None for proxy in plan.network.proxies.values())
        or (
            tls is not None
            and tls.client_certificate is not None
            and tls.client_certificate.needs_passphrase
        )
    )
