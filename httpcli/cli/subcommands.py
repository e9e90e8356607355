"""The words that do something else than a request where they come first: one row each.

A row names a function of (Surroundings, Notices) that returns the exit status.
A host of that name is written with a slash, ``config/``.
"""

SUBCOMMANDS = {
    "download": "httpcli.cli.downloads:download",
    "config": "httpcli.cli.configuring:configure",
    "echo": "httpcli.cli.serving:serve",
    "help": "httpcli.cli.helping:help_on",
    "sessions": "httpcli.cli.sessions:tend",
}
