"""A known secret must not leak into output, reports, files or command lines of processes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.support.certificates import CertificateAuthority
from tests.support.http_connection import Step, close, response, stall
from tests.support.run import run, start_process
from tests.support.secret_canaries import (
    BY_REFERENCE,
    CORE,
    FAILURES,
    OWN_OUTPUT,
    PASSPHRASE,
    QUICK,
    RECEIVED,
    REPORTS,
    REQUEST_OUTPUT,
    SECRET,
    TYPED_SECRETS,
    OutputCase,
    SecretHome,
    SecretInput,
    leaked_lines,
    run_case,
)
from tests.support.servers import RawServer, refused_port
from tests.support.terminal import Terminal


@pytest.fixture
def place(tmp_path: Path, home: Path, server: RawServer) -> SecretHome:
    return SecretHome(tmp_path, home, server.url)


ALWAYS_TESTED = frozenset({"field-env", "json-file", "userinfo-alone", "bearer", "profile"})
"""Inputs that are tested in every run; the other inputs are marked as wide."""
ALL_INPUTS = {**BY_REFERENCE, **{f"typed-{name}": way for name, way in TYPED_SECRETS.items()}}


def is_always_tested(way: str) -> bool:
    """Return whether an input is tested in every run."""
    return way.removeprefix("typed-") in ALWAYS_TESTED


def combinations(
    ways: Mapping[str, SecretInput], outs: Mapping[str, OutputCase]
) -> list[ParameterSet]:
    """Return every input combined with every output; most are marked as wide."""
    return [
        pytest.param(
            ways[way],
            outs[out],
            id=f"{way}-{out}",
            marks=() if out in QUICK and is_always_tested(way) else pytest.mark.wide,
        )
        for way in ways
        for out in outs
    ]


@pytest.mark.parametrize(
    ("way", "out"), combinations(BY_REFERENCE, {**REQUEST_OUTPUT, **OWN_OUTPUT, **FAILURES})
)
def test_referenced_secret_never_leaks(
    way: SecretInput,
    out: OutputCase,
    place: SecretHome,
    server: RawServer,
    ca: CertificateAuthority,
) -> None:
    assert leaked_lines(run_case(way, out, place, server, ca)) == []
    assert leaked_lines(place.written().replace(RECEIVED, "")) == []


@pytest.mark.parametrize(("way", "out"), combinations(TYPED_SECRETS, {**OWN_OUTPUT, **FAILURES}))
def test_typed_secret_does_not_leak_into_messages(
    way: SecretInput,
    out: OutputCase,
    place: SecretHome,
    server: RawServer,
    ca: CertificateAuthority,
) -> None:
    assert leaked_lines(run_case(way, out, place, server, ca)) == []


@pytest.mark.parametrize(("way", "out"), combinations(ALL_INPUTS, REPORTS))
def test_reports_contain_no_secret(
    way: SecretInput,
    out: OutputCase,
    place: SecretHome,
    server: RawServer,
    ca: CertificateAuthority,
) -> None:
    assert leaked_lines(run_case(way, out, place, server, ca)) == []
    report = place.folder / "report"
    assert leaked_lines(report.read_text() if report.exists() else "") == []


def fits_in_a_batch_line(way: SecretInput) -> bool:
    """Return whether a batch line can use this input; sessions apply to the whole run."""
    return not any(word.startswith("--session") for word in way.argv)


@pytest.mark.parametrize("steps", [(), (close,)], ids=["complete", "failed"])
@pytest.mark.parametrize("kind", ["json", "jsonl", "junit", "har", "curl"])
@pytest.mark.parametrize(
    "way",
    [
        pytest.param(way, id=name, marks=() if is_always_tested(name) else pytest.mark.wide)
        for name, way in ALL_INPUTS.items()
        if fits_in_a_batch_line(way)
    ],
)
def test_batch_output_contains_no_secret_of_a_line(
    way: SecretInput,
    kind: str,
    steps: tuple[Step, ...],
    place: SecretHome,
    server: RawServer,
    ca: CertificateAuthority,
) -> None:
    out = OutputCase((f"--report={kind}=report",), steps=steps)
    output = run_case(way, out, place, server, ca, lines=2)
    assert "list:" in output or not steps
    report = (place.folder / "report").read_text()
    assert report
    assert leaked_lines(output + report) == []


@pytest.mark.parametrize(
    "out",
    [
        "debug",
        *(
            pytest.param(out, marks=pytest.mark.wide)
            for out in ("ci", "ci-offline", "refused", "sessions")
        ),
    ],
)
@pytest.mark.parametrize(
    ("argv", "prompt"),
    [
        (("-a", "me"), "password for me"),
        (("--proxy={url}", "--proxy-auth=me"), "password for me"),
        (("--cert={chain}", "--cert-key={locked}"), "passphrase for"),
    ],
)
def test_secret_entered_at_a_prompt_does_not_leak(
    argv: tuple[str, ...],
    prompt: str,
    out: str,
    place: SecretHome,
    server: RawServer,
    ca: CertificateAuthority,
) -> None:
    server.may_be_idle()
    way = {**OWN_OUTPUT, **FAILURES}[out]
    chain, key = ca.issue("me.example")
    names = {"url": place.url, "gone": str(refused_port()), "chain": str(chain)}
    names["locked"] = str(ca.encrypt_key(key, PASSPHRASE))
    args = [word.format(**names) for word in (*way.argv, *argv, way.instead or "{url}")]
    with Terminal(*args, env=way.env) as screen:
        if "--offline" not in args or "--cert={chain}" not in argv:
            screen.read_until(prompt)
            screen.type(f"{PASSPHRASE}\n")
        screen.wait()
        shown = screen.text
    shown += "".join(run(*args).text for args in way.after)
    assert leaked_lines(shown) == []


FAULTS: list[tuple[str, ...]] = [
    ("{url}", "X-Key:@env:LINES"),
    ("{url}", "a:=@env:S"),
    ("{url}", "a:=@file:secret"),
    ("-f", "{url}", "a:=@file:json"),
    ("-a", "@env:LINES", "{url}"),
    ("-a", "me:@env:LINES", "{url}"),
    ("-a", "@env:BYTES", "{url}"),
    ("-a", "@env:NOTHING", "{url}"),
    ("-a", "@env:", "{url}"),
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
"""Command lines whose error is in the value that contains the secret."""


@pytest.mark.parametrize("argv", FAULTS, ids=" ".join)
def test_error_about_a_secret_value_does_not_show_it(
    argv: tuple[str, ...], place: SecretHome, server: RawServer
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
    assert leaked_lines(result.text + result.err) == []


@pytest.mark.parametrize(
    "variable", ["http_proxy", "all_proxy", "https_proxy", "no_proxy", "HTTPS_PROXY"]
)
@pytest.mark.parametrize("value", [f"ftp://me:{CORE}@h", f"me:{CORE}@h:1", f"http://{CORE}@h:x"])
def test_proxy_variables_are_printed_without_credentials(
    variable: str, value: str, place: SecretHome, server: RawServer
) -> None:
    server.may_be_idle()
    for argv in ((place.url,), ("https://127.0.0.1:1",), ("--debug",)):
        result = run(*argv, env={variable: value})
        assert leaked_lines(result.text + result.err) == []


@pytest.mark.parametrize("name", ["config.toml", "config.json"])
def test_config_errors_do_not_show_values(name: str, place: SecretHome, server: RawServer) -> None:
    server.may_be_idle()
    for text in (
        f'auth = "me:{CORE}',
        f'auth = me:{CORE}"',
        f'[profile.p]\nurl = "http://{CORE}@ "',
    ):
        place.put(place.config / name, text)
        for argv in ((place.url,), ("@p",), ("config", "show"), ("config", "check")):
            result = run(*argv)
            assert leaked_lines(result.text + result.err) == []


def test_referenced_secret_is_not_in_any_process_command_line(
    place: SecretHome, server: RawServer
) -> None:
    server.answer_always(stall)
    argv = ("-a", "me:@env:S", "--proxy-auth=me:@file:secret", f"--proxy={place.url}")
    items = ("X-Key:@env:S", "q==@file:secret", "a=@env:S")
    with start_process(*argv, place.url, *items, env={"S": SECRET}, cwd=place.folder) as child:
        assert server.wait_for_requests()
        seen = [Path(f"/proc/{child.pid}/cmdline").read_bytes()]
        for task in Path(f"/proc/{child.pid}/task").iterdir():
            seen += [
                Path(f"/proc/{number}/cmdline").read_bytes()
                for number in (task / "children").read_text().split()
            ]
    assert b"@env:S" in seen[0]
    assert leaked_lines(b"\n".join(seen).decode(errors="replace")) == []


def test_files_with_secrets_are_private(place: SecretHome, server: RawServer) -> None:
    server.answer_always(response("", f"Set-Cookie: a={RECEIVED}"))
    before = os.umask(0)
    try:
        run("--session=s", "-a", f"me:{CORE}", place.url)
        run("--session=./new/s.json", "-a", f"me:{CORE}", place.url, cwd=place.folder)
        run("--cookie-jar=jar.txt", place.url, cwd=place.folder)
    finally:
        os.umask(before)
    files = [path for path in place.folder.rglob("*") if path.is_file() and place.wrote(path)]
    assert len(files) == 3
    for path in files:
        assert path.stat().st_mode & 0o077 == 0
    folders = [place.config / "sessions", place.folder / "new"]
    assert all(folder.stat().st_mode & 0o077 == 0 for folder in folders)
