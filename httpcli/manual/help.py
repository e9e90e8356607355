"""The option table as plain text for ``--help``, 80 columns wide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap

from httpcli.core.exit_status import ExitStatus
from httpcli.options.option import Flag, Group, Kind
from httpcli.options.table import GROUPS

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


def chapter(group: Group) -> Iterator[str]:
    """Return the lines of a group of options."""
    yield f"{group.title}:"
    for flag in group.flags:
        yield from row(_spelling(flag), meaning(flag))


def _spelling(flag: Flag) -> str:
    long, *letters = flag.spellings
    names = ", ".join([*letters, long])
    if not flag.value:
        return names
    # A value that may be left out is attached, or the next word would be taken for it.
    return f"{names}[={flag.value}]" if flag.kind is Kind.OPTIONAL else f"{names} {flag.value}"


def meaning(flag: Flag) -> str:
    """Return all that is said of an option."""
    choices = f"One of: {', '.join(flag.choices)}." if flag.choices else ""
    return " ".join(filter(None, (flag.help, choices, flag.more)))


def row(name: str, text: str) -> Iterator[str]:
    """Return a name and, beside or below it, what it means."""
    lines = wrap(text, _WIDTH - _COLUMN)
    if len(name) + 4 > _COLUMN:
        yield f"  {name}"
    else:
        yield f"  {name:<{_COLUMN - 2}}{lines.pop(0)}"
    for line in lines:
        yield " " * _COLUMN + line
