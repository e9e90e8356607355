"""The option table as plain text for ``--help``, 80 columns wide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap

from httpcli.core.exit_status import ExitStatus
from httpcli.options.option import Option, OptionGroup, OptionKind
from httpcli.options.subcommands import (
    DOWNLOADS_OPTIONS,
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

_COLUMN = 26
_WIDTH = 80


def short_usage() -> str:
    """Return what somebody sees who typed nothing."""
    return (
        f"usage: {USAGE}\n"
        "       httpcli POST echo:/anything name=world   (needs no network)\n"
        "       httpcli --help                           shows all options\n"
    )


def full_help() -> str:
    """Return usage, examples, items, every option by subject, and the exit statuses."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield f"usage: {USAGE}"
    yield ""
    yield from examples(EXAMPLES)
    yield ""
    yield "Items (a backslash before : ; = @ makes it plain):"
    for form, does in ITEMS:
        yield from row(form, does)
    yield ""
    yield "Settings (config.toml; profiles go before defaults, typed options before both):"
    for form, does in SETTINGS:
        yield from row(form, does)
    yield ""
    yield "httpcli help WORD shows what there is on a word."
    yield "Every option has a --no-OPTION that takes it back; the last one typed wins."
    for group in GROUPS:
        yield ""
        yield from chapter(group)
    yield ""
    yield "Exit status:"
    for status in ExitStatus:
        yield from row(str(int(status)), status.meaning)


def examples(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Return the lines of commands, each with what it is for."""
    yield "Examples:"
    for command, purpose in rows:
        yield f"  {command}"
        yield f"      {purpose}"


def chapter(group: OptionGroup) -> Iterator[str]:
    """Return the lines of a group of options."""
    yield f"{group.title}:"
    for option in group.options:
        yield from row(_spelling(option), meaning(option))


def _spelling(option: Option) -> str:
    long, *letters = option.spellings
    names = ", ".join([*letters, long])
    if not option.value:
        return names
    # A value that may be left out is attached, or the next word would be taken for it.
    return (
        f"{names}[={option.value}]"
        if option.kind is OptionKind.OPTIONAL
        else f"{names} {option.value}"
    )


def meaning(option: Option) -> str:
    """Return all that is said of an option."""
    choices = f"One of: {', '.join(option.choices)}." if option.choices else ""
    return " ".join(filter(None, (option.help, choices, option.more)))


def row(name: str, text: str) -> Iterator[str]:
    """Return a name and, beside or below it, what it means."""
    lines = wrap(text, _WIDTH - _COLUMN)
    if len(name) + 4 > _COLUMN:
        yield f"  {name}"
    else:
        yield f"  {name:<{_COLUMN - 2}}{lines.pop(0)}"
    for line in lines:
        yield " " * _COLUMN + line


# What there is on one word: the options, items and exit statuses whose name or text has it.


def help_about(word: str) -> str:
    """Return what the help says on a word, in any case of letters; empty for nothing."""
    lines = list(_help_search_lines(word if _is_letter(word) else word.lower().removeprefix("--")))
    return "\n".join(lines) + "\n" if lines else ""


def _help_search_lines(word: str) -> Iterator[str]:
    items = [(form, meaning) for form, meaning in ITEMS if word in f"{form} {meaning}".lower()]
    if items:
        yield "Items:"
    for form, meaning in items:
        yield from row(form, meaning)
    for group in GROUPS:
        found = tuple(option for option in group.options if _has(option, word))
        if found:
            yield from chapter(OptionGroup(group.title, found))
    statuses = [status for status in ExitStatus if word in status.meaning.lower()]
    if statuses:
        yield "Exit status:"
    for status in statuses:
        yield from row(str(int(status)), status.meaning)


def _is_letter(word: str) -> bool:
    """Tell whether a word is an option's letter, where the case does matter."""
    return word.startswith("-") and not word.startswith("--")


def _has(option: Option, word: str) -> bool:
    if _is_letter(word):
        return word in option.spellings
    texts = (option.name, option.value, option.help, option.more, *option.choices)
    return any(word in text.lower() for text in texts)


# The help of ``httpcli download``, from its tables.


_EXAMPLES = (
    ("httpcli download https://example.org/a.iso", "one large file, in parts where that helps"),
    ("httpcli download --input list.txt --output-dir isos", "all files of a list"),
    ("httpcli download -c https://example.org/a.iso", "go on where an earlier run ended"),
    ("httpcli download URL --checksum URL.sha256", "proved by the list beside it"),
)


def downloads_help() -> str:
    """Return usage, examples and the options that are about files."""
    return "\n".join(_download_help_lines()) + "\n"


def _download_help_lines() -> Iterator[str]:
    yield "usage: httpcli download [OPTIONS] URL..."
    yield ""
    yield "Each file takes its name only when it is whole; what is left of one that is not"
    yield "can be gone on with. Failed requests are repeated five times (--retry)."
    yield ""
    yield from examples(_EXAMPLES)
    for group in (DOWNLOADS_OPTIONS, DOWNLOAD, TRANSFERS):
        yield ""
        yield from chapter(group)
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


# The help of ``httpcli echo``, from its table.


def echo_help() -> str:
    """Return usage and options."""
    lines = [
        "usage: httpcli echo [OPTIONS]",
        "",
        "Serve the pages of echo: until Ctrl-C; / lists them.",
        "",
        *chapter(ECHO_OPTIONS),
        "",
        "A host that is called so is typed http://echo, or GET echo.",
    ]
    return "\n".join(lines) + "\n"


# The help of ``httpcli sessions``, from its tables.


def sessions_help() -> str:
    """Return usage, actions and options."""
    return "\n".join(_sessions_help_lines()) + "\n"


def _sessions_help_lines() -> Iterator[str]:
    yield f"usage: httpcli sessions {'|'.join(SESSION_ACTIONS)} [NAME|PATH] [OPTIONS]"
    yield ""
    yield "Actions:"
    for action, (argument, meaning) in SESSION_ACTIONS.items():
        yield from row(f"{action} {argument}".rstrip(), meaning)
    yield ""
    yield from chapter(SESSIONS_OPTIONS)
    yield ""
    yield "NAME is HOST/NAME where several hosts have a session of that name."
    yield "A host that is called so is typed http://sessions, or GET sessions."
