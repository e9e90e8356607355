"""``@NAME/path`` in the place of a URL, and what the profile stands for; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from httpcli.config.file import ConfigDocument
from httpcli.config.settings import Section, Setting, parse_table, redact_option
from httpcli.core.errors import Fault, UsageError
from httpcli.syntax.urls import parse_target

PROFILE_RANK = 2
_NAME = r"[A-Za-z0-9_.-]+"
_TARGET = re.compile(rf"@({_NAME})(?=[/?#]|\Z)(.*)", re.DOTALL)
_FOLDER_HINT = "httpcli config path says where config.toml stands; [profile.{name}] with url = …"


def split_target(target: str) -> tuple[str, str]:
    """Return the name of the profile and what stands behind it. Raises UsageError."""
    found = _TARGET.match(target)
    if found is None:
        raise UsageError(
            f"{target!r} is neither a URL nor a profile",
            hint="a profile is @NAME or @NAME/path; a file, @FILE, stands behind the URL",
            fault=Fault(target, 0, len(target)),
        )
    return found[1], found[2]


def profile_url(base: str, rest: str) -> str:
    """Return the URL of a profile with what was typed behind its name.

    >>> joined("https://api.example.org/v1/", "/users?q=1")
    'https://api.example.org/v1/users?q=1'
    """
    return base.removesuffix("/") + rest if rest.startswith("/") else base + rest


def read_profile(
    document: ConfigDocument | None, name: str
) -> tuple[str, list[Setting], list[UsageError]]:
    """Return a profile's base URL, its settings, and what is wrong with them.

    Raises UsageError where there is no such profile.
    """
    profiles = all_profiles(document)
    if document is None or name not in profiles:
        raise _unknown(name, list(profiles))
    section = Section(document, ("profile", name), PROFILE_RANK)
    table = profiles[name]
    if not isinstance(table, dict):
        return "", [], [UsageError(f"{section.source()}: profile {name} is not a table")]
    settings, faults = parse_table(section, table, apart=("url",))
    base = table.get("url")
    fault = _fault_of(base, name)
    if fault is not None or not isinstance(base, str):
        fault = fault or UsageError("url is not a text")
        fault.message = f"{section.source('url')}: {fault.message}"
        return "", settings, [fault, *faults]
    url = Setting(
        "url", (), section.source("url"), PROFILE_RANK, exposed=redact_option("url", base) != base
    )
    return base, [url, *settings], faults


def all_profiles(document: ConfigDocument | None) -> Mapping[str, Any]:
    """Return all profiles by name; none where ``profile`` is not a table."""
    profiles = document.tables.get("profile", {}) if document else {}
    return profiles if isinstance(profiles, dict) else {}


def profile_name_error(name: str) -> str:
    """Say what is wrong with a profile's name (empty: nothing)."""
    fits = re.fullmatch(_NAME, name)
    return "" if fits else f"{name!r}: a profile's name has letters, digits and _ . -"


def _fault_of(base: Any, name: str) -> UsageError | None:
    """Return why this cannot be the base of a profile, if it cannot."""
    if base is None:
        return UsageError(f"profile {name} has no url", hint='url = "https://…" is its base')
    if not isinstance(base, str) or base.startswith("@"):
        return UsageError("url is not a URL", hint='url = "https://api.example.org/v1"')
    if "?" in base or "#" in base:
        return UsageError(
            "url has a query or fragment", hint='param = ["NAME=VALUE"] adds a query'
        )
    try:
        parse_target(base)
    except UsageError as error:
        return UsageError(f"url: {error.message}", hint=error.hint, fault=error.fault)
    return None


def _unknown(name: str, names: list[str]) -> UsageError:
    if not names:
        return UsageError(
            f"there is no profile {name}: no profiles are set up",
            hint=_FOLDER_HINT.format(name=name),
        )
    from difflib import get_close_matches

    alike = get_close_matches(name, names, 1)
    meant = f"; did you mean @{alike[0]}?" if alike else ""
    return UsageError(
        f"there is no profile {name}", hint=f"profiles: {', '.join(sorted(names))}{meant}"
    )
