"""The paths of configuration and sessions."""

from __future__ import annotations

import os
from collections.abc import Mapping


def config_directory(env: Mapping[str, str]) -> str:
    """Return the directory of configuration and sessions, which may not exist yet.

    ``HTTPCLI_CONFIG_DIR``, else HTTPie's ``HTTPIE_CONFIG_DIR`` (so that its users keep their
    sessions), else ``httpcli`` in ``XDG_CONFIG_HOME``. A relative ``XDG_CONFIG_HOME`` is
    ignored (XDG Base Directory Specification).
    """
    typed = env.get("HTTPCLI_CONFIG_DIR") or env.get("HTTPIE_CONFIG_DIR")
    if typed:
        return typed
    base = env.get("XDG_CONFIG_HOME", "")
    if not base.startswith("/"):
        base = os.path.join("/", home_directory(env), ".config")
    return os.path.join(base, "httpcli")


def state_directory(env: Mapping[str, str]) -> str:
    """Return the directory of data that httpcli keeps for itself, which may not exist yet.

    ``httpcli`` in ``XDG_STATE_HOME``, whose default is ``~/.local/state``.
    """
    base = env.get("XDG_STATE_HOME", "")
    if not base.startswith("/"):
        base = os.path.join("/", home_directory(env), ".local", "state")
    return os.path.join(base, "httpcli")


def home_directory(env: Mapping[str, str]) -> str:
    """Return ``HOME``; if it is not set, as in a service, the home in the user database.

    A relative ``HOME`` counts as not set: files of the current folder are not the user's settings.
    """
    home = env.get("HOME", "")
    if not home.startswith("/"):
        try:
            from pwd import getpwuid

            home = str(getpwuid(os.getuid()).pw_dir)
        except KeyError:  # a container may run under a user id without a name
            home = "/"
    return home


def config_files(env: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Return the paths of ``config.json`` and ``config.toml``; None for a missing file."""
    directory = config_directory(env)
    old, new = (os.path.join(directory, name) for name in ("config.json", "config.toml"))
    return old if os.path.lexists(old) else None, new if os.path.lexists(new) else None
