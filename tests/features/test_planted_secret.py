"""A secret that was planted is looked for wherever it could come out again.

Two tables: the ways in, and the ways out; each way in is tried with each way out. A new
way out (a kind of report, say) is one row.
"""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from _pytest.mark import ParameterSet

from tests.support.certificates import Authority
from tests.support.run import run, started
from tests.support.servers import RawServer, refused_port
from tests.support.terminal import Terminal
from tests.support.wire import Step, close, response, stall

CORE = "Pl4ntedS3cret"
SECRET = f'é"{CORE}+/ &'
"""Its core stays as it is in every way to write it, but for base64."""
PASSPHRASE = CORE
RECEIVED = "S3cretOfTheServer"


class In(NamedTuple):
    """A way in: what is typed (with the names of ``Place``), and what lies around."""

    argv: tuple[str, ...] = ()
    plant: Callable[[Place], None] = lambda _: None
    url: str = "{url}"


class Out(NamedTuple):
    """A way out: what is typed besides, and what the server does."""

    argv: tuple[str, ...] = ()
    env: Mapping[str, str] = {}
    steps: tuple[Step, ...] = ()
    instead: str = ""
    """The URL in place of the server's."""
    after: tuple[tuple[str, ...], ...] = ()
    """Command lines that are run then."""


class Place:
    """A home with secrets in it, and a server."""

    def __init__(self, folder: Path, home: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.config = home / ".config" / "httpcli"
        self.config.mkdir(parents=True)
        self.netrc = home / ".netrc"
        self._planted: set[Path] = set()
        self.put(folder / "secret", f"{SECRET}\n")
        self.put(folder / "pair", f"me:{SECRET}\n")
        self.put(folder / "json", f'{{"a": ["{CORE}"]}}')

    def put(self, path: Path, text: str) -> None:
        path.write_text(text)
        path.chmod(0o600)
        self._planted.add(path)

    def profile(self, text: str) -> None:
        self.put(self.config / "config.toml", f'[profile.p]\nurl = "{self.url}"\n{text}')

    def wrote(self, path: Path) -> bool:
        """Tell whether the program wrote a file."""
        return path not in self._planted

    def written(self) -> str:
        """Return what the program has written into files."""
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        return "\n".join(path.read_text() for path in paths if self.wrote(path))


def leaked(text: str) -> list[str]:
    """Return the lines that have the secret in them, in any of its forms."""
    forms = [CORE, RECEIVED]
    for alone in (CORE, "é" + CORE, 'é"' + CORE, f"me:{SECRET}", f":{SECRET}", SECRET):
        for offset in range(3):
            coded = b64encode(b"\0" * offset + alone.encode()).decode()
            forms.append(re.escape(coded[4 * (offset > 0) : 16]))
    return [line for line in text.splitlines() if re.search("|".join(forms), line)]


def session_by_reference(place: Place) -> None:
    run("--offline", "-p", "", "--session=kept", "-a", "me:@env:S", place.url, env={"S": SECRET})


BY_REFERENCE: dict[str, In] = {
    "field-env": In(("X-Plain:@env:S",)),
    "field-file": In(("X-Plain:@file:secret",)),
    "cookie-field": In(("Cookie:@env:COOKIE",)),
    "query-env": In(("q==@env:S",)),
    "query-file": In(("q==@file:secret",)),
    "json-env": In(("a=@env:S",)),
    "json-file": In(("a=@file:secret",)),
    "json-literal": In(("a:=@file:json",)),
    "json-nested": In(("a[b][]=@env:S",)),
    "form": In(("-f", "a=@env:S", "b=@file:secret")),
    "multipart": In(("--multipart", "a=@env:S", "b=@file:secret")),
    "compressed": In(("-xx", "a=@env:S")),
    "auth-password": In(("-a", "me:@env:S")),
    "auth-whole": In(("-a", "@file:pair")),
    "bearer": In(("-A", "bearer", "-a", "@env:S")),
    "digest": In(("-A", "digest", "-a", "me:@file:secret")),
    "netrc": In((), lambda p: p.put(p.netrc, f"default login me password {CORE}\n")),
    "proxy-auth": In(("--proxy={url}", "--proxy-auth=me:@env:S")),
    "proxy-auth-whole": In(("--proxy={url}", "--proxy-auth=@file:pair")),
    "key": In(("--cert={chain}", "--cert-key={locked}", "--cert-key-pass=@env:P")),
    "profile-field": In((), lambda p: p.profile('headers = {X-P = "@env:S"}\n'), "@p/x"),
    "profile-auth": In((), lambda p: p.profile(f'auth = "me:@file:{p.folder}/pair"'), "@p"),
    "session": In(("--session=kept",), session_by_reference),
}

TYPED: dict[str, In] = {
    "field": In((f"X-Api-Key:{CORE}",)),
    "field-named-token": In((f"My_Access_Token:{CORE}",)),
    "query": In((f"api_key=={CORE}",)),
    "query-in-url": In((), url="{url}/x?access_token=" + CORE),
    "auth": In(("-a", f"me:{SECRET}")),
    "bearer": In(("-A", "bearer", "-a", CORE)),
    "digest": In(("-A", "digest", "-a", f"me:{SECRET}")),
    "authorization": In((f"Authorization:Custom {CORE}",)),
    "cookie-field": In((f"Cookie:s={CORE}",)),
    "cookie-option": In((f"--cookie=s={CORE}",)),
    "userinfo": In((), url="http://me:" + CORE + "@{authority}/x"),
    "userinfo-alone": In((), url="http://" + CORE + "@{authority}/x"),
    "proxy-userinfo": In(("--proxy=http://me:" + CORE + "@{authority}",)),
    "proxy-userinfo-alone": In(("--proxy=http://" + CORE + "@{authority}",)),
    "proxy-auth": In(("--proxy={url}", f"--proxy-auth=me:{SECRET}")),
    "proxy-header": In(("--proxy={url}", f"--proxy-header=Proxy-Authorization: x {CORE}")),
    "key": In(("--cert={chain}", "--cert-key={locked}", f"--cert-key-pass={PASSPHRASE}")),
    "profile": In(
        (),
        lambda p: p.profile(
            f'auth = "me:{CORE}"\ncookie = "s={CORE}"\nparam = "token={CORE}"\n'
            f'proxy = "{p.url.replace("//", f"//me:{CORE}@")}"\n'
            f'headers = {{X-Api-Key = "{CORE}"}}\n'
        ),
        "@p/x",
    ),
    "profile-url": In(
        (),
        lambda p: p.put(
            p.config / "config.toml",
            f'[profile.p]\nurl = "{p.url.replace("//", f"//{CORE}@")}"\n'
            f'proxy-header = "Proxy-Authorization: {CORE}"\nproxy-auth = "me:{CORE}"\n'
            f'proxy = "http:http://{CORE}@{p.url[7:]}"\n',
        ),
        "@p/x",
    ),
    "default-options": In(
        (),
        lambda p: p.put(
            p.config / "config.json",
            f'{{"default_options": ["--auth=me:{CORE}", "--header=X-Token: {CORE}"]}}',
        ),
    ),
}

FAILURES: dict[str, Out] = {
    "refused": Out(instead="http://127.0.0.1:{gone}/"),
    "no-such-name": Out(instead="http://nobody.invalid/"),
    "not-tls": Out(("--connect-timeout=0.05",), instead="https://{authority}/"),
    "no-answer": Out(steps=(close,)),
    "not-http": Out(steps=(b"no\r\n\r\n", close)),
    "cut-short": Out(steps=(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", close)),
    "timed-out": Out(("--timeout=0.05",), steps=(stall,)),
    "out-of-time": Out(("--max-time=0.05", "--traceback"), steps=(stall,)),
    "failed-check": Out(("--check-status", "--traceback"), steps=(response(status="500 Sorry"),)),
    "redirects": Out(
        ("-F", "--max-redirects=1"),
        steps=(response("", "Location: /again?token=x", status="302 Found"),),
    ),
    "no-redirect": Out(("-F",), steps=(response("", "Location: ftp://x/", status="302 Found"),)),
    "wrong-option": Out(("--ssl=nonsense",)),
    "wrong-item": Out(("--traceback", "nonsense")),
    "unwritable": Out(("--output=/dev/null/x",)),
}

OPEN: dict[str, Out] = {
    "verbose": Out(("-vv",)),
    "verbose-redirected": Out(
        ("-v", "-F", "--all"),
        steps=(response("", "Location: http://127.0.0.2:{gone}/", status="307 Elsewhere"),),
    ),
    "offline": Out(("--offline",)),
    "offline-coloured": Out(("--offline", "-p", "HB", "--pretty=all")),
    "challenged": Out(
        ("-v", "--all"),
        steps=(
            response("", 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"',
                     status="401 Who"),
        ),
    ),
}  # fmt: skip
"""Where the user asks to see what leaves."""

TOLD: dict[str, Out] = {
    "debug": Out(("--debug",)),
    "debug-offline": Out(("--debug", "--offline", "-p", "")),
    "debug-shown": Out(("--debug", "--offline", "-p", "", "--show-secrets")),
    "ci": Out(("-vv",), {"CI": "true"}),
    "ci-offline": Out(("--offline", "-p", "HB"), {"CI": "1"}),
    "ci-redirected": Out(
        ("-v", "-F", "--all"),
        {"CI": "true"},
        steps=(response("", "Location: /?token=" + CORE, f"Set-Cookie: a={RECEIVED}",
                        status="307 Elsewhere"),),
    ),
    "config": Out(after=(("config", "show"), ("config", "show", "@p"), ("config", "check"))),
    "sessions": Out(
        ("--session=other",), after=(("sessions", "list"), ("sessions", "show", "other"))
    ),
}  # fmt: skip
"""What the program tells on its own account."""


QUICK = frozenset({"verbose", "debug", "ci", "sessions", "config", "refused", "failed-check"})


def tried(way: In, out: Out, place: Place, server: RawServer, ca: Authority) -> str:
    """Go in and come out; return all that was said."""
    way.plant(place)
    server.may_be_idle()
    names = {"url": place.url, "authority": server.address, "gone": str(refused_port())}
    if any("{locked}" in word for word in way.argv):
        chain, key = ca.issue("me.example")
        names |= {"chain": str(chain), "locked": str(ca.locked(key, PASSPHRASE))}
    if out.steps:
        gone = names["gone"].encode()
        steps = [
            one.replace(b"{gone}", gone) if isinstance(one, bytes) else one for one in out.steps
        ]
        server.answer(*steps)
        if out in FAILURES.values():
            server.always(*steps)
    env = {"S": SECRET, "P": PASSPHRASE, "COOKIE": f"s={CORE}", **out.env}
    url = out.instead if out.instead and way.url == "{url}" else way.url
    # An option stands before the URL, what adds to the request behind it.
    argv = [*out.argv, *way.argv]
    words = [word for word in argv if word == "nonsense"]
    argv = [word for word in argv if word != "nonsense"]
    options, items = split(argv)
    typed = [word.format(**names) for word in (*options, url, *items, *words)]
    said = [run(*typed, env=env, cwd=place.folder)]
    said += [run(*words, env=env, cwd=place.folder) for words in out.after]
    assert all("a bug" not in each.err for each in said), said
    return "".join(f"{each.text}\n{each.err}\n" for each in said)


def split(argv: list[str]) -> tuple[list[str], list[str]]:
    """Return the options with their values, and the items."""
    takes = {"-a", "-A", "-p"}
    options: list[str] = []
    items: list[str] = []
    for before, word in zip(["", *argv], argv, strict=False):
        (options if word.startswith("-") or before in takes else items).append(word)
    return options, items


@pytest.fixture
def place(tmp_path: Path, home: Path, server: RawServer) -> Place:
    return Place(tmp_path, home, server.url)


def pairs(ways: Mapping[str, In], outs: Mapping[str, Out]) -> list[ParameterSet]:
    """Return each way in with each way out; most are for the long run only."""
    return [
        pytest.param(
            ways[way], outs[out], id=f"{way}-{out}", marks=() if out in QUICK else pytest.mark.slow
        )
        for way in ways
        for out in outs
    ]


@pytest.mark.parametrize(("way", "out"), pairs(BY_REFERENCE, {**OPEN, **TOLD, **FAILURES}))
def test_what_is_given_by_reference_comes_out_nowhere(
    way: In, out: Out, place: Place, server: RawServer, ca: Authority
) -> None:
    assert leaked(tried(way, out, place, server, ca)) == []
    assert leaked(place.written().replace(RECEIVED, "")) == []


@pytest.mark.parametrize(("way", "out"), pairs(TYPED, {**TOLD, **FAILURES}))
def test_what_is_typed_is_not_told_to_others(
    way: In, out: Out, place: Place, server: RawServer, ca: Authority
) -> None:
    assert leaked(tried(way, out, place, server, ca)) == []


@pytest.mark.parametrize("out", ["debug", "ci", "ci-offline", "refused", "sessions"])
@pytest.mark.parametrize(
    ("argv", "asks"),
    [
        (("-a", "me"), "password for me"),
        (("--proxy={url}", "--proxy-auth=me"), "password for me"),
        (("--cert={chain}", "--cert-key={locked}"), "passphrase for"),
    ],
)
def test_what_is_typed_when_asked_for_is_not_told(
    argv: tuple[str, ...], asks: str, out: str, place: Place, server: RawServer, ca: Authority
) -> None:
    server.may_be_idle()
    way = {**TOLD, **FAILURES}[out]
    chain, key = ca.issue("me.example")
    names = {"url": place.url, "gone": str(refused_port()), "chain": str(chain)}
    names["locked"] = str(ca.locked(key, PASSPHRASE))
    words = [word.format(**names) for word in (*way.argv, *argv, way.instead or "{url}")]
    with Terminal(*words, env=way.env) as screen:
        if "--offline" not in words or "--cert={chain}" not in argv:
            screen.read_until(asks)
            screen.type(f"{PASSPHRASE}\n")
        screen.wait()
        told = screen.text
    told += "".join(run(*words).text for words in way.after)
    assert leaked(told) == []


FAULTS: list[tuple[str, ...]] = [
    ("{url}", "X-Key:@env:LINES"),
    ("{url}", "a:=@env:S"),
    ("{url}", "a:=@file:secret"),
    ("-f", "{url}", "a:=@file:json"),
    ("-a", "@env:LINES", "{url}"),
    ("-a", "me:@env:LINES", "{url}"),
    ("-a", "@env:BYTES", "{url}"),
    ("-a", "@env:NOTHING", "{url}"),
    ("-a", f"me:{CORE}\n", "{url}"),
    ("--proxy={url}", "--proxy-auth", "me:@env:BYTES", "{url}"),
    (f"--proxy=ftp://me:{CORE}@h", "{url}"),
    (f"--proxy=http://me:{CORE}@h:99999", "{url}"),
    (f"--proxy=http://me:{CORE}@ h", "{url}"),
    (f"--proxy-header=X-Token {CORE}", "{url}"),
    (f"http://me:{CORE}@h:99999/",),
    (f"http://me:{CORE}@ h/",),
    (f"http://me:{CORE}@/",),
    (f"ftp://me:{CORE}@h/",),
    (f"http://me:{CORE}@a@b/ c",),
    ("--session=broken", "{url}"),
    ("--cookie-jar=jar", "{url}"),
    ("--cert-key-pass=@env:S", "{url}"),
    (f"--cert-key-pass={CORE}", "{url}"),
    (f"--header=X-Token {CORE}", "{url}"),
    ("sessions", "show", "broken"),
]
"""Command lines that are wrong where the secret stands."""


@pytest.mark.parametrize("argv", FAULTS, ids=" ".join)
def test_an_error_about_a_secret_does_not_show_it(
    argv: tuple[str, ...], place: Place, server: RawServer
) -> None:
    server.may_be_idle()
    place.put(place.folder / "jar", f"h\tFALSE\t/\tFALSE\tnever\ts\t{CORE}\n")
    for host in (server.address.replace(":", "_"), "h"):
        sessions = place.config / "sessions" / host
        sessions.mkdir(parents=True)
        place.put(sessions / "broken.json", f'{{"auth": {{"raw_auth": "me:{CORE}" "type": 1}}}}')
    env = {"S": SECRET, "LINES": f"{CORE}\r\nX: {CORE}", "NOTHING": "", "BYTES": f"{CORE}\udcff"}
    names = {"url": place.url}
    result = run(*(word.format(**names) for word in argv), env=env, cwd=place.folder)
    assert result.status in (10, 11, 17)
    assert leaked(result.text + result.err) == []


@pytest.mark.parametrize(
    "variable", ["http_proxy", "all_proxy", "https_proxy", "no_proxy", "HTTPS_PROXY"]
)
@pytest.mark.parametrize("value", [f"ftp://me:{CORE}@h", f"me:{CORE}@h:1", f"http://{CORE}@h:x"])
def test_proxies_of_the_environment_are_told_without_their_users(
    variable: str, value: str, place: Place, server: RawServer
) -> None:
    server.may_be_idle()
    for argv in ((place.url,), ("https://127.0.0.1:1",), ("--debug",)):
        result = run(*argv, env={variable: value})
        assert leaked(result.text + result.err) == []


@pytest.mark.parametrize("name", ["config.toml", "config.json"])
def test_broken_settings_are_told_without_their_values(
    name: str, place: Place, server: RawServer
) -> None:
    server.may_be_idle()
    for text in (
        f'auth = "me:{CORE}',
        f'auth = me:{CORE}"',
        f'[profile.p]\nurl = "http://{CORE}@ "',
    ):
        place.put(place.config / name, text)
        for argv in ((place.url,), ("@p",), ("config", "show"), ("config", "check")):
            result = run(*argv)
            assert leaked(result.text + result.err) == []


def test_a_reference_stands_in_no_process_of_ours(place: Place, server: RawServer) -> None:
    server.always(stall)
    argv = ("-a", "me:@env:S", "--proxy-auth=me:@file:secret", f"--proxy={place.url}")
    items = ("X-Key:@env:S", "q==@file:secret", "a=@env:S")
    with started(*argv, place.url, *items, env={"S": SECRET}, cwd=place.folder) as child:
        assert server.wait_for_requests()
        seen = [Path(f"/proc/{child.pid}/cmdline").read_bytes()]
        for task in Path(f"/proc/{child.pid}/task").iterdir():
            seen += [
                Path(f"/proc/{number}/cmdline").read_bytes()
                for number in (task / "children").read_text().split()
            ]
    assert b"@env:S" in seen[0]
    assert leaked(b"\n".join(seen).decode(errors="replace")) == []


def test_what_keeps_a_secret_is_for_its_owner_alone(place: Place, server: RawServer) -> None:
    server.always(response("", f"Set-Cookie: a={RECEIVED}"))
    before = os.umask(0)
    try:
        run("--session=s", "-a", f"me:{CORE}", place.url)
        run("--session=./new/s.json", "-a", f"me:{CORE}", place.url, cwd=place.folder)
        run("--cookie-jar=jar.txt", place.url, cwd=place.folder)
    finally:
        os.umask(before)
    keeping = [path for path in place.folder.rglob("*") if path.is_file() and place.wrote(path)]
    assert len(keeping) == 3
    for path in keeping:
        assert path.stat().st_mode & 0o077 == 0
    made = [place.config / "sessions", place.folder / "new"]
    assert all(folder.stat().st_mode & 0o077 == 0 for folder in made)
