"""What can be said behind ``httpcli sessions``."""

from __future__ import annotations

from httpcli.options.option import Flag, Group

ACTIONS = {
    "list": ("", "All sessions that have a name: host, name, cookies, who asks, last change."),
    "show": ("NAME|PATH", "What a session holds, secrets redacted."),
    "edit": (
        "NAME|PATH",
        "Change a session in your editor ($VISUAL, $EDITOR), checked first.",
    ),
    "rm": ("NAME|PATH", "Remove a session."),
}
"""The word for what is done: what stands behind it, and its help."""

OF_SESSIONS = Group(
    "Options",
    (
        Flag("show-secrets", "show: secrets too, as they are sent."),
        Flag("help", "Show this help."),
    ),
)
