"""Judges one run of the program: what it left in the folder, and how it ended.

A file is right if it is one complete version that the server has, or if it was there before.
A partial file may stay only with its sidecar, so that it can be resumed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import new as new_hash
from typing import NamedTuple

from tests.faults.random_downloads.scenario import Scenario, Step


class File(NamedTuple):
    """A file of a folder."""

    content: bytes
    inode: int
    """Another number after a replacement, even by equal content."""


Snapshot = dict[str, File]

PART_SUFFIXES = (".part", ".part.json", ".part.json.new")
_STATUSES = frozenset({0, 1, 2, 3, 4, 5, 6, 12, 13, 17})
_SIGNAL_STATUSES = {"INT": (130,), "TERM": (143,), "KILL": (137,)}
_RESUME_HINT = re.compile(r"--continue(?!=trust)|\bto resume\b(?! (?:it|them) anyway)|\b-dc\b")
_BLOCK = 4096


class Ended:
    """How a run ended."""

    def __init__(self, status: int, out: bytes, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err


@dataclass
class Judge:
    """Judges the runs of one scenario."""

    scenario: Scenario
    right_bodies: set[bytes]
    """The bodies that a correct client may take for a complete file."""
    trusted: list[bytes] = field(default_factory=list)
    """Files, and versions of the server, that the user has told the program to trust."""

    def problems(self, step: Step, before: Snapshot, after: Snapshot, ended: Ended) -> list[str]:
        """Return what is wrong; empty if nothing is."""
        if step.trusts:
            self.trusted += [file.content for name, file in before.items() if name != "keep.txt"]
            # Parts without any validator may be of another version: the user accepts that.
            self.trusted += [
                version.content
                for resource in self.scenario.resources.values()
                for version in resource.versions
                if not version.strong_validators
            ]
        return [
            *self._wrong_end(step, ended),
            *self._wrong_files(step, before, after, ended),
            *self._litter(step, before, after, ended),
            *self._wrong_success(step, before, after, ended),
            *self._false_hint(step, after, ended),
        ]

    def _wrong_end(self, step: Step, ended: Ended) -> Iterable[str]:
        if step.kill is not None and "Could not import runpy" in ended.err:
            return  # the signal arrived before Python had started the program
        allowed = set(_STATUSES)
        if step.kill is not None:
            allowed |= set(_SIGNAL_STATUSES[step.kill.signal])
        if ended.status not in allowed:
            yield f"exit status {ended.status}"
        if ended.status == 1 and "--max-size" not in step.options:
            yield "exit status 1 without --max-size"
        if "Traceback" in ended.err:
            yield "a traceback"
        if ended.status and not ended.err and step.kill is None and "-q" not in step.options:
            yield f"exit status {ended.status} without a message"
        if ended.status and self._must_succeed(step):
            yield f"exit status {ended.status} with an honest server"

    def _must_succeed(self, step: Step) -> bool:
        is_honest = {step.script.rest, *step.script.lies} == {"honest"}
        is_disturbed = step.kill is not None or step.file_size_limit is not None
        is_disturbed = is_disturbed or (self.scenario.uses_small_disk and not step.is_final)
        may_refuse = bool({"--max-size", "--timeout", "EVIL"} & set(step.options))
        # The server may choose the same name for two files that are downloaded at once.
        may_refuse = may_refuse or len(self.scenario.names) > 1
        if step.checksums:
            current = self.scenario.resources[self.scenario.names[0]].version.content
            may_keep = {"--newer", "--skip-existing"} & set(step.options)
            may_refuse = may_refuse or step.resumes or bool(may_keep)
            may_refuse = may_refuse or not has_checksum(current, step.checksums)
        return is_honest and not is_disturbed and not may_refuse and not step.trusts

    def _wrong_files(
        self, step: Step, before: Snapshot, after: Snapshot, ended: Ended
    ) -> Iterable[str]:
        for name in before.keys() - after.keys():
            if not name.endswith(PART_SUFFIXES):
                yield f"{name!r} was removed"
        complete = _changed_files(before, after)
        if len(complete) > len(_urls(self.scenario, step)):
            yield f"several files were written: {sorted(complete)}"
        for name in complete:
            if step.checksums and not has_checksum(after[name].content, step.checksums):
                yield f"{name!r} does not have the promised checksum (exit status {ended.status})"
            elif not self._is_right(after[name].content):
                yield f"{name!r} is wrong (exit status {ended.status})"
            elif ended.status and len(self.scenario.names) == 1 and step.kill is None:
                yield f"{name!r} was written, but the exit status is {ended.status}"
            if name in before and not self._may_replace(step, name):
                yield f"{name!r} was replaced"
            if name not in before and self.scenario.output is None and not is_safe_name(name):
                yield f"{name!r} is not a safe name"

    def _may_replace(self, step: Step, name: str) -> bool:
        if name == self.scenario.output:
            return "--skip-existing" not in step.options or bool(step.checksums)
        if {"--overwrite", "--newer"} & set(step.options):
            return True
        if "--skip-existing" in step.options:
            return bool(step.checksums)
        return step.resumes and (step.trusts or bool(step.checksums))

    def _is_right(self, content: bytes) -> bool:
        return content in self.right_bodies or any(
            _is_made_of(content, version[: len(content)], self.trusted)
            for version in self.right_bodies
            if self.trusted
        )

    def _litter(
        self, step: Step, before: Snapshot, after: Snapshot, ended: Ended
    ) -> Iterable[str]:
        if step.kill is not None and step.kill.signal == "KILL" and ended.status == 137:
            return
        for name in sorted(_changed(before, after)):
            if not name.endswith(PART_SUFFIXES):
                continue
            content = after[name].content
            if content in self.right_bodies and ended.status == 0:
                yield f"{name!r} is not a safe name"
                return
            stem = name[: name.rindex(".part")]
            is_pair = f"{stem}.part" in after and f"{stem}.part.json" in after
            if name.endswith(".new") or not is_pair:
                yield f"litter: {name!r} (exit status {ended.status})"
            elif ended.status == 0:
                yield f"litter: {name!r} after success"
        for name in _changed_files(before, after):
            parts = [f"{name}{suffix}" for suffix in PART_SUFFIXES]
            # A partial file of a killed run may stay: it had another name when this one began.
            left = [part for part in parts if part in after and after[part] != before.get(part)]
            if left and len(self.scenario.names) == 1 and "EVIL" not in step.options:
                yield f"litter beside the complete file: {left}"

    def _wrong_success(
        self, step: Step, before: Snapshot, after: Snapshot, ended: Ended
    ) -> Iterable[str]:
        if ended.status:
            return
        if self.scenario.command[0] == "download" and "-q" not in step.options:
            for line in ended.out.splitlines():
                if line.decode("utf-8", "surrogateescape") not in after:
                    yield f"{line!r} was printed, but does not exist"
        if not _changed_files(before, after):
            yield from self._wrong_unchanged(step, before)

    def _wrong_unchanged(self, step: Step, before: Snapshot) -> Iterable[str]:
        existing = [
            file.content for name, file in before.items() if not name.endswith(PART_SUFFIXES)
        ]
        if step.checksums:
            if not any(has_checksum(content, step.checksums) for content in existing):
                yield "exit status 0, but no file has the promised checksum"
        elif {"--skip-existing", "--newer"} & set(step.options):
            if not existing:
                yield "exit status 0, but there is no file"
        elif not (step.resumes and any(map(self._is_right, existing))):
            yield "exit status 0, but no complete file was written"

    def _false_hint(self, step: Step, after: Snapshot, ended: Ended) -> Iterable[str]:
        if step.kill is not None and step.kill.signal == "KILL":
            return
        if len(self.scenario.names) > 1:
            return  # two URLs with one name: one may take the partial file of the other
        has_pair = any(
            name.endswith(".part") and f"{name}.json" in after and file.content
            for name, file in after.items()
        )
        for line in resume_hints(ended.err):
            if not has_pair:
                yield f"nothing can be resumed, but the hint is {line!r}"


def resume_hints(err: str) -> list[str]:
    """Return the lines that promise that a partial file can be resumed."""
    lines = [line for line in err.splitlines() if _RESUME_HINT.search(line)]
    return [line for line in lines if "starting over" not in line]


def _urls(scenario: Scenario, step: Step) -> list[str]:
    return ["evil-part", "evil-sidecar"] if "EVIL" in step.options else scenario.names


def _changed(before: Snapshot, after: Snapshot) -> set[str]:
    return {name for name, file in after.items() if before.get(name) != file}


def _changed_files(before: Snapshot, after: Snapshot) -> set[str]:
    """Return the new or changed files that are neither partial files nor sidecars."""
    return {name for name in _changed(before, after) if not name.endswith(PART_SUFFIXES)}


def has_checksum(content: bytes, checksums: dict[str, str]) -> bool:
    """Return whether a file has the promised digest."""
    return all(
        new_hash(algorithm, content, usedforsecurity=False).hexdigest() == digest
        for algorithm, digest in checksums.items()
    )


def is_safe_name(name: str) -> bool:
    """Return whether a server may choose this name."""
    folded = name.casefold()
    return (
        not name.startswith((".", "-", "~"))
        and not folded.endswith(PART_SUFFIXES)
        and name.isprintable()
        and len(name.encode()) <= 255
        and folded.partition(".")[0] != "con"
    )


def _is_made_of(content: bytes, version: bytes, trusted: Iterable[bytes]) -> bool:
    """Return whether each byte is that of a version, or of a trusted file at the same offset."""
    if len(content) != len(version):
        return False
    trusted = list(trusted)
    for start in range(0, len(content), _BLOCK):
        block = content[start : start + _BLOCK]
        if block == version[start : start + _BLOCK]:
            continue
        sources = [each[start : start + _BLOCK] for each in (version, *trusted)]
        if not all(
            any(source[offset : offset + 1] == block[offset : offset + 1] for source in sources)
            for offset in range(len(block))
        ):
            return False
    return True
