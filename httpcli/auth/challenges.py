"""Challenges of a server (RFC 9110, 11.6.1): read leniently, several in one field, or one in each.

A comma stands between challenges and between the parameters of one, so a
word begins a challenge unless an equals sign follows it.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from httpcli.core.headers import TOKEN

_PARAMETER = re.compile(rf'({TOKEN})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"?|([^\s,]*))', re.DOTALL)
_SCHEME = re.compile(rf"({TOKEN})([ \t]*)")
_TOKEN68 = re.compile(r"([A-Za-z0-9._~+/-]+=*)[ \t]*(?:,|\Z)")
_SKIPPED = re.compile(r"[ \t,]+|.", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Challenge(NamedTuple):
    """One challenge: the scheme and its parameters' names in lower case, or ``token68``."""

    scheme: str
    parameters: Mapping[str, str] = {}
    token68: str = ""


def parse(values: Iterable[str]) -> list[Challenge]:
    """Read the values of all WWW-Authenticate fields; what cannot be read is passed over.

    Of a parameter given twice the first counts.
    """
    return [challenge for value in values for challenge in _of_field(value)]


def _of_field(value: str) -> list[Challenge]:
    found: list[Challenge] = []
    parameters: dict[str, str] = {}
    at = 0
    while at < len(value):
        if match := _PARAMETER.match(value, at):
            name, quoted, plain = match.groups()
            text = plain if quoted is None else _ESCAPED.sub(r"\1", quoted)
            parameters.setdefault(name.lower(), text)
        elif match := _SCHEME.match(value, at):
            scheme, blank = match[1].lower(), match[2]
            token68 = _TOKEN68.match(value, match.end()) if blank else None
            alone = token68 is not None or value[match.end() : match.end() + 1] in ("", ",")
            if not alone or not found:
                parameters = {}
            # A lone word among parameters is a scheme without any, or a list that
            # lost its quotes (qop=auth,auth-int): those that follow are not its own.
            found.append(Challenge(scheme, {} if alone and found else parameters))
            if token68 is not None:
                found[-1] = found[-1]._replace(token68=token68[1])
                match = token68
        else:
            match = _SKIPPED.match(value, at)
        at = len(value) if match is None else match.end()
    return found
