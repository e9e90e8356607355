"""The words that do something else than a request where they come first: one row each.

A row names a function of (Surroundings, Notices) that returns the exit status.
A host of that name is written with a slash, ``config/``.
"""

SUBCOMMANDS = {
    "download": "httpcli.cli.commands.download:download",
    "config": "httpcli.cli.commands.config:configure",
    "echo": "httpcli.cli.commands.echo:serve",
    "help": "httpcli.cli.commands.help:help_on",
    "sessions": "httpcli.cli.commands.sessions:tend",
}
