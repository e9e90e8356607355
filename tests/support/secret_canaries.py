"""A known secret in every kind of input, every kind of output, and a search for the secret.

Tests combine each input with each output. A new output, such as a report, is one row.
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
"""``CORE`` is unchanged by every encoding of the secret except base64."""
PASSPHRASE = CORE
RECEIVED = "S3cretOfTheServer"


class SecretInput(NamedTuple):
    """A kind of input that contains the secret. Words may contain ``{url}`` and other names."""

    argv: tuple[str, ...] = ()
    """Options and request items."""
    prepare: Callable[[SecretWorkspace], None] = lambda _: None
    """Writes the files that the input needs."""
    url: str = "{url}"
    """The URL to request."""


class OutputCase(NamedTuple):
    """A kind of output that must not contain the secret."""

    argv: tuple[str, ...] = ()
    """More options."""
    env: Mapping[str, str] = {}
    """More environment variables."""
    steps: tuple[Step, ...] = ()
    """The server's response."""
    url: str = ""
    """The URL to request instead of the server's."""
    more_commands: tuple[tuple[str, ...], ...] = ()
    """Command lines to run afterwards."""


class SecretWorkspace:
    """A folder and a home directory with files that contain the secret, and a server's URL."""

    def __init__(self, folder: Path, home: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.config = home / ".config" / "httpcli"
        self.config.mkdir(parents=True)
        self.netrc = home / ".netrc"
        self._own_files: set[Path] = set()
        self.put(folder / "secret", f"{SECRET}\n")
        self.put(folder / "pair", f"me:{SECRET}\n")
        self.put(folder / "json", f'{{"a": ["{CORE}"]}}')

    def put(self, path: Path, text: str) -> None:
        """Write a private file."""
        path.write_text(text)
        path.chmod(0o600)
        self._own_files.add(path)

    def put_profile(self, text: str) -> None:
        """Write a configuration with the profile ``p``."""
        self.put(self.config / "config.toml", f'[profile.p]\nurl = "{self.url}"\n{text}')

    def was_written(self, path: Path) -> bool:
        """Return whether the program wrote a file."""
        return path not in self._own_files

    def written_text(self) -> str:
        """Return the text of all files that the program wrote."""
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        return "\n".join(path.read_text() for path in paths if self.was_written(path))


def leaked_lines(text: str) -> list[str]:
    """Return the lines that contain the secret, in plain text or base64."""
    forms = [CORE, RECEIVED]
    for text_form in (CORE, "é" + CORE, 'é"' + CORE, f"me:{SECRET}", f":{SECRET}", SECRET):
        for offset in range(3):
            encoded = b64encode(b"\0" * offset + text_form.encode()).decode()
            forms.append(re.escape(encoded[4 * (offset > 0) : 16]))
    return [line for line in text.splitlines() if re.search("|".join(forms), line)]


def session_by_reference(workspace: SecretWorkspace) -> None:
    run(
        "--offline",
        "-p",
        "",
        "--session=kept",
        "-a",
        "me:@env:S",
        workspace.url,
        env={"S": SECRET},
    )


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
    "netrc": SecretInput((), lambda w: w.put(w.netrc, f"default login me password {CORE}\n")),
    "proxy-auth": SecretInput(("--proxy={url}", "--proxy-auth=me:@env:S")),
    "proxy-auth-whole": SecretInput(("--proxy={url}", "--proxy-auth=@file:pair")),
    "key": SecretInput(("--cert={chain}", "--cert-key={locked}", "--cert-key-pass=@env:P")),
    "profile-field": SecretInput(
        (), lambda w: w.put_profile('headers = {X-P = "@env:S"}\n'), "@p/x"
    ),
    "profile-auth": SecretInput(
        (), lambda w: w.put_profile(f'auth = "me:@file:{w.folder}/pair"'), "@p"
    ),
    "session": SecretInput(("--session=kept",), session_by_reference),
}

TYPED_SECRETS: dict[str, SecretInput] = {
    "field": SecretInput((f"X-Api-Key:{CORE}",)),
    "field-named-token": SecretInput((f"My_Access_Token:{CORE}",)),
    "query": SecretInput((f"api_key=={CORE}",)),
    "query-in-url": SecretInput((), url="{url}/x?access_token=" + CORE),
    "query-code": SecretInput((f"code=={CORE}",)),
    "query-nested-url": SecretInput((f"next==https://h/?token={CORE}",)),
    "path-parameter": SecretInput((), url="{url}/x;token=" + CORE),
    "url-in-field": SecretInput((f"X-Callback:https://me:{CORE}@h/;token={CORE}",)),
    "bearer-in-field": SecretInput((f"X-Any:Bearer {CORE}",)),
    "json-array": SecretInput((f"tokens[]={CORE}",)),
    "json-object": SecretInput((f"password[a][b]={CORE}",)),
    "json-in-json": SecretInput((f'a={{{{"token": ["{CORE}"]}}}}',)),
    "json-escaped-name": SecretInput((f'--raw={{{{"\\u0070assword" : ["{CORE}"]}}}}',)),
    "json-lines": SecretInput(
        (f'--raw=[1]\n{{{{"token": {{{{"a": "{CORE}"}}}}}}}}', "Content-Type:application/jsonl")
    ),
    "form": SecretInput(("-f", f"tokens[]={CORE}", f"user[password]={CORE}")),
    "form-as-json": SecretInput((f"--raw=%70assword={CORE}&a=1",)),
    "multipart": SecretInput(("--multipart", f"tokens[]={CORE}", f'a={{{{"token": "{CORE}"}}}}')),
    "xml": SecretInput((f"--raw=<a><Password>{CORE}</Password></a>", "Content-Type:text/xml")),
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
        lambda w: w.put_profile(
            f'auth = "me:{CORE}"\ncookie = "s={CORE}"\nparam = "token={CORE}"\n'
            f'proxy = "{w.url.replace("//", f"//me:{CORE}@")}"\n'
            f'headers = {{X-Api-Key = "{CORE}"}}\n'
        ),
        "@p/x",
    ),
    "profile-url": SecretInput(
        (),
        lambda w: w.put(
            w.config / "config.toml",
            f'[profile.p]\nurl = "{w.url.replace("//", f"//{CORE}@")}"\n'
            f'proxy-header = "Proxy-Authorization: {CORE}"\nproxy-auth = "me:{CORE}"\n'
            f'proxy = "http:http://{CORE}@{w.url[7:]}"\n',
        ),
        "@p/x",
    ),
    "default-options": SecretInput(
        (),
        lambda w: w.put(
            w.config / "config.json",
            f'{{"default_options": ["--auth=me:{CORE}", "--header=X-Token: {CORE}"]}}',
        ),
    ),
}

FAILURES: dict[str, OutputCase] = {
    "refused": OutputCase(url="http://127.0.0.1:{closed_port}/"),
    "no-such-name": OutputCase(url="http://nobody.invalid/"),
    "not-tls": OutputCase(("--connect-timeout=0.05",), url="https://{authority}/"),
    "no-answer": OutputCase(steps=(close,)),
    "not-http": OutputCase(steps=(b"no\r\n\r\n", close)),
    "cut-short": OutputCase(steps=(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", close)),
    "timed-output_case": OutputCase(("--timeout=0.05",), steps=(stall,)),
    "output_case-of-time": OutputCase(("--max-time=0.05", "--traceback"), steps=(stall,)),
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
        steps=(response("", "Location: http://127.0.0.2:{closed_port}/", status="307 Elsewhere"),),
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
"""Output of the request, which shows secrets that the user typed."""

SERVER_FIELDS = (
    "Content-Type: application/json",
    f"Location: //u:{RECEIVED}@h/;token={RECEIVED}?code={RECEIVED}#access_token={RECEIVED}",
    f"X-To: https://u:{RECEIVED}@h/",
    f"Link: <https://h/?token={RECEIVED}>; rel=next",
    f"Refresh: 5; url=https://{RECEIVED}@h/",
    f"Set-Cookie: a={RECEIVED}; Path=/?token={RECEIVED}; x={RECEIVED}",
)
SERVER_BODY = (
    f'{{"user": {{"tokens": ["{RECEIVED}", {{"a": "{RECEIVED}"}}]}},'
    f' "\\u0070assword": "{RECEIVED}",'
    f' "text": "{{\\"token\\": \\"{RECEIVED}\\"}}"}}'
)
"""Secrets of a server, in each part of a response."""

OWN_OUTPUT: dict[str, OutputCase] = {
    "debug": OutputCase(("--debug",)),
    "debug-offline": OutputCase(("--debug", "--offline", "-p", "")),
    "debug-shown": OutputCase(("--debug", "--offline", "-p", "", "--show-secrets")),
    "ci": OutputCase(("-vv",), {"CI": "true"}),
    "ci-offline": OutputCase(("--offline", "-p", "HB"), {"CI": "1"}),
    "ci-of-secrets": OutputCase(
        ("-vv",), {"CI": "1"}, steps=(response(SERVER_BODY, *SERVER_FIELDS),)
    ),
    "ci-redirected": OutputCase(
        ("-v", "-F", "--all"),
        {"CI": "true"},
        steps=(response("", "Location: /?token=" + CORE, f"Set-Cookie: a={RECEIVED}",
                        status="307 Elsewhere"),),
    ),
    "config": OutputCase(
        more_commands=(("config", "show"), ("config", "show", "@p"), ("config", "check"))
    ),
    "sessions": OutputCase(
        ("--session=other",), more_commands=(("sessions", "list"), ("sessions", "show", "other"))
    ),
}  # fmt: skip
"""Messages and listings of the program."""

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
    **{
        f"{kind}-of-secrets": OutputCase(
            ("-p", "", f"--report={kind}=report", "--expect=body == x", "--expect=json(@) == 1",
             "--expect=header.Location == x", "--expect=header.X-To == x"),
            steps=(response(SERVER_BODY, *SERVER_FIELDS),),
        )
        for kind in ("json", "jsonl", "junit", "har", "curl")
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
"""Output for other programs: reports, curl commands, and text for scripts."""

QUICK = frozenset(
    {"verbose", "debug", "ci", "sessions", "config", "refused", "failed-check"}
    | {"har-challenged", "junit-failed", "curl-redirected"}
)
"""The output cases that are tested in every run; the others are marked as wide."""


def run_case(
    secret_input: SecretInput,
    output_case: OutputCase,
    workspace: SecretWorkspace,
    server: RawServer,
    ca: CertificateAuthority,
    lines: int = 0,
) -> str:
    """Run an input with an output case; return everything printed.

    ``lines``: put the request into so many lines of a batch, and run the batch with the
    options of the output case.
    """
    secret_input.prepare(workspace)
    server.may_be_idle()
    names = {"url": workspace.url, "authority": server.address, "closed_port": str(refused_port())}
    if any("{locked}" in word for word in secret_input.argv):
        chain, key = ca.issue("me.example")
        names |= {"chain": str(chain), "locked": str(ca.encrypt_key(key, PASSPHRASE))}
    if output_case.steps:
        port = names["closed_port"].encode()
        steps = [
            step.replace(b"{closed_port}", port) if isinstance(step, bytes) else step
            for step in output_case.steps
        ]
        server.answer(*steps)
        if output_case in FAILURES.values():
            server.answer_always(*steps)
    env = {"S": SECRET, "P": PASSPHRASE, "COOKIE": f"s={CORE}", **output_case.env}
    url = output_case.url if output_case.url and secret_input.url == "{url}" else secret_input.url
    # Options go before the URL, request items after it.
    argv = [*output_case.argv, *secret_input.argv]
    invalid = [word for word in argv if word == "nonsense"]
    argv = [word for word in argv if word != "nonsense"]
    options, items = split_options(argv)
    command = [word.format(**names) for word in (*options, url, *items, *invalid)]
    if lines:
        line = shlex.join(word for word in command if word not in output_case.argv)
        workspace.put(workspace.folder / "list", f"{line}\n" * lines)
        command = ["--batch=list", *output_case.argv]
    results = [run(*command, env=env, cwd=workspace.folder)]
    results += [run(*words, env=env, cwd=workspace.folder) for words in output_case.more_commands]
    assert all("a bug" not in result.err for result in results), results
    return "".join(f"{result.text}\n{result.err}\n" for result in results)


def split_options(argv: list[str]) -> tuple[list[str], list[str]]:
    """Return the options with their values, and the request items."""
    takes_value = {"-a", "-A", "-p"}
    options: list[str] = []
    items: list[str] = []
    for previous, word in zip(["", *argv], argv, strict=False):
        (options if word.startswith("-") or previous in takes_value else items).append(word)
    return options, items
