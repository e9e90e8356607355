"""The completion script for zsh, from the option table. It does not run httpcli."""

from __future__ import annotations

from collections.abc import Iterator

from httpcli.manual.completion_values import (
    ValueSource,
    suggested_words,
    takes_path_after_words,
    value_source,
    word_lists,
)
from httpcli.options.option import Option, OptionKind
from httpcli.options.table import OPTIONS

_HEAD = r"""#compdef httpcli hc
# zsh completion for httpcli and hc; made from the program's table of options.

_httpcli_config() {
    local folder=${HTTPCLI_CONFIG_DIR:-$HTTPIE_CONFIG_DIR}
    REPLY=${folder:-${XDG_CONFIG_HOME:-$HOME/.config}/httpcli}
}

_httpcli_sessions() {
    local REPLY
    _httpcli_config
    local -aU names=($REPLY/sessions/*/*.json(N:t:r))
    _alternative 'sessions:session:compadd -a names' 'files:file:_files'
}

_httpcli_profiles() {
    local REPLY
    _httpcli_config
    [[ -r $REPLY/config.toml ]] || return 1
    local -a lines=(${(M)${(f)"$(<$REPLY/config.toml)"}:#[[:space:]]#\[profile.*})
    local -a names=(@${^${${lines#*profile.}%%\]*}}/)
    compadd -S '' -a names
}

_httpcli_target() {
    if [[ $PREFIX == @* ]]; then
        _httpcli_profiles
        return
    fi
    local -a pages=($_httpcli_pages) schemes=(http:// https://)
    (($1)) && compadd -a _httpcli_methods
    (($1 && CURRENT == 2)) && compadd -a _httpcli_subcommands
    compadd -a pages
    compadd -S '' -a schemes
}

_httpcli_second() {
    if (($_httpcli_methods[(I)$line[1]])); then
        _httpcli_target 0
    else
        _httpcli_item
    fi
}

_httpcli_item() {
    if compset -P '(#i)(accept|content-type):'; then
        compadd -a _httpcli_media_types
    elif compset -P '*@'; then
        _files
    else
        compadd -S '' -a _httpcli_field_names
    fi
}
"""


def completion(subcommands: tuple[str, ...]) -> str:
    """Return the completion script."""
    return _HEAD + "\n".join(_lines(subcommands)) + "\n"


def _lines(subcommands: tuple[str, ...]) -> Iterator[str]:
    yield ""
    yield "_httpcli() {"
    yield "    setopt localoptions extendedglob"
    yield "    local curcontext=$curcontext context state state_descr"
    yield "    local -a line"
    yield "    typeset -A opt_args"
    for name, words in word_lists(subcommands).items():
        yield f"    local -a _httpcli_{name}=({' '.join(words)})"
    yield "    _arguments -s -S -C \\"
    for option in OPTIONS:
        yield f"        {_specification(option)} \\"
    yield "        '1: : _httpcli_target 1' '2: : _httpcli_second' '*: : _httpcli_item'"
    yield "}"
    yield ""
    yield '_httpcli "$@"'


def _specification(option: Option) -> str:
    """Return the specification of an option for ``_arguments``."""
    repeats = option.kind not in (OptionKind.SWITCH, OptionKind.VALUE)
    long, *letters = option.spellings
    value = ""
    if option.takes_value:
        long, letters = f"{long}=", [f"{letter}+" for letter in letters]
        value = f":{_escaped(option.value)}:{_action(option)}"
    elif option.kind is OptionKind.OPTIONAL:
        # An optional value is attached, and only to the long name.
        long, value = f"{long}=-", f"::{_escaped(option.value)}:{_action(option)}"
    text = f"[{_escaped(option.help)}]"
    exclusions = "*" if repeats else f"({' '.join(option.spellings)})"
    specifications = [f"'{exclusions}{long}{text}{value}'"]
    attached = value if option.takes_value else ""
    specifications += [f"'{exclusions}{letter}{text}{attached}'" for letter in letters]
    return " ".join(specifications)


def _action(option: Option) -> str:
    words = " ".join(suggested_words(option)).replace(":", "\\:")
    match value_source(option):
        case ValueSource.WORDS if takes_path_after_words(option):
            return f"{{compadd {words}; _files}}"
        case ValueSource.WORDS:
            return f"({words})"
        case ValueSource.FILES | ValueSource.REPORTS:
            return "_files"
        case ValueSource.FOLDERS:
            return "_files -/"
        case ValueSource.SESSIONS:
            return "_httpcli_sessions"
        case _:
            return " "


def _escaped(text: str) -> str:
    """Escape a text for a specification in single quotes."""
    # In a specification a colon ends a field, and a bracket ends the text.
    for special in "\\[]:":
        text = text.replace(special, f"\\{special}")
    return text.replace("'", "'\\''")
