"""The plan of a command line: defaults, conflicts, and the effect of the environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from httpcli import __version__
from httpcli.app import read_invocation
from httpcli.core.body import BytesBody, FileBody, StdinBody
from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.format_options import FormatOptions
from httpcli.core.headers import Field, Fields
from httpcli.core.invocation import Environment, Stream, StreamKind
from httpcli.core.plan import Colours, Credentials, Mode, Plan
from httpcli.core.session import Cookie, CookieFile, Session, SessionContents, StoredAuth
from httpcli.planning.planner import make_plan


class _Files:
    """Files with contents from a dictionary."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._contents = contents

    def path(self, typed: str) -> str:
        return typed if typed.startswith("/") else f"/cwd/{typed}"

    def read(self, path: str) -> bytes:
        self.check_readable(path)
        return self._contents[path]

    def size(self, path: str) -> int:
        return len(self.read(path))

    def session(self, path: str, host: str, *, by_path: bool) -> SessionContents:
        assert by_path == ("/sessions/" not in path)
        return SESSIONS.get((path, host), SessionContents())

    def cookie_file(self, path: str) -> CookieFile:
        return CookieFile(path, self.path(path))

    def netrc_login(self, host: str) -> tuple[str, str] | None:
        return ("net", "rc") if host == "known.example" else None

    def check_readable(self, path: str) -> None:
        if path not in self._contents:
            raise UsageError(f"{path}: cannot be read: no such file or directory")


SESSIONS = {
    ("/home/me/.config/httpcli/sessions/example.org_8080/me.json", "example.org"): SessionContents(
        Fields([Field("X-A", "1"), Field("Accept", "text/html"), Field("If-Match", "x")]),
        (Cookie("c", "1", "example.org"),),
        StoredAuth("basic", "me:pw"),
    ),
    ("/cwd/./odd.json", "example.org"): SessionContents(auth=StoredAuth("odd", "x")),
    ("/cwd/./old.json", "example.org"): SessionContents(
        auth=StoredAuth("basic", "me:@env:PW", literal=True)
    ),
    ("/cwd/./ref.json", "example.org"): SessionContents(auth=StoredAuth("bearer", "@file:key")),
    ("/cwd/./refs.json", "example.org"): SessionContents(auth=StoredAuth("basic", "me:@env:PW")),
    ("/home/me/.config/httpcli/sessions/example.org/ref.json", "example.org"): SessionContents(
        auth=StoredAuth("bearer", "@env:PW")
    ),
    ("/cwd/./host.json", "example.org"): SessionContents(
        Fields([Field("Host", "Virtual.org:80")])
    ),
    ("/cwd/./host.json", "virtual.org"): SessionContents(
        Fields([Field("Host", "Virtual.org:80")])
    ),
}

CONTENTS: dict[str, bytes] = {
    "note.txt": b"a note\n",
    "two.txt": b"a\nb\n",
    "n.json": b"[1.10]",
    "bad.json": b"[1",
    "latin.txt": b"\xe9",
    "ca.pem": b"",
}
FILES = _Files(CONTENTS)


@contextmanager
def _reference(name: str, value: bytes) -> Iterator[None]:
    """Make a reference such as ``env:K`` readable while the block runs."""
    CONTENTS[name] = value
    try:
        yield
    finally:
        del CONTENTS[name]


def plan(
    *argv: str,
    terminal: bool = False,
    stdin: StreamKind = StreamKind.OTHER,
    size: int = 0,
    env: Mapping[str, str] | None = None,
) -> Plan:
    kind = StreamKind.TERMINAL if terminal else StreamKind.PIPE
    environment = Environment(
        argv=argv,
        env=env or {},
        cwd="/cwd",
        stdin=Stream(0, stdin, size),
        stdout=Stream(1, kind),
        stderr=Stream(2, kind),
    )
    return make_plan(read_invocation(argv, None), environment, FILES)


def fields(planned: Plan) -> list[tuple[str, str]]:
    return [(field.name, field.value) for field in planned.request.fields]


DEFAULTS = [
    ("User-Agent", f"httpcli/{__version__}"),
    ("Accept", "*/*"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
]
JSON_DEFAULTS = [
    DEFAULTS[0],
    ("Accept", "application/json, */*;q=0.5"),
    DEFAULTS[2],
    ("Content-Type", "application/json"),
]


class TestMethodAndBody:
    @pytest.mark.parametrize(
        ("argv", "method", "body"),
        [
            (["h.x"], "GET", None),
            (["h.x", "X:1", "q==1"], "GET", None),
            (["h.x", "a=1"], "POST", b'{"a": "1"}'),
            (["PUT", "h.x", "a=1"], "PUT", b'{"a": "1"}'),
            (["h.x", "a:=1.10"], "POST", b'{"a": 1.10}'),
            (["h.x", "a:=@n.json"], "POST", b'{"a": [1.10]}'),
            (["h.x", "a=@note.txt"], "POST", b'{"a": "a note\\n"}'),
            (["h.x", "a[b][]=1", "a[b][]:=2"], "POST", b'{"a": {"b": ["1", 2]}}'),
            (["h.x", "--raw", ""], "POST", b""),
            (["h.x", "--raw", "@note.txt"], "POST", b"@note.txt"),
            (["h.x", "--field", "a=@note.txt"], "POST", b'{"a": "@note.txt"}'),
            (["h.x", "--json-field", "a=[1e400]"], "POST", b'{"a": [1e400]}'),
            (["-j", "h.x"], "GET", None),
            (["GET", "h.x", "a=1"], "GET", b'{"a": "1"}'),
        ],
    )
    def test_request_with_a_body_defaults_to_post(
        self, argv: list[str], method: str, body: bytes | None
    ) -> None:
        request = plan(*argv).request
        assert request.method == method
        assert request.body == (None if body is None else BytesBody(body))

    def test_a_file_alone_is_the_body(self) -> None:
        planned = plan("h.x", "@note.txt")
        assert planned.request.body == FileBody("/cwd/note.txt", 7)
        assert ("Content-Type", "text/plain") in fields(planned)

    @pytest.mark.parametrize(
        ("argv", "message"),
        [
            (["h.x", "a=1", "--raw", "x"], "two request bodies: --raw and a=1"),
            (["h.x", "@note.txt", "@two.txt"], "two request bodies: @note.txt and @two.txt"),
            (["h.x", "@note.txt", "a=1"], "two request bodies: @note.txt and a=1"),
            (["h.x", "f@note.txt"], ": files can be added to forms only"),
            (["h.x", "@missing"], "missing: cannot be read"),
            (["h.x", "a=@missing"], "missing: cannot be read"),
            (["h.x", "a=@latin.txt"], "not UTF-8"),
            (["h.x", "a:=@bad.json"], "bad.json"),
            (["h.x", "a:=[1"], "invalid JSON"),
            (["h.x", "X:@two.txt"], "one line"),
            (["-X", "G T", "h.x"], "invalid method"),
            (["-X", "GET\r\nX: 1", "h.x"], "invalid method"),
            (["h.x", "X:a\r\nY: b"], "X"),
            (["h.x\n"], "a line feed is not allowed in a URL"),
            (["ftp://h"], "ftp"),
            (["h.x", "http://other"], "two URLs; a request has one"),
            (["h.x", "Transfer-Encoding:gzip"], "Transfer-Encoding"),
            (["h.x", "--max-redirects=x"], "--max-redirects"),
            (["h.x", "--timeout=soon"], "soon"),
            (["h.x", "--print=hx"], "unknown letter 'x'"),
            (["h.x", "--verify=missing"], "missing"),
            (["h.x", "--proxy=ftp://p"], "ftp"),
            (["h.x", "--auth-type=bearer"], "--auth"),
            (["h.x", "--auth-type=digest"], "--auth-type=digest needs --auth"),
            (["http://me:pw@h.x", "--auth-type=bearer"], "--auth-type=bearer needs --auth"),
            (["known.example", "--auth-type=bearer"], "--auth-type=bearer needs --auth"),
            (["known.example", "-A", "digest", "--ignore-netrc"], "needs --auth"),
            (["h.x", "-a", "me", "--ignore-stdin"], "--ignore-stdin"),
            (["http://a%0D%0AX:b@h.x"], "control characters"),
            (["h.x", "--style=no-such-style"], "no-such-style"),
        ],
    )
    def test_invalid_input_is_a_usage_error(self, argv: list[str], message: str) -> None:
        with pytest.raises(UsageError) as caught:
            plan(*argv)
        assert message in caught.value.message


class TestStandardInput:
    @pytest.mark.parametrize(
        ("argv", "kind", "size", "read"),
        [
            (["h.x"], StreamKind.PIPE, 0, True),
            (["POST", "h.x"], StreamKind.PIPE, 0, True),
            (["PATCH", "h.x"], StreamKind.PIPE, 0, True),
            (["BREW", "h.x"], StreamKind.PIPE, 0, True),
            (["h.x", "X:1"], StreamKind.PIPE, 0, True),
            (["h.x"], StreamKind.FILE, 5, True),
            (["h.x"], StreamKind.FILE, 0, False),
            (["h.x"], StreamKind.PARTLY_READ, 5, False),
            (["h.x"], StreamKind.OTHER, 0, False),
            (["h.x"], StreamKind.TERMINAL, 0, False),
            (["h.x"], StreamKind.CLOSED, 0, False),
            (["GET", "h.x"], StreamKind.PIPE, 0, False),
            (["get", "h.x"], StreamKind.PIPE, 0, False),
            (["HEAD", "h.x"], StreamKind.PIPE, 0, False),
            (["OPTIONS", "h.x"], StreamKind.PIPE, 0, False),
            (["DELETE", "h.x"], StreamKind.PIPE, 0, False),
            (["-I", "POST", "h.x"], StreamKind.PIPE, 0, False),
            (["h.x", "a=1"], StreamKind.PIPE, 0, False),
            (["h.x", "--raw="], StreamKind.PIPE, 0, False),
        ],
    )
    def test_is_the_body_depending_on_its_kind_not_on_timing(
        self, argv: list[str], kind: StreamKind, size: int, read: bool
    ) -> None:
        body = plan(*argv, stdin=kind, size=size).request.body
        assert isinstance(body, StdinBody) == read

    def test_regular_file_has_a_known_length(self) -> None:
        body = plan("h.x", stdin=StreamKind.FILE, size=5).request.body
        assert body == StdinBody(length=5)


class TestFields:
    def test_a_plain_get_has_the_defaults(self) -> None:
        assert fields(plan("h.x")) == DEFAULTS

    @pytest.mark.parametrize("argv", [["h.x", "a=1"], ["h.x", "--raw=x"], ["-j", "h.x"]])
    def test_json_body_sets_accept_and_content_type(self, argv: list[str]) -> None:
        assert fields(plan(*argv)) == JSON_DEFAULTS

    def test_typed_headers_keep_order_case_and_duplicates(self) -> None:
        planned = plan("h.x", "x-b:1", "X-A:2", "X-B:3", "X-Empty;")
        assert fields(planned) == [
            *DEFAULTS,
            ("x-b", "1"),
            ("X-A", "2"),
            ("X-B", "3"),
            ("X-Empty", ""),
        ]

    def test_typed_headers_replace_defaults(self) -> None:
        planned = plan("h.x", "accept:text/html", "a=1", "content-type:text/x")
        assert fields(planned) == [
            DEFAULTS[0],
            DEFAULTS[2],
            ("accept", "text/html"),
            ("content-type", "text/x"),
        ]

    def test_name_without_a_value_removes_a_default(self) -> None:
        planned = plan("h.x", "Accept:", "user-agent:", "Host:")
        assert fields(planned) == [DEFAULTS[2]]
        assert planned.request.removed_defaults == {"accept", "user-agent", "host"}

    def test_name_without_a_value_removes_only_earlier_headers(self) -> None:
        assert fields(plan("h.x", "A:1", "A:", "A:2"))[3:] == [("A", "2")]

    def test_value_from_a_file_loses_its_last_newline(self) -> None:
        assert fields(plan("h.x", "X:@note.txt"))[3:] == [("X", "a note")]

    def test_cookies_are_sent_verbatim_in_one_header(self) -> None:
        planned = plan("h.x", "Cookie:a=b c", "--cookie", 'd="e,f"')
        assert fields(planned)[3:] == [("Cookie", 'a=b c; d="e,f"')]

    def test_typed_transfer_encoding_requests_chunked_framing(self) -> None:
        planned = plan("h.x", "Transfer-Encoding: chunked", "a=1")
        assert planned.request.chunked
        assert not planned.request.fields.has("Transfer-Encoding")


class TestTarget:
    def test_parameters_follow_the_query_of_the_url(self) -> None:
        planned = plan("h/x?a=%41&b", "c==d e", "--param", "c=@note.txt")
        assert str(planned.request.url) == "http://h/x?a=%41&b&c=d+e&c=%40note.txt"

    def test_parameter_can_come_from_a_file(self) -> None:
        assert plan("h.x", "q==@note.txt").request.url.query == "q=a+note"

    def test_default_scheme_can_be_changed(self) -> None:
        assert str(plan("--default-scheme=https", "h.x").request.url) == "https://h.x/"

    def test_echo_uses_no_proxy(self) -> None:
        planned = plan("echo:", env={"http_proxy": "http://p:1", "all_proxy": "http://p:1"})
        assert planned.echo
        assert not planned.network.proxies


class TestCredentialsAndNetwork:
    @pytest.mark.parametrize(
        ("argv", "credentials"),
        [
            (["h.x"], None),
            (["-a", "me:p:w", "h.x"], Credentials("basic", "me", "p:w")),
            (["-a", "me:", "h.x"], Credentials("basic", "me", "")),
            (["-a", "me", "h.x"], Credentials("basic", "me", None)),
            (["-A", "bearer", "-a", "t:k", "h.x"], Credentials("bearer", "", "t:k")),
            (["http://me:p%20w@h"], Credentials("basic", "me", "p w")),
            (["http://me@h"], Credentials("basic", "me", "")),
            (["-a", "you:x", "http://me:pw@h"], Credentials("basic", "you", "x")),
            (["-A", "digest", "-a", "me:p:w", "h.x"], Credentials("digest", "me", "p:w")),
            (["-A", "digest", "http://me:pw@h"], Credentials("digest", "me", "pw")),
            (["known.example"], Credentials("basic", "net", "rc", secret=True)),
            (["-A", "digest", "known.example"], Credentials("digest", "net", "rc", secret=True)),
            (["-a", "me:pw", "known.example"], Credentials("basic", "me", "pw")),
            (["http://me:pw@known.example"], Credentials("basic", "me", "pw")),
            (["--ignore-netrc", "known.example"], None),
            (["known.example", "authorization:typed"], None),
            (["known.example", "Authorization:"], None),
            (
                ["-A", "basic", "known.example", "Authorization:"],
                Credentials("basic", "net", "rc", secret=True),
            ),
        ],
    )
    def test_credentials_come_from_option_url_or_netrc(
        self, argv: list[str], credentials: Credentials | None
    ) -> None:
        assert plan(*argv).send_policy.credentials == credentials

    def test_timeouts_accept_units(self) -> None:
        network = plan("h.x", "--timeout=2", "--connect-timeout=500ms", "--max-time=1m").network
        assert (network.read_timeout, network.connect_timeout, network.total_timeout) == (
            2.0,
            0.5,
            60.0,
        )

    def test_only_the_connection_has_a_default_timeout(self) -> None:
        network = plan("h.x").network
        assert (network.read_timeout, network.connect_timeout, network.total_timeout) == (
            None,
            60.0,
            None,
        )

    def test_timeout_applies_to_the_connection_too(self) -> None:
        assert plan("h.x", "--timeout=2").network.connect_timeout == 2.0
        assert plan("h.x", "--timeout=2", "--connect-timeout=0").network.connect_timeout is None

    def test_timeout_of_zero_is_unlimited(self) -> None:
        assert plan("h.x", "--timeout=0").network.read_timeout is None

    def test_proxy_applies_to_all_or_to_one_scheme(self) -> None:
        network = plan("h.x", "--proxy=p:1", "--proxy=https:http://q:2").network
        assert {scheme: proxy.url for scheme, proxy in network.proxies.items()} == {
            "http": "http://p:1",
            "https": "http://q:2",
        }

    def test_unverified_certificate_gives_a_warning(self) -> None:
        assert "not verified" in plan("-k", "https://h").warnings[0]

    def test_offline_is_a_mode(self) -> None:
        assert plan("--offline", "h.x").mode is Mode.OFFLINE


class TestDisplay:
    @pytest.mark.parametrize(
        ("argv", "terminal", "parts"),
        [
            (["h.x"], True, "hb"),
            (["h.x"], False, "b"),
            (["-v", "h.x"], False, "HBhb"),
            (["-vv", "h.x"], False, "HBhbm"),
            (["-v", "-p", "h", "h.x"], False, "h"),
            (["-h", "h.x"], True, "h"),
            (["-b", "h.x"], True, "b"),
            (["-m", "h.x"], True, "m"),
            (["--offline", "h.x"], False, "HB"),
            (["--offline", "-h", "h.x"], False, "h"),
            (["-q", "h.x"], True, ""),
            (["-o", "f", "h.x"], True, "b"),
            (["-q", "-o", "f", "h.x"], True, "b"),
            (["-p", "", "h.x"], True, ""),
        ],
    )
    def test_options_and_terminal_decide_which_parts_are_shown(
        self, argv: list[str], terminal: bool, parts: str
    ) -> None:
        assert plan(*argv, terminal=terminal).display.parts == set(parts)

    @pytest.mark.parametrize(
        ("argv", "terminal", "env", "formatted", "colours"),
        [
            ([], True, {"TERM": "xterm"}, True, Colours.SIXTEEN),
            ([], True, {"TERM": "xterm-256color"}, True, Colours.MANY),
            ([], True, {"TERM": "xterm", "COLORTERM": "truecolor"}, True, Colours.TRUE),
            ([], True, {"TERM": "linux"}, True, Colours.EIGHT),
            ([], True, {"TERM": "dumb"}, True, Colours.NONE),
            ([], True, {}, True, Colours.NONE),
            ([], True, {"TERM": ""}, True, Colours.NONE),
            ([], True, {"TERM": "xterm", "NO_COLOR": "1"}, True, Colours.NONE),
            ([], False, {"TERM": "xterm"}, False, Colours.NONE),
            ([], False, {"TERM": "xterm", "CLICOLOR_FORCE": "1"}, False, Colours.SIXTEEN),
            ([], False, {"TERM": "xterm", "FORCE_COLOR": "1"}, False, Colours.NONE),
            ([], False, {"TERM": "xterm", "CLICOLOR_FORCE": "0"}, False, Colours.NONE),
            ([], False, {"TERM": "xterm", "CLICOLOR_FORCE": ""}, False, Colours.NONE),
            ([], False, {"TERM": "dumb", "CLICOLOR_FORCE": "1"}, False, Colours.SIXTEEN),
            ([], True, {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, True, Colours.NONE),
            ([], True, {"TERM": "xterm", "NO_COLOR": ""}, True, Colours.SIXTEEN),
            ([], True, {"TERM": "dumb", "FORCE_COLOR": "1"}, True, Colours.NONE),
            ([], True, {"TERM": "screen"}, True, Colours.SIXTEEN),
            ([], True, {"TERM": "xterm-direct"}, True, Colours.TRUE),
            (["--pretty=all"], False, {"TERM": "xterm"}, True, Colours.SIXTEEN),
            (["--pretty=all"], False, {"NO_COLOR": "1"}, True, Colours.SIXTEEN),
            (["--pretty=format"], True, {"TERM": "xterm"}, True, Colours.NONE),
            (["--pretty=colors"], True, {"TERM": "xterm"}, False, Colours.SIXTEEN),
            (["--pretty=none"], True, {"TERM": "xterm"}, False, Colours.NONE),
            (["-o", "f"], True, {"TERM": "xterm"}, False, Colours.NONE),
        ],
    )
    def test_options_and_terminal_decide_formatting_and_colours(
        self,
        argv: list[str],
        terminal: bool,
        env: dict[str, str],
        formatted: bool,
        colours: Colours,
    ) -> None:
        display = plan(*argv, "h.x", terminal=terminal, env=env).display
        assert (display.format, display.colours) == (formatted, colours)

    @pytest.mark.parametrize(
        ("colorfgbg", "light"),
        [("0;15", True), ("0;default;15", True), ("12;7", True), ("15;0", False), ("", False)],
    )
    def test_light_background_is_read_from_colorfgbg(self, colorfgbg: str, light: bool) -> None:
        assert plan("h.x", env={"COLORFGBG": colorfgbg}).display.light_background is light

    def test_format_options_are_combined(self) -> None:
        planned = plan("h.x", "--sorted", "--format-options", "json.indent:2,headers.sort:false")
        assert planned.display.format_options == FormatOptions(json_indent=2, json_sort_keys=True)

    def test_formatting_defaults_are_not_loaded_unless_needed(self) -> None:
        assert plan("h.x").display.format_options is None

    def test_output_file_is_not_guarded_even_on_a_terminal(self) -> None:
        assert not plan("h.x", "-o", "f", terminal=True).display.guard_terminal
        assert plan("h.x", "-o", "-", terminal=True).display.guard_terminal

    def test_terminal_is_guarded_unless_raw_is_requested(self) -> None:
        assert plan("h.x", terminal=True).display.guard_terminal
        assert not plan("h.x", "--terminal=raw", terminal=True).display.guard_terminal
        assert not plan("h.x").display.guard_terminal


HOME = {"HOME": "/home/me"}


def session(*argv: str, env: Mapping[str, str] | None = None) -> Session:
    planned = plan(*argv, env=HOME | dict(env or {})).session
    assert planned is not None
    return planned


@pytest.mark.parametrize(
    ("argv", "path"),
    [
        (["--session=a", "example.org"], "/home/me/.config/httpcli/sessions/example.org/a.json"),
        (["--session=a", ":3000"], "/home/me/.config/httpcli/sessions/localhost_3000/a.json"),
        (["--session=a", "h:80"], "/home/me/.config/httpcli/sessions/h_80/a.json"),
        (["--session=a", "me:pw@H"], "/home/me/.config/httpcli/sessions/h/a.json"),
        (["--session=a", "[::1]:80"], "/home/me/.config/httpcli/sessions/[__1]_80/a.json"),
        (["--session=a", "h.org", "Host:v:1"], "/home/me/.config/httpcli/sessions/v_1/a.json"),
        (["--session-read-only=a.b-c_D", "h"], "/home/me/.config/httpcli/sessions/h/a.b-c_D.json"),
        (["--session=./a", "h"], "/cwd/./a"),
        (["--session=/x/a.json", "h"], "/x/a.json"),
    ],
)
def test_session_file_depends_on_host_and_name_or_path(argv: list[str], path: str) -> None:
    assert session(*argv).path == path


@pytest.mark.parametrize(
    "argv",
    [
        ["--session=", "h"],
        ["--session=a b", "h"],
        ["--session=a\n", "h"],
        ["--session=a", "h.org", "Host:../../x"],
        ["--session=a", "h.org", "Host:.."],
        ["--session=a", "--session-read-only=a", "h"],
    ],
)
def test_invalid_session_is_rejected(argv: list[str]) -> None:
    with pytest.raises(UsageError):
        plan(*argv, env=HOME)


def test_stored_headers_are_sent_unless_overridden() -> None:
    planned = plan("--session=me", "example.org:8080", env=HOME)
    assert ("X-A", "1") in fields(planned)
    assert ("Accept", "text/html") in fields(planned)
    assert "If-Match" not in dict(fields(planned))
    assert planned.send_policy.credentials == Credentials("basic", "me", "pw")
    assert planned.session is not None
    assert planned.session.cookies == (Cookie("c", "1", "example.org"),)
    other = plan("--session=me", "example.org:8080", "x-a:2", "X-A:3", "Accept:", env=HOME)
    assert [value for name, value in fields(other) if name.lower() == "x-a"] == ["2", "3"]
    assert "Accept" not in dict(fields(other))


def test_typed_cookies_are_passed_to_the_session() -> None:
    planned = plan("--session=me", "example.org:8080", "Cookie:c=2; d", "--cookie=e=3", env=HOME)
    assert "Cookie" not in dict(fields(planned))
    assert planned.session is not None
    assert [
        (cookie.name, cookie.value, cookie.domain) for cookie in planned.session.new_cookies
    ] == [
        ("c", "2", "example.org"),
        ("", "d", "example.org"),
        ("e", "3", "example.org"),
    ]


@pytest.mark.parametrize(
    ("argv", "stored"),
    [
        (["X-A:1", "x-a:2", "Authorization:t"], ["X-A", "x-a", "Authorization"]),
        (["Content-Type:a/b", "If-Match:x", "if-none:y", "Cookie:a=b"], []),
        (["X-A:", "X-B;"], ["X-B"]),
        (["User-Agent:mine"], ["User-Agent"]),
        (["Transfer-Encoding:chunked"], []),
        (["a=1"], ["Accept"]),
        (["a=1", "Accept:text/html"], ["Accept"]),
        (["--form", "a=1"], []),
        (["X-Key:@env:K", "X-B:1"], ["X-B"]),
    ],
)
def test_session_stores_typed_headers_except_per_request_ones(
    argv: list[str], stored: list[str]
) -> None:
    with _reference("env:K", b"secret"):
        assert [field.name for field in session("--session=a", "h.org", *argv).fields] == stored


@pytest.mark.parametrize(
    ("argv", "stored"),
    [
        (["h"], None),
        (["-a", "me:pw", "h"], StoredAuth("basic", "me:pw")),
        (["-a", "me:", "h"], StoredAuth("basic", "me:")),
        (["-a", "me", "h"], StoredAuth("basic", None)),
        (["me:p%20w@h"], StoredAuth("basic", "me:p w", literal=True)),
        (["me@h"], StoredAuth("basic", "me:", literal=True)),
        (["-A", "bearer", "-a", "token", "h"], StoredAuth("bearer", "token")),
        (["-a", "me:@env:K", "h"], StoredAuth("basic", "me:@env:K")),
        (["-A", "bearer", "-a", "@env:K", "h"], StoredAuth("bearer", "@env:K")),
    ],
)
def test_session_stores_credentials_as_typed(argv: list[str], stored: StoredAuth | None) -> None:
    with _reference("env:K", b"secret"):
        assert session("--session=a", *argv).auth == stored


@pytest.mark.parametrize("items", [["Authorization:t"], ["Authorization:"], ["-a", "you:p"]])
def test_typed_credentials_override_stored_ones(items: list[str]) -> None:
    planned = plan("--session=me", "example.org:8080", *items, env=HOME).send_policy.credentials
    assert planned is None or planned.user == "you"


def test_stored_references_are_resolved_on_each_run() -> None:
    with _reference("env:PW", b"secret"):
        planned = plan("--session=ref", "example.org", env=HOME).send_policy.credentials
    assert planned == Credentials("bearer", "", "secret", secret=True)


@pytest.mark.parametrize("name", ["./ref.json", "./refs.json"])
def test_session_given_by_path_cannot_read_references(name: str) -> None:
    with (
        _reference("env:PW", b"secret"),
        _reference("file:key", b"secret"),
        pytest.raises(
            HttpcliError,
            match=r": credentials by reference .* are allowed only in sessions",
        ),
    ):
        plan(f"--session={name}", "example.org")


def test_session_given_by_path_stores_no_references() -> None:
    with _reference("env:PW", b"secret"):
        planned = plan("--session=./new.json", "-a", "me:@env:PW", "example.org")
    assert planned.session is not None
    assert planned.session.auth is None
    assert planned.warnings == (
        (
            "--auth: not saved in the session ./new.json, because the value is a reference "
            "(@env:, @file:)"
        ),
    )


def test_stored_password_is_not_a_reference_in_the_old_format() -> None:
    planned = plan("--session=./old.json", "example.org").send_policy.credentials
    assert planned == Credentials("basic", "me", "@env:PW")


def test_unknown_stored_authentication_is_an_error_unless_overridden() -> None:
    with pytest.raises(HttpcliError, match=r"odd\.json: unknown authentication scheme 'odd'"):
        plan("--session=./odd.json", "example.org")
    assert plan("--session=./odd.json", "-a", "a:b", "example.org").send_policy.credentials


def test_stored_host_header_sets_the_host_of_the_session() -> None:
    assert session("--session=./host.json", "example.org").host == "virtual.org"
    assert session("--session=./host.json", "example.org", "Host:").host == "example.org"


def test_echo_has_no_session() -> None:
    planned = plan("--session=a", "echo:", env=HOME)
    assert planned.session is None
    assert planned.warnings == ("echo: URLs do not use the session",)
