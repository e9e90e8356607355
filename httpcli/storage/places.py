"""Where the program keeps what outlives a run."""

from __future__ import annotations

import os
from collections.abc import Mapping


def config_folder(env: Mapping[str, str]) -> str:
    """Return the folder of configuration and sessions; it need not be there yet.

    ``HTTPCLI_CONFIG_DIR``, else HTTPie's ``HTTPIE_CONFIG_DIR`` (whoever has set it
    goes on with the sessions there), else ``httpcli`` in the XDG folder, whose
    variable counts only where it is absolute (XDG Base Directory Specification).
    """
    named = env.get("HTTPCLI_CONFIG_DIR") or env.get("HTTPIE_CONFIG_DIR")
    if named:
        return named
    home = env.get("HOME") or os.path.expanduser("~")
    above = env.get("XDG_CONFIG_HOME", "")
    if not above.startswith("/"):
        above = os.path.join(home, ".config")
    return os.path.join(above, "httpcli")
