"""Reads ``config.json``: options that the user wants in every run.

HTTPie's file does as it is: keys that mean nothing here are passed over. What
is broken is told, with its place, and the run goes on without it.
"""

from typing import NamedTuple

from httpcli.model.registry import load


class Settings(NamedTuple):
    """Words that go before the command line's, and what is wrong with the file (or nothing)."""

    default_options: tuple[str, ...] = ()
    fault: str = ""


def read_settings(path: str) -> Settings:
    """Return what the file says. Raises nothing: a file that cannot be used has a fault."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        return _without(f"{path}: cannot be read: {(error.strerror or str(error)).lower()}")
    try:
        settings = load("json:loads")(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return _without(f"{path}:{_place(content, error.start)}: not UTF-8")
    except RecursionError:
        return _without(f"{path}:1:1: nested too deeply")
    except ValueError as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        reason = str(getattr(error, "msg", error))
        return _without(f"{path}:{line}:{column}: not JSON: {reason[:1].lower()}{reason[1:]}")
    if not isinstance(settings, dict):
        return _without(f"{path}:1:1: not a JSON object")
    options = settings.get("default_options", [])
    if not isinstance(options, list) or not all(isinstance(word, str) for word in options):
        place = _place(content, max(0, content.find(b'"default_options"')))
        return _without(f"{path}:{place}: default_options is not a list of strings")
    return Settings(tuple(options))


def _place(content: bytes, offset: int) -> str:
    """Return ``line:column`` of a byte, both from 1."""
    before = content[:offset]
    line, column = before.count(b"\n") + 1, offset - before.rfind(b"\n")
    return f"{line}:{column}"


def _without(fault: str) -> Settings:
    return Settings(fault=f"{fault}; going on without it")
