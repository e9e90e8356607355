"""The output of a run, normalised for comparison, and the differences between two outputs.

These are removed, because they always differ: program name and version, the list in
Accept-Encoding, ``Connection: keep-alive`` (the default in HTTP/1.1), the server's port,
the elapsed time and httpcli's remote address, the ``about`` text of a session file, and
the choice of colours.
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


class Output(NamedTuple):
    """Standard output; the same with sorted headers; whether it is coloured; the messages.

    ``messages`` are those on stderr: ``error``, or a warning with its text.
    """

    out: str
    sorted: str
    coloured: bool
    messages: tuple[str, ...]

    def differences(self, other: Output) -> set[str]:
        """Return the aspects (``table.WHERE``) in which the two differ."""
        found = set()
        if self.sorted != other.sorted:
            found.add("out")
        elif self.out != other.out:
            found.add("order")
        if self.coloured != other.coloured:
            found.add("colour")
        if self.messages != other.messages:
            found.add("messages")
        return found


def parse_output(out: bytes, stderr: str, port: int) -> Output:
    """Return the normalised output."""
    text = out.decode("utf-8", "surrogateescape")
    uncoloured = _COLOUR.sub("", text)
    coloured = uncoloured != text
    timeless = _ELAPSED.sub("Ns", _ABOUT.sub("", uncoloured))
    plain_text = timeless.replace(f":{port}", ":PORT")
    for boundary in set(_BOUNDARY.findall(plain_text)):
        plain_text = plain_text.replace(boundary, "BOUNDARY")
    heads = _heads(plain_text, in_order=False)
    return Output(_heads(plain_text, in_order=True), heads, coloured, _messages(stderr, port))


def normalised_header(line: str) -> str:
    """Return a header line for comparison; empty if the header is not compared."""
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


def _plain_digest(parameters: str) -> str:
    """Return the digest parameters sorted, without quotes and random values."""
    random = {"cnonce": lambda _: "any", "response": len}
    found = [
        f"{name}={random.get(name, str)(value)}"
        for name, quoted, bare in _DIGEST_PARAMETER.findall(parameters)
        for value in [quoted or bare]
    ]
    return ", ".join(sorted(found))


def _heads(text: str, *, in_order: bool) -> str:
    """Return the text with the headers of each message normalised."""
    lines: list[str] = []
    fields: list[str] | None = None
    for line in text.split("\n"):
        if fields is None:
            lines.append(line)
            fields = [] if _HEAD.match(line) else None
        elif line.strip("\r"):
            fields.append(line)
        else:
            lines += [*_normalised(fields, in_order=in_order), line]
            fields = None
    return "\n".join([*lines, *_normalised(fields or [], in_order=in_order)])


def _normalised(fields: list[str], *, in_order: bool) -> list[str]:
    """Return normalised header lines; the last one keeps its line end."""
    kept = [
        line
        for line in map(normalised_header, (field.removesuffix("\r") for field in fields))
        if line
    ]
    if not in_order:
        kept.sort()
    if all(field.endswith("\r") for field in fields):
        return [f"{line}\r" for line in kept]
    return [*kept[:-1], *(f"{line}\r" for line in kept[-1:])]


def _messages(stderr: str, port: int) -> tuple[str, ...]:
    """Return the messages on stderr; a usage error is one error, however many lines it has."""
    words = []
    for line in _COLOUR.sub("", stderr).replace(f":{port}", ":PORT").splitlines():
        if warning := _WARNING.match(line):
            words.append(f"warning: {warning[1]}")
        elif _ERROR.match(line):
            words.append("error")
    if not words and stderr.strip():
        words.append("something")
    return tuple(words)
