"""Secrets are redacted by name and by value, however a message encodes and splits them."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.connection_info import Timings
from httpcli.core.escaping import REDACTED
from httpcli.core.events import (
    Event,
    RequestChunk,
    RequestStarted,
    ResponseChunk,
    ResponseStarted,
)
from httpcli.core.headers import Field, Fields
from httpcli.core.plan import RedactionLevel
from httpcli.core.reports import RecordedBody, RecordedExchange
from httpcli.core.url import Url
from httpcli.protocol.redaction import (
    NOT_REDACTED,
    RedactedBody,
    RedactedEvents,
    Redaction,
    secrets_in_field,
)

SECRET = "hunter2"
BY_NAME = Redaction()
BY_VALUE = Redaction([SECRET])
REFERENCES = Redaction([SECRET], RedactionLevel.REFERENCES)


def fields(*pairs: tuple[str, str]) -> Fields:
    return Fields(Field(name, value) for name, value in pairs)


# Headers and URLs

URLS = [
    ("https://h/a?b=1#c", "https://h/a?b=1#c"),
    ("/x", "/x"),
    ("/x?", "/x?"),
    ("/x?a=1&b", "/x?a=1&b"),
    ("/x?sig", "/x?sig"),
    ("/x?a=1&API_KEY=k=k", f"/x?a=1&API_KEY={REDACTED}"),
    ("https://h/?api_key=k&b=1", f"https://h/?api_key={REDACTED}&b=1"),
    ("https://h/#access_token=t&a=1", f"https://h/#access_token={REDACTED}&a=1"),
    ("https://u:p@h/x", f"https://{REDACTED}@h/x"),
    ("//u:p@h/", f"//{REDACTED}@h/"),
    ("https://u:p/w@h/x", f"https://{REDACTED}@h/x"),
    ("https://u@v:p@h/x", f"https://{REDACTED}@h/x"),
    (r"http:\\u:p@h\x", rf"http:\\{REDACTED}@h\x"),
    ("https://[::1]:80/a@b", "https://[::1]:80/a@b"),
    ("https://h:80/a@b", "https://h:80/a@b"),
    ("/a@b", "/a@b"),
    ("https://h/a;token=t/b;c=1", f"https://h/a;token={REDACTED}/b;c=1"),
    ("/;jsessionid=1?x", f"/;jsessionid={REDACTED}?x"),
    ("https://h/cb?code=c&state=s", f"https://h/cb?code={REDACTED}&state=s"),
    ("https://h/#/cb?code=c", f"https://h/#/cb?code={REDACTED}"),
    ("/?%70assword=p", f"/?%70assword={REDACTED}"),
    ("/?tokens%5B%5D=t&tokens[]=t", f"/?tokens%5B%5D={REDACTED}&tokens[]={REDACTED}"),
    ("/?user[password]=p;q&a=1", f"/?user[password]={REDACTED}&a=1"),
    ("/?a=1;token=t", f"/?a=1;token={REDACTED}"),
    ("/get/http://u:p@h/x@y:z", f"/get/http://{REDACTED}@h/x@y:z"),
    ("/node_modules/@a/b:1", "/node_modules/@a/b:1"),
    ("/?next=https%3A%2F%2Fh%2F%3Ftoken%3Dt", f"/?next=https%3A%2F%2Fh%2F%3Ftoken%3D{REDACTED}"),
    ("/?q=%7B%22token%22%3A%22t%22%7D", f"/?q=%7B%22token%22%3A%22{REDACTED}%22%7D"),
]


@pytest.mark.parametrize(("url", "redacted"), URLS)
def test_urls_are_redacted(url: str, redacted: str) -> None:
    assert BY_NAME.url(url) == redacted
    assert NOT_REDACTED.url(url) == url


@pytest.mark.parametrize(("url", "redacted"), [row for row in URLS if row[0].startswith("http")])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Location", "{}"),
        ("Content-Location", "{}"),
        ("Referer", "{}"),
        ("Link", "<{}>; rel=next, <{}>; rel=last"),
        ("Refresh", "0; url={}"),
        ("Refresh", "5;URL='{}"),
        ("X-Anything", "{}"),
    ],
)
def test_urls_in_headers_are_redacted(name: str, value: str, url: str, redacted: str) -> None:
    shown = BY_NAME.value(name, value.replace("{}", url))
    assert shown == value.replace("{}", redacted)


@pytest.mark.parametrize(
    ("name", "value", "redacted"),
    [
        ("Accept", "text/plain", "text/plain"),
        ("Authorization", "Bearer t", REDACTED),
        ("X-Api-Key", "k", REDACTED),
        ("Cookie", "a=1; b=2", f"a={REDACTED}; b={REDACTED}"),
        ("Set-Cookie", "a=1; Path=/; Secure", f"a={REDACTED}; Path=/; Secure"),
        (
            "Set-Cookie",
            "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly",
            f"a={REDACTED}; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly",
        ),
        ("Set-Cookie", "a=1; Path=/x?token=t", f"a={REDACTED}; Path=/x?token={REDACTED}"),
        ("Set-Cookie", "a=1; Path=/, b=2; Domain=h", f"a={REDACTED}; Path={REDACTED}; Domain=h"),
        ("Set-Cookie", "a=1; token=t", f"a={REDACTED}; token={REDACTED}"),
        ("Set-Cookie", "a=1; 2", f"a={REDACTED}; {REDACTED}"),
        ("Location", "//u:p@h/", f"//{REDACTED}@h/"),
        ("X-Other", "say hunter2", f"say {REDACTED}"),
        ("Report-To", '{"token":["t"]}', f'{{"token":"{REDACTED}"}}'),
        ("X-Any", "Bearer t", REDACTED),
        ("Authentication-Info", 'rspauth="x", nc=1', f'rspauth="{REDACTED}", nc=1'),
        ("WWW-Authenticate", 'Basic realm="r"', 'Basic realm="r"'),
        (
            "X-Other",
            "see https://u:p@h/?token=t now",
            f"see https://{REDACTED}@h/?token={REDACTED} now",
        ),
    ],
)
def test_headers_are_redacted(name: str, value: str, redacted: str) -> None:
    (field,) = BY_VALUE.fields(fields((name, value)))
    assert (field.name, field.value) == (name, redacted)


def test_header_given_by_reference_is_redacted() -> None:
    field = Field("X-A", "v", secret=True)
    assert Redaction().field(field).value == REDACTED
    assert Redaction(level=RedactionLevel.REFERENCES).field(field).value == REDACTED
    assert NOT_REDACTED.field(field).value == "v"


def test_secret_parts_of_a_header_are_secrets_too() -> None:
    basic = base64.b64encode(b"me:hunter2").decode()
    assert SECRET in secrets_in_field(Field("Authorization", f"Basic {basic}"))
    assert "abcdef" in secrets_in_field(Field("Authorization", "Bearer abcdef"))
    assert "abcdef" in secrets_in_field(Field("Cookie", "x=1; sid=abcdef"))


# Messages


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("cannot reach http://u:p@h: refused", f"cannot reach http://{REDACTED}@h: refused"),
        (
            "http://u:p@x/f?token=aa: not found",
            f"http://{REDACTED}@x/f?token={REDACTED}: not found",
        ),
        ("u:p@h/x failed", f"{REDACTED}@h/x failed"),
        ("GET /x?token=t failed", f"GET /x?token={REDACTED} failed"),
        (r'"https://h/?code=c\", "a"', rf'"https://h/?code={REDACTED}\", "a"'),
        ("--auth-type=digest needs --auth", "--auth-type=digest needs --auth"),
        ("closed: bad token=t", f"closed: bad token={REDACTED}"),
        ("'password:=p q': not JSON", f"'password:={REDACTED}': not JSON"),
        ('{"token": ["t"]} is too long', f'{{"token": "{REDACTED}"}} is too long'),
        (
            "use --auth USER:PASSWORD or --auth USER:@env:NAME",
            ("use --auth USER:PASSWORD or --auth USER:@env:NAME"),
        ),
        ("--proxy=http://USER:PASSWORD@HOST", "--proxy=http://USER:PASSWORD@HOST"),
        ("the password for me: hunter2", f"the password for me: {REDACTED}"),
    ],
)
def test_messages_are_redacted(text: str, redacted: str) -> None:
    assert BY_VALUE.text(text) == redacted


# Bodies, by name

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
MULTIPART = "multipart/form-data; boundary=x"


def part(head: str, body: str = "p", line_end: str = "\r\n") -> str:
    return line_end.join(["--x", head, "", body, "--x--", ""])


BODIES = [
    (FORM, "a=1&password=p", f"a=1&password={REDACTED}"),
    (FORM, "password=&a=1", "password=&a=1"),
    (FORM, "tokens[]=t&a=1", f"tokens[]={REDACTED}&a=1"),
    (FORM, "tokens%5B%5D=t", f"tokens%5B%5D={REDACTED}"),
    (FORM, "%70assword=p", f"%70assword={REDACTED}"),
    (FORM, "a.b.token=t", f"a.b.token={REDACTED}"),
    (FORM, "a=1;password=p;q&b=2", f"a=1;password={REDACTED}&b=2"),
    (FORM, "code=c&client_secret=s", f"code={REDACTED}&client_secret={REDACTED}"),
    (FORM, '{"token":"t"}', f'{{"token":"{REDACTED}"}}'),
    (FORM, "p=%7B%22token%22%3A%22t%22%7D", f"p=%7B%22token%22%3A%22{REDACTED}%22%7D"),
    (JSON, "password=p&a=1", f"password={REDACTED}&a=1"),
    ("", "password=p&a=1", f"password={REDACTED}&a=1"),
    (JSON, '{"a": "b", "token" : "t"}', f'{{"a": "b", "token" : "{REDACTED}"}}'),
    (JSON, '{"secret": 17, "a": 1}', f'{{"secret": "{REDACTED}", "a": 1}}'),
    (JSON, '{"secret": true}', f'{{"secret": "{REDACTED}"}}'),
    (JSON, '{"secret": null}', '{"secret": null}'),
    (JSON, '{"secret": -1.5e+3}', f'{{"secret": "{REDACTED}"}}'),
    (JSON, '{"tokens": ["t", {"x": "]"}], "a": [1]}', f'{{"tokens": "{REDACTED}", "a": [1]}}'),
    (JSON, '{"password": {"value": "}"}}', f'{{"password": "{REDACTED}"}}'),
    (JSON, '{"token": "cut', f'{{"token": "{REDACTED}'),
    (JSON, '{"token": ["cut", {', f'{{"token": "{REDACTED}"'),
    (JSON, '{"token": "a\\"b\\\\", "c": 1}', f'{{"token": "{REDACTED}", "c": 1}}'),
    (JSON, '{"\\u0070assword":"p"}', f'{{"\\u0070assword":"{REDACTED}"}}'),
    (JSON, '{"p\\u0041ss\\u0057ord"\n:\t"p"}', f'{{"p\\u0041ss\\u0057ord"\n:\t"{REDACTED}"}}'),
    (JSON, '{"token":"t","token":"u"}', f'{{"token":"{REDACTED}","token":"{REDACTED}"}}'),
    (JSON, ')]}\',\n{"token":"t"}', f')]}}\',\n{{"token":"{REDACTED}"}}'),
    (JSON, '\ufeff{"token":"t"}', f'\ufeff{{"token":"{REDACTED}"}}'),
    (
        JSON,
        '{"b":"{\\"token\\":\\"t\\"}","c":1}',
        f'{{"b":"{{\\"token\\":\\"{REDACTED}\\"}}","c":1}}',
    ),
    (
        JSON,
        '{"b":"{\\u0022token\\u0022:\\u0022t\\u0022}"}',
        f'{{"b":"{{\\u0022token\\u0022:\\u0022{REDACTED}\\u0022}}"}}',
    ),
    (JSON, "{'token': 't', 'a': 1}", f"{{'token': '{REDACTED}', 'a': 1}}"),
    ("text/json", '{"token":"t"}', f'{{"token":"{REDACTED}"}}'),
    ("application/vnd.x+json", '{"token":"t"}', f'{{"token":"{REDACTED}"}}'),
    ("application/jsonl", '{"a":1}\n{"token":[1]}\n', f'{{"a":1}}\n{{"token":"{REDACTED}"}}\n'),
    ("application/x-ndjson", '{"token":"t"}\n[2]\n', f'{{"token":"{REDACTED}"}}\n[2]\n'),
    ("application/json-seq", '\x1e{"token":"t"}\n', f'\x1e{{"token":"{REDACTED}"}}\n'),
    ("text/javascript", "x({token:'t',b:1})", f"x({{token:'{REDACTED}',b:1}})"),
    ("application/yaml", "token: a b\nc: 1\n", f'token: "{REDACTED}"\nc: 1\n'),
    ("", '{"token":"t"}', f'{{"token":"{REDACTED}"}}'),
    ("text/plain", '{"token":"t"}', f'{{"token":"{REDACTED}"}}'),
    ("text/event-stream", 'data: {"token":"t"}\n\n', f'data: {{"token":"{REDACTED}"}}\n\n'),
    ("text/html", '<script>x={"token":"t"}', f'<script>x={{"token":"{REDACTED}"}}'),
    (
        "text/html",
        "<input name=csrf_token value=t>",
        f'<input name=csrf_token value="{REDACTED}">',
    ),
    (
        "text/html",
        '<a x="{&quot;token&quot;:1}">',
        f'<a x="{{&quot;token&quot;:&quot;{REDACTED}&quot;}}">',
    ),
    ("application/xml", "<a:Password>p</a:Password>", f"<a:Password>{REDACTED}</a:Password>"),
    ("text/plain", "a password is hunter2", f"a password is {REDACTED}"),
    (JSON, '{"a":"https://u:p@h/?token=t"}', f'{{"a":"https://{REDACTED}@h/?token={REDACTED}"}}'),
    (JSON, '{"a":"/cb?code=c\\u0026a=1"}', f'{{"a":"/cb?code={REDACTED}&a=1"}}'),
    (JSON, '{"a":"https:\\/\\/u:p@h\\/"}', f'{{"a":"https://{REDACTED}@h/"}}'),
    (JSON, '{"a":"https://h/\\u0026x\\/"}', '{"a":"https://h/\\u0026x\\/"}'),
    ("text/html", "<a href='/?token=t&amp;a=1'>", f"<a href='/?token={REDACTED}&a=1'>"),
    ("text/plain", "see https://h/;token=t", f"see https://h/;token={REDACTED}"),
    ("image/png", 'x"token":"t"', 'x"token":"t"'),
    ("text/plain", "[db]\npassword = p,q\na = 1\n", f"[db]\npassword = {REDACTED}\na = 1\n"),
    ("text/plain", "export DB_PASSWORD=p\nA=1", f"export DB_PASSWORD={REDACTED}\nA=1"),
    ("text/plain", "Ok.\nToken: t u\nbye", f"Ok.\nToken: {REDACTED}\nbye"),
    ("text/plain", 'Ok.\nmy_secret = "t"\n', f'Ok.\nmy_secret = "{REDACTED}"\n'),
    ("text/plain", "if token == 1: https://h", "if token == 1: https://h"),
    (JSON, '{"name":"token","value":"t"}', f'{{"name":"token","value":"{REDACTED}"}}'),
    (
        JSON,
        '[{"key" : "p\\u0077",\n"type":1,"value" : [1]}]',
        f'[{{"key" : "{REDACTED}",\n"type":1,"value" : "{REDACTED}"}}]',
    ),
    (JSON, '{"key":"a","value":"t"}', f'{{"key":"{REDACTED}","value":"t"}}'),
    (JSON, '{"Name":"pw","Value":"t"}', f'{{"Name":"pw","Value":"{REDACTED}"}}'),
    (
        JSON,
        '{"name":"DB_PASSWORD","enabled":true,"value":"t"}',
        f'{{"name":"DB_PASSWORD","enabled":true,"value":"{REDACTED}"}}',
    ),
    (
        JSON,
        '{"a":"{\\"name\\":\\"token\\",\\"value\\":\\"t\\"}"}',
        f'{{"a":"{{\\"name\\":\\"token\\",\\"value\\":\\"{REDACTED}\\"}}"}}',
    ),
    (JSON, '{"name":"a","value":"t"}', '{"name":"a","value":"t"}'),
    (JSON, '[{"name":"token"},{"value":"t"}]', '[{"name":"token"},{"value":"t"}]'),
    (
        "text/html",
        '<input name="csrf" data-x="a>b" value="t">',
        f'<input name="csrf" data-x="a>b" value="{REDACTED}">',
    ),
    (
        "text/html",
        "<p title=it's><b name=token value=t>",
        f'<p title=it\'s><b name=token value="{REDACTED}">',
    ),
    (
        "application/xml",
        '<string name="api_key">t</string><string name="a">t</string>',
        f'<string name="api_key">{REDACTED}</string><string name="a">t</string>',
    ),
    (MULTIPART, part('Content-Disposition: form-data; name="pwd"'), ""),
    (MULTIPART, part('Content-Disposition: form-data; name="pwd"', line_end="\n"), ""),
    (MULTIPART, part("content-disposition: form-data; filename=a; name=pwd"), ""),
    (MULTIPART, part("Content-Disposition: form-data; name*=utf-8''%70wd"), ""),
    (MULTIPART, part('Content-Disposition: form-data;\r\n name="p\\wd"'), ""),
    (MULTIPART, part('X: 1\r\nContent-Disposition: form-data; name="pwd[]"; filename="a;b"'), ""),
    (JSON, part('Content-Disposition: form-data; name="pwd"'), ""),
    (
        MULTIPART,
        part('Content-Disposition: form-data; name="a"\r\nContent-Type: x/json', '{"token":"t"}'),
        part(
            'Content-Disposition: form-data; name="a"\r\nContent-Type: x/json',
            f'{{"token":"{REDACTED}"}}',
        ),
    ),
]
"""Media type, body, and redacted body; empty if the value ``p`` of a part is redacted."""


def expected(body: str, redacted: str) -> bytes:
    if redacted:
        return redacted.encode()
    for line_end in ("\r\n", "\n"):
        body = body.replace(f"{line_end}p{line_end}", f"{line_end}{REDACTED}{line_end}")
    return body.encode()


@pytest.mark.parametrize(("media_type", "body", "redacted"), BODIES)
def test_bodies_are_redacted(media_type: str, body: str, redacted: str) -> None:
    assert BY_VALUE.body(body.encode(), media_type) == expected(body, redacted)
    unchanged = body.replace(SECRET, REDACTED).encode()
    assert REFERENCES.body(body.encode(), media_type) == unchanged


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
@pytest.mark.parametrize(("media_type", "body", "redacted"), BODIES)
def test_pieces_of_a_body_do_not_matter(
    media_type: str, body: str, redacted: str, size: int
) -> None:
    stream = RedactedBody(BY_VALUE, media_type)
    data = body.encode()
    pieces = [stream.feed(data[at : at + size]) for at in range(0, len(data), size)]
    assert b"".join([*pieces, stream.flush()]) == expected(body, redacted)


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("declared", [True, False])
def test_json_in_a_wide_charset_is_redacted(charset: str, declared: bool) -> None:
    data = '{"token": ["t"], "a": 1}'.encode(charset)
    media_type = f"{JSON}; charset={charset}" if declared else JSON
    redacted = BY_NAME.body(data, media_type)
    assert redacted.decode(charset) == f'{{"token": "{REDACTED}", "a": 1}}'


names = st.sampled_from(["a", "items", "x y"])
secret_names = st.sampled_from(["password", "access_token", "api-key", "Session", "private_key"])
plain_values = st.none() | st.booleans() | st.integers() | st.text() | st.just('", "x": "')
leaves = st.sampled_from([SECRET, f'"{SECRET}', f"}}{SECRET}", f"\\{SECRET}"])
secret_values = st.recursive(
    leaves,
    lambda inner: st.lists(inner | plain_values) | st.dictionaries(names, inner | plain_values),
)
documents = st.recursive(
    plain_values,
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(names, inner)
        | st.dictionaries(secret_names, secret_values, max_size=2)
    ),
)


@given(
    documents,
    st.booleans(),
    st.sampled_from([None, 1, "\t"]),
    st.integers(0, 2),
    st.integers(1, 40),
)
def test_no_value_below_a_secret_name_is_shown(
    document: object, ascii_only: bool, indent: int | str | None, nested: int, size: int
) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    for _ in range(nested):
        text = json.dumps({"body": text}, ensure_ascii=ascii_only)
    data = text.encode("utf-8", "surrogatepass")
    stream = RedactedBody(BY_NAME, JSON)
    pieces = [stream.feed(data[at : at + size]) for at in range(0, len(data), size)]
    shown = b"".join([*pieces, stream.flush()])
    assert SECRET.encode() not in shown
    assert shown == BY_NAME.body(data, JSON)
    json.loads(shown.decode("utf-8", "surrogatepass"))


def test_json_value_is_redacted() -> None:
    value = {"user": [{"password": ["p"], "a": "hunter2"}], "secret": None}
    shown = {"user": [{"password": REDACTED, "a": REDACTED}], "secret": None}
    assert BY_VALUE.json(value) == shown


@pytest.mark.parametrize(
    "data",
    [
        b'"' * 300_000,
        b"\\" * 300_000,
        b'"token":"' + b"\\" * 300_000,
        b'"token":' + b"[{" * 150_000,
        b"&" * 300_000,
        b'"' + b" " * 300_000,
        b"<" * 300_000,
        b"<a " * 100_000,
        b"%25" * 100_000,
        b"a=1;token=" * 30_000,
        b'<a x="' * 60_000,
        b"<a '" + b"x" * 300_000,
        b'"name":"a","value":' * 20_000,
        b'"name":"' + b'a","' * 80_000,
        b"a =" * 100_000,
    ],
    ids=range(15),
)
@pytest.mark.parametrize("media_type", [JSON, FORM, "text/xml", "text/plain", MULTIPART])
def test_hostile_body_takes_linear_time(data: bytes, media_type: str) -> None:
    BY_VALUE.body(data, media_type)  # quadratic time would be minutes


# Known secrets in the encodings of servers

ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "verbatim": lambda text: text.encode(),
    "json": lambda text: json.dumps(text)[1:-1].encode(),
    "json-utf-8": lambda text: json.dumps(text, ensure_ascii=False)[1:-1].encode(),
    "json-in-json": lambda text: json.dumps(json.dumps(text))[3:-3].encode(),
    "json-slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/").encode(),
    "json-all": lambda text: "".join(
        f"\\u{unit.hex()}" for character in text for unit in _units(character)
    ).encode(),
    "json-upper": lambda text: "".join(
        f"\\u{unit.hex().upper()}" for character in text for unit in _units(character)
    ).encode(),
    "percent": lambda text: quote(text).encode(),
    "percent-lower": lambda text: quote(text).lower().encode() if text.islower() else b"",
    "percent-plus": lambda text: quote_plus(text).encode(),
    "percent-all": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()).encode(),
    "percent-twice": lambda text: quote(quote(text)).encode(),
    "percent-latin-1": lambda text: (
        quote(text, encoding="latin-1", errors="ignore").encode() if _is_latin_1(text) else b""
    ),
    "percent-in-json": lambda text: json.dumps(quote(text))[1:-1].encode(),
    "html": lambda text: html.escape(text).encode(),
    "html-decimal": lambda text: "".join(f"&#{ord(c)};" for c in text).encode(),
    "html-hex": lambda text: "".join(f"&#x{ord(c):X};" for c in text).encode(),
    "html-of-percent": lambda text: html.escape(quote(text)).replace("%", "&#37;").encode(),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "latin-1": lambda text: text.encode("latin-1") if _is_latin_1(text) else b"",
    "hex": lambda text: text.encode().hex().encode(),
    "hex-upper": lambda text: text.encode().hex(":").upper().encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64-1": lambda text: base64.b64encode(b"a" + text.encode() + b"z"),
    "base64-2": lambda text: base64.b64encode(b"ab" + text.encode() + b"zz"),
    "base64-basic": lambda text: base64.b64encode(f"me:{text}".encode()),
    "base64-url": lambda text: base64.urlsafe_b64encode(b"??" + text.encode()),
    "base64-wrapped": lambda text: base64.encodebytes(text.encode() * 3),
    "base64-percent": lambda text: quote(base64.b64encode(text.encode()), safe="").encode(),
    "base64-latin-1": lambda text: (
        base64.b64encode(text.encode("latin-1")) if _is_latin_1(text) else b""
    ),
    "base64-utf-16": lambda text: base64.b64encode(text.encode("utf-16-le")),
    "base64-json": lambda text: base64.b64encode(json.dumps({"a": text}).encode()),
}
SECRETS = [
    "hunter2!",
    "x",
    "a b&c=d/e",
    "q\"uo\\te's<>",
    "pässwörd",
    "пароль",
    "😀😀😀",
    "tab\tline\nend",
]
"""Secrets with characters that the encodings treat in different ways."""


def _units(character: str) -> list[bytes]:
    data = character.encode("utf-16-be")
    return [data[at : at + 2] for at in range(0, len(data), 2)]


def _is_latin_1(text: str) -> bool:
    return all(character < "\x80" or character in "äö" for character in text)


def is_searched(text: str, encoding: str) -> bool:
    """Return whether an encoding changes the whole text, so that short secrets match anything."""
    return len(text.encode()) >= 4 or not encoding.startswith(("base64", "hex"))


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("secret", SECRETS)
def test_known_secret_is_found_in_each_encoding(secret: str, encoding: str) -> None:
    data = ENCODINGS[encoding](secret)
    if not data or not is_searched(secret, encoding):
        return
    redaction = Redaction([secret])
    shown = redaction.body(b"before [" + data + b"] after", "application/octet-stream")
    assert REDACTED.encode() in shown
    assert data[1:-1] not in shown or len(data) < 3
    assert shown.startswith(b"before [")
    assert shown.endswith(b"] after")


@given(
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"),
        min_size=8,
        max_size=30,
    ),
    st.lists(
        st.sampled_from(["raw", "json", "percent", "decimal", "hex"]), min_size=30, max_size=30
    ),
)
def test_mixed_spellings_are_found(secret: str, spellings: list[str]) -> None:
    spell: dict[str, Callable[[str], str]] = {
        "raw": lambda c: c,
        "json": lambda c: "".join(f"\\u{unit.hex()}" for unit in _units(c)),
        "percent": lambda c: quote(c, safe="") if not c.isalnum() else c,
        "decimal": lambda c: f"&#{ord(c)};",
        "hex": lambda c: f"&#x{ord(c):x};",
    }
    text = "".join(spell[how](c) for c, how in zip(secret, spellings, strict=False))
    shown = Redaction([f"{secret}x"], RedactionLevel.REFERENCES).body(f"{text}x".encode())
    # A character that looks like the beginning of an escape can join with the next one.
    ambiguous = any(c in "\\%&u#;+ " or c.isspace() or not c.isprintable() for c in secret)
    assert shown.decode() == REDACTED or ambiguous


@given(
    st.lists(st.integers(0, 60), max_size=6),
    st.sampled_from([SECRET, "%68unter2", "aHVudGVyMg=="]),
)
def test_secret_is_redacted_however_the_body_is_split(cuts: list[int], written: str) -> None:
    data = f"begin {written} middle {written}, {written} end".encode()
    places = sorted({0, *(cut for cut in cuts if cut < len(data)), len(data)})
    stream = RedactedBody(REFERENCES, "")
    shown = b"".join(stream.feed(data[a:b]) for a, b in pairwise(places)) + stream.flush()
    assert shown == data.replace(written.removesuffix("==").encode(), REDACTED.encode())


def test_longer_of_two_overlapping_secrets_is_redacted() -> None:
    assert Redaction(["ab", "abc"]).text("abc ab") == f"{REDACTED} {REDACTED}"


def test_secret_at_the_end_of_an_incomplete_body_is_removed() -> None:
    for cut in ("hunte", "%68%7", "aHVudG", "\\u0068\\u00", "&#104;&#1"):
        body = RecordedBody(100, b"x" * 20 + cut.encode(), complete=False)
        shown = BY_VALUE.recorded_body(body, Fields(), 100)
        # A character before base64 may encode bits of the secret too.
        assert shown.data in (b"x" * 20, b"x" * 19)
        assert not shown.complete
    assert BY_VALUE.margin >= len(SECRET) * 6


# Events and exchanges


def shown(redaction: Redaction, *events: Event, responses: bool = False) -> list[Event]:
    stream = RedactedEvents(redaction, responses=responses)
    return [*(out for event in events for out in stream.redact(event)), *stream.flush()]


def body_text(events: list[Event]) -> str:
    chunks = (RequestChunk, ResponseChunk)
    return b"".join(event.data for event in events if isinstance(event, chunks)).decode()


URL = Url("http", "h")


def test_secret_in_the_request_target_is_redacted() -> None:
    head = RequestStarted("GET", "/?q=a+b", URL, Fields())
    (event,) = shown(Redaction(["a b"], RedactionLevel.REFERENCES), head)
    assert isinstance(event, RequestStarted)
    assert event.target == f"/?q={REDACTED}"


def test_compressed_body_is_redacted_completely() -> None:
    head = RequestStarted("POST", "/", URL, fields(("Content-Encoding", "gzip")))
    events = shown(Redaction(["x"]), head, RequestChunk(b"\x1f\x8b"))
    assert body_text(events) == REDACTED


@pytest.mark.parametrize("responses", [True, False])
def test_response_is_redacted_where_it_is_no_data(responses: bool) -> None:
    head = ResponseStarted("1.1", 200, "OK", fields(("Content-Type", JSON)), URL)
    chunks = [ResponseChunk(b'{"tok'), ResponseChunk(b'en": "t", "a": "hunter2"}')]
    text = body_text(shown(BY_VALUE, head, *chunks, responses=responses))
    hidden = f'{{"token": "{REDACTED}", "a": "{REDACTED}"}}'
    assert text == (hidden if responses else '{"token": "t", "a": "hunter2"}')


def test_exchange_is_redacted_completely() -> None:
    url = Url("http", "h", path="/hunter2", query="token=t")
    request = RequestStarted("POST", url.target, url, fields(("Content-Encoding", "gzip")))
    response = ResponseStarted("1.1", 200, "OK hunter2", fields(("X-Echo", "hunter2")), url)
    exchange = RecordedExchange(
        request,
        RecordedBody(3, b"\x1f\x8b."),
        response,
        RecordedBody(7, b"hunter2"),
        Timings(0.0),
        error="cannot reach http://u:p@h",
    )
    seen = BY_VALUE.exchange(exchange, 100)
    assert SECRET not in str(seen)
    assert seen.request.target == f"/{REDACTED}?token={REDACTED}"
    assert seen.request_body == RecordedBody(3, b"", complete=False)
    assert seen.response_body == RecordedBody(7, REDACTED.encode())
    assert seen.error == f"cannot reach http://{REDACTED}@h"


# Options and request items


@pytest.mark.parametrize(
    ("name", "value", "redacted"),
    [
        ("auth", "me:p", f"me:{REDACTED}"),
        ("auth", "me:@env:PW", "me:@env:PW"),
        ("auth", "@file:pw", "@file:pw"),
        ("auth", "token", REDACTED),
        ("header", "X-Api-Key: k", f"X-Api-Key: {REDACTED}"),
        ("header", "X-Api-Key:@env:K", "X-Api-Key:@env:K"),
        ("header", "Referer: http://u:p@h/", f"Referer: http://{REDACTED}@h/"),
        ("header", "Accept: */*", "Accept: */*"),
        ("cookie", "a=1", f"a={REDACTED}"),
        ("param", "token=t", f"token={REDACTED}"),
        ("cookie", "value", REDACTED),
        ("", "password:=[1]", f"password:={REDACTED}"),
        ("", "user[password]=p", f"user[password]={REDACTED}"),
        ("", 'body:={"token": 1}', f'body:={{"token": "{REDACTED}"}}'),
        ("url", "https://u:p@h/?token=t", f"https://{REDACTED}@h/?token={REDACTED}"),
        ("proxy", "u:p@h:1", f"{REDACTED}@h:1"),
        ("param", "code=c", f"code={REDACTED}"),
        ("", "code==c", f"code=={REDACTED}"),
        ("", "code=c", "code=c"),
        ("cert-key-pass", "p", REDACTED),
        ("timeout", "3", "3"),
    ],
)
def test_options_are_redacted(name: str, value: str, redacted: str) -> None:
    assert BY_NAME.option(name, value) == redacted
