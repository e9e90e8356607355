"""The effect of ``config.toml``: keys, errors, profiles, and their precedence."""

from __future__ import annotations

import tomllib

import pytest

from httpcli.app import read_invocation
from httpcli.config.file import ConfigDocument, StoredSettings
from httpcli.core.errors import UsageError
from httpcli.core.headers import Field
from httpcli.core.invocation import Environment, Invocation, Stream, StreamKind
from httpcli.core.plan import Plan
from httpcli.planning.planner import make_plan
from httpcli.storage.user_files import UserFiles

PATH = "/etc/me/config.toml"


def settings(
    text: str, options: tuple[str, ...] = (), *, readable_by_others: bool = False
) -> StoredSettings:
    document = ConfigDocument(PATH, text, tomllib.loads(text), readable_by_others)
    return StoredSettings(options, httpie_path="/etc/me/config.json", document=document)


def invocation(text: str, *argv: str, options: tuple[str, ...] = ()) -> Invocation:
    return read_invocation(argv, settings(text, options))


def plan(text: str, *argv: str, options: tuple[str, ...] = ()) -> Plan:
    null_device = Stream(0, StreamKind.OTHER)
    environment = Environment(
        argv, {"PW": "s3cret"}, "/cwd", null_device, null_device, null_device
    )
    typed = invocation(text, *argv, options=options)
    return make_plan(typed, environment, UserFiles(environment.cwd, environment.env))


def typed_fields(planned: Plan) -> list[tuple[str, str]]:
    defaults = ("User-Agent", "Accept", "Accept-Encoding")
    return [
        (field.name, field.value) for field in planned.request.fields if field.name not in defaults
    ]


KEYS = [
    ("timeout = 10", {"timeout": "10"}),
    ("timeout = 0.5", {"timeout": "0.5"}),
    ('timeout = "500ms"', {"timeout": "500ms"}),
    ("follow = true", {"follow": True}),
    ("follow = false", {}),
    ("verify = false", {"verify": "no"}),
    ("verify = true", {"verify": "yes"}),
    ("insecure = true", {"verify": "no"}),
    ('stdin = "never"', {"ignore-stdin": True}),
    ('stdin = "auto"', {}),
    ("verbose = 2", {"verbose": 2}),
    ("verbose = 0", {}),
    ("compress = true", {"compress": ("",)}),
    ('compress = "gzip"', {"compress": ("gzip",)}),
    ('format-options = ["json.indent:2", "headers.sort:true"]',
     {"format-options": ("json.indent:2", "headers.sort:true")}),
    ('proxy = "http:http://p:1"', {"proxy": ("http:http://p:1",)}),
    ('style = ""', {"style": ""}),
    ('session = "me"', {"session": "me"}),
    ('session = "./me.json"', {"session": "/etc/me/./me.json"}),
    ('cert = "me.pem"', {"cert": "/etc/me/me.pem"}),
    ('cert = "/a/me.pem"', {"cert": "/a/me.pem"}),
    ('cert-key = "~/me.key"', {"cert-key": "~/me.key"}),
    ('cert-key-pass = "@file:pass"', {"cert-key-pass": "@file:/etc/me/pass"}),
    ('auth = "me:@file:pw"', {"auth": "me:@file:/etc/me/pw"}),
    ('auth = "me:a@file:pw"', {"auth": "me:a@file:pw"}),
    ('unix-socket = "@abstract"', {"unix-socket": "@abstract"}),
]  # fmt: skip


@pytest.mark.parametrize(("line", "options"), KEYS)
def test_key_sets_the_option_of_the_same_name(line: str, options: object) -> None:
    assert invocation(f"[defaults]\n{line}", "h.x").options == options


ERRORS = [
    ("[defaults]\n\ntimeoutt = 1", "3: unknown option timeoutt", "did you mean timeout?"),
    ("[defaults]\nmax_time = 1", "2: unknown option max_time", "did you mean max-time?"),
    ("[defaults]\nF = true", "2: unknown option F", "did you mean follow?"),
    ('[defaults]\nfollow = "yes"', "2: follow: expected true or false, found a string", ""),
    (
        '[defaults]\nheaders = ["A: b"]',
        "2: headers: expected a table of headers, found a list",
        "",
    ),
    ("[defaults]\nfollow = 1", "2: follow: expected true or false, found a number", ""),
    ("[defaults]\ntimeout = [1]", "2: timeout: expected a string, found a list", ""),
    ("[defaults]\ntimeout = nan", "2: timeout: expected a string, found a number", ""),
    (
        "[defaults]\ntimeout = 1979-05-27",
        "2: timeout: expected a string, found a date or time",
        "",
    ),
    ("[defaults]\nstyle = true", "2: style: expected a string, found true or false", ""),
    (
        "[defaults]\nheader = [1]",
        "2: header: expected a string, or a list of strings, found a number",
        "",
    ),
    ("[defaults]\nverbose = -1", "2: verbose: expected a number from 0 to 9, found a number", ""),
    ('[defaults]\nstdin = "x"', '2: stdin must be "never" or "auto"', ""),
    ('[defaults]\npretty = "x"', "2: pretty: unknown value 'x'", "choose from: all, colors"),
    *(
        (f"[defaults]\n{name} = true", f"2: {name} is not allowed in the settings", "")
        for name in ("help", "manual", "version", "debug", "output", "raw", "method", "field")
    ),
    ("a = 1", "1: unknown table a", ""),
    ("[default]\na = 1", "1: unknown table default", "did you mean [defaults]?"),
    ("\n[profiles.a]", "2: unknown table profiles", "did you mean [profile]?"),
    ("defaults = 1", "1: defaults must be a table", "use [defaults]"),
    ("profile = 1", "1: profile must be a table", "use [profile.NAME]"),
    ("[defaults]\nhttp1.0 = true", "2: unknown option http1", 'did you mean "http1.0"?'),
    ('[profile."a b"]', "1: invalid profile name 'a b'", ""),
    ('[defaults]\nheaders = {"a b" = "c"}', "2: invalid header name 'a b'", ""),
    ('[defaults.headers]\nA = "b\\nc"', "2: header A must be one line", ""),
]


@pytest.mark.parametrize(("text", "message", "hint"), ERRORS)
def test_a_wrong_setting_is_an_error_with_its_line(text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        invocation(text, "h.x")
    assert caught.value.message.startswith(f"{PATH}:{message}")
    assert hint in caught.value.hint


API = """
[defaults]
timeout = 1
[profile.api]
url = "https://api.example.org/v1/"
"""

URLS = [
    ("@api", "https://api.example.org/v1/"),
    ("@api/", "https://api.example.org/v1/"),
    ("@api/users", "https://api.example.org/v1/users"),
    ("@api/users?q=1#f", "https://api.example.org/v1/users?q=1"),
    ("@api?q=1", "https://api.example.org/v1/?q=1"),
    ("@api//evil.test/", "https://api.example.org/v1//evil.test/"),
    ("@api/../other", "https://api.example.org/other"),
]


@pytest.mark.parametrize(("target", "url"), URLS)
def test_path_is_joined_to_the_url_of_the_profile(target: str, url: str) -> None:
    planned = plan(API, target).request.url
    assert f"{planned.scheme}://{planned.authority}{planned.target}" == url


NOT_PROFILES = ["@", "@/x", "@api:80/x", "@api@evil.test/", "@a b/x", "@api\\x"]


@pytest.mark.parametrize("target", NOT_PROFILES)
def test_invalid_profile_name_is_an_error(target: str) -> None:
    with pytest.raises(UsageError, match="neither a URL nor a profile"):
        plan(API, target)


def test_unknown_profile_error_lists_the_known_ones() -> None:
    text = '[profile.api]\nurl = "a.test"\n[profile.old]\nurl = "b.test"'
    with pytest.raises(UsageError, match="unknown profile apl") as caught:
        plan(text, "GET", "@apl/users")
    assert caught.value.hint == "profiles: api, old; did you mean @api?"
    with pytest.raises(UsageError, match=": no profiles are defined"):
        read_invocation(["@apl/users"], None)


PROFILE_ERRORS = [
    ("[profile.p]\ntimeout = 1", ":1: profile p has no url"),
    ("[profile.p]\nurl = 1", ":2: url is not a valid URL"),
    ('[profile.p]\nurl = "@p"', ":2: url is not a valid URL"),
    ('[profile.p]\nurl = "h.x?a=b"', ":2: url must not have a query or fragment"),
    ('[profile.p]\nurl = "ftp://h.x"', ":2: url: ftp:// is not supported"),
    ("[profile]\np = 1", ":2: profile p must be a table"),
    ('[profile.p]\nurl = "h.x"\nfolow = true', ":3: unknown option folow"),
]


@pytest.mark.parametrize(("text", "message"), PROFILE_ERRORS)
def test_a_wrong_profile_is_an_error_with_its_line(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        plan(text, "@p")
    assert caught.value.message.startswith(PATH + message)
    assert plan(text, "h.x").request.method == "GET"  # an unused profile is not verified


PRECEDENCE = """
[defaults]
timeout = 2
follow = true
[profile.p]
url = "h.x"
timeout = 3
follow = false
"""


@pytest.mark.parametrize(
    ("argv", "read_timeout", "follow"),
    [
        (("@p", "--timeout=4", "--follow"), 4, True),
        (("@p",), 3, False),
        (("h.x",), 2, True),
        (("h.x", "--no-timeout", "--no-follow"), None, False),
    ],
)
def test_precedence_is_command_line_profile_defaults_config_json(
    argv: tuple[str, ...], read_timeout: float | None, follow: bool
) -> None:
    planned = plan(PRECEDENCE, *argv, options=("--timeout=1", "--max-redirects=7"))
    assert (planned.network.read_timeout, planned.send_policy.follow) == (read_timeout, follow)
    assert planned.send_policy.max_redirects == 7


FIELDS = """
[defaults]
header = ["X-A: default", "X-B: default"]
param = ["v=1", "w=1"]
[profile.p]
url = "h.x"
auth = "me:pw"
[profile.p.headers]
x-a = "profile"
X-C = "@env:PW"
X-D = ""
X-E = "profile:a=b@c"
User-Agent = false
"""


def test_typed_header_replaces_the_same_header_of_the_settings() -> None:
    planned = plan(FIELDS, "@p", "X-E:typed", "X-E:twice", "X-B:", "v==2")
    assert typed_fields(planned) == [
        ("x-a", "profile"), ("X-C", "s3cret"), ("X-D", ""), ("X-E", "typed"), ("X-E", "twice"),
    ]  # fmt: skip
    assert not planned.request.fields.has("User-Agent")
    assert planned.request.url.query == "w=1&v=2"


def test_header_value_in_the_settings_is_not_parsed_as_an_item() -> None:
    assert ("X-E", "profile:a=b@c") in typed_fields(plan(FIELDS, "@p"))


def test_value_by_reference_is_marked_as_secret() -> None:
    assert Field("X-C", "s3cret", secret=True) in plan(FIELDS, "@p").request.fields


def test_all_headers_of_the_settings_can_be_removed() -> None:
    assert typed_fields(plan(FIELDS, "@p", "--no-header", "X-F:1")) == [("X-F", "1")]


@pytest.mark.parametrize(
    "item", ["Authorization:mine", "authorization:", "--header=Authorization: x"]
)
def test_typed_authorization_overrides_credentials_of_a_profile(item: str) -> None:
    assert plan(FIELDS, "@p", item).send_policy.credentials is None
    assert plan(FIELDS, "@p").send_policy.credentials is not None


def test_typed_credentials_override_those_of_a_profile() -> None:
    credentials = plan(FIELDS, "@p", "-a", "you:secret").send_policy.credentials
    assert credentials is not None
    assert credentials.user == "you"


def test_typed_option_overrides_a_conflicting_setting() -> None:
    text = "[defaults]\nurl-encoded = true"
    assert invocation(text, "h.x", "--path-as-is").options == {"path-as-is": True}
    with pytest.raises(UsageError, match="cannot be used together"):
        invocation(f"{text}\npath-as-is = true", "h.x")


def test_echo_ignores_connection_and_session_settings() -> None:
    text = '[defaults]\nunix-socket = "/s"\nsession = "me"\nproxy = "p:1"\nstyle = "pie"'
    assert invocation(text, "echo:/get").options == {"style": "pie"}
    assert "session" in invocation(text, "echo.test/get").options


def test_help_works_with_broken_settings() -> None:
    broken = StoredSettings(error=UsageError("broken"))
    assert "help" in read_invocation(["--help"], broken).options
    with pytest.raises(UsageError, match="broken"):
        read_invocation(["h.x"], broken)


PLAIN_SECRETS = [
    ('auth = "me:pw"', True),
    ('auth = "me:@env:PW"', False),
    ('auth = "@env:PW"', False),
    ('auth = "me"', False),
    ('auth = "token"\nauth-type = "bearer"', True),
    ('proxy = "http://me:pw@p:1"', True),
    ('proxy = "http://p:1"', False),
    ('proxy-auth = "me:pw"', True),
    ('cert-key-pass = "pw"', True),
    ('header = "X-Api-Key: k"', True),
    ('header = "X-Team: k"', False),
    ('headers = {X-Api-Key = "k"}', True),
    ('headers = {X-Api-Key = "@env:PW"}', False),
    ('headers = {X-Api-Key = false, X-Token = ""}', False),
    ('cookie = "a=b"', True),
    ('param = "api_key=k"', True),
    ('param = "v=1"', False),
]


@pytest.mark.parametrize(("lines", "has_plain_secret"), PLAIN_SECRETS)
def test_plain_secret_in_a_shared_file_gives_a_warning(lines: str, has_plain_secret: bool) -> None:
    text = f'[profile.p]\nurl = "h.x"\n{lines}'
    for readable_by_others in (True, False):
        warnings = read_invocation(
            ["@p"], settings(text, readable_by_others=readable_by_others)
        ).warnings
        assert warnings == (((f"{PATH}:3: other users can read this file, and it contains "
"a secret; run: chmod 600 FILE"),)
                        if readable_by_others and has_plain_secret else ())  # fmt: skip
    assert read_invocation(["h.x"], settings(text, readable_by_others=True)).warnings == ()
