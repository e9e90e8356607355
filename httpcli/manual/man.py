"""The man page as roff for man(7), from the tables of the help."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from httpcli import __version__
from httpcli.core.exit_status import ExitStatus
from httpcli.manual.help import EXAMPLES, ITEMS, SETTINGS, option_description
from httpcli.options.option import Option, OptionGroup, OptionKind
from httpcli.options.table import GROUPS

_WIDTH = 78
"""The width of the roff source."""

_DATE = "2026-11-21"
"""The date of this version, which mandoc requires."""

_DESCRIPTION = (
    """\
httpcli sends one HTTP request and shows the answer: on a terminal the response's
head and its formatted, coloured content; into a pipe or a file the content's
bytes as they came.""",
    """\
METHOD is GET where there is no content to send, else POST. A URL without a scheme
is an http one; :3000/x is short for http://localhost:3000/x. echo: URLs are answered
by a small server inside the program. hc is a short name of httpcli.""",
)

_ENVIRONMENT = {
    "HTTPCLI_CONFIG_DIR": """\
The folder of settings and sessions; else HTTPIE_CONFIG_DIR, else httpcli in
XDG_CONFIG_HOME or ~/.config.""",
    "http_proxy, https_proxy, all_proxy, no_proxy": """\
Proxies, in either case of letters; HTTP_PROXY does not count in a CGI program.""",
    "SSL_CERT_FILE, SSL_CERT_DIR, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE": """\
Certificate authorities that are trusted.""",
    "SSLKEYLOGFILE": "A file that the secrets of TLS connections are added to.",
    "NETRC": "The netrc file, in place of ~/.netrc.",
    "NO_COLOR, CLICOLOR_FORCE, FORCE_COLOR, COLORFGBG, TERM": "Whether and which colours.",
    "CI": "Secrets are hidden in what is shown, since many may read it.",
}

_FILES = (
    ("~/.config/httpcli/config.toml", "Settings: [defaults] and [profile.NAME]."),
    ("~/.config/httpcli/config.json", "HTTPie's default_options."),
    ("~/.config/httpcli/sessions/HOST/NAME.json", "Sessions with a name."),
    ("~/.netrc", "Users and passwords by host."),
)


def page(subcommands: tuple[str, ...]) -> str:
    """Return the roff source of the page."""
    return "\n".join(_lines(subcommands)) + "\n"


def _lines(subcommands: tuple[str, ...]) -> Iterator[str]:
    yield f'.TH HTTPCLI 1 "{_DATE}" "httpcli {__version__}" "User commands"'
    yield ".nh"
    yield ".SH NAME"
    yield "httpcli, hc \\- HTTP client for people, scripts and large files"
    yield ".SH SYNOPSIS"
    yield ".B httpcli"
    yield "[\\fIOPTIONS\\fR] [\\fIMETHOD\\fR] \\fIURL\\fR [\\fIITEM\\fR]..."
    for subcommand in subcommands:
        yield ".br"
        yield f".B httpcli {subcommand}"
        yield "[\\fIOPTIONS\\fR] ..."
    yield ".SH DESCRIPTION"
    for index, paragraph in enumerate(_DESCRIPTION):
        if index:
            yield ".PP"
        yield from _wrapped(paragraph)
    yield from _usage_sections()
    yield from _environment_sections()
    yield ".SH EXAMPLES"
    for command, purpose in EXAMPLES:
        yield from _entry(_bold(command), _sentence(purpose))
    yield ".SH SEE ALSO"
    yield ".BR curl (1),"
    yield ".BR jq (1),"
    yield ".BR wget (1)"


def _usage_sections() -> Iterator[str]:
    yield ".SH ITEMS"
    yield "A backslash before : ; = @ makes it plain."
    for form, description in ITEMS:
        yield from _entry(_bold(form), _sentence(description))
    yield ".SH OPTIONS"
    yield "Every option has a \\fB\\-\\-no\\-\\fIOPTION\\fR that takes it back;"
    yield "the last one typed wins."
    for group in GROUPS:
        yield from _option_section(group)
    yield ".SH EXIT STATUS"
    for status in ExitStatus:
        yield from _entry(_bold(str(int(status))), _sentence(status.meaning))


def _environment_sections() -> Iterator[str]:
    yield ".SH ENVIRONMENT"
    for name, description in _ENVIRONMENT.items():
        yield from _entry(_bold(name), description)
    yield ".SH FILES"
    for name, description in _FILES:
        yield from _entry(f"\\fI{_escaped(name)}\\fR", description)
    for form, description in SETTINGS:
        yield from _entry(_bold(form), _sentence(description))


def _option_section(group: OptionGroup) -> Iterator[str]:
    yield f".SS {_escaped(group.title)}"
    for option in group.options:
        yield from _entry(_spelling(option), option_description(option))


def _spelling(option: Option) -> str:
    long, *letters = option.spellings
    names = ", ".join(_bold(name) for name in (*letters, long))
    if not option.value:
        return names
    value = f"\\fI{_escaped(option.value)}\\fR"
    return f"{names}[={value}]" if option.kind is OptionKind.OPTIONAL else f"{names} {value}"


def _entry(term: str, text: str) -> Iterator[str]:
    yield ".TP"
    yield term
    yield from _wrapped(text)


def _wrapped(text: str) -> Iterator[str]:
    """Yield the lines of a text. No word is split, and no line is a roff request."""
    for line in wrap(_escaped(text), _WIDTH, break_long_words=False, break_on_hyphens=False):
        yield f"\\&{line}" if line.startswith((".", "'")) else line


def _sentence(text: str) -> str:
    end = "" if text.endswith((".", "...")) else "."
    return f"{text[0].upper()}{text[1:]}{end}"


def _bold(text: str) -> str:
    return f"\\fB{_escaped(text)}\\fR"


def _escaped(text: str) -> str:
    """Escape all roff syntax in a text."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    text = text.replace("~", "\\(ti").replace("^", "\\(ha").replace("`", "\\(ga")
    text = text.replace("…", "...")
    return f"\\&{text}" if text.startswith(".") else text
