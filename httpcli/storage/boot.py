"""Which start of the machine this is: what was written since then is there, synced or not."""

from __future__ import annotations

_PLACE = "/proc/sys/kernel/random/boot_id"


def boot() -> str:
    """Return a name of the machine's last start; empty where the system does not tell."""
    try:
        with open(_PLACE, encoding="ascii") as file:
            return file.read().strip()
    except (OSError, ValueError):
        return ""
