"""Makes a random scenario from a seed: files, a folder, and several runs of the program.

The same seed makes the same scenario. Only the timing differs between two runs of it.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from functools import cache
from hashlib import new as new_hash

from tests.support.lying_server import EVIL_NAMES, LIES, UNDETECTABLE, Resource, Script, Version

MIB = 1 << 20
SEGMENTED_SIZE = 16 * MIB
"""A larger file may be downloaded over several connections."""
_ALGORITHMS = ("md5", "sha1", "sha256", "sha512")
_RATES = (3_000_000, 6_000_000, 12_000_000)
"""Bytes a second of each connection: slow enough that another connection helps."""
_WEIGHTS = {
    "part of other version": 6,
    "login page": 3,
    "redirect to login": 3,
    "no file": 3,
    "new version": 3,
    "two ranges": 3,
    "wrong range": 3,
    "wrong 416": 3,
    "coded part": 2,
    "unasked part": 2,
}
"""How often a lie is chosen, compared with others: those that may spoil a file more often."""
_COMMON_LIES = tuple(
    name
    for name in LIES
    if name not in UNDETECTABLE and name != "stall"
    for _ in range(_WEIGHTS.get(name, 1))
)


@dataclass
class Kill:
    """When a run is ended by a signal."""

    signal: str
    """``KILL``, ``TERM`` or ``INT``."""
    at_byte: int | None = None
    """After the server has sent this many bytes of bodies."""
    at_request: int | None = None
    """When the server has received this many requests."""
    delay: float = 0.0
    """Seconds after that, or after the start if neither is given."""


@dataclass
class Step:
    """One run of the program."""

    options: list[str]
    script: Script
    kill: Kill | None = None
    file_size_limit: int | None = None
    """Bytes: the largest file that may be written (RLIMIT_FSIZE)."""
    checksums: dict[str, str] = field(default_factory=dict)
    """The digest of ``--checksum`` by algorithm; empty without that option."""
    is_final: bool = False
    """Whether it is the honest run at the end, which must succeed."""

    @property
    def resumes(self) -> bool:
        """Whether ``--continue`` is given in any form."""
        return bool({"-c", "--continue", "--continue=trust"} & set(self.options))

    @property
    def trusts(self) -> bool:
        """Whether ``--continue=trust`` is given."""
        return "--continue=trust" in self.options


@dataclass
class Scenario:
    """A folder, a server, and what is done with them."""

    seed: str
    resources: dict[str, Resource]
    folder: dict[str, bytes]
    """Files that exist at the start."""
    names: list[str]
    """The URL paths to download."""
    command: list[str]
    """The options that choose the kind of download and the name of the file."""
    steps: list[Step]
    uses_small_disk: bool = False
    always_ends_honestly: bool = False
    """Whether the honest run at the end is made even if nothing can be resumed."""

    @property
    def output(self) -> str | None:
        """The file name that the user gives; None if server and URL choose it."""
        return self.command[self.command.index("-o") + 1] if "-o" in self.command else None


@cache
def _pool() -> bytes:
    """Return random bytes; contents are slices of it, since making them takes long."""
    return random.Random(0).randbytes(44 * MIB)


def make_scenario(seed: str) -> Scenario:
    """Return the scenario of a seed."""
    rng = random.Random(seed)
    is_large = rng.random() < 0.25
    is_many = not is_large and rng.random() < 0.1
    names = ["f", "g"] if is_many else ["f"]
    resources = {name: _make_resource(rng, is_large=is_large) for name in names}
    command = _make_command(rng, is_large=is_large, is_many=is_many)
    scenario = Scenario(seed, resources, {}, names, command, [])
    scenario.folder = _make_folder(rng, scenario)
    if not is_many and resources["f"].version.content and rng.random() < 0.03:
        _plant_sidecar(rng, scenario)
    uses_forgery = rng.random() < 0.06 and not is_many
    scenario.uses_small_disk = not is_large and rng.random() < 0.06
    for number in range(rng.choice([1, 1, 2, 2, 2, 3])):
        scenario.steps.append(_make_step(rng, scenario, number, uses_forgery=uses_forgery))
    final = Step(["-c"], Script(f"{seed}/final"), is_final=True)
    scenario.always_ends_honestly = rng.random() < 0.15
    if uses_forgery:
        final.checksums = _checksums(rng, resources["f"].version.content)
    scenario.steps.append(final)
    return scenario


def _make_resource(rng: random.Random, *, is_large: bool) -> Resource:
    if is_large:
        size = SEGMENTED_SIZE + rng.randrange(1, MIB)
    else:
        sizes = [0, 1, 1000, 70_000, rng.randrange(300_000), rng.randrange(2 * MIB)]
        size = rng.choices(sizes, [3, 3, 10, 20, 40, 24])[0]
    kind = rng.choices(
        ["strong", "both", "time", "weak", "none", "new time"], [45, 25, 12, 7, 6, 5]
    )[0]
    if is_large and rng.random() < 0.8:
        kind = rng.choice(["strong", "both"])
    versions = [_make_version(rng, number, size, kind) for number in range(3)]
    framing = "length" if is_large else rng.choices(["length", "chunked", "close"], [80, 12, 8])[0]
    disposition = ""
    if rng.random() < 0.3:
        disposition = rng.choice(['attachment; filename="given.bin"', "inline"])
    elif rng.random() < 0.3:
        disposition = f"attachment; {rng.choice(EVIL_NAMES)}"
    accepts_ranges = is_large or rng.random() < 0.85
    return Resource(versions, framing, accepts_ranges, disposition)


def _make_version(rng: random.Random, number: int, size: int, kind: str) -> Version:
    if number and rng.random() < 0.4:
        size = max(size + rng.choice([-1000, -1, 1, 1000, 50_000]), 0)
    offset = rng.randrange(len(_pool()) - size)
    content = _pool()[offset : offset + size]
    etag = modified = ""
    if kind in ("strong", "both", "weak"):
        etag = f'{"W/" if kind == "weak" else ""}"v{number}"'
    if kind in ("both", "time"):
        modified = f"Mon, 02 Mar 2026 10:00:0{number} GMT"
    if kind == "new time":
        modified = f"Tue, 03 Mar 2026 10:00:0{number} GMT"
    return Version(content, etag, modified)


def _make_command(rng: random.Random, *, is_large: bool, is_many: bool) -> list[str]:
    if is_many:
        return ["download"]
    if is_large and rng.random() < 0.85:
        command = ["download"]
        if rng.random() < 0.5:
            command += ["--connections", rng.choice(["1", "2", "2", "4", "8"])]
        return command
    if rng.random() < 0.25:
        return ["download"]
    return ["-d"] if rng.random() < 0.4 else ["-d", "-o", "f"]


def _make_folder(rng: random.Random, scenario: Scenario) -> dict[str, bytes]:
    """Return the files at the start; those of an earlier run are made by an earlier run."""
    versions = scenario.resources["f"].versions
    folder = {"keep.txt": b"keep this"} if rng.random() < 0.5 else {}
    old = rng.choice(versions).content
    state = rng.random()
    if state < 0.15:
        folder["f"] = _pool()[: rng.randrange(1, 5000)]
    elif state < 0.27:
        folder["f"] = old
    elif state < 0.37 and old:
        folder["f"] = old[: rng.randrange(len(old))]
    elif state < 0.45:
        folder["f.part"] = _pool()[7 : rng.randrange(7, 5000)]
    elif state < 0.50 and old:
        folder["f.part"] = old[: rng.randrange(len(old))]
    if rng.random() < 0.05:
        folder["f.part.json"] = rng.choice([b"", b"{}", b"[1,2", b'{"layout": 1}'])
    if rng.random() < 0.04:
        folder["f.part.json.new"] = b"{"
    return folder


def _plant_sidecar(rng: random.Random, scenario: Scenario) -> None:
    """Let a server send a partial file and a sidecar by their names, before the file itself."""
    version = scenario.resources["f"].version
    evil = bytes(len(version.content) // 2)
    scenario.resources["evil-part"] = Resource(
        [Version(evil, "", "")] * 2, disposition='attachment; filename="f.part"'
    )
    sidecar = Version(b"SIDECAR", "", "")  # the URL is not known yet
    scenario.resources["evil-sidecar"] = Resource(
        [sidecar] * 2, disposition='attachment; filename="f.part.json"'
    )
    options = rng.choice([[], ["--overwrite"]])
    scenario.steps.append(Step([*options, "EVIL"], Script(f"{scenario.seed}/evil")))


def sidecar_text(url: str, version: Version) -> bytes:
    """Return a sidecar that a server could send, for a partial file with half of a version."""
    half = len(version.content) // 2
    return json.dumps(
        {
            "layout": 1,
            "url": url,
            "size": len(version.content),
            "etag": version.etag,
            "last_modified": version.modified,
            "date": "Tue, 03 Mar 2026 10:00:00 GMT",
            "checksum": "",
            "done": [[0, half]],
            "synced": [[0, half]],
            "boot": "",
        }
    ).encode()


def _make_step(rng: random.Random, scenario: Scenario, number: int, *, uses_forgery: bool) -> Step:
    resource = scenario.resources["f"]
    is_large = len(resource.version.content) > SEGMENTED_SIZE
    script = _make_script(rng, scenario, number, uses_forgery=uses_forgery)
    options = _resume_options(rng, number) + _existing_options(rng, scenario)
    step = Step(options, script)
    if uses_forgery:
        step.checksums = _checksums(rng, resource.version.content)
    elif len(scenario.names) == 1:
        share = rng.random()
        if share < 0.25:
            step.checksums = _checksums(rng, resource.version.content)
        elif share < 0.3:
            step.checksums = _checksums(rng, b"something else")
    options += ["--retry", str(rng.choice([0, 0, 1, 2, 4])), "--retry-delay=0"]
    options += _other_options(rng, resource)
    if "stall" in (*script.lies, script.rest):
        options += ["--timeout", "0.4"]
    if rng.random() < (0.35 if number == 0 else 0.2):
        step.kill = _make_kill(rng, resource, script)
    elif rng.random() < 0.05:
        step.file_size_limit = rng.randrange(len(resource.version.content) + 600)
    if is_large and rng.random() < 0.9:
        script.rate = rng.choice(_RATES)
    return step


def _make_script(
    rng: random.Random, scenario: Scenario, number: int, *, uses_forgery: bool
) -> Script:
    seed = f"{scenario.seed}/{number}"
    if uses_forgery:
        lies = tuple(rng.choices(["honest", "forged part", "cut", "reset"], [4, 2, 3, 1], k=8))
        return Script(seed, lies, rng.choice(["honest", "forged part"]))
    lie = "stall" if rng.random() < 0.03 else rng.choice(_COMMON_LIES)
    cut = rng.choice(["cut", "cut", "reset", "cut early", "cut chunks"])
    pattern = rng.random()
    if pattern < 0.12:
        return Script(seed)
    if pattern < 0.37:
        return Script(seed, ("honest",), lie)  # lies to additional connections
    if pattern < 0.57:
        return Script(seed, (cut,), lie)
    if pattern < 0.67:
        return Script(seed, (cut, lie))
    if pattern < 0.77:
        return Script(seed, (), lie)
    if pattern < 0.87:
        return Script(seed, (lie,), cut if rng.random() < 0.2 else "honest")
    lies = tuple(rng.choice((*_COMMON_LIES, "honest", "honest")) for _ in range(12))
    return Script(seed, lies, rng.choice(["honest", lie]))


def _resume_options(rng: random.Random, number: int) -> list[str]:
    weights = [50, 25, 15, 10] if number == 0 else [20, 35, 35, 10]
    choices = [[], ["-c"], ["--continue"], ["--continue=trust"]]
    return list(rng.choices(choices, weights)[0])


def _existing_options(rng: random.Random, scenario: Scenario) -> list[str]:
    choices = [[], ["--overwrite"], ["--skip-existing"], ["--newer"]]
    weights = [62, 20, 10, 8] if len(scenario.names) == 1 else [80, 20, 0, 0]
    return list(rng.choices(choices, weights)[0])


def _other_options(rng: random.Random, resource: Resource) -> list[str]:
    options: list[str] = []
    if rng.random() < 0.15:
        options.append("--remote-time")
    if rng.random() < 0.03:
        options += ["--max-size", str(rng.randrange(2 * len(resource.version.content) + 1))]
    if rng.random() < 0.1:
        options.append(rng.choice(["-q", "--progress=json", "--progress=plain"]))
    return options


def _make_kill(rng: random.Random, resource: Resource, script: Script) -> Kill:
    kill = Kill(rng.choice(["KILL", "KILL", "TERM", "INT", "INT"]))
    size = len(resource.version.content)
    where = rng.random()
    if where < 0.6:
        kill.at_byte = script.hold_at = rng.randrange(size + 1)
        kill.delay = rng.choice([0.0, 0.0, 0.01, 0.05, 0.3])
        if kill.signal == "KILL" and rng.random() < 0.25:
            kill.delay = 1.3  # the sidecar is saved every second
    elif where < 0.85:
        kill.at_request = rng.choice([1, 1, 1, 2, 2, 3])
        kill.delay = rng.choice([0.0, 0.001, 0.003, 0.01, 0.02, 0.05])
    else:
        kill.delay = rng.uniform(0.1, 0.8)
    return kill


def _checksums(rng: random.Random, content: bytes) -> dict[str, str]:
    algorithm = rng.choice(_ALGORITHMS)
    return {algorithm: new_hash(algorithm, content, usedforsecurity=False).hexdigest()}
