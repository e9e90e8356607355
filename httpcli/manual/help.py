"""The help texts of the program and its subcommands, from the option table; 80 columns wide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap

from httpcli.core.exit_status import ExitStatus
from httpcli.options.option import Option, OptionGroup, OptionKind
from httpcli.options.subcommands import (
    DOWNLOAD_COMMAND_OPTIONS,
    ECHO_OPTIONS,
    SESSION_ACTIONS,
    SESSIONS_OPTIONS,
)
from httpcli.options.table import GROUPS
from httpcli.options.transfers import DOWNLOAD, TRANSFERS

USAGE = "httpcli [OPTIONS] [METHOD] URL [ITEM]..."

EXAMPLES = (
    ("httpcli POST echo:/anything name=world", "try it without a network"),
    ("httpcli :3000/users/1", "GET http://localhost:3000/users/1"),
    ("httpcli PUT api.example.org/x X-Key:1 n:=3 tags[]=a", "a field and JSON content"),
    ("httpcli -F https://example.org -o page.html", "follow redirects, save the body"),
    ("httpcli sessions list", "the sessions of --session; see httpcli sessions --help"),
)

ITEMS = (
    ("Name:value", "a header field; Name: unsets it, Name; sends it empty"),
    ("name==value", "a query parameter"),
    ("name=text", "a string in the JSON content; a[b][]=text nests"),
    ("name:=json", "any JSON: 3, true, [1,2], {...}"),
    ("@path", "the content is that file's"),
    ("name@path;type=T", "a file in a form (--form); - is stdin; ;filename=N names it"),
    ("name=@path name:=@path name==@path Name:@path", "the value is that file's"),
    ("name=@env:VAR :@file:path", "a secret, from a variable or file: never shown"),
)

SETTINGS = (
    ("[defaults]", "options by name, for every run: timeout = 10"),
    ("[profile.NAME]", "url, headers, any option; the URL is @NAME/path"),
    ("httpcli config show", "what counts, and from where; also check, path"),
)

_DOWNLOAD_EXAMPLES = (
    ("httpcli download https://example.org/a.iso", "one large file, in parts where that helps"),
    ("httpcli download --input list.txt --output-dir isos", "all files of a list"),
    ("httpcli download -c https://example.org/a.iso", "go on where an earlier run ended"),
    ("httpcli download URL --checksum URL.sha256", "proved by the list beside it"),
)

_COLUMN = 26
"""The column where descriptions begin."""
_WIDTH = 80


def short_usage() -> str:
    """Return the usage lines for a run without arguments."""
    return (
        f"usage: {USAGE}\n"
        "       httpcli POST echo:/anything name=world   (needs no network)\n"
        "       httpcli --help                           shows all options\n"
    )


def full_help() -> str:
    """Return the text of ``httpcli --help``."""
    return _text(_full_help_lines())


def help_about(word: str) -> str:
    """Return the parts of the help that contain a word, ignoring case; may be empty.

    Searches the options, the request items and the exit statuses.
    """
    return _text(
        _lines_about(word if _is_letter_option(word) else word.lower().removeprefix("--"))
    )


def downloads_help() -> str:
    """Return the text of ``httpcli download --help``."""
    return _text(_download_help_lines())


def echo_help() -> str:
    """Return the text of ``httpcli echo --help``."""
    return _text(_echo_help_lines())


def sessions_help() -> str:
    """Return the text of ``httpcli sessions --help``."""
    return _text(_sessions_help_lines())


def option_description(option: Option) -> str:
    """Return the whole description of an option, with its choices."""
    choices = f"One of: {', '.join(option.choices)}." if option.choices else ""
    return " ".join(filter(None, (option.help, choices, option.details)))


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _full_help_lines() -> Iterator[str]:
    yield f"usage: {USAGE}"
    yield ""
    yield from _example_lines(EXAMPLES)
    yield ""
    yield "Items (a backslash before : ; = @ makes it plain):"
    for form, description in ITEMS:
        yield from _entry_lines(form, description)
    yield ""
    yield "Settings (config.toml; profiles go before defaults, typed options before both):"
    for form, description in SETTINGS:
        yield from _entry_lines(form, description)
    yield ""
    yield "httpcli help WORD shows what there is on a word."
    yield "Every option has a --no-OPTION that takes it back; the last one typed wins."
    for group in GROUPS:
        yield ""
        yield from _group_lines(group)
    yield ""
    yield "Exit status:"
    for status in ExitStatus:
        yield from _entry_lines(str(int(status)), status.meaning)


def _lines_about(word: str) -> Iterator[str]:
    items = [
        (form, description)
        for form, description in ITEMS
        if word in f"{form} {description}".lower()
    ]
    if items:
        yield "Items:"
    for form, description in items:
        yield from _entry_lines(form, description)
    for group in GROUPS:
        matches = tuple(option for option in group.options if _contains(option, word))
        if matches:
            yield from _group_lines(OptionGroup(group.title, matches))
    statuses = [status for status in ExitStatus if word in status.meaning.lower()]
    if statuses:
        yield "Exit status:"
    for status in statuses:
        yield from _entry_lines(str(int(status)), status.meaning)


def _is_letter_option(word: str) -> bool:
    """Return whether a word is a one-letter option, whose case matters."""
    return word.startswith("-") and not word.startswith("--")


def _contains(option: Option, word: str) -> bool:
    if _is_letter_option(word):
        return word in option.spellings
    texts = (option.name, option.value, option.help, option.details, *option.choices)
    return any(word in text.lower() for text in texts)


def _download_help_lines() -> Iterator[str]:
    yield "usage: httpcli download [OPTIONS] URL..."
    yield ""
    yield "Each file takes its name only when it is whole; what is left of one that is not"
    yield "can be gone on with. Failed requests are repeated five times (--retry)."
    yield ""
    yield from _example_lines(_DOWNLOAD_EXAMPLES)
    for group in (DOWNLOAD_COMMAND_OPTIONS, DOWNLOAD, TRANSFERS):
        yield ""
        yield from _group_lines(group)
    yield ""
    yield "All options of a request that say how the server is reached, who asks, what is"
    yield "trusted and when to give up go here, too, for every URL: see httpcli --help."
    yield "What is typed once is for one origin: with URLs of several ones --auth, --cert,"
    yield "--cookie and fields with secrets are refused, unless --trust-redirects says that"
    yield "all may have them. --max-time is for each file."
    yield ""
    yield "The path of each finished file is a line on standard output where that is no"
    yield "terminal. The exit status is that of the worst file."
    yield "A host that is called so is typed http://download, or GET download."


def _echo_help_lines() -> Iterator[str]:
    yield "usage: httpcli echo [OPTIONS]"
    yield ""
    yield "Serve the pages of echo: until Ctrl-C; / lists them."
    yield ""
    yield from _group_lines(ECHO_OPTIONS)
    yield ""
    yield "A host that is called so is typed http://echo, or GET echo."


def _sessions_help_lines() -> Iterator[str]:
    yield f"usage: httpcli sessions {'|'.join(SESSION_ACTIONS)} [NAME|PATH] [OPTIONS]"
    yield ""
    yield "Actions:"
    for action, (argument, description) in SESSION_ACTIONS.items():
        yield from _entry_lines(f"{action} {argument}".rstrip(), description)
    yield ""
    yield from _group_lines(SESSIONS_OPTIONS)
    yield ""
    yield "NAME is HOST/NAME where several hosts have a session of that name."
    yield "A host that is called so is typed http://sessions, or GET sessions."


def _example_lines(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield "Examples:"
    for command, purpose in rows:
        yield f"  {command}"
        yield f"      {purpose}"


def _group_lines(group: OptionGroup) -> Iterator[str]:
    yield f"{group.title}:"
    for option in group.options:
        yield from _entry_lines(_spelling(option), option_description(option))


def _spelling(option: Option) -> str:
    long, *letters = option.spellings
    names = ", ".join([*letters, long])
    if not option.value:
        return names
    # An optional value must be attached: the next word would be an argument.
    return (
        f"{names}[={option.value}]"
        if option.kind is OptionKind.OPTIONAL
        else f"{names} {option.value}"
    )


def _entry_lines(name: str, description: str) -> Iterator[str]:
    """Yield a name with its description beside it, or below a long name."""
    lines = wrap(description, _WIDTH - _COLUMN)
    if len(name) + 4 > _COLUMN:
        yield f"  {name}"
    else:
        yield f"  {name:<{_COLUMN - 2}}{lines.pop(0)}"
    for line in lines:
        yield " " * _COLUMN + line
