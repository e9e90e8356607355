"""The words that do something else than a request where they come first: one row each.

A row names a function of (Surroundings, Notices) that returns the exit status.
A host of that name is written with a slash, ``config/``.
"""

SUBCOMMANDS = {
    "download": "httpcli.cli.commands.download:run_download",
    "config": "httpcli.cli.commands.config:run_config",
    "echo": "httpcli.cli.commands.echo:run_echo",
    "help": "httpcli.cli.commands.help:run_help",
    "sessions": "httpcli.cli.commands.sessions:run_sessions",
}
