"""What a run showed, less what must differ between two programs, and where two differ.

Taken away, and nothing else: each program's name, its version, what it accepts of
codings, ``Connection: keep-alive`` (which HTTP/1.1 means anyway), the server's port,
how long it took and the address that httpcli tells with it, what a session file says
of itself, and which colours were chosen.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_DIGEST_PARAMETER = re.compile(r'([\w*]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]*))')
_CODINGS = {"gzip", "deflate", "br", "zstd"}
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ELAPSED = re.compile(r"(?<=Elapsed time: )[0-9.]+s(?:\nRemote address: \S+)?")
_ABOUT = re.compile(r'^ +"(?:about|help)": .*\n', re.MULTILINE)
_BOUNDARY = re.compile(r"boundary=([0-9a-f]{32})\b")
_HEAD = re.compile(r"HTTP/1\.[01] \d|[A-Z-]+ \S+ HTTP/1\.[01]\r?$")
_WARNING = re.compile(r"(?:http|httpcli): warning: (.*)")
_ERROR = re.compile(r"(?:http|httpcli): error: |usage:|HTTPie (?:Syntax|Type|Value) Error")


class Shown(NamedTuple):
    """Standard output; the same with the fields of each head sorted; whether it is coloured.

    ``told`` has a word for what stderr had: errors, and warnings with their text.
    """

    out: str
    sorted: str
    coloured: bool
    told: tuple[str, ...]

    def differences(self, other: Shown) -> set[str]:
        """Return where the two differ, in the words of ``table.WHERE``."""
        found = set()
        if self.sorted != other.sorted:
            found.add("out")
        elif self.out != other.out:
            found.add("order")
        if self.coloured != other.coloured:
            found.add("colour")
        if self.told != other.told:
            found.add("told")
        return found


def shown(out: bytes, said: str, port: int) -> Shown:
    """Return what was shown, for who compares."""
    text = out.decode("utf-8", "surrogateescape")
    uncoloured = _COLOUR.sub("", text)
    coloured = uncoloured != text
    timeless = _ELAPSED.sub("Ns", _ABOUT.sub("", uncoloured))
    plain_text = timeless.replace(f":{port}", ":PORT")
    for boundary in set(_BOUNDARY.findall(plain_text)):
        plain_text = plain_text.replace(boundary, "BOUNDARY")
    heads = _heads(plain_text, in_order=False)
    return Shown(_heads(plain_text, in_order=True), heads, coloured, _told(said, port))


def plain(line: str) -> str:
    """Return a field's line as it is compared; empty where it is a program's own affair."""
    name, _, value = line.partition(": ")
    if name == "User-Agent" and value.startswith(("HTTPie/", "httpcli/")):
        return ""
    if line == "Connection: keep-alive":
        return ""
    if name == "Accept-Encoding" and set(value.split(", ")) <= _CODINGS:
        return "Accept-Encoding: what is installed"
    if value.startswith("Digest "):
        return f"{name}: Digest {_plain_digest(value)}"
    return line


def _plain_digest(answer: str) -> str:
    """Return the parameters of an answer, less quotes, order and random numbers."""
    random = {"cnonce": lambda _: "any", "response": len}
    found = [
        f"{name}={random.get(name, str)(value)}"
        for name, quoted, bare in _DIGEST_PARAMETER.findall(answer)
        for value in [quoted or bare]
    ]
    return ", ".join(sorted(found))


def _heads(text: str, *, in_order: bool) -> str:
    """Return the text with the fields of each head as they are compared."""
    lines: list[str] = []
    fields: list[str] | None = None
    for line in text.split("\n"):
        if fields is None:
            lines.append(line)
            fields = [] if _HEAD.match(line) else None
        elif line.strip("\r"):
            fields.append(line)
        else:
            lines += [*_compared(fields, in_order=in_order), line]
            fields = None
    return "\n".join([*lines, *_compared(fields or [], in_order=in_order)])


def _compared(fields: list[str], *, in_order: bool) -> list[str]:
    """Return a head's field lines; the last of them ends as the last one did."""
    kept = [line for line in map(plain, (field.removesuffix("\r") for field in fields)) if line]
    if not in_order:
        kept.sort()
    if all(field.endswith("\r") for field in fields):
        return [f"{line}\r" for line in kept]
    return [*kept[:-1], *(f"{line}\r" for line in kept[-1:])]


def _told(said: str, port: int) -> tuple[str, ...]:
    """Return the kinds of what was told: a usage error is one error, whatever its length."""
    words = []
    for line in _COLOUR.sub("", said).replace(f":{port}", ":PORT").splitlines():
        if warning := _WARNING.match(line):
            words.append(f"warning: {warning[1]}")
        elif _ERROR.match(line):
            words.append("error")
    if not words and said.strip():
        words.append("something")
    return tuple(words)
