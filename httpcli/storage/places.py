"""Where the user's files of this program lie."""

from __future__ import annotations

import os
from collections.abc import Mapping


def config_folder(env: Mapping[str, str]) -> str:
    """Return the folder of the settings: a path that is never found by where one stands.

    HTTPie's own variable counts where ours is not set. What the XDG
    specification calls invalid, a relative path, is ignored.
    """
    typed = env.get("HTTPCLI_CONFIG_DIR") or env.get("HTTPIE_CONFIG_DIR")
    if typed:
        return typed
    base = env.get("XDG_CONFIG_HOME", "")
    if not base.startswith("/"):
        base = os.path.join("/", env.get("HOME", ""), ".config")
    return os.path.join(base, "httpcli")


def config_file(env: Mapping[str, str]) -> str | None:
    """Return the path of the settings, or None where there are none: one question, no more."""
    path = os.path.join(config_folder(env), "config.json")
    return path if os.path.exists(path) else None
