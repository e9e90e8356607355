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
    SecretInput,
    SecretWorkspace,
    leaked_lines,
    run_case,
)
from tests.support.servers import RawServer, refused_port
from tests.support.terminal import Terminal


@pytest.fixture
def workspace(tmp_path: Path, home: Path, server: RawServer) -> SecretWorkspace:
    return SecretWorkspace(tmp_path, home, server.url)


ALWAYS_TESTED = frozenset({"field-env", "json-file", "userinfo-alone", "bearer", "profile"})
"""Inputs that are tested in every run; the other inputs are marked as wide."""
ALL_INPUTS = {
    **BY_REFERENCE,
    **{f"typed-{name}": secret_input for name, secret_input in TYPED_SECRETS.items()},
}


def is_always_tested(secret_input: str) -> bool:
    """Return whether an input is tested in every run."""
    return secret_input.removeprefix("typed-") in ALWAYS_TESTED


def combinations(
    inputs: Mapping[str, SecretInput], output_cases: Mapping[str, OutputCase]
) -> list[ParameterSet]:
    """Return every input combined with every output; most are marked as wide."""
    return [
        pytest.param(
            inputs[secret_input],
            output_cases[output_case],
            id=f"{secret_input}-{output_case}",
            marks=()
            if output_case in QUICK and is_always_tested(secret_input)
            else pytest.mark.wide,
        )
        for secret_input in inputs
        for output_case in output_cases
    ]


@pytest.mark.parametrize(
    ("secret_input", "output_case"),
    combinations(BY_REFERENCE, {**REQUEST_OUTPUT, **OWN_OUTPUT, **FAILURES}),
)
def test_referenced_secret_never_leaks(
    secret_input: SecretInput,
    output_case: OutputCase,
    workspace: SecretWorkspace,
    server: RawServer,
    ca: CertificateAuthority,
) -> None:
    assert leaked_lines(run_case(secret_input, output_case, workspace, server, ca)) == []
    assert leaked_lines(workspace.written_text().replace(RECEIVED, "")) == []


@pytest.mark.parametrize(
    ("secret_input", "output_case"), combinations(TYPED_SECRETS, {**OWN_OUTPUT, **FAILURES})
)
def test_typed_secret_does_not_leak_into_messages(
    secret_input: SecretInput,
    output_case: OutputCase,
    workspace: SecretWorkspace,
    server: RawServer,
    ca: CertificateAuthority,
) -> None:
    assert leaked_lines(run_case(secret_input, output_case, workspace, server, ca)) == []


@pytest.mark.parametrize(("secret_input", "output_case"), combinations(ALL_INPUTS, REPORTS))
def test_reports_contain_no_secret(
    secret_input: SecretInput,
    output_case: OutputCase,
    workspace: SecretWorkspace,
    server: RawServer,
    ca: CertificateAuthority,
) -> None:
    assert leaked_lines(run_case(secret_input, output_case, workspace, server, ca)) == []
    report = workspace.folder / "report"
    assert leaked_lines(report.read_text() if report.exists() else "") == []


def fits_in_a_batch_line(secret_input: SecretInput) -> bool:
    """Return whether one line of a batch can use this input; sessions apply to the whole run."""
    return not any(word.startswith("--session") or "\n" in word for word in secret_input.argv)


@pytest.mark.parametrize("steps", [(), (close,)], ids=["complete", "failed"])
@pytest.mark.parametrize("kind", ["json", "jsonl", "junit", "har", "curl"])
@pytest.mark.parametrize(
    "secret_input",
    [
        pytest.param(
            secret_input, id=name, marks=() if is_always_tested(name) else pytest.mark.wide
        )
        for name, secret_input in ALL_INPUTS.items()
        if fits_in_a_batch_line(secret_input)
    ],
)
def test_batch_output_contains_no_secret_of_a_line(
    secret_input: SecretInput,
    kind: str,
    steps: tuple[Step, ...],
    workspace: SecretWorkspace,
    server: RawServer,
    ca: CertificateAuthority,
) -> None:
    output_case = OutputCase((f"--report={kind}=report",), steps=steps)
    output = run_case(secret_input, output_case, workspace, server, ca, lines=2)
    assert "list:" in output or not steps
    report = (workspace.folder / "report").read_text()
    assert report
    assert leaked_lines(output + report) == []


@pytest.mark.parametrize(
    "case_name",
    [
        "debug",
        *(
            pytest.param(case_name, marks=pytest.mark.wide)
            for case_name in ("ci", "ci-offline", "refused", "sessions")
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
    case_name: str,
    workspace: SecretWorkspace,
    server: RawServer,
    ca: CertificateAuthority,
) -> None:
    server.may_be_idle()
    output_case = {**OWN_OUTPUT, **FAILURES}[case_name]
    chain, key = ca.issue("me.example")
    names = {"url": workspace.url, "closed_port": str(refused_port()), "chain": str(chain)}
    names["locked"] = str(ca.encrypt_key(key, PASSPHRASE))
    args = [
        word.format(**names) for word in (*output_case.argv, *argv, output_case.url or "{url}")
    ]
    with Terminal(*args, env=output_case.env) as screen:
        if "--offline" not in args or "--cert={chain}" not in argv:
            screen.read_until(prompt)
            screen.type(f"{PASSPHRASE}\n")
        screen.wait()
        shown = screen.text
    shown += "".join(run(*args).text for args in output_case.more_commands)
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
    argv: tuple[str, ...], workspace: SecretWorkspace, server: RawServer
) -> None:
    server.may_be_idle()
    workspace.put(workspace.folder / "jar", f"h\tFALSE\t/\tFALSE\tnever\ts\t{CORE}\n")
    for host in (server.address.replace(":", "_"), "h"):
        sessions = workspace.config / "sessions" / host
        sessions.mkdir(parents=True)
        workspace.put(
            sessions / "broken.json", f'{{"auth": {{"raw_auth": "me:{CORE}" "type": 1}}}}'
        )
    env = {"S": SECRET, "LINES": f"{CORE}\r\nX: {CORE}", "NOTHING": "", "BYTES": f"{CORE}\udcff"}
    names = {"url": workspace.url}
    result = run(*(word.format(**names) for word in argv), env=env, cwd=workspace.folder)
    assert result.status in (10, 11, 17)
    assert leaked_lines(result.text + result.err) == []


@pytest.mark.parametrize(
    "variable", ["http_proxy", "all_proxy", "https_proxy", "no_proxy", "HTTPS_PROXY"]
)
@pytest.mark.parametrize("value", [f"ftp://me:{CORE}@h", f"me:{CORE}@h:1", f"http://{CORE}@h:x"])
def test_proxy_variables_are_printed_without_credentials(
    variable: str, value: str, workspace: SecretWorkspace, server: RawServer
) -> None:
    server.may_be_idle()
    for argv in ((workspace.url,), ("https://127.0.0.1:1",), ("--debug",)):
        result = run(*argv, env={variable: value})
        assert leaked_lines(result.text + result.err) == []


@pytest.mark.parametrize("name", ["config.toml", "config.json"])
def test_config_errors_do_not_show_values(
    name: str, workspace: SecretWorkspace, server: RawServer
) -> None:
    server.may_be_idle()
    for text in (
        f'auth = "me:{CORE}',
        f'auth = me:{CORE}"',
        f'[profile.p]\nurl = "http://{CORE}@ "',
    ):
        workspace.put(workspace.config / name, text)
        for argv in ((workspace.url,), ("@p",), ("config", "show"), ("config", "check")):
            result = run(*argv)
            assert leaked_lines(result.text + result.err) == []


@pytest.mark.wide
def test_referenced_secret_is_not_in_any_process_command_line(
    workspace: SecretWorkspace, server: RawServer
) -> None:
    server.answer_always(stall)
    argv = ("-a", "me:@env:S", "--proxy-auth=me:@file:secret", f"--proxy={workspace.url}")
    items = ("X-Key:@env:S", "q==@file:secret", "a=@env:S")
    with start_process(
        *argv, workspace.url, *items, env={"S": SECRET}, cwd=workspace.folder
    ) as child:
        assert server.wait_for_requests()
        seen = [Path(f"/proc/{child.pid}/cmdline").read_bytes()]
        for task in Path(f"/proc/{child.pid}/task").iterdir():
            seen += [
                Path(f"/proc/{number}/cmdline").read_bytes()
                for number in (task / "children").read_text().split()
            ]
    assert b"@env:S" in seen[0]
    assert leaked_lines(b"\n".join(seen).decode(errors="replace")) == []


def test_files_with_secrets_are_private(workspace: SecretWorkspace, server: RawServer) -> None:
    server.answer_always(response("", f"Set-Cookie: a={RECEIVED}"))
    before = os.umask(0)
    try:
        run("--session=s", "-a", f"me:{CORE}", workspace.url)
        run("--session=./new/s.json", "-a", f"me:{CORE}", workspace.url, cwd=workspace.folder)
        run("--cookie-jar=jar.txt", workspace.url, cwd=workspace.folder)
    finally:
        os.umask(before)
    files = [
        path
        for path in workspace.folder.rglob("*")
        if path.is_file() and workspace.was_written(path)
    ]
    assert len(files) == 3
    for path in files:
        assert path.stat().st_mode & 0o077 == 0
    folders = [workspace.config / "sessions", workspace.folder / "new"]
    assert all(folder.stat().st_mode & 0o077 == 0 for folder in folders)
