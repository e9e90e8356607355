"""The commands of httpcli, such as ``httpcli sessions``: one registry row for each."""

SUBCOMMANDS = {
    "download": "httpcli.cli.commands.download:run_download",
    "config": "httpcli.cli.commands.config:run_config",
    "echo": "httpcli.cli.commands.echo:run_echo",
    "help": "httpcli.cli.commands.help:run_help",
    "sessions": "httpcli.cli.commands.sessions:run_sessions",
}
"""Functions of (Environment, Notices) that return the exit status, by the first argument.

A host with such a name is written with a slash: ``config/``.
"""
