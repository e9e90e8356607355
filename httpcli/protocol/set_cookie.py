"""What a Set-Cookie field says, read as leniently as browsers do (RFC 6265bis, 5.6)."""

import re
from typing import NamedTuple

from httpcli.protocol.dates import parse_date

_BLANKS = " \t"
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_MAX_AGE = re.compile(r"-?[0-9]+")
_LONGEST_PAIR = 4096
_LONGEST_ATTRIBUTE = 1024
_LATEST = 253_402_300_799.0
"""The last second of the year 9999."""


class SetCookie(NamedTuple):
    """One Set-Cookie field. Attributes that were not there are empty.

    ``expires`` is seconds since 1970, None with the session, and already minds
    Max-Age. ``path`` is empty too where it is no path: the default is meant then.
    """

    name: str
    value: str
    domain: str = ""
    path: str = ""
    expires: float | None = None
    secure: bool = False
    http_only: bool = False
    same_site: str = ""


def parse_set_cookie(text: str, now: float) -> SetCookie | None:
    """Return what the field says; None where nothing of it counts."""
    if _CONTROL.search(text):
        return None
    pair, _, rest = text.partition(";")
    name, value = parse_pair(pair)
    if not (name or value) or _size(name) + _size(value) > _LONGEST_PAIR:
        return None
    attributes: dict[str, str] = {}
    for piece in rest.split(";"):
        attribute, _, setting = (part.strip(_BLANKS) for part in piece.partition("="))
        if _size(setting) <= _LONGEST_ATTRIBUTE:
            _note(attributes, attribute.lower(), setting)
    return SetCookie(
        name=name,
        value=value,
        domain=attributes.get("domain", ""),
        path=attributes.get("path", ""),
        expires=_expires(attributes, now),
        secure="secure" in attributes,
        http_only="httponly" in attributes,
        same_site=attributes.get("samesite", ""),
    )


def parse_pair(text: str) -> tuple[str, str]:
    """Return name and value; a text without ``=`` is the value of a cookie without name."""
    name, equals, value = text.partition("=")
    if not equals:
        name, value = "", name
    return name.strip(_BLANKS), value.strip(_BLANKS)


def _note(attributes: dict[str, str], name: str, setting: str) -> None:
    """Keep an attribute unless it says nothing; of several the last one counts."""
    if name == "expires" and parse_date(setting) is None:
        return
    if name == "max-age" and not _MAX_AGE.fullmatch(setting):
        return
    if name == "domain":
        setting = setting.removeprefix(".").lower()
    if name == "path" and not setting.startswith("/"):
        setting = ""
    if name == "samesite":
        setting = setting.lower() if setting.lower() in ("none", "strict", "lax") else ""
    attributes[name] = setting


def _expires(attributes: dict[str, str], now: float) -> float | None:
    age = attributes.get("max-age")
    if age is not None:
        seconds = int(age)
        return 0.0 if seconds <= 0 else float(min(now + min(seconds, _LATEST), _LATEST))
    return parse_date(attributes["expires"]) if "expires" in attributes else None


def _size(text: str) -> int:
    """Return how many bytes the text was."""
    # A byte that is no text is one surrogate, and one question mark.
    return len(text.encode("utf-8", "replace"))
