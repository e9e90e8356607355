"""The completion script for bash, from the option table.

It does not need the bash-completion package. It does not run httpcli, but reads sessions
and profiles from their files, so that completion is immediate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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

_BODY = r"""
# Paths; folders end in a slash. Readline quotes those that are the whole word. After a
# prefix they are quoted here: readline would leave $ and ` as they are.
_httpcli_files() {
    local path
    [[ $1 ]] || compopt -o filenames 2>/dev/null
    while IFS= read -r path; do
        if [[ $1 ]]; then
            [[ -d $path ]] && path+=/
            printf -v path %q "$path"
        fi
        COMPREPLY+=("$1$path")
    done < <(compgen "${3:--f}" -- "$2")
}

_httpcli_words() {
    local prefix=$1 start=$2 word
    shift 2
    for word; do [[ $word == "$start"* ]] && COMPREPLY+=("$prefix$word"); done
}

_httpcli_config() {
    local folder=${HTTPCLI_CONFIG_DIR:-${HTTPIE_CONFIG_DIR:-}}
    printf %s "${folder:-${XDG_CONFIG_HOME:-$HOME/.config}/httpcli}"
}

_httpcli_sessions() {
    local file names=()
    for file in "$(_httpcli_config)"/sessions/*/*.json; do
        [[ -e $file ]] || continue
        file=${file##*/}
        # Readline inserts the name without quotes.
        [[ $file == *[!a-zA-Z0-9_.-]* ]] || names+=("${file%.json}")
    done
    _httpcli_words "$1" "$2" "${names[@]}"
}

_httpcli_profiles() {
    local line names=() form='^[[:space:]]*\[profile\.([A-Za-z0-9_-]+)\]'
    [[ -r $(_httpcli_config)/config.toml ]] || return
    while IFS= read -r line; do
        [[ $line =~ $form ]] && names+=("@${BASH_REMATCH[1]}/")
    done <"$(_httpcli_config)/config.toml"
    _httpcli_words "" "$1" "${names[@]}"
}

_httpcli_item() {
    local name
    case $1 in
        [Aa]ccept:* | [Cc]ontent-[Tt]ype:*)
            name=${1%%:*}
            _httpcli_words "$name:" "${1#*:}" "${_httpcli_media_types[@]}"
            ;;
        *=@* | *@*) _httpcli_files "${1%%@*}@" "${1#*@}" ;;
        *) _httpcli_words "" "$1" "${_httpcli_field_names[@]}" ;;
    esac
}

_httpcli() {
    local line=${COMP_LINE:0:COMP_POINT} words=() word before="" positionals=0 i
    COMPREPLY=()
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    local last=$((${#words[@]} - 1))
    local current=${words[last]}
    ((last > 1)) && before=${words[last - 1]}
    for ((i = 1; i < last; i++)); do
        word=${words[i]}
        if [[ $word == -* && $word != - ]]; then
            [[ $word != *=* ]] && _httpcli_takes_value "$word" && ((i++))
        elif [[ " ${_httpcli_methods[*]} " != *" $word "* ]]; then
            ((positionals++))
        fi
    done
    if _httpcli_takes_value "$before"; then
        _httpcli_value "$before" "" "$current"
    elif [[ $current == --*=* ]]; then
        _httpcli_value "${current%%=*}" "${current%%=*}=" "${current#*=}"
    elif [[ $current == -* ]]; then
        _httpcli_words "" "$current" "${_httpcli_options[@]}"
    elif ((positionals)); then
        _httpcli_item "$current"
    else
        case $current in
            @*) _httpcli_profiles "$current" ;;
            *)
                _httpcli_words "" "$current" "${_httpcli_methods[@]}" "${_httpcli_pages[@]}" \
                    http:// https://
                ((last == 1)) && _httpcli_words "" "$current" "${_httpcli_subcommands[@]}"
                ;;
        esac
    fi
    # Readline replaces only the text after the last word break, and the break itself
    # if it is an @.
    local kept=${current##*["${COMP_WORDBREAKS//[[:space:]\"\'\\]/}"]}
    local shown=${current%"$kept"}
    shown=${shown%@}
    for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]=${COMPREPLY[i]#"$shown"}; done
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[:/=@] ]] && compopt -o nospace 2>/dev/null
    return 0
}

complete -F _httpcli httpcli hc
"""


def completion(subcommands: tuple[str, ...]) -> str:
    """Return the completion script."""
    return "\n".join(_lines(subcommands)) + _BODY


def _lines(subcommands: tuple[str, ...]) -> Iterator[str]:
    yield "# bash completion for httpcli and hc; made from the program's table of options."
    yield ""
    yield _array("options", (spelling for option in OPTIONS for spelling in option.spellings))
    for name, words in word_lists(subcommands).items():
        yield _array(name, words)
    yield ""
    yield "_httpcli_takes_value() {"
    yield "    case $1 in"
    yield from _case_pattern(SPELLINGS_WITH_VALUE)
    yield "            return 0 ;;"
    yield "        # Letters in one word: the last one may take a value."
    yield f"        -[!-]*[{LETTERS_WITH_VALUE}]) return 0 ;;"
    yield "    esac"
    yield "    return 1"
    yield "}"
    yield ""
    yield "_httpcli_value() {"
    yield "    local option=$1 prefix=$2 start=$3"
    yield "    [[ $option == -[!-]* ]] && option=-${option: -1}"
    yield "    case $option in"
    for option in OPTIONS:
        if option.takes_value or option.kind is OptionKind.OPTIONAL:
            command = _command(option)
            if command:
                yield f"        {' | '.join(option.spellings)}) {command} ;;"
    yield "    esac"
    yield "}"


def _command(option: Option) -> str:
    """Return the command that suggests values of an option; empty without suggestions."""
    words = f'_httpcli_words "$prefix" "$start" {" ".join(suggested_words(option))}'
    files = '_httpcli_files "$prefix" "$start"'
    match value_source(option):
        case ValueSource.WORDS if takes_path_after_words(option):
            return f"{words}; {files}"
        case ValueSource.WORDS:
            return words
        case ValueSource.FILES:
            return files
        case ValueSource.FOLDERS:
            return f"{files} -d"
        case ValueSource.SESSIONS:
            return '_httpcli_sessions "$prefix" "$start"'
        case _:
            return ""


def _array(name: str, words: Iterable[str]) -> str:
    return f"_httpcli_{name}=({' '.join(words)})"


def _case_pattern(words: tuple[str, ...]) -> Iterator[str]:
    """Yield the words as one ``case`` pattern, some on each line."""
    lines = [" | ".join(words[start : start + 6]) for start in range(0, len(words), 6)]
    for line in lines[:-1]:
        yield f"        {line} | \\"
    yield f"        {lines[-1]})"
