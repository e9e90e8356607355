"""Profiles: ``@NAME/path`` as the URL, and the settings of ``[profile.NAME]``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from httpcli.config.file import ConfigDocument
from httpcli.config.settings_to_options import Section, Setting, parse_table, redact_option
from httpcli.core.errors import Fault, UsageError
from httpcli.core.invocation import SettingSource
from httpcli.syntax.urls import parse_url

_NAME = r"[A-Za-z0-9_.-]+"
_PROFILE_URL = re.compile(rf"@({_NAME})(?=[/?#]|\Z)(.*)", re.DOTALL)
_PATH_HINT = "httpcli config path says where config.toml stands; [profile.{name}] with url = …"


def split_profile_url(typed_url: str) -> tuple[str, str]:
    """Split ``@NAME/path`` into name and path. Raises UsageError."""
    match = _PROFILE_URL.match(typed_url)
    if match is None:
        raise UsageError(
            f"{typed_url!r} is neither a URL nor a profile",
            hint="a profile is @NAME or @NAME/path; a file (@FILE) goes after the URL",
            fault=Fault(typed_url, 0, len(typed_url)),
        )
    return match[1], match[2]


def profile_url(base: str, path: str) -> str:
    """Return the URL of a profile with the path that was typed after its name.

    >>> profile_url("https://api.example.org/v1/", "/users?q=1")
    'https://api.example.org/v1/users?q=1'
    """
    return base.removesuffix("/") + path if path.startswith("/") else base + path


def read_profile(
    document: ConfigDocument | None, name: str
) -> tuple[str, list[Setting], list[UsageError]]:
    """Return a profile's base URL, its settings, and the errors in them.

    Raises UsageError for an unknown profile.
    """
    profiles = all_profiles(document)
    if document is None or name not in profiles:
        raise _unknown_profile(name, list(profiles))
    section = Section(document, ("profile", name), SettingSource.PROFILE)
    table = profiles[name]
    if not isinstance(table, dict):
        return "", [], [UsageError(f"{section.location()}: profile {name} must be a table")]
    settings, errors = parse_table(section, table, skip=("url",))
    base: Any = table.get("url")
    error = _base_url_error(base, name)
    if error is not None:
        error.message = f"{section.location('url')}: {error.message}"
        return "", settings, [error, *errors]
    url = Setting(
        "url",
        (),
        section.location("url"),
        SettingSource.PROFILE,
        has_plain_secret=redact_option("url", base) != base,
    )
    return base, [url, *settings], errors


def all_profiles(document: ConfigDocument | None) -> Mapping[str, Any]:
    """Return all profiles by name; empty if ``profile`` is not a table."""
    profiles = document.tables.get("profile", {}) if document else {}
    return profiles if isinstance(profiles, dict) else {}


def profile_name_error(name: str) -> str:
    """Return why a profile's name is invalid; empty if it is valid."""
    is_valid = re.fullmatch(_NAME, name)
    return "" if is_valid else f"invalid profile name {name!r}: use letters, digits and _ . -"


def _base_url_error(base: Any, name: str) -> UsageError | None:
    """Return the error of a profile's base URL; None if it is valid."""
    if base is None:
        return UsageError(
            f"profile {name} has no url", hint=('add its base URL: url = "https://..."')
        )
    if not isinstance(base, str) or base.startswith("@"):
        return UsageError(
            "url is not a valid URL", hint=('example: url = "https://api.example.org/v1"')
        )
    if "?" in base or "#" in base:
        return UsageError(
            "url must not have a query or fragment",
            hint=('for query parameters: param = ["NAME=VALUE"]'),
        )
    try:
        parse_url(base)
    except UsageError as error:
        return UsageError(f"url: {error.message}", hint=error.hint, fault=error.fault)
    return None


def _unknown_profile(name: str, names: list[str]) -> UsageError:
    if not names:
        return UsageError(
            f"unknown profile {name}: no profiles are defined",
            hint=_PATH_HINT.format(name=name),
        )
    from difflib import get_close_matches

    similar = get_close_matches(name, names, 1)
    suggestion = f"; did you mean @{similar[0]}?" if similar else ""
    return UsageError(
        f"unknown profile {name}", hint=f"profiles: {', '.join(sorted(names))}{suggestion}"
    )
