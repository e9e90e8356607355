"""A secret that is planted: the ways in, the ways out, and how it is looked for.

Two tables, of which each way in is tried with each way out. A new way out (a kind of report,
say) is one row.
"""

from __future__ import annotations

import re
import shlex
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.support.certificates import CertificateAuthority
from tests.support.http_connection import Step, close, response, stall
from tests.support.run import run
from tests.support.servers import RawServer, refused_port

CORE = "Pl4ntedS3cret"
SECRET = f'é"{CORE}+/ &'
"""Its core stays as it is in every way to write it, but for base64."""
PASSPHRASE = CORE
RECEIVED = "S3cretOfTheServer"


class SecretInput(NamedTuple):
    """A way in: what is typed (with the names of ``SecretHome``), and what lies around."""

    argv: tuple[str, ...] = ()
    plant: Callable[[SecretHome], None] = lambda _: None
    url: str = "{url}"


class OutputCase(NamedTuple):
    """A way out: what is typed besides, and what the server does."""

    argv: tuple[str, ...] = ()
    env: Mapping[str, str] = {}
    steps: tuple[Step, ...] = ()
    instead: str = ""
    """The URL in place of the server's."""
    after: tuple[tuple[str, ...], ...] = ()
    """Command lines that are run then."""


class SecretHome:
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


def leaked_lines(text: str) -> list[str]:
    """Return the lines that have the secret in them, in any of its forms."""
    forms = [CORE, RECEIVED]
    for alone in (CORE, "é" + CORE, 'é"' + CORE, f"me:{SECRET}", f":{SECRET}", SECRET):
        for offset in range(3):
            coded = b64encode(b"\0" * offset + alone.encode()).decode()
            forms.append(re.escape(coded[4 * (offset > 0) : 16]))
    return [line for line in text.splitlines() if re.search("|".join(forms), line)]


def session_by_reference(place: SecretHome) -> None:
    run("--offline", "-p", "", "--session=kept", "-a", "me:@env:S", place.url, env={"S": SECRET})


BY_REFERENCE: dict[str, SecretInput] = {
    "field-env": SecretInput(("X-Plain:@env:S",)),
    "field-file": SecretInput(("X-Plain:@file:secret",)),
    "cookie-field": SecretInput(("Cookie:@env:COOKIE",)),
    "query-env": SecretInput(("q==@env:S",)),
    "query-file": SecretInput(("q==@file:secret",)),
    "json-env": SecretInput(("a=@env:S",)),
    "json-file": SecretInput(("a=@file:secret",)),
    "json-literal": SecretInput(("a:=@file:json",)),
    "json-nested": SecretInput(("a[b][]=@env:S",)),
    "form": SecretInput(("-f", "a=@env:S", "b=@file:secret")),
    "multipart": SecretInput(("--multipart", "a=@env:S", "b=@file:secret")),
    "compressed": SecretInput(("-xx", "a=@env:S")),
    "auth-password": SecretInput(("-a", "me:@env:S")),
    "auth-whole": SecretInput(("-a", "@file:pair")),
    "bearer": SecretInput(("-A", "bearer", "-a", "@env:S")),
    "digest": SecretInput(("-A", "digest", "-a", "me:@file:secret")),
    "netrc": SecretInput((), lambda p: p.put(p.netrc, f"default login me password {CORE}\n")),
    "proxy-auth": SecretInput(("--proxy={url}", "--proxy-auth=me:@env:S")),
    "proxy-auth-whole": SecretInput(("--proxy={url}", "--proxy-auth=@file:pair")),
    "key": SecretInput(("--cert={chain}", "--cert-key={locked}", "--cert-key-pass=@env:P")),
    "profile-field": SecretInput((), lambda p: p.profile('headers = {X-P = "@env:S"}\n'), "@p/x"),
    "profile-auth": SecretInput(
        (), lambda p: p.profile(f'auth = "me:@file:{p.folder}/pair"'), "@p"
    ),
    "session": SecretInput(("--session=kept",), session_by_reference),
}

TYPED_SECRETS: dict[str, SecretInput] = {
    "field": SecretInput((f"X-Api-Key:{CORE}",)),
    "field-named-token": SecretInput((f"My_Access_Token:{CORE}",)),
    "query": SecretInput((f"api_key=={CORE}",)),
    "query-in-url": SecretInput((), url="{url}/x?access_token=" + CORE),
    "auth": SecretInput(("-a", f"me:{SECRET}")),
    "bearer": SecretInput(("-A", "bearer", "-a", CORE)),
    "digest": SecretInput(("-A", "digest", "-a", f"me:{SECRET}")),
    "authorization": SecretInput((f"Authorization:Custom {CORE}",)),
    "cookie-field": SecretInput((f"Cookie:s={CORE}",)),
    "cookie-option": SecretInput((f"--cookie=s={CORE}",)),
    "userinfo": SecretInput((), url="http://me:" + CORE + "@{authority}/x"),
    "userinfo-alone": SecretInput((), url="http://" + CORE + "@{authority}/x"),
    "proxy-userinfo": SecretInput(("--proxy=http://me:" + CORE + "@{authority}",)),
    "proxy-userinfo-alone": SecretInput(("--proxy=http://" + CORE + "@{authority}",)),
    "proxy-auth": SecretInput(("--proxy={url}", f"--proxy-auth=me:{SECRET}")),
    "proxy-header": SecretInput(
        ("--proxy={url}", f"--proxy-header=Proxy-Authorization: x {CORE}")
    ),
    "key": SecretInput(("--cert={chain}", "--cert-key={locked}", f"--cert-key-pass={PASSPHRASE}")),
    "profile": SecretInput(
        (),
        lambda p: p.profile(
            f'auth = "me:{CORE}"\ncookie = "s={CORE}"\nparam = "token={CORE}"\n'
            f'proxy = "{p.url.replace("//", f"//me:{CORE}@")}"\n'
            f'headers = {{X-Api-Key = "{CORE}"}}\n'
        ),
        "@p/x",
    ),
    "profile-url": SecretInput(
        (),
        lambda p: p.put(
            p.config / "config.toml",
            f'[profile.p]\nurl = "{p.url.replace("//", f"//{CORE}@")}"\n'
            f'proxy-header = "Proxy-Authorization: {CORE}"\nproxy-auth = "me:{CORE}"\n'
            f'proxy = "http:http://{CORE}@{p.url[7:]}"\n',
        ),
        "@p/x",
    ),
    "default-options": SecretInput(
        (),
        lambda p: p.put(
            p.config / "config.json",
            f'{{"default_options": ["--auth=me:{CORE}", "--header=X-Token: {CORE}"]}}',
        ),
    ),
}

FAILURES: dict[str, OutputCase] = {
    "refused": OutputCase(instead="http://127.0.0.1:{gone}/"),
    "no-such-name": OutputCase(instead="http://nobody.invalid/"),
    "not-tls": OutputCase(("--connect-timeout=0.05",), instead="https://{authority}/"),
    "no-answer": OutputCase(steps=(close,)),
    "not-http": OutputCase(steps=(b"no\r\n\r\n", close)),
    "cut-short": OutputCase(steps=(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", close)),
    "timed-out": OutputCase(("--timeout=0.05",), steps=(stall,)),
    "out-of-time": OutputCase(("--max-time=0.05", "--traceback"), steps=(stall,)),
    "failed-check": OutputCase(
        ("--check-status", "--traceback"), steps=(response(status="500 Sorry"),)
    ),
    "redirects": OutputCase(
        ("-F", "--max-redirects=1"),
        steps=(response("", "Location: /again?token=x", status="302 Found"),),
    ),
    "no-redirect": OutputCase(
        ("-F",), steps=(response("", "Location: ftp://x/", status="302 Found"),)
    ),
    "wrong-option": OutputCase(("--ssl=nonsense",)),
    "wrong-item": OutputCase(("--traceback", "nonsense")),
    "unwritable": OutputCase(("--output=/dev/null/x",)),
}

REQUEST_OUTPUT: dict[str, OutputCase] = {
    "verbose": OutputCase(("-vv",)),
    "verbose-redirected": OutputCase(
        ("-v", "-F", "--all"),
        steps=(response("", "Location: http://127.0.0.2:{gone}/", status="307 Elsewhere"),),
    ),
    "offline": OutputCase(("--offline",)),
    "offline-coloured": OutputCase(("--offline", "-p", "HB", "--pretty=all")),
    "challenged": OutputCase(
        ("-v", "--all"),
        steps=(
            response("", 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"',
                     status="401 Who"),
        ),
    ),
}  # fmt: skip
"""Where the user asks to see what leaves."""

OWN_OUTPUT: dict[str, OutputCase] = {
    "debug": OutputCase(("--debug",)),
    "debug-offline": OutputCase(("--debug", "--offline", "-p", "")),
    "debug-shown": OutputCase(("--debug", "--offline", "-p", "", "--show-secrets")),
    "ci": OutputCase(("-vv",), {"CI": "true"}),
    "ci-offline": OutputCase(("--offline", "-p", "HB"), {"CI": "1"}),
    "ci-redirected": OutputCase(
        ("-v", "-F", "--all"),
        {"CI": "true"},
        steps=(response("", "Location: /?token=" + CORE, f"Set-Cookie: a={RECEIVED}",
                        status="307 Elsewhere"),),
    ),
    "config": OutputCase(
        after=(("config", "show"), ("config", "show", "@p"), ("config", "check"))
    ),
    "sessions": OutputCase(
        ("--session=other",), after=(("sessions", "list"), ("sessions", "show", "other"))
    ),
}  # fmt: skip
"""What the program tells on its own account."""

NAMES = ("json", "header_json", "url", "url_effective", "errormsg", "filename_effective")
VARIABLES = "".join(f"%{{{{{name}}}}}" for name in NAMES)

REPORTS: dict[str, OutputCase] = {
    **{
        f"{kind}{how}": OutputCase((f"--report={kind}=report", *argv), steps=steps)
        for kind in ("json", "jsonl", "junit", "har", "curl")
        for how, argv, steps in (
            ("", (), ()),
            ("-failed", ("--traceback",), (close,)),
            ("-challenged", ("-F", "--expect=status == 201", "--expect=json.a == 1"),
             (response("", 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"',
                       "Location: /x", f"Set-Cookie: a={RECEIVED}", status="401 Who"),)),
            ("-redirected", ("-F", "--all"),
             (response("", "Location: /?token=" + RECEIVED, f"Set-Cookie: a={RECEIVED}",
                       status="307 Elsewhere"),)),
        )
    },
    "har-offline": OutputCase(("--offline", "-p", "", "--report=har=report")),
    "curl-line": OutputCase(("--print-curl",)),
    "curl-line-unknown": OutputCase(("--print-curl", "--max-size=5", "--retry-on=dns")),
    "timings": OutputCase(("--timings", "-F")),
    "write-out": OutputCase((f"--write-out={VARIABLES}",), {"CI": "1"}),
    "write-out-failed": OutputCase((f"--write-out={VARIABLES}",), {"CI": "1"}, (close,)),
    "retried": OutputCase(("--retry=1", "--retry-delay=0.01", "--retry-unsafe"), steps=(close,)),
    "downloaded": OutputCase(("--download", "--output=saved", "--progress=json", "--hash=sha256")),
    "stream": OutputCase(("--stream", "--tee=copy")),
}  # fmt: skip
"""What machines are told: reports, lines for curl, what a script reads."""


QUICK = frozenset(
    {"verbose", "debug", "ci", "sessions", "config", "refused", "failed-check"}
    | {"har-challenged", "junit-failed", "curl-redirected"}
)


def run_case(
    way: SecretInput,
    out: OutputCase,
    place: SecretHome,
    server: RawServer,
    ca: CertificateAuthority,
    lines: int = 0,
) -> str:
    """Go in and come out; return all that was said.

    ``lines``: the request stands in so many lines of a batch, ``out`` beside them.
    """
    way.plant(place)
    server.may_be_idle()
    names = {"url": place.url, "authority": server.address, "gone": str(refused_port())}
    if any("{locked}" in word for word in way.argv):
        chain, key = ca.issue("me.example")
        names |= {"chain": str(chain), "locked": str(ca.encrypt_key(key, PASSPHRASE))}
    if out.steps:
        gone = names["gone"].encode()
        steps = [
            one.replace(b"{gone}", gone) if isinstance(one, bytes) else one for one in out.steps
        ]
        server.answer(*steps)
        if out in FAILURES.values():
            server.answer_always(*steps)
    env = {"S": SECRET, "P": PASSPHRASE, "COOKIE": f"s={CORE}", **out.env}
    url = out.instead if out.instead and way.url == "{url}" else way.url
    # An option stands before the URL, what adds to the request behind it.
    argv = [*out.argv, *way.argv]
    words = [word for word in argv if word == "nonsense"]
    argv = [word for word in argv if word != "nonsense"]
    options, items = split(argv)
    typed = [word.format(**names) for word in (*options, url, *items, *words)]
    if lines:
        report = [*out.argv]
        line = shlex.join(word for word in typed if word not in report)
        place.put(place.folder / "list", f"{line}\n" * lines)
        typed = ["--batch=list", *report]
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
