"""Where the program keeps what outlives a run."""

from __future__ import annotations

import os
from collections.abc import Mapping


def config_directory(env: Mapping[str, str]) -> str:
    """Return the folder of configuration and sessions; it need not be there yet.

    ``HTTPCLI_CONFIG_DIR``, else HTTPie's ``HTTPIE_CONFIG_DIR`` (whoever has set it
    goes on with what is there), else ``httpcli`` in the XDG folder, whose
    variable counts only where it is absolute (XDG Base Directory Specification):
    nothing is found by where one stands.
    """
    typed = env.get("HTTPCLI_CONFIG_DIR") or env.get("HTTPIE_CONFIG_DIR")
    if typed:
        return typed
    base = env.get("XDG_CONFIG_HOME", "")
    if not base.startswith("/"):
        base = os.path.join("/", home_directory(env), ".config")
    return os.path.join(base, "httpcli")


def home_directory(env: Mapping[str, str]) -> str:
    """Return the user's home: ``HOME``, or (a service has none) what the system knows."""
    home = env.get("HOME")
    if not home:
        try:
            from pwd import getpwuid

            home = str(getpwuid(os.getuid()).pw_dir)
        except KeyError:  # a user of a container that has no name
            home = "/"
    return home


def config_files(env: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Return the paths of ``config.json`` and ``config.toml``, None for one that is not there."""
    folder = config_directory(env)
    old, new = (os.path.join(folder, name) for name in ("config.json", "config.toml"))
    return old if os.path.lexists(old) else None, new if os.path.lexists(new) else None
