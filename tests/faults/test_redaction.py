"""Secrets stay out of everything that the program prints or reports, whatever their container.

The secret is ``hunter2``. Each test runs the installed program, and searches all of its output.
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.http_connection import response
from tests.support.run import run_process
from tests.support.run_result import RunResult
from tests.support.servers import RawServer, refused_port
from tests.support.websocket import TEXT, FrameServer, close_frame, frame

SECRET = "hunter2"
REDACTED = "…redacted…"
KINDS = ("har", "json", "jsonl", "junit", "curl")
CI = {"CI": "1"}
JSON = "Content-Type: application/json"
FORM = "Content-Type: application/x-www-form-urlencoded"


def reported(folder: Path, *argv: str, **options: object) -> RunResult:
    """Run the program with all reports, and return the result with the reports in its output."""
    reports = [f"--report={kind}={folder / kind}" for kind in KINDS]
    result = run_process(*argv, *reports, **options)  # type: ignore[arg-type]
    texts = [path.read_bytes() for path in map(folder.joinpath, KINDS) if path.exists()]
    return RunResult(b"\n".join(texts), result.err, result.status, result.returncode)


# The first form of each fault


@pytest.mark.parametrize("output", ["--print-curl", "--report=curl=-", "--report=har=-"])
def test_array_with_a_secret_name_is_redacted(output: str) -> None:
    result = run_process("--offline", output, "POST", "http://h.test/", "tokens[]=hunter2")
    assert "redacted" in result.text
    assert SECRET not in result.text


@pytest.mark.parametrize("expectation", ["body == x", "json(@) == 1", "header.Location == x"])
def test_failed_expectation_is_redacted(expectation: str, server: RawServer) -> None:
    location = "Location: //u:hunter2@h/"
    server.answer(response('{"user": {"password": "hunter2"}}', JSON, location))
    result = run_process(server.url, "-p", "", "--expect", expectation, "--report=junit=-")
    assert result.status == 16
    assert "redacted" in result.err
    assert SECRET not in result.err + result.text


@pytest.mark.parametrize("encode", [base64.b64encode, bytes.hex, quote])
def test_repeated_password_is_redacted(
    encode: Callable[[bytes], str | bytes], server: RawServer
) -> None:
    server.answer(response(encode("hunter 2/é".encode())))
    argv = ("-a", "me:@env:PW", "--report=har=-", server.url)
    result = run_process(*argv, env={"PW": "hunter 2/é"})
    text = json.loads(result.text)["log"]["entries"][0]["response"]["content"]["text"]
    assert text.rstrip("=") == REDACTED


@pytest.mark.parametrize("kind", ["json", "jsonl", "har"])
def test_credentials_in_a_location_are_redacted(kind: str, server: RawServer) -> None:
    server.answer(response("", "Location: //u:hunter2@h/;token=hunter2?code=hunter2"))
    result = run_process(server.url, f"--report={kind}=-")
    assert f"//{REDACTED}@h/;token={REDACTED}?code={REDACTED}" in result.text
    assert SECRET not in result.text


@pytest.mark.parametrize("form", [(), ("--form",), ("--multipart",)])
def test_request_body_is_redacted_in_ci(form: tuple[str, ...]) -> None:
    argv = ("-v", "--offline", *form, "POST", "http://127.0.0.1:9/", "password=hunter2")
    assert SECRET in run_process(*argv).text
    assert SECRET in run_process(*argv, "--show-secrets", env=CI).text
    result = run_process(*argv, env=CI)
    assert REDACTED in result.text
    assert SECRET not in result.text


# Values below secret names in requests

ITEMS = [
    ("tokens[]=hunter2",),
    ("tokens[]=a", "tokens[]=hunter2"),
    ("password[value]=hunter2",),
    ("credentials[0][user][id]=hunter2",),
    ('password:={"a": ["hunter2"]}',),
    ("pin_code:=[[]]", "auth[x][y]=hunter2"),
    ('note={"token": "hunter2"}',),
    ("-f", "tokens[]=hunter2"),
    ("-f", "user[password]=hunter2"),
    ("-f", "a.b.token=hunter2"),
    ("-f", 'payload={"token": "hunter2"}'),
    ("-f", "next=https://x/?token=hunter2"),
    ("--multipart", "tokens[]=hunter2"),
    ("--multipart", 'payload={"token": ["hunter2"]}'),
    ("--raw", '{"\\u0070assword" : {"x": "hunter2"}}'),
    ("--raw", '{"a": 1}\n{"tokens": ["hunter2"]}', "Content-Type:application/jsonl"),
    ("--raw", '\x1e{"token": "hunter2"}\n', "Content-Type:application/json-seq"),
    ("--raw", ')]}\',\n{"token": "hunter2"}'),
    ("--raw", '{"token": "hunter2'),
    ("--raw", '{"token":"a","token":["hunter2"]}'),
    ("--raw", "%70assword=hunter2&a=1"),
    ("--raw", "a=1;password=hunter2;hunter2"),
    ("--raw", '{"token": "hunter2"}', "Content-Type:text/plain"),
    ("--raw", '{"token": "hunter2"}', "Content-Type:application/x-www-form-urlencoded"),
    ("--raw", '{"token": "hunter2"}', "Content-Type;"),
    ("--raw", "<a><Password>hunter2</Password></a>", "Content-Type:application/xml"),
    ("X-Url:https://u:hunter2@h/?token=hunter2",),
    ("Link:<https://h/;token=hunter2>; rel=next",),
    ("redirect_uri==https://x/cb?code=hunter2",),
    ("code==hunter2", "state==x"),
]  # fmt: skip


@pytest.mark.wide
@pytest.mark.parametrize("items", ITEMS, ids=" ".join)
@pytest.mark.parametrize("output", ["--print-curl", "CI"])
def test_value_below_a_secret_name_is_not_printed(items: tuple[str, ...], output: str) -> None:
    argv = ("--print-curl",) if output == "--print-curl" else ("-v", "--offline")
    result = run_process(*argv, "--ignore-stdin", "POST", "http://h.test/", *items, env=CI)
    assert result.status == 0
    assert "redacted" in result.text
    assert SECRET not in result.text + result.err


@pytest.mark.wide
def test_value_below_a_secret_name_is_in_no_report(server: RawServer, tmp_path: Path) -> None:
    server.answer_always(response("[]"))
    for items in ITEMS:
        result = reported(tmp_path, "--ignore-stdin", "POST", server.url, *items)
        assert result.status == 0
        assert SECRET not in result.text + result.err, items
        assert SECRET.encode() in server.wait_for_requests()[-1].raw


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_request_body_in_another_charset_is_redacted(charset: str, tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes('{"tokens": ["hunter2"]}'.encode(charset))
    argv = ("--offline", "-v", "POST", "http://h.test/", f"@{body}")
    result = run_process(*argv, f"Content-Type:application/json; charset={charset}", env=CI)
    assert result.status == 0
    for form in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le"):
        assert SECRET.encode(form) not in result.out


# Responses

BODIES = [
    (JSON, '{"tokens": ["hunter2"], "a": 1}'),
    (JSON, '{"\\u0074oken": {"a": {"b": "hunter2"}}}'),
    ("Content-Type: application/jsonl", '{"a":1}\n{"token":["hunter2"]}\n'),
    ("Content-Type: application/x-ndjson", '{"token":"hunter2"}\n'),
    ("Content-Type: application/problem+json", '{"token":"hunter2"}'),
    ("Content-Type: text/event-stream", 'data: {"token": "hunter2"}\n\n'),
    ("Content-Type: text/html", '<input name="csrf_token" value="hunter2">'),
    ("Content-Type: text/html", "<p data-x='{&quot;token&quot;:&quot;hunter2&quot;}'>"),
    ("Content-Type: application/xml", "<a><wsse:Password>hunter2</wsse:Password></a>"),
    ("Content-Type: text/plain", "access_token=hunter2&a=1"),
    ("X-Type: none", '{"token": "hunter2"}'),
    (JSON, json.dumps({"body": json.dumps({"token": "hunter2"})})),
    (JSON, '[{"name":"DB_PASSWORD","value":"hunter2"},{"key":"token","value":"hunter2"}]'),
    ("Content-Type: text/plain", "[db]\nuser = me\npassword = hunter2\n"),
    ("Content-Type: text/plain", "password: hunter2\n"),
    ("Content-Type: text/plain", "export DB_PASSWORD=hunter2\n"),
    ("Content-Type: text/html", '<input name="csrf_token" data-x="a>b" value="hunter2">'),
    ("Content-Type: application/xml", '<param name="password">hunter2</param>'),
    ("Content-Type: multipart/mixed; boundary=x",
     '--x\r\nContent-Type: application/json\r\n\r\n{"token": "hunter2"}\r\n--x--\r\n'),
]  # fmt: skip


@pytest.mark.wide
@pytest.mark.parametrize(("field", "body"), BODIES)
def test_value_below_a_secret_name_in_a_response(
    field: str, body: str, server: RawServer, tmp_path: Path
) -> None:
    server.answer_always(response(body, field))
    result = reported(tmp_path, server.url, "--expect", "body == x", "-p", "")
    assert result.status == 16
    assert SECRET not in result.text + result.err
    for argv in (("-v",), ("-vv",), ("-v", "--pretty=all"), ("-v", "--stream"), ("-p", "hb")):
        shown = run_process(*argv, server.url, env=CI)
        assert SECRET not in shown.text + shown.err
    assert SECRET in run_process("-v", server.url).text
    assert SECRET in run_process("-v", server.url, "--show-secrets", env=CI).text


def test_body_alone_is_data_and_stays_as_it_is(server: RawServer, tmp_path: Path) -> None:
    server.answer_always(response('{"token": "hunter2"}', JSON))
    assert run_process(server.url, env=CI).text == '{"token": "hunter2"}'
    assert (
        run_process(server.url, "--select", "token", "--raw-strings", env=CI).text == "hunter2\n"
    )
    saved = tmp_path / "saved"
    assert run_process("-v", "-o", str(saved), server.url, env=CI).status == 0
    assert SECRET in saved.read_text()
    downloaded = tmp_path / "downloaded"
    result = run_process("-v", "-d", "-o", str(downloaded), server.url, env=CI)
    assert downloaded.read_text() == '{"token": "hunter2"}'
    assert SECRET not in result.text + result.err


def test_batch_in_ci_shows_no_secret(server: RawServer, tmp_path: Path) -> None:
    server.answer_always(response('{"token": "hunter2"}', JSON))
    lines = tmp_path / "lines"
    lines.write_text(f"-v {server.url} password=hunter2\n-v {server.url}/?code=hunter2\n")
    result = run_process("--batch", str(lines), env=CI)
    assert result.status == 0
    assert result.text.count("redacted") >= 4
    assert SECRET not in result.text + result.err


def test_messages_of_a_websocket_are_redacted_in_ci() -> None:
    frames = frame(TEXT, '{"token": ["hunter2"]}') + close_frame()
    with FrameServer(frames) as server:
        result = run_process(
            "-v", server.websocket_url, "--raw", '{"password": "hunter2"}', env=CI
        )
    assert "redacted" in result.text
    assert SECRET not in result.text + result.err


# What a failed expectation quotes


@pytest.mark.parametrize(
    ("expectation", "fields"),
    [
        ("body == x", (JSON,)),
        ("body contains zzz", (JSON,)),
        ("json(@) == 1", (JSON,)),
        ("json.user == 1", (JSON,)),
        ("json.user.password == 1", (JSON,)),
        ('json.user.password == "hunter2x"', (JSON,)),
        ("json(values(user)) == 1", (JSON,)),
        ("json(to_string(@)) == 1", (JSON,)),
        ("json(user.*) == 1", (JSON,)),
        ("json(items[0]) == 1", (JSON,)),
        ("not json(user) exists", (JSON,)),
        ("header.Location == x", ("Location: //u:hunter2@h/?token=hunter2",)),
        ("header.Location == x", ("Location: /;token=hunter2?code=hunter2",)),
        ("header.Set-Cookie == x", ("Set-Cookie: sid=hunter2",)),
        ("header.Link == x", ("Link: <https://h/?token=hunter2>; rel=next",)),
        ("header.X-Other == x", ("X-Other: https://u:hunter2@h/",)),
        ("header.X-Other == x", ("X-Other: Bearer hunter2",)),
    ],
)
def test_failed_expectation_quotes_no_secret(
    expectation: str, fields: tuple[str, ...], server: RawServer, tmp_path: Path
) -> None:
    user = {"name": "ann", "password": "hunter2", "tokens": ["hunter2"]}
    body = json.dumps({"user": user, "items": [{"secret": {"a": "hunter2"}}]})
    server.answer_always(response(body, *fields))
    result = reported(tmp_path, server.url, "--expect", expectation)
    assert result.status == 16
    assert "expected" in result.err
    assert SECRET not in result.err + result.text


def test_failed_schema_quotes_no_secret(server: RawServer, tmp_path: Path) -> None:
    server.answer_always(response('{"password": {"a": "hunter2"}, "token": "hunter2"}', JSON))
    schema = tmp_path / "schema"
    for rule in (
        {"properties": {"token": {"type": "integer"}}},
        {"properties": {"password": {"type": "string"}}},
        {"type": "array"},
        {"additionalProperties": False},
    ):
        schema.write_text(json.dumps(rule))
        result = reported(tmp_path, server.url, "--expect", f"schema @{schema}")
        assert SECRET not in result.err + result.text


# Known secrets that servers repeat

PASSWORD = 'hünter "2" & <b>/x+y'
ECHOES: dict[str, Callable[[str], bytes]] = {
    "text": lambda text: text.encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64-pair": lambda text: base64.b64encode(f"me:{text}".encode()),
    "base64-inside-1": lambda text: base64.b64encode(f"a{text}z".encode()),
    "base64-inside-2": lambda text: base64.urlsafe_b64encode(f"ab{text}zz".encode()),
    "json": lambda text: json.dumps(text).encode(),
    "json-upper": lambda text: json.dumps(text).replace("\\u00fc", "\\u00FC").encode(),
    "json-in-json": lambda text: json.dumps(json.dumps(text)).encode(),
    "json-slash": lambda text: json.dumps(text).replace("/", "\\/").encode(),
    "percent": lambda text: quote(text, safe="").encode(),
    "percent-all": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()).encode(),
    "percent-plus": lambda text: quote(text, safe=" ").replace(" ", "+").encode(),
    "percent-latin-1": lambda text: quote(text, encoding="latin-1").encode(),
    "html": lambda text: html.escape(text).encode(),
    "html-named": lambda text: html.escape(text).replace("ü", "&uuml;").encode(),
    "html-decimal": lambda text: "".join(f"&#{ord(c)};" for c in text).encode(),
    "html-hex": lambda text: "".join(f"&#x{ord(c):x};" for c in text).encode(),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "latin-1": lambda text: text.encode("latin-1"),
    "hex": lambda text: text.encode().hex().encode(),
}


@pytest.mark.wide
@pytest.mark.parametrize("encoding", ECHOES)
@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/json", "application/octet-stream"]
)
def test_known_secret_is_found_in_the_encodings_of_servers(
    encoding: str, content_type: str, server: RawServer, tmp_path: Path
) -> None:
    echo = ECHOES[encoding](PASSWORD)
    server.answer_always(
        response(b"before [" + echo + b"] after", f"Content-Type: {content_type}")
    )
    result = reported(tmp_path, "-a", "me:@env:PW", server.url, env={"PW": PASSWORD})
    assert result.status == 0
    content = json.loads((tmp_path / "har").read_bytes())["log"]["entries"][0]["response"][
        "content"
    ]
    text = content["text"].encode()
    if content.get("encoding") == "base64":
        text = base64.b64decode(text)
    assert text.startswith(b"before [")
    assert b"redacted" in text
    assert echo[3:-3] not in text


def test_secret_of_a_header_is_found_where_the_server_repeats_a_part_of_it(
    server: RawServer, tmp_path: Path
) -> None:
    server.answer_always(response("you sent hunter2token", "X-Echo: hunter2token"))
    env = {"AUTH": "Bearer hunter2token"}
    result = reported(tmp_path, server.url, "Authorization:@env:AUTH", env=env)
    assert SECRET not in result.text + result.err


@pytest.mark.wide
def test_known_secret_cut_at_the_limit_of_a_report_is_not_shown(
    server: RawServer, tmp_path: Path
) -> None:
    for written in ("hunter2", "%68unter2", "\\u0068unter2", "aHVudGVyMg=="):
        for shift in (1, 4):
            body = "x" * ((1 << 20) - len(written) + shift) + written + "y" * 100
            server.answer(response(body))
            reported(tmp_path, server.url, "-p", "", "-a", "me:@env:PW", env={"PW": SECRET})
            text = (tmp_path / "har").read_text()
            assert "x" * 1000 in text
            assert f"x{written[: len(written) - shift]}" not in text


# URLs

LOCATIONS = [
    "//u:hunter2@h/",
    "https://u:hunter2@h/",
    "https://hunter2@h/",
    "https://h/;token=hunter2",
    "https://h/a;jsessionid=hunter2?b=1",
    "https://h/?code=hunter2&state=x",
    "https://h/#access_token=hunter2&x=1",
    "https://h/#/cb?code=hunter2",
    "https://h/?a=1;token=hunter2",
    "https://h/?%74oken=hunter2",
    "https://h/?next=https%3A%2F%2Fx%2F%3Ftoken%3Dhunter2",
    "https://u:hun/hunter2@h/",
    "http:\\\\u:hunter2@h/",
]


@pytest.mark.wide
@pytest.mark.parametrize("location", LOCATIONS)
@pytest.mark.parametrize(
    "field",
    ["Location: {}", "Content-Location: {}", "Link: <{}>", "Refresh: 0; url={}", "X-To: {}"],
)
def test_screen_and_reports_redact_the_same_in_urls(
    field: str, location: str, server: RawServer, tmp_path: Path
) -> None:
    server.answer_always(response("", field.format(location), status="302 Found"))
    result = reported(tmp_path, "-v", server.url)
    assert SECRET not in result.text
    shown = run_process("-v", server.url, env=CI).text
    assert SECRET not in shown
    name = field.partition(":")[0]
    line = next(line for line in shown.splitlines() if line.startswith(f"{name}: "))
    recorded = json.loads((tmp_path / "json").read_text())["requests"][0]["response"]["fields"]
    assert line in [f"{header['name']}: {header['value']}" for header in recorded]


@pytest.mark.parametrize("path", ["/x;token=hunter2", "/?code=hunter2", "/?tokens[]=hunter2"])
def test_typed_url_is_redacted_everywhere(path: str, server: RawServer, tmp_path: Path) -> None:
    server.answer_always(response("", status="404 Not Found"))
    url = server.url + path
    results = [
        reported(tmp_path, "-v", url, "--timings", "--check-status"),
        run_process("--debug", "-v", url, "-w", "%{url} %{json}", env=CI),
        run_process("--print-curl", url),
        run_process("download", url, server.url + "/b"),
    ]
    for result in results[1:]:
        assert SECRET not in result.text + result.err
    assert SECRET not in (tmp_path / "har").read_text() + results[0].err


def test_set_cookie_attributes_are_redacted(server: RawServer, tmp_path: Path) -> None:
    cookies = [
        "Set-Cookie: a=hunter2; Path=/?token=hunter2; HttpOnly",
        "Set-Cookie: a=1; token=hunter2",
        "Set-Cookie: a=1; Path=/, b=hunter2",
    ]
    server.answer_always(response("", *cookies))
    result = reported(tmp_path, server.url)
    shown = run_process("-v", server.url, env=CI)
    assert "HttpOnly" in shown.text
    assert SECRET not in result.text + shown.text


# Messages


@pytest.mark.wide
@pytest.mark.parametrize(
    "argv",
    [
        ("http://u:hunter2@127.0.0.1:{port}/",),
        ("http://u:hunter2@h.invalid/x",),
        ("http://127.0.0.1:{port}/?token=hunter2",),
        ("POST", "http://h.test/", "@http://u:hunter2@127.0.0.1:{port}/f?token=hunter2"),
        ("http://h.test/", "password:={{hunter2"),
        ("http://h.test/", "tokens:=[hunter2"),
        ("http://u:hunter2@h.test:port/",),
        ("http://u:hunter2@h.test/ x", "--path-as-is"),
        ("--proxy=http://u:hunter2@h.test:port", "http://h.test/"),
        ("--report=har=/nowhere/x?token=hunter2", "http://h.test/"),
        ("-o", "/nowhere/x?token=hunter2", "http://h.test/"),
    ],
    ids=" ".join,
)
def test_messages_show_no_secret(argv: tuple[str, ...]) -> None:
    words = [word.format(port=refused_port()) for word in argv]
    for more in ((), ("--traceback",), ("--debug",)):
        result = run_process(*words, *more)
        assert result.status not in (0, 1)
        assert SECRET not in result.err + result.text


@pytest.mark.wide
@pytest.mark.parametrize("item", ["a:=@file.json", "password:=@plain.json"])
def test_message_about_json_in_a_file_shows_no_secret(item: str, tmp_path: Path) -> None:
    (tmp_path / "file.json").write_text('{"token": hunter2}')
    (tmp_path / "plain.json").write_text("hunter2")
    result = run_process("http://h.test/", item, cwd=tmp_path)
    assert result.status == 10
    assert SECRET not in result.err


@pytest.mark.wide
def test_message_about_a_cookie_or_an_option_shows_no_secret(home: Path) -> None:
    folder = home / ".config" / "httpcli"
    folder.mkdir(parents=True)
    settings = folder / "config.json"
    settings.touch(0o600)
    for option in ("--auth me:hunter2", "--cookie=hunter2"):
        settings.write_text(json.dumps({"default_options": [option]}))
        results = [run_process(option, "http://h.test/"), run_process("http://h.test/")]
        results += [run_process("config", action) for action in ("check", "show")]
        for result in results:
            assert SECRET not in result.text + result.err


def test_file_of_a_download_is_not_named_by_a_secret(server: RawServer, tmp_path: Path) -> None:
    server.answer_always(response("x"))
    for argv in (("-d",), ("download",)):
        folder = tmp_path / argv[0]
        folder.mkdir()
        result = run_process(*argv, f"{server.url}/a.zip;jsessionid=hunter2", cwd=folder)
        assert result.status == 0
        assert [path.name for path in folder.iterdir()] == ["a.zip"]
        assert SECRET not in result.text + result.err


@pytest.mark.wide
def test_message_about_a_redirect_shows_no_secret(server: RawServer, tmp_path: Path) -> None:
    for location in (
        "//u:hunter2@h:x/",
        "http://u:hunter2@ /?token=hunter2",
        "http://[/;token=hunter2",
    ):
        server.answer(response("", f"Location: {location}", status="302 Found"))
        result = reported(tmp_path, "--follow", "--traceback", server.url)
        assert result.status != 0
        assert SECRET not in result.err + result.text


@pytest.mark.wide
def test_traceback_and_errors_show_no_known_secret(server: RawServer, tmp_path: Path) -> None:
    server.answer_always(b"HTTP/1.1 hunter2\r\n\r\n")
    for more in ((), ("--traceback",), ("--debug",), ("--retry=1", "--retry-delay=0.01")):
        env = {"PW": SECRET}
        result = reported(tmp_path, server.url, "-a", "me:@env:PW", *more, env=env)
        assert result.status != 0
        assert SECRET not in result.err + result.text


def test_reason_phrase_shows_no_known_secret(server: RawServer, tmp_path: Path) -> None:
    server.answer_always(response("", status="403 no hunter2 here"))
    argv = ("-a", "me:@env:PW", "--check-status", "--retry=1", "--retry-on=403", "--retry-delay=0")
    result = reported(tmp_path, server.url, *argv, env={"PW": SECRET})
    assert result.status != 0
    assert SECRET not in result.err + result.text


# Listings


def test_config_listing_shows_no_secret(home: Path) -> None:
    folder = home / ".config" / "httpcli"
    folder.mkdir(parents=True)
    config = folder / "config.toml"
    config.write_text(
        '[profile.p]\nurl = "https://u:hunter2@h.test/"\n'
        'param = "code=hunter2"\n'
        'proxy = "http://u:hunter2@h.test:1"\nauth = "me:hunter2"\n'
        'headers = {X-To = "https://u:hunter2@h/", X-Any = "Bearer hunter2", X-Otp = "hunter2"}\n'
    )
    config.chmod(0o600)
    for argv in (("config", "show", "@p"), ("config", "show"), ("config", "check")):
        result = run_process(*argv)
        assert SECRET not in result.text + result.err
    assert "redacted" in run_process("config", "show", "@p").text


def test_session_listing_shows_no_secret(server: RawServer) -> None:
    server.answer_always(response("", "Set-Cookie: a=hunter2; Path=/"))
    items = ("X-To:https://u:hunter2@h/?token=hunter2", "X-Any:Bearer hunter2")
    assert run_process("--session=s", "-a", "me:hunter2", server.url, *items).status == 0
    result = run_process("sessions", "show", "s")
    assert "redacted" in result.text
    assert SECRET not in result.text + result.err
    assert SECRET in run_process("sessions", "show", "s", "--show-secrets").text
