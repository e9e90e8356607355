"""The man pages and shell completions that are generated from the option table."""

from __future__ import annotations

from collections.abc import Callable

from httpcli.manual import bash, fish, man, zsh

Generate = Callable[[tuple[str, ...]], str]
"""Return the text of a file; takes the names of the subcommands."""

_SHORT_BASH = """\
# bash completion for hc, which is httpcli's short name.
source "${BASH_SOURCE[0]%/*}/httpcli"
"""
_SHORT_FISH = """\
# fish completion for hc, which is httpcli's short name.
complete -c hc -w httpcli
"""
_SHORT_MAN = ".so man1/httpcli.1\n"

DOCUMENTS: dict[str, Generate] = {
    "completions/httpcli.bash": bash.completion,
    "completions/hc.bash": lambda _: _SHORT_BASH,
    "completions/_httpcli": zsh.completion,
    "completions/httpcli.fish": fish.completion,
    "completions/hc.fish": lambda _: _SHORT_FISH,
    "man/httpcli.1": man.page,
    "man/hc.1": lambda _: _SHORT_MAN,
}
"""The files, by path from the root of the repository.

``python -m tests.architecture.record_documents`` writes the files.
"""
