"""A secret that was planted is looked for wherever it could come out again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.support.certificates import Authority
from tests.support.planted import (
    BY_REFERENCE,
    CORE,
    FAILURES,
    OPEN,
    PASSPHRASE,
    QUICK,
    RECEIVED,
    REPORTED,
    SECRET,
    TOLD,
    TYPED,
    In,
    Out,
    Place,
    leaked,
    tried,
)
from tests.support.run import run, started
from tests.support.servers import RawServer, refused_port
from tests.support.terminal import Terminal
from tests.support.wire import Step, close, response, stall


@pytest.fixture
def place(tmp_path: Path, home: Path, server: RawServer) -> Place:
    return Place(tmp_path, home, server.url)


FEW = frozenset({"field-env", "json-file", "userinfo-alone", "bearer", "profile"})
"""Ways in that are tried in every run; the rest of the tables is for the wide one."""
ALL = {**BY_REFERENCE, **{f"typed-{name}": way for name, way in TYPED.items()}}


def is_one_of_few(way: str) -> bool:
    """Tell whether a way in is tried in every run."""
    return way.removeprefix("typed-") in FEW


def pairs(ways: Mapping[str, In], outs: Mapping[str, Out]) -> list[ParameterSet]:
    """Return each way in with each way out; most are for the wide run only."""
    return [
        pytest.param(
            ways[way],
            outs[out],
            id=f"{way}-{out}",
            marks=() if out in QUICK and is_one_of_few(way) else pytest.mark.wide,
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


@pytest.mark.parametrize(("way", "out"), pairs(ALL, REPORTED))
def test_what_machines_are_told_has_no_secret(
    way: In, out: Out, place: Place, server: RawServer, ca: Authority
) -> None:
    assert leaked(tried(way, out, place, server, ca)) == []
    report = place.folder / "report"
    assert leaked(report.read_text() if report.exists() else "") == []


def one_line(way: In) -> bool:
    """Tell whether a line of a batch can say it: some hold for the run, or ask for a body."""
    return not any(word.startswith("--session") for word in way.argv)


@pytest.mark.parametrize("steps", [(), (close,)], ids=["", "failed"])
@pytest.mark.parametrize("kind", ["json", "jsonl", "junit", "har", "curl"])
@pytest.mark.parametrize(
    "way",
    [
        pytest.param(way, id=name, marks=() if is_one_of_few(name) else pytest.mark.wide)
        for name, way in ALL.items()
        if one_line(way)
    ],
)
def test_a_batch_tells_no_secret_of_a_line(
    way: In, kind: str, steps: tuple[Step, ...], place: Place, server: RawServer, ca: Authority
) -> None:
    out = Out((f"--report={kind}=report",), steps=steps)
    said = tried(way, out, place, server, ca, lines=2)
    assert "list:" in said or not steps
    report = (place.folder / "report").read_text()
    assert report
    assert leaked(said + report) == []


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
