"""The completion script for fish, from the option table. It does not run httpcli."""

from __future__ import annotations

from collections.abc import Iterator

from httpcli.manual.completion_values import (
    LETTERS_WITH_VALUE,
    SPELLINGS_WITH_VALUE,
    ValueSource,
    suggested_words,
    takes_path_after_words,
    value_source,
    word_lists,
)
from httpcli.options.option import Option, OptionKind
from httpcli.options.table import OPTIONS

_FUNCTIONS = r"""
function __httpcli_config
    if test -n "$HTTPCLI_CONFIG_DIR"
        echo $HTTPCLI_CONFIG_DIR
    else if test -n "$HTTPIE_CONFIG_DIR"
        echo $HTTPIE_CONFIG_DIR
    else if test -n "$XDG_CONFIG_HOME"
        echo $XDG_CONFIG_HOME/httpcli
    else
        echo $HOME/.config/httpcli
    end
end

function __httpcli_sessions
    for file in (__httpcli_config)/sessions/*/*.json
        string replace -r '.*/(.*)\.json$' '$1' -- $file
    end
end

function __httpcli_profiles
    set -l file (__httpcli_config)/config.toml
    test -r $file
    and string replace -fr '^\s*\[profile\.([A-Za-z0-9_-]+)\].*' '@$1/' <$file
end

# Print the words before the cursor that are neither options nor values of options.
function __httpcli_positionals
    set -l words (commandline -opc)
    set -l skip 1
    for word in $words
        if test $skip -eq 1
            set skip 0
        else if string match -q -- '-*' $word; and test $word != -
            if not string match -q -- '*=*' $word
                __httpcli_takes_value $word; and set skip 1
            end
        else if not contains -- $word $__httpcli_methods
            echo $word
        end
    end
end

function __httpcli_at_target
    test (count (__httpcli_positionals)) -eq 0
end

function __httpcli_at_item
    not __httpcli_at_target
end

function __httpcli_at_first
    test (count (commandline -opc)) -eq 1
end

function __httpcli_items
    set -l token (commandline -ct)
    set -l field (string match -ri '^(accept|content-type):' -- $token)
    if set -q field[1]
        printf '%s\n' $field[1]$__httpcli_media_types
    else if string match -q -- '*@*' $token
        set -l parts (string split -m 1 @ -- $token)
        for path in $parts[2]*
            test -d $path; and set path $path/
            echo $parts[1]@$path
        end
    else
        printf '%s\n' $__httpcli_field_names
    end
end

complete -c httpcli -f
complete -c httpcli -n __httpcli_at_target -a '$__httpcli_methods' -d method
complete -c httpcli -n __httpcli_at_target -a '$__httpcli_pages http:// https://' -d URL
complete -c httpcli -n __httpcli_at_target -a '(__httpcli_profiles)' -d profile
complete -c httpcli -n __httpcli_at_first -a '$__httpcli_subcommands' -d subcommand
complete -c httpcli -n __httpcli_at_item -a '(__httpcli_items)'
"""


def completion(subcommands: tuple[str, ...]) -> str:
    """Return the completion script."""
    return "\n".join(_lines(subcommands)) + "\n"


def _lines(subcommands: tuple[str, ...]) -> Iterator[str]:
    yield "# fish completion for httpcli; made from the program's table of options."
    yield ""
    for name, words in word_lists(subcommands).items():
        yield f"set -g __httpcli_{name} {' '.join(words)}"
    yield ""
    yield "function __httpcli_takes_value"
    yield f"    contains -- $argv[1] {' '.join(SPELLINGS_WITH_VALUE)}"
    yield f"    or string match -qr -- '^-[^-]*[{LETTERS_WITH_VALUE}]$' $argv[1]"
    yield "end"
    yield _FUNCTIONS.rstrip()
    for option in OPTIONS:
        yield _option(option)


def _option(option: Option) -> str:
    parts = ["complete -c httpcli", *(f"-s {letter}" for letter in option.letters)]
    parts.append(f"-l {option.name}")
    if option.takes_value or option.kind is OptionKind.OPTIONAL:
        parts.append(_value(option))
    text = option.help.replace("\\", "\\\\").replace("'", "\\'")
    return " ".join(part for part in (*parts, f"-d '{text}'") if part)


def _value(option: Option) -> str:
    required = "" if option.kind is OptionKind.OPTIONAL else "-r "
    words = f"-a '{' '.join(suggested_words(option))}'"
    match value_source(option):
        case ValueSource.WORDS if takes_path_after_words(option):
            return f"{required}-F {words}"
        case ValueSource.WORDS:
            return f"{required}{words}"
        case ValueSource.FILES | ValueSource.REPORTS:
            return f"{required}-F"
        case ValueSource.FOLDERS:
            return f"{required}-a '(__fish_complete_directories)'"
        case ValueSource.SESSIONS:
            return f"{required}-F -a '(__httpcli_sessions)'"
        case _:
            return required.strip()
